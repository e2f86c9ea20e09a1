"""Mailboxes (RFC 4155, mboxrd): streamed, one mail at a time in memory, whatever the size of the box."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from newsdex.readers.errors import ReadError, rejected
from newsdex.readers.formats.documents.mail import message
from newsdex.readers.read import guarded
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

ENVELOPE = re.compile(rb"From \S+ .{0,40}\d\d:\d\d.{0,40}\d{4}")
FIELD = re.compile(rb"[!-9;-~]{1,60}:")
ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
LINE_BYTES = 64 << 10


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of each mail; one above the limit is rejected alone."""
    found = False
    for number, data in enumerate(_mails(file, options.max_feed_bytes), 1):
        found, place = True, with_part(uri, "mail", number)
        if data is None:
            told = f"This mail is larger than {options.max_feed_bytes:,} bytes: raise the limit to have it read."
            yield rejected(place, "too-large", told)
            continue
        yield from guarded(message(ESCAPED.sub(rb"\1", data), place, options), place)
    if not found:
        raise ReadError("no-articles", "No line such as 'From ana@paper.example Tue Mar 5 …' begins a mail in it.")


def _mails(file: IO[bytes], most: int) -> Iterator[bytes | None]:
    """Yield each mail's bytes, `None` for one over `most`.

    A line "From …" begins a mail only after an empty line, with a time and a year, and before a line that is a field:
    inside a text it is left where it is.
    """
    lines: list[bytes] = []
    size, inside, blank = 0, False, True
    line = file.readline(LINE_BYTES)
    while line:
        after = file.readline(LINE_BYTES)
        if blank and ENVELOPE.match(line) and FIELD.match(after):
            if inside:
                yield b"".join(lines) if size <= most else None
            lines, size, inside = [], 0, True
        elif inside:
            size += len(line)
            if size <= most:
                lines.append(line)
            else:
                lines.clear()
        blank, line = not line.strip(), after
    if inside:
        yield b"".join(lines) if size <= most else None
