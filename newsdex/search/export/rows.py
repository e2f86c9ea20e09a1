"""One article as one flat row: the columns of every export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]
"""Column → text, whole number, truth, list of texts, or `None`."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Literal["text", "list", "int", "bool"]
    field: str
    """Where in a document it is."""


COLUMNS = (
    Column("id", "text", "_id"),
    Column("title", "text", "title"),
    Column("source", "text", "source.name"),
    Column("source_domain", "text", "source.domain"),
    Column("published_at", "text", "published_at"),
    Column("published_at_precision", "text", "published_at_precision"),
    Column("published_on", "text", "published_on"),
    Column("url", "text", "url"),
    Column("language", "text", "language"),
    Column("authors", "list", "authors"),
    Column("section", "text", "section"),
    Column("keywords", "list", "keywords"),
    Column("agencies", "list", "agencies"),
    Column("people", "list", "entities.person"),
    Column("organizations", "list", "entities.organization"),
    Column("places", "list", "entities.place"),
    Column("countries", "list", "entities.country"),
    Column("dates_mentioned", "list", "dates_mentioned.iso"),
    Column("word_count", "int", "word_count"),
    Column("paywalled", "bool", "paywalled"),
    Column("copy_count", "int", "copy_count"),
    Column("papers", "list", "copy_sources"),
    Column("story_id", "text", "story_id"),
    Column("summary", "text", "summary"),
    Column("body", "text", "body"),
)
"""Names that `newsdex ingest` reads again, the text last: it is what a spreadsheet shows worst."""

SOURCE_FIELDS = tuple(column.field for column in COLUMNS if column.field != "_id")


def row_of(article_id: str, source: Mapping[str, Any]) -> Row:
    """Return a document as a row."""
    row: Row = {}
    for column in COLUMNS:
        value = article_id if column.field == "_id" else _value(source, column.field)
        row[column.name] = _list(value) if column.kind == "list" else value
    return row


def _value(source: Mapping[str, Any], field: str) -> Any:  # noqa: ANN401  # a document's value
    first, _, rest = field.partition(".")
    value = source.get(first)
    if not rest:
        return value
    if isinstance(value, list | tuple):
        return [each[rest] for each in value if each.get(rest)]
    return value.get(rest) if value else None


def _list(value: Any) -> list[str]:  # noqa: ANN401
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
