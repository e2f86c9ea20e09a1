"""What zip and tar archives have in common: each member is a file of some format, read by that format's reader.

Members are read from the archive itself and never unpacked to a path of theirs, so none can escape or overwrite.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, cast

from newsdex.readers.errors import ReadError, filtered
from newsdex.readers.files.compression import plain_file
from newsdex.readers.read import guarded, seekable
from newsdex.readers.registry import by_name
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions
    from newsdex.readers.registry import Reader
    from newsdex.transforms.article import RawArticle, Rejection

MAX_MEMBERS = 1_000_000
"""Members of an archive: more is no archive of news, but an attack."""

ARCHIVES = frozenset({"zip", "tar"})


def member(file: IO[bytes], name: str, uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs in one member of an archive; an archive within an archive is not opened."""
    place = with_part(uri, "member", name)
    last = name.rpartition("/")[2]
    known = by_name(last)
    if last.startswith(".") or name.startswith("__MACOSX/"):
        yield filtered(place, "hidden-file", "Its name begins with a dot, or it is a Mac's own note.")
    elif known is None:
        yield filtered(place, "unknown-format", "Its name tells no format that can be read here.")
    elif known.name in ARCHIVES:
        yield filtered(place, "nested-archive", "It is an archive within an archive: unpack the outer one first.")
    else:
        yield from guarded(_inside(file, known.read, place, options, seeks=known.seeks), place)


def _inside(
    file: IO[bytes], reader: Reader, place: str, options: ReadOptions, *, seeks: bool
) -> Iterator[RawArticle | Rejection]:
    try:
        with seekable(file) if seeks else cast("IO[bytes]", plain_file(file)) as plain:
            yield from reader(plain, place, options)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
        # Only where a member's last byte is read does `zipfile` know that it is not what was packed.
        raise ReadError("broken-archive", f"This member is damaged ({error}): fetch the archive again.") from error


def count_members(number: int) -> None:
    """Raise `ReadError` (`too-large`) when an archive has more members than any real one."""
    if number > MAX_MEMBERS:
        raise ReadError("too-large", f"The archive has over {MAX_MEMBERS:,} members: the rest was not read.")
