"""Parquet: one record a row, read in small batches."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from newsdex.readers.errors import ReadError
from newsdex.readers.records.mapping import article, could_name
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

BATCH_ROWS = 100
"""Rows in memory at once: at most 1 GB if each had the greatest size of an article, 2 MB with real ones."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article or rejection for each row; only columns that can name a field of an article are read.

    Raises:
        ReadError: `broken-file` when it is no Parquet file or is damaged; `no-body` when no column can be the body.
    """
    try:
        table = ParquetFile(file)
        columns = [name for name in table.schema_arrow.names if could_name(name, options)]
        if not columns:
            told = ", ".join(table.schema_arrow.names)
            raise ReadError(
                "no-body", f"No column is known as the body: say which with --map body=…. There are: {told}."
            )
        number = 0
        for batch in table.iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
            for record in batch.to_pylist():
                number += 1
                yield _one(record, with_part(uri, "row", number), options)
    except (pa.ArrowException, OSError) as error:
        told = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ReadError("broken-file", f"It is no sound Parquet file ({told}): fetch it again.") from error


def _one(record: dict[str, Any], place: str, options: ReadOptions) -> RawArticle | Rejection:
    """Return what one row declares."""
    try:
        return article(record, place, options)
    except ReadError as error:
        return error.at(place, str({name: str(value)[:200] for name, value in record.items()}))
