"""Tar archives, however compressed, of any of the other formats."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, cast

from newsdex.readers.errors import ReadError, filtered
from newsdex.readers.formats.archive import count_members, member
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection


READS_AFTER_END = 3
"""A sound archive is asked once after its end, where the two blocks of zeros are missing."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of every member, in the archive's order, reading it once from start to end.

    Raises:
        ReadError: `broken-archive` where it makes no sense, after what comes before was yielded.
    """
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Ending(file)), mode="r|") as archive:
            number = 0
            for info in archive:
                archive.members = []  # type: ignore[attr-defined]  # else it remembers every member that it passed
                if info.isdir():
                    continue
                number += 1
                count_members(number)
                if info.size < 0:
                    raise ReadError("broken-archive", "A member has a negative size: fetch the tar archive again.")
                inside = archive.extractfile(info) if info.isfile() else None
                if inside is None:
                    place = with_part(uri, "member", info.name)
                    yield filtered(place, "not-a-file", "It is a link, a pipe or a device, no file.")
                else:
                    yield from member(inside, info.name, uri, options)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise ReadError("broken-archive", f"The tar archive ends or breaks here ({error}): fetch it again.") from error


class _Ending:
    """A file that says when it is read on after its end: `tarfile` would go on reading nothing for a size that lies."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._after = 0

    def read(self, size: int) -> bytes:
        """Read on.

        Raises:
            EOFError: there has been nothing more for a while.
        """
        data = self._file.read(size)
        self._after = 0 if data else self._after + 1
        if self._after > READS_AFTER_END:
            raise EOFError("it has less in it than it says")
        return data
