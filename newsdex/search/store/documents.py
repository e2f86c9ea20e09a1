"""Articles as documents of the index, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import GIST, STEMMED
from newsdex.transforms.article import Article
from newsdex.transforms.duplicates.stories import days_around, gist

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

Document = dict[str, Any]
"""A document as Elasticsearch takes it: plain values only, ready for JSON."""


def to_document(article: Article, stemmed: Collection[str]) -> Document:
    """Return an article as the index takes it. Its `id` is not in it: that is the document's `_id`.

    What is empty (`None`, `()`) is left out. `dates_mentioned` get a `range` for `start` and `end`. The article that a
    story began with says what others are compared with.

    Args:
        article: as it came out of the transforms.
        stemmed: the languages that have a stemmed field (`Indices.stemmed`, `Analysis.stemmed`).
    """
    document: Document = {
        name: value for name, value in msgspec.to_builtins(article).items() if value is not None and value != ()
    }
    del document["id"]
    document["source"] = _filled(document["source"])
    document["entities"] = _filled(document["entities"])
    if "quotes" in document:
        # The words are the body's, from `start` to `end`: once is enough.
        document["quotes"] = [_filled({**each, "text": None}) for each in document["quotes"]]
    if "dates_mentioned" in document:
        document["dates_mentioned"] = [_date_document(mention) for mention in document["dates_mentioned"]]
    if article.language in stemmed:
        # The body first: offsets of what is found in it are then offsets into `body`, which highlighting needs.
        text = f"{article.body}\n\n{article.title}" if article.title else article.body
        document[STEMMED] = {article.language: text}
    told = gist(article) if article.story_id == article.id else None
    if told is not None:
        parts = [sorted(part) for part in (told.names, told.title, told.lead)]
        document[GIST] = {
            "names": [key for day in days_around(told) for key in named_on(day, told.names)],
            "told": msgspec.json.encode(parts).decode(),
        }
    return document


def named_on(day: date, names: Iterable[str]) -> list[str]:
    """Return what finds the stories of a day that name somebody: one word of the index each, and no range of dates."""
    return [f"{day:%Y-%m-%d} {name}" for name in sorted(names)]


def from_source(article_id: str, source: Mapping[str, Any]) -> Article:
    """Return the article that `to_document` wrote, from its `_id` and `_source`.

    Raises:
        SearchError: the document is not one of Newsdex's, or of a version that cannot be read.
    """
    fields = {name: value for name, value in source.items() if name not in {STEMMED, GIST}}
    if "dates_mentioned" in fields:
        fields["dates_mentioned"] = [_date_fields(mention) for mention in fields["dates_mentioned"]]
    if "quotes" in fields:
        fields["quotes"] = [_quote_fields(each, fields.get("body", "")) for each in fields["quotes"]]
    try:
        return msgspec.convert({**fields, "id": article_id}, Article)
    except msgspec.ValidationError as error:
        raise SearchError(
            f"Document {article_id!r} cannot be read as an article ({error}): was it written by another program or "
            "version? `newsdex rebuild` writes the index anew."
        ) from error


def _filled(values: Mapping[str, Any]) -> Document:
    return {name: value for name, value in values.items() if value is not None and value != ()}


def _quote_fields(quote: Mapping[str, Any], body: str) -> Document:
    missing = dict.fromkeys(("speaker", "speaker_text", "speaker_start", "speaker_end", "cue"))
    return {**missing, "text": body[quote["start"] : quote["end"]], **quote}


def _date_document(mention: Document) -> Document:
    start, end = mention.pop("start"), mention.pop("end")
    if start is not None or end is not None:
        # An open end stays open: Elasticsearch's ranges know it too.
        mention["range"] = _filled({"gte": start, "lte": end})
    return mention


def _date_fields(mention: Mapping[str, Any]) -> Document:
    fields = dict(mention)
    span = fields.pop("range", {})
    return {**fields, "start": span.get("gte"), "end": span.get("lte")}
