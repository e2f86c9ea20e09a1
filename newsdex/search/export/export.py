"""A whole result as JSON Lines, CSV, Parquet or citations: streamed, in the order of its hits, in bounded memory."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from newsdex.search.errors import SearchError, explained
from newsdex.search.export.formats import ENCODERS
from newsdex.search.export.rows import SOURCE_FIELDS, row_of
from newsdex.search.results.paging import scan
from newsdex.search.results.search import search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from newsdex.search.export.rows import Row
    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.query.request import SearchRequest


class ExportFormat(StrEnum):
    """How a result is written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    BIBTEX = "bib"
    RIS = "ris"
    CSL_JSON = "csljson"

    @classmethod
    def of(cls, path: Path) -> ExportFormat:
        """Return the format that a file's name says.

        Raises:
            SearchError: it says none of them.
        """
        found = _SUFFIXES.get(path.suffix.lower())
        if found is None:
            raise SearchError(
                f"{path.name!r} does not say what to write: end it in .jsonl, .csv or .parquet, or for citations in "
                ".bib, .ris or .csljson."
            )
        return found


_SUFFIXES = {
    ".jsonl": ExportFormat.JSONL,
    ".ndjson": ExportFormat.JSONL,
    ".csv": ExportFormat.CSV,
    ".parquet": ExportFormat.PARQUET,
    ".pq": ExportFormat.PARQUET,
    ".bib": ExportFormat.BIBTEX,
    ".ris": ExportFormat.RIS,
    ".csljson": ExportFormat.CSL_JSON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A result on its way."""

    total: int
    """Articles."""
    chunks: Iterator[bytes]
    """The file, piece by piece; reading it raises `SearchError` where the node fails meanwhile."""
    notes: tuple[str, ...]
    """Sentences for the person, as in `SearchResults.notes`."""


def export(client: Elasticsearch, names: IndexNames, request: SearchRequest, form: ExportFormat) -> Export:
    """Return every article that matches, whatever the question's `size` and `offset`, in the question's order.

    The first articles are read before this returns, so that what is wrong with the question is said before anything
    is written.

    Raises:
        SearchError: no index yet, no node, a query that cannot be asked, or Parquet without pyarrow.
    """
    counted = search(client, names, replace(request, size=0, offset=0, highlight=False, by_story=False))
    asked = replace(request, query=counted.query, size=0, offset=0)
    rows = _rows(client, names, asked)
    first = list(_taken(rows))
    return Export(total=counted.total, chunks=ENCODERS[form.value](chain(first, rows)), notes=counted.notes)


def export_file(client: Elasticsearch, names: IndexNames, request: SearchRequest, path: Path) -> Export:
    """Write every article that matches to a file, in the format of its name; it appears when it is whole.

    Raises:
        SearchError: as in `export`, or a name that says no format.
        OSError: the file cannot be written.
    """
    made = export(client, names, request, ExportFormat.of(path))
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            export_to(made, file)
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return made


def export_to(made: Export, file: BinaryIO) -> None:
    """Write an export to an open file."""
    file.writelines(made.chunks)


def _rows(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> Iterator[Row]:
    with explained():
        for hit in scan(client, names, request, fields=list(SOURCE_FIELDS)):
            yield row_of(hit["_id"], hit["_source"])


def _taken(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the first row, where there is one: with it, the node has answered."""
    row = next(rows, None)
    if row is not None:
        yield row
