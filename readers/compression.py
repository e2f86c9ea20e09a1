"""Decompression that never holds much, keeps what comes before a cut, and gives up on bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

from readers.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

CHUNK_BYTES = 256 << 10
"""How much is read from a file at once."""

FEED_BYTES = 1 << 10
"""How much of a Zstandard file is decompressed at once: a block of 4 bytes can stand for 128 kB, so 32 MB at most."""

MAX_RATIO = 200
"""Beyond this a compressed file is a bomb: news compresses by 2 to 5, the most repetitive of real logs by about 100."""

RATIO_GRACE_BYTES = 64 << 20
"""No file is called a bomb before it has given so much: harmless, and small files may compress well."""

MAX_WINDOW_BYTES = 128 << 20
"""The window that Zstandard's own command accepts by default."""


class _Inflater(Protocol):
    """What the decompressors of the standard library have in common."""

    eof: bool
    unused_data: bytes

    def feed(self, data: bytes) -> bytes:
        """Return at most `CHUNK_BYTES` for `data` and what is left from before."""

    @property
    def hungry(self) -> bool:
        """Whether it needs more input to go on."""


class _Zlib:
    """gzip, with output that is bounded."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def feed(self, data: bytes) -> bytes:
        return self._inflater.decompress(self._inflater.unconsumed_tail + data, CHUNK_BYTES)

    @property
    def hungry(self) -> bool:
        return not self._inflater.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data


class _Standard:
    """bzip2 and xz."""

    def __init__(self, inflater: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inflater = inflater

    def feed(self, data: bytes) -> bytes:
        return self._inflater.decompress(data, CHUNK_BYTES)

    @property
    def hungry(self) -> bool:
        return self._inflater.needs_input

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data


class _Zstandard:
    """Zstandard; its output is bounded by small bites of input."""

    def __init__(self) -> None:
        self._inflater = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj()
        self._left = b""

    def feed(self, data: bytes) -> bytes:
        data = self._left + data if self._left else data
        self._left = data[FEED_BYTES:]
        return self._inflater.decompress(data[:FEED_BYTES])

    @property
    def hungry(self) -> bool:
        return not self._left

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data + self._left


CODECS: tuple[tuple[bytes, str, tuple[str, ...], Callable[[], _Inflater]], ...] = (
    (b"\x1f\x8b\x08", "gzip", (".gz", ".gzip"), _Zlib),
    (b"\x28\xb5\x2f\xfd", "Zstandard", (".zst", ".zstd"), _Zstandard),
    (b"BZh", "bzip2", (".bz2",), lambda: _Standard(bz2.BZ2Decompressor())),
    (b"\xfd7zXZ\x00", "xz", (".xz",), lambda: _Standard(lzma.LZMADecompressor(memlimit=MAX_WINDOW_BYTES))),
)
"""Magic bytes, name, suffixes and decompressor of each compression. A file is told by its bytes, not by its name."""

SUFFIXES = tuple(suffix for _, _, suffixes, _ in CODECS for suffix in suffixes)


def codec_of(head: bytes) -> str | None:
    """Return the name of the compression of a file that begins with `head`, `None` for none."""
    return next((name for magic, name, _, _ in CODECS if head.startswith(magic)), None)


def plain_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of `file`, decompressed if need be, in chunks.

    Raises:
        ReadError: `truncated`, `corrupt-compression` or `compression-bomb`, after all that comes before was yielded.
    """
    head = file.read(CHUNK_BYTES)
    codec = next((codec for codec in CODECS if head.startswith(codec[0])), None)
    if codec is None:
        while head:
            yield head
            head = file.read(CHUNK_BYTES)
        return
    yield from _inflated(head, file, codec[1], codec[3])


def _inflated(data: bytes, file: IO[bytes], name: str, new: Callable[[], _Inflater]) -> Iterator[bytes]:
    """Yield the members of a compressed file, one behind the other."""
    inflater, given, taken = new(), 0, len(data)
    while True:
        try:
            out = inflater.feed(data)
        except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError, EOFError) as error:
            raise ReadError("corrupt-compression", f"The {name} data is damaged ({error}): fetch the file again.") from error
        if out:
            given += len(out)
            yield out
        if given > RATIO_GRACE_BYTES and given > MAX_RATIO * taken:
            raise ReadError("compression-bomb", f"It unpacks to more than {MAX_RATIO} times its size: no news does that.")
        data = b""
        if inflater.eof:
            data = inflater.unused_data or file.read(CHUNK_BYTES)
            taken += len(data)
            if not data.strip(b"\0"):
                return
            if not data.startswith(_magic(name)):
                raise ReadError("corrupt-compression", f"Something else follows the {name} data: the rest was left out.")
            inflater = new()
        elif inflater.hungry:
            data = file.read(CHUNK_BYTES)
            taken += len(data)
            if not data:
                raise ReadError("truncated", f"The {name} data ends in the middle: fetch the file again for the rest.")


def _magic(name: str) -> bytes:
    return next(magic for magic, other, _, _ in CODECS if other == name)


class ChunkFile(io.RawIOBase):
    """A readable file over chunks of bytes, for libraries that want one; wrap it in `io.BufferedReader`."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Return true: that is what it is for."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the chunk at hand, return how many bytes that were, 0 at the end."""
        if not self._left:
            self._left = memoryview(next(self._chunks, b""))
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def plain_file(file: IO[bytes]) -> io.BufferedReader:
    """Return `file` decompressed, as a file that can be read on but not be entered in the middle."""
    return io.BufferedReader(ChunkFile(plain_chunks(file)), CHUNK_BYTES)
