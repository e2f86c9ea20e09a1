"""The whole content of a small file."""

from __future__ import annotations

from typing import IO

from newsdex.readers.errors import ReadError


def read_bounded(file: IO[bytes], max_bytes: int) -> bytes:
    """Return all of `file`.

    Raises:
        ReadError: `too-large` over `max_bytes`, of which no more than that is read; `empty-file` if there is nothing
            but white space and null bytes.
    """
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise too_large(max_bytes)
    if not data.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe"):
        raise ReadError("empty-file", "There is nothing in it: leave it out, or fetch it again.")
    return data


def too_large(max_bytes: int, size: int | None = None) -> ReadError:
    """Return the fault of a file over the limit."""
    has = f"It has {size:,} bytes" if size is not None else "It is larger"
    return ReadError("too-large", f"{has}; the limit is {max_bytes:,} bytes. Raise the limit if this is one article.")
