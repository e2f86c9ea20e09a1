"""Zip archives of any of the other formats."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from newsdex.readers.errors import ReadError, rejected
from newsdex.readers.files.compression import MAX_RATIO, RATIO_GRACE_BYTES
from newsdex.readers.formats.archive import count_members, member
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

ENCRYPTED = 0x1
"""The bit of a member's flags that says so."""

FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What `zipfile` raises on damaged archives and on compressions that it does not know."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of every member, in the archive's order.

    Raises:
        ReadError: `broken-archive` when it has no sound directory.
    """
    try:
        archive = zipfile.ZipFile(file)
    except FAULTS as error:
        raise ReadError("broken-archive", f"It is no sound zip archive ({error}): fetch it again.") from error
    with archive:
        _check_directory(archive, file)
        files = (info for info in archive.infolist() if not info.is_dir())
        for number, info in enumerate(files, 1):
            count_members(number)
            place = with_part(uri, "member", info.filename)
            if info.flag_bits & ENCRYPTED:
                yield rejected(place, "encrypted", "It is locked with a password: unpack it first.")
            elif info.file_size > max(RATIO_GRACE_BYTES, MAX_RATIO * info.compress_size):
                yield rejected(place, "compression-bomb", f"It unpacks to over {MAX_RATIO} times its size.")
            else:
                yield from _member(archive, info, uri, options)


def _check_directory(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Refuse an archive whose directory cannot be true.

    Raises:
        ReadError: `broken-archive` where members begin before the file does; `compression-bomb` where they lie in each
            other's bytes, which makes as much work of a small file as somebody likes.
    """
    at = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(at)
    if any(info.header_offset < 0 for info in archive.infolist()):
        raise ReadError("broken-archive", "The beginning of the zip archive is missing: fetch it again.")
    if sum(info.compress_size for info in archive.infolist()) > size:
        told = "By its directory its members take more bytes than the archive has: it is made to be much work."
        raise ReadError("compression-bomb", told)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, uri: str, options: ReadOptions
) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of one member; `zipfile` itself reads no more of it than the directory says it has."""
    try:
        with archive.open(info) as file:
            yield from member(file, info.filename, uri, options)
    except FAULTS as error:
        told = f"This member is damaged ({error}): what comes before was read."
        yield rejected(with_part(uri, "member", info.filename), "broken-archive", told)
