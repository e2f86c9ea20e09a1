"""Decompression that never holds much, keeps what comes before a cut, and gives up on bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import zstandard

from newsdex.readers.errors import ReadError

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

XZ_MEMORY = 128 << 20
"""What xz may take; its strongest preset needs 65 MB."""


class _Inflater(Protocol):
    """What the decompressors have in common."""

    def feed(self, data: bytes) -> bytes:
        """Return a bounded part of what `data` and what is left from before stand for."""

    @property
    def eof(self) -> bool:
        """Whether the compressed data has come to its end."""

    @property
    def unused_data(self) -> bytes:
        """What follows that end."""

    @property
    def hungry(self) -> bool:
        """Whether it needs more input to go on."""


class _Zlib:
    """gzip, with output that is bounded."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._full = False

    def feed(self, data: bytes) -> bytes:
        out = self._inflater.decompress(self._inflater.unconsumed_tail + data, CHUNK_BYTES)
        self._full = len(out) == CHUNK_BYTES
        return out

    @property
    def hungry(self) -> bool:
        # After a full chunk there may be more inside, although no input is left over.
        return not self._full and not self._inflater.unconsumed_tail

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


@dataclass(frozen=True, slots=True)
class Codec:
    """One way of compression; a file is told by its bytes, not by its name."""

    name: str
    magic: re.Pattern[bytes]
    suffixes: tuple[str, ...]
    new: Callable[[], _Inflater]


CODECS = (
    Codec("gzip", re.compile(rb"\x1f\x8b\x08"), (".gz", ".gzip"), _Zlib),
    # A frame, or one of the frames with something else in them that a decompressor skips.
    Codec("Zstandard", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), (".zst", ".zstd"), _Zstandard),
    Codec("bzip2", re.compile(rb"BZh[1-9]"), (".bz2",), lambda: _Standard(bz2.BZ2Decompressor())),
    Codec("xz", re.compile(rb"\xfd7zXZ\x00"), (".xz",), lambda: _Standard(lzma.LZMADecompressor(memlimit=XZ_MEMORY))),
)

SUFFIXES = tuple(suffix for codec in CODECS for suffix in codec.suffixes)

MAGIC_BYTES = 6
"""The longest magic."""


def codec_of(head: bytes) -> Codec | None:
    """Return the compression of a file that begins with `head`, `None` for none."""
    return next((codec for codec in CODECS if codec.magic.match(head)), None)


def plain_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of `file`, decompressed if need be, in chunks.

    Raises:
        ReadError: `truncated`, `corrupt-compression` or `compression-bomb`, after all that comes before was yielded.
    """
    head = file.read(CHUNK_BYTES)
    codec = codec_of(head)
    if codec is not None:
        yield from _inflated(codec, head, file)
        return
    while head:
        yield head
        head = file.read(CHUNK_BYTES)


def _inflated(codec: Codec, data: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """Yield the members of a compressed file, one behind the other."""
    inflater, given, read_bytes = codec.new(), 0, len(data)
    while True:
        try:
            out = inflater.feed(data)
        except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError, EOFError) as error:
            told = f"The {codec.name} data is damaged ({error}): fetch the file again."
            raise ReadError("corrupt-compression", told) from error
        if out:
            given += len(out)
            yield out
        if given > RATIO_GRACE_BYTES and given > MAX_RATIO * read_bytes:
            raise ReadError("compression-bomb", f"It unpacks to over {MAX_RATIO} times its size, which no news does.")
        if inflater.eof:
            data = _following(codec, inflater.unused_data, file)
            if not data:
                return
            inflater = codec.new()
        else:
            data = file.read(CHUNK_BYTES) if inflater.hungry else b""
            read_bytes += len(data)
            if inflater.hungry and not data:
                raise ReadError("truncated", f"The {codec.name} data ends in the middle: fetch the rest of the file.")


def _following(codec: Codec, data: bytes, file: IO[bytes]) -> bytes:
    """Return the beginning of the next member, nothing at the end of the file; null bytes may fill it up."""
    if len(data) < MAGIC_BYTES:
        data += file.read(CHUNK_BYTES)
    if not data.strip(b"\0"):
        return b""
    if not codec.magic.match(data):
        raise ReadError("corrupt-compression", f"What follows the {codec.name} data is none: it was left out.")
    return data


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
