"""Rows as JSON Lines, CSV or Parquet, in pieces."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.errors import SearchError
from newsdex.search.export.citations import bibtex, csl_json, ris
from newsdex.search.export.rows import COLUMNS, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROWS = 500
"""Rows a piece: about 3 MB of news."""

GROUP_ROWS = 1_000
"""Rows a row group of Parquet: some 6 MB, in which compression works well and memory stays small."""

SEPARATOR = "; "
"""Between the values of a list in CSV."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def jsonl(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as JSON, one a line; what is empty is left out."""
    encode = msgspec.json.Encoder().encode
    for batch in _batches(rows, ROWS):
        yield b"".join(
            encode({name: value for name, value in row.items() if value not in (None, [])}) + b"\n" for row in batch
        )


def csv_text(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as CSV (RFC 4180) in UTF-8, with the mark that spreadsheets know it by.

    A value that a spreadsheet would take for a formula gets an apostrophe in front: titles are not to be trusted.
    """
    yield "\ufeff".encode()
    yield _lines([[column.name for column in COLUMNS]])
    for batch in _batches(rows, ROWS):
        yield _lines([_cell(row[column.name]) for column in COLUMNS] for row in batch)


def parquet(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as a Parquet file, compressed with zstd.

    Raises:
        SearchError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise SearchError(
            "Parquet needs pyarrow, which is not installed: pip install 'newsdex[parquet]', or export .csv or .jsonl."
        ) from error
    kinds = {"text": pa.string(), "list": pa.list_(pa.string()), "int": pa.int64(), "bool": pa.bool_()}
    return _parquet(rows, pa, pq, pa.schema([(column.name, kinds[column.kind]) for column in COLUMNS]))


def _parquet(rows: Iterable[Row], pa: Any, pq: Any, schema: Any) -> Iterator[bytes]:  # noqa: ANN401  # untyped library
    outlet = _Outlet()
    with pq.ParquetWriter(pa.PythonFile(outlet, mode="w"), schema, compression="zstd") as writer:
        for batch in _batches(rows, GROUP_ROWS):
            writer.write_table(pa.Table.from_pylist(batch, schema))
            yield outlet.take()
    yield outlet.take()


class _Outlet(io.RawIOBase):
    """A file that hands on what is written to it; Parquet needs to know only how much that was."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, piece: Any) -> int:  # noqa: ANN401  # any buffer
        held = bytes(piece)
        self._pieces.append(held)
        self._written += len(held)
        return len(held)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


ENCODERS: Mapping[str, Callable[[Iterable[Row]], Iterator[bytes]]] = {
    "jsonl": jsonl,
    "csv": csv_text,
    "parquet": parquet,
    "bib": bibtex,
    "ris": ris,
    "csljson": csl_json,
}


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:  # noqa: ANN401  # any column's
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = SEPARATOR.join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
