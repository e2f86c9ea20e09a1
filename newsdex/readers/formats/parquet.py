"""Parquet: one record a row, read in small batches."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from newsdex.readers.errors import ReadError, attempt
from newsdex.readers.formats.json_document import beginning
from newsdex.readers.records.mapping import could_name, record_to_article
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

MAX_BATCH_ROWS = 100
"""Rows in memory at once: 2 MB of real articles."""

BATCH_BYTES = 16 << 20
"""Fewer rows are taken at once where these would be more bytes: 443 kB of Parquet can stand for 1.8 GB."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article or rejection for each row; only columns that can name a field of an article are read.

    Raises:
        ReadError: `broken-file` when it is no Parquet file or is damaged; `no-body` when no column can be the body.
    """
    try:
        table = ParquetFile(file)
        packed = _packed(table)
        columns = [name for name in table.schema_arrow.names if could_name(name, options)]
        if not columns:
            told = ", ".join(table.schema_arrow.names)
            raise ReadError(
                "no-body", f"No column is known as the body: say which with --map body=…. There are: {told}."
            )
        if packed:
            # Their values are kept once each, as in the file, and not written out for each row.
            table = ParquetFile(file, read_dictionary=packed)
        number = 0
        for group in range(table.num_row_groups):
            rows = _batch_rows(table.metadata.row_group(group))
            for batch in table.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False):
                for row in range(batch.num_rows):
                    number += 1
                    yield _one(batch, row, with_part(uri, "row", number), options)
    except (pa.ArrowException, OSError) as error:
        told = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ReadError("broken-file", f"It is no sound Parquet file ({told}): fetch it again.") from error


def _packed(table: ParquetFile) -> list[str]:
    """Return the columns of text whose values the file keeps in a dictionary."""
    if table.num_row_groups == 0:
        return []
    group = table.metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    return [
        each.path_in_schema
        for each in columns
        if each.has_dictionary_page and each.physical_type == "BYTE_ARRAY" and "." not in each.path_in_schema
    ]


def _batch_rows(group: Any) -> int:  # noqa: ANN401  # pyarrow has no types
    """Return how many rows of a group are taken at once, by what its rows take on average."""
    a_row = max(group.total_byte_size // max(group.num_rows, 1), 1)
    return int(min(max(BATCH_BYTES // a_row, 1), MAX_BATCH_ROWS))


def _one(batch: Any, row: int, place: str, options: ReadOptions) -> RawArticle | Rejection:  # noqa: ANN401
    """Return what one row declares, or why it declares nothing: one value out of range is that row's fault alone."""
    told: dict[str, Any] = {}

    def make() -> RawArticle:
        for name in batch.schema.names:
            told[name] = _value(batch.column(name)[row])
        return record_to_article(told, place, options)

    return attempt(make, place, lambda: beginning(told))


def _value(scalar: Any) -> Any:  # noqa: ANN401
    """Return a value as Python's own; of a time in nanoseconds, which Python has not, the microseconds."""
    if pa.types.is_timestamp(scalar.type) and scalar.type.unit == "ns" and scalar.is_valid:
        scalar = scalar.cast(pa.timestamp("us", scalar.type.tz), safe=False)
    return scalar.as_py()
