"""CSV and TSV: one record a row, the first row names the fields."""

from __future__ import annotations

import codecs
import csv
from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.errors import ReadError, attempt
from newsdex.readers.files.encoding import STRAY, detect, refuse_binary, utf8_chunks
from newsdex.readers.files.lines import lines
from newsdex.readers.records.mapping import record_to_article
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from newsdex.readers.files.lines import Line
    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

BLOCK_BYTES = 256 << 10
"""How much is read at once, and how much is looked at for the encoding."""

DELIMITERS = ",\t;|"
"""What separates fields; the one that occurs most often in the first line does."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article or rejection for each row below the header; a broken row does not stop the rest.

    Rows are numbered as a spreadsheet shows them: the header is row 1.
    """
    chunks = utf8_chunks(iter(lambda: file.read(BLOCK_BYTES), b""))
    head = next(chunks, b"")
    refuse_binary(head)
    source = _Lines(
        lines(_with(head.removeprefix(codecs.BOM_UTF8), chunks), options.max_article_bytes), _encoding(head)
    )
    first_line = source.peek()
    delimiter = max(DELIMITERS, key=first_line.count)
    csv.field_size_limit(options.max_article_bytes)  # for the whole process, where only this module uses `csv`
    rows = _rows(source, delimiter)
    header = next((row for row, _ in rows if isinstance(row, list) and any(row)), None)
    if header is None:
        raise ReadError("empty-file", "It has no header row that names the fields.")
    names = [name.strip() for name in header]
    for number, (row, raw) in enumerate(rows, 2):
        place = with_part(uri, "row", number)
        yield attempt(partial(_article, names, row, number, place, options), place, raw.__str__)


def _article(names: list[str], row: list[str] | ReadError, number: int, place: str, options: ReadOptions) -> RawArticle:
    """Return the article that a row declares."""
    return record_to_article(_record(names, row, number), place, options)


class _TooLongError(Exception):
    """A line of the row at hand is larger than an article may be."""


class _Lines:
    """The lines of a table as text, for `csv`; remembers how the row at hand begins."""

    def __init__(self, source: Iterator[Line], encoding: str) -> None:
        self._source = source
        self._encoding = encoding
        self._ahead: list[Line] = []
        self.begun = ""

    def peek(self) -> str:
        """Return the first line without taking it."""
        self._ahead = [line for line in [next(self._source, None)] if line is not None]
        return self._text(self._ahead[0].data) if self._ahead else ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else next(self._source)
        text = self._text(line.data) + "\n"
        self.begun = self.begun or text
        if line.too_long:
            raise _TooLongError
        return text

    def _text(self, data: bytes) -> str:
        return data.decode(self._encoding, STRAY if self._encoding == "utf-8" else "replace")


def _rows(source: _Lines, delimiter: str) -> Iterator[tuple[list[str] | ReadError, str]]:
    """Yield each row that is not blank, or what is wrong with it, and the beginning of its text."""
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        source.begun = ""
        try:
            row: list[str] | ReadError = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            told = f"The row cannot be taken apart ({error}): is a quotation mark never closed?"
            row = ReadError("malformed-row", told)
        except _TooLongError:
            # Its end was cut off, and with it the quotation mark that closes it: the next line begins a new row.
            reader = csv.reader(source, delimiter=delimiter)
            row = ReadError("too-large", "A line of this row is larger than an article may be.")
        if row:
            yield row, source.begun


def _record(names: list[str], row: list[str] | ReadError, number: int) -> dict[str, str]:
    """Return a row as a record; of two columns with one name the first that has a value counts."""
    if isinstance(row, ReadError):
        raise row
    if len(row) > len(names) and not any(row[len(names) :]):
        row = row[: len(names)]
    if len(row) != len(names):
        told = f"Row {number:,} has {len(row)} fields, the header {len(names)}: correct the row, or quote its fields."
        raise ReadError("malformed-row", told)
    record: dict[str, str] = {}
    for name, value in zip(names, row, strict=True):
        record[name] = record.get(name) or value
    return record


def _encoding(head: bytes) -> str:
    """Return the encoding of a table by its first block."""
    return "utf-8" if head.isascii() else detect(head)


def _with(head: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks
