"""Where each field of an article was found: for a person who asks why an article came out as it did."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from newsdex.transforms.article import Article, DateSource, Origin, Source
from newsdex.transforms.dates.candidate import Provenance
from newsdex.transforms.facts import declared_facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from newsdex.transforms.article import RawArticle
    from newsdex.transforms.facts import DeclaredFacts

FROM_TEXT = dict.fromkeys(("agencies", "dates_mentioned", "word_count", "cleaned", "minhash_bands"), "the text")
"""Fields that are read or counted from the clean text."""

MADE = {
    "id": "a hash of the address, else of the text",
    "content_hash": "a hash of title and text",
    "input_uri": "the reader",
    "pipeline_version": "this program",
    "entities": "the entity model and the text",
    "mentions": "the entity model and the text",
    "quotes": "the marks and verbs of the text",
    "speakers": "the quotations",
    "location": "the gazetteer, by the places named",
}
"""Fields that Newsdex itself makes."""

DECLARED = ("title", "summary", "authors", "section", "keywords", "image_url", "url", "canonical_url")
"""Fields that a record, a feed's entry or a page declares."""


WHY = {
    "title": "the headline declared to programs, without what is added for search engines, if another title is like it",
    "authors": "the most trusted place that names a person and not the paper",
    "published_at": "the day in the address, else the one that most declarations name; its most trusted moment",
}
"""Why a field's value was taken, where that is not only for its place."""

WHY_BY_PLACE = "the most trusted place: JSON-LD, then OpenGraph, other meta elements, what is shown"

MAX_OTHERS = 8
"""So many other values of a field are named: a page's front matter lists the dates of all its teasers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Others:
    """What else was found for a field, and why that was not taken."""

    values: tuple[str, ...]
    """Each with where it was found, the more trusted first."""
    why: str
    """What decided for the value that was taken."""


def others(
    raw: RawArticle, article: Article, latest: datetime | None = None, *, facts: DeclaredFacts | None = None
) -> dict[str, Others]:
    """Return, for the fields for which a page says several things, what was not taken.

    Args:
        raw: the input.
        article: what it became.
        latest: as for `transforms.facts.declared_facts`.
        facts: what that returned for the input, where it was asked already: it parses the page.
    """
    facts = facts or declared_facts(raw, latest=latest)
    if facts.page is None:
        return {}
    found = dict(facts.page.others)
    if not raw.authors:
        shown = tuple((byline, Provenance.VISIBLE) for byline in facts.bylines)
        declared = ((", ".join(facts.authors), facts.page.provenance["authors"]),) if facts.authors else ()
        found["authors"] = (*declared, *found.get("authors", ()), *shown)
    found["published_at"] = tuple((date.text, date.provenance) for date in facts.dates)
    told: dict[str, Others] = {}
    for name, values in found.items():
        taken = ", ".join(article.authors) if name == "authors" else str(getattr(article, name))
        texts = dict.fromkeys(f"{text} ({where.value})" for text, where in values if text != taken)
        if texts:
            told[name] = Others(tuple(texts)[:MAX_OTHERS], WHY.get(name, WHY_BY_PLACE))
    return told


def provenance(
    raw: RawArticle, article: Article, latest: datetime | None = None, *, facts: DeclaredFacts | None = None
) -> dict[str, str]:
    """Return, for every field of `article` that has a value, where that came from.

    A fact of a record is given with the record's own name for it (`record: headline`), one of a page with what declares
    it there (`page: json-ld`). Arguments are those of `others`.
    """
    facts = facts or declared_facts(raw, latest=latest)
    found: dict[str, str] = {}
    for field in dataclasses.fields(Article):
        value = getattr(article, field.name)
        if value not in (None, (), "", 0, False, Source()):
            where = _where(field.name, raw, article, facts)
            if where:
                found[field.name] = where
    return found


def _where(name: str, raw: RawArticle, article: Article, facts: DeclaredFacts) -> str | None:
    """Return where one field came from, `None` for the fields that a run fills in."""
    if name in DECLARED:
        return _declared(name, raw, facts)
    if name.startswith("published_at"):
        return _published(raw, article, facts)
    if name.startswith("language"):
        declared = _own(raw, "language") if raw.language else _page(facts, "language")
        return f"the text, with the hint of {declared}" if declared else "the text"
    if name == "published_on":
        return _published(raw, article, facts)
    special: dict[str, Callable[[], str | None]] = {
        "extraction_confidence": lambda: "the text, beside its page",
        "body": lambda: _own(raw, "body") if raw.html is None else _page(facts, "body"),
        "modified_at": lambda: _own(raw, "modified"),
        "source": lambda: _source(raw, article, facts),
        "paywalled": lambda: "page: isAccessibleForFree" if facts.paywalled else "the text",
    }
    return special[name]() if name in special else FROM_TEXT.get(name) or MADE.get(name)


def _source(raw: RawArticle, article: Article, facts: DeclaredFacts) -> str:
    where = article.source.provenance or "the table of papers"
    if where == "declared":
        return _own(raw, "source")
    return (_page(facts, "source") if where == "page" else None) or where


def _declared(name: str, raw: RawArticle, facts: DeclaredFacts) -> str | None:
    if getattr(raw, name):
        return _own(raw, name)
    if name in {"url", "canonical_url"}:
        return _page(facts, "canonical_url") or (_own(raw, "url") if raw.url else None)
    return _page(facts, name)


def _published(raw: RawArticle, article: Article, facts: DeclaredFacts) -> str | None:
    if article.published_at_source is DateSource.FILE:
        return "the file's name"
    if article.published_at_source is DateSource.URL:
        return "the address"
    if raw.published and (raw.html is None or article.published_at_source is DateSource.FEED):
        return _own(raw, "published")
    kinds = dict.fromkeys(str(date.provenance.value) for date in facts.dates)
    return f"page: {', '.join(kinds)}" if kinds else None


def _own(raw: RawArticle, name: str) -> str:
    """Name what the input itself declares: a record's or an entry's field, or how it was fetched."""
    kind = {Origin.RECORD: "record", Origin.FEED: "feed", Origin.TEXT: "the file", Origin.PAGE: "the fetch"}[raw.origin]
    theirs = raw.field_map.get(name)
    return f"{kind}: {theirs}" if theirs else kind


def _page(facts: DeclaredFacts, name: str) -> str | None:
    where = facts.page.provenance.get(name) if facts.page else None
    return f"page: {where.value}" if where else None
