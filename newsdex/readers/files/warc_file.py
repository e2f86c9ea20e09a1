"""The file under FastWARC: read on only, and asked at the end whether the last record is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.readers.errors import ReadError

if TYPE_CHECKING:
    import io


def is_cut(record: Any, file: Forward) -> bool:  # noqa: ANN401  # FastWARC has no types
    """Tell whether a file ends before its last record does, by how much of it there is.

    How a header was written is not known, only that it took a name, a colon, a value and a line's end: a cut in the
    last few bytes of a record stays unseen, and no whole record is taken for a cut one.
    """
    head = sum(len(name) + len(value) + 2 for name, value in record.headers)
    if record.headers.get("Content-Length") is None:
        return file.ended  # The file ends before the record says how long it is.
    return file.ended and file.tell() < record.stream_pos + head + record.content_length


class Forward:
    """A file that FastWARC takes, although it cannot be entered in the middle: all it asks is where it stands."""

    def __init__(self, file: io.BufferedReader[Any]) -> None:
        self._file = file
        self._at = 0
        self.ended = False
        self.fault: ReadError | None = None

    def read(self, size: int = -1) -> bytes:
        """Read on; a fault of the file is its end at first (`fault`), so that what was read before comes out."""
        try:
            data = self._file.read1(size)
        except ReadError as error:
            self.fault, data = error, b""
        self._at += len(data)
        self.ended |= not data and size != 0
        return data

    def close(self) -> None:
        """Leave it open: who opened the file closes it."""

    def tell(self) -> int:
        """Return how much was read."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Stay in place; anything else cannot be done."""
        if (offset, whence) not in ((0, 1), (self._at, 0)):
            raise OSError("this file can only be read on")
        return self._at
