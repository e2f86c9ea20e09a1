"""WARC and ARC: web pages as a crawler fetched them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.archiveiterator import ARCIterator

from readers.errors import ReadError, filtered, rejected
from readers.uris import with_part
from transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from readers.partition import ReadOptions

HTML_TYPES = ("text/html", "application/xhtml+xml")
ARC_MAGIC = b"filedesc://"
ABOUT_OTHERS = frozenset({"warcinfo", "request", "metadata", "continuation", "arc_header"})
"""Records that are no input themselves: they tell how others were fetched."""

OK = 200
BLOCK_BYTES = 64 << 10


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article for each page that was fetched; what is no page is filtered, what is damaged rejected.

    Raises:
        ReadError: `broken-record` where the rest of the file makes no sense, `no-articles` if there was no record.
    """
    head = file.peek(len(ARC_MAGIC)) if isinstance(file, io.BufferedReader) else b""
    number = 0
    try:
        for number, record in enumerate(_arc(file) if head.startswith(ARC_MAGIC) else _warc(file), 1):
            item = _one(record, with_part(uri, "record", number), options)
            if item is not None:
                yield item
    except (OSError, ValueError, EOFError) as error:
        told = f"Record {number + 1:,} makes no sense ({error}): what comes before was read, the rest was not."
        raise ReadError("broken-record", told) from error
    if number == 0:
        raise ReadError("no-articles", "There is no WARC or ARC record in it.")
