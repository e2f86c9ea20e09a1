"""JSON documents: an array of records, an object that wraps one, a JSON Feed, or a single article."""

from __future__ import annotations

import io
import json
from collections import deque
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, cast

import ijson

from newsdex.readers.errors import ReadError, attempt, rejected
from newsdex.readers.files.encoding import decode
from newsdex.readers.formats import jsonl
from newsdex.readers.formats.newswire import ninjs
from newsdex.readers.records.mapping import has_body, record_to_article
from newsdex.readers.registry import by_content
from newsdex.readers.uris import with_part
from newsdex.transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsdex.readers.partition import ReadOptions

MAX_WRAPPERS = 3
"""How deep the list of records may lie: Elasticsearch and Solr answers have it under two objects."""

TOLD_CHARS = 200
"""How much of each field a rejection shows."""

BLOCK_BYTES = 64 << 10
"""How much the streaming parser takes at once."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article or rejection for each record; a large document is streamed, one record in memory at a time.

    Raises:
        ReadError: `invalid-json` where the document breaks off, after the records before it were yielded.
    """
    head = file.read(options.max_article_bytes + 1)
    known = by_content(head)
    if known is not None and known.name == "jsonl":
        file.seek(0)
        yield from jsonl.read(file, uri, options)
    elif len(head) > options.max_article_bytes:
        file.seek(0)
        yield from _articles(_streamed(file, options), uri, options)
    else:
        yield from _small(decode(head), uri, options)


def _small(text: str, uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the articles of a document that fits in memory."""
    try:
        document = json.loads(text, strict=False, parse_int=jsonl.integer)
    except json.JSONDecodeError as error:
        if text.lstrip()[:1] in "[{":
            yield from _salvaged(text, uri, options)
        what = error.msg.removesuffix(" at")
        told = f"It is no JSON: {what} at line {error.lineno:,}, column {error.colno:,}. Correct it there."
        raise ReadError("invalid-json", told, text[max(error.pos - 200, 0) :]) from error
    except (RecursionError, ValueError) as error:
        raise ReadError("invalid-json", f"It is no JSON that can be read: {type(error).__name__}.", text) from error
    if isinstance(document, dict) and ninjs.is_wrapped(document):
        yield _one(document, uri, options)
        return
    if isinstance(document, dict) and (has_body(document, options) or not (found := _list_in(document))):
        yield _one(document, uri, options)
        return
    records = document if isinstance(document, list) else found if isinstance(document, dict) else None
    if records is None:
        raise ReadError("not-a-record", "It holds neither an object nor an array of objects.", text)
    feed = isinstance(document, dict) and "jsonfeed.org" in str(document.get("version"))
    for item in _articles(records, uri, options):
        yield replace(item, origin=Origin.FEED) if feed and isinstance(item, RawArticle) else item


def _salvaged(text: str, uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the records before the fault in a broken document."""
    try:
        yield from _articles(_streamed(io.BytesIO(text.encode("utf-8", "replace")), options), uri, options)
    except ReadError:
        return


def _list_in(document: dict[str, Any]) -> list[Any] | None:
    """Return the first list of objects inside the wrapping objects, outer ones first."""
    queue = deque([(document, 1)])
    while queue:
        wrapper, depth = queue.popleft()
        for value in wrapper.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                return value
            if isinstance(value, dict) and depth < MAX_WRAPPERS:
                queue.append((value, depth + 1))
    return None


def _streamed(file: IO[bytes], options: ReadOptions) -> Iterator[Any]:
    """Yield the elements of the first array of objects in a document of any size."""
    meter = _Meter(file, max(2 * options.max_article_bytes, 4 * BLOCK_BYTES))
    try:
        path = next(
            (at for at, event, _ in ijson.parse(meter, buf_size=BLOCK_BYTES) if _begins_record(at, event)), None
        )
        if path is None:
            raise ReadError("not-a-record", "It holds no array of objects.")
        file.seek(0)
        meter.taken = 0
        for record in ijson.items(meter, path, use_float=True, buf_size=BLOCK_BYTES):
            meter.taken = 0
            yield record
    except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
        told = str(error).strip().splitlines()[0]
        raise ReadError("invalid-json", f"It stops being JSON ({told}): what comes before was read.") from error


def _begins_record(path: str, event: str) -> bool:
    """Tell whether an event is the beginning of an object within an array that lies in nothing but objects."""
    return event == "start_map" and (path == "item" or (path.endswith(".item") and path.count(".item") == 1))


class _Meter:
    """A file that gives up when one record takes more than `most` bytes."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._file.read(size)
        self.taken += len(data)
        if self.taken > self._most:
            raise ReadError("too-large", f"A record has more than {self._most:,} bytes: the rest cannot be read.")
        return data


def _articles(records: Iterable[Any], uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield what each record declares."""
    for number, record in enumerate(records, 1):
        place = with_part(uri, "record", number)
        if isinstance(record, dict):
            yield _one(cast("dict[str, Any]", record), place, options)
        else:
            yield rejected(place, "not-a-record", f"Element {number:,} is no object.", str(record)[:TOLD_CHARS])


def _one(record: dict[str, Any], place: str, options: ReadOptions) -> RawArticle | Rejection:
    """Return what one record declares."""
    return attempt(lambda: _article(record, place, options), place, lambda: beginning(record))


def _article(record: dict[str, Any], place: str, options: ReadOptions) -> RawArticle:
    item = ninjs.unwrapped(record)
    ninjs.refuse_no_article(item)
    return record_to_article(item, place, options)


def beginning(record: dict[str, Any]) -> str:
    """Return the beginning of each field of a record, for a person to look at."""
    try:
        return str({name: str(value)[:TOLD_CHARS] for name, value in record.items()})
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        return str(list(record))
