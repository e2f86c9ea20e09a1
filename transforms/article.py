"""The records that travel through Newsdex, from bytes read to a document indexed.

A reader yields `RawArticle`s (or `Rejection`s), the transforms turn each into an `Article` or a `Rejection`, and the
index answers each with an `Outcome`. All of them are frozen: a step returns a new record. Field names are those of the
index mapping (`newsdex/search/indices/mapping.py`); a test holds the two together. The file is longer than others, so
that the records can be read side by side.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # msgspec reads the field types at run time
from dataclasses import dataclass, field
from datetime import date, datetime  # noqa: TC003  # msgspec reads the field types at run time
from enum import StrEnum
from typing import Any

import msgspec


class Result(StrEnum):
    """How an input ends. Every input ends in exactly one of these, and a ledger counts them."""

    INDEXED = "indexed"
    """Written to the index: new, or a newer version of an article that was there."""
    UNCHANGED = "unchanged"
    """Already in the index with the same content (as an article or as a copy): nothing was written."""
    DUPLICATE = "duplicate"
    """A copy of another article: folded into it and named there."""
    FILTERED = "filtered"
    """Readable, but no news article (an error page, a section front…): left out on purpose."""
    REJECTED = "rejected"
    """Could not be used (broken, empty, too large…): kept in the quarantine with its reason."""


class Stage(StrEnum):
    """Where in the way of an article something happened."""

    READ = "read"
    CLEAN = "clean"
    ENRICH = "enrich"
    DEDUPLICATE = "deduplicate"
    INDEX = "index"


class Origin(StrEnum):
    """What kind of input an article came from; it decides how far its declared facts are trusted."""

    TEXT = "text"
    """A plain text file: nothing is declared."""
    RECORD = "record"
    """A record with named fields: JSON Lines, CSV, Parquet…"""
    PAGE = "page"
    """A web page: facts are found in its HTML."""
    FEED = "feed"
    """An entry of an RSS, Atom or JSON feed."""


class DateSource(StrEnum):
    """Where a publication date was found, in the order of trust."""

    METADATA = "metadata"
    """Declared with the article: a record's field, JSON-LD, a meta tag."""
    FEED = "feed"
    URL = "url"
    TEXT = "text"
    """Written in the visible page or in the article's dateline."""
    FILE = "file"
    """The date in a file's name or path."""


class Precision(StrEnum):
    """How exact a date is. `TIME` is a moment; the others are calendar spans."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


class EntityType(StrEnum):
    """The three kinds of named entity that are facets."""

    PERSON = "person"
    ORGANIZATION = "organization"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """One article as a reader found it, before any cleaning.

    Exactly one of `text` and `html` carries the content. Everything else is what the input *declares*, as found
    (strings are not yet cleaned, dates not yet parsed), or `None` where it declares nothing.
    """

    input_uri: str
    """Names the input for ever: a file's URI, with `#line=12` or the like where one file holds many articles."""
    origin: Origin
    text: str | None = None
    """The body as text; may carry markup remnants."""
    html: str | bytes | None = None
    """A whole page; bytes when its encoding is still to be found out."""
    title: str | None = None
    summary: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    source: str | None = None
    """Name or domain of the paper, as declared."""
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    published: str | None = None
    """The publication date as declared, in whatever form."""
    modified: str | None = None
    language: str | None = None
    """A declared language: a hint, not truth."""
    content_type: str | None = None
    """The HTTP Content-Type of a page, where known (it may name the encoding)."""
    fetched_at: datetime | None = None
    """When a page or feed was fetched (UTC), where the input records it."""
    field_map: Mapping[str, str] = field(default_factory=dict)
    """For records: our field name → the input's own field name it was taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """An input that will not be indexed, and why. It goes to the quarantine or, when filtered, to the ledger."""

    input_uri: str
    stage: Stage
    reason: str
    """A short stable code in kebab-case, such as `empty-file`: what a ledger counts by."""
    detail: str
    """One plain sentence: what is wrong, where, and what to do about it."""
    result: Result = Result.REJECTED
    """`REJECTED` or `FILTERED`."""
    raw: str = ""
    """The beginning of the raw input as text, capped by `RAW_EXCERPT_CHARS`, for a person to look at."""


RAW_EXCERPT_CHARS = 2_000
"""How much of a rejected input is kept in the quarantine: a screenful, enough to see what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """What somebody is quoted to have said; every offset is into the article's body."""

    text: str
    """The words, without the marks around them."""
    start: int
    end: int
    direct: bool
    """In the speaker's own words, in quotation marks; else as reported."""
    speaker: str | None
    """Canonical name of the person or organisation; `None` where the article does not say."""
    speaker_text: str | None
    """The speaker as written."""
    speaker_start: int | None
    speaker_end: int | None
    cue: str | None
    """What says that it is said."""
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The paper that published an article."""

    name: str | None = None
    """Canonical name ("Business Standard")."""
    domain: str | None = None
    """Registrable domain ("business-standard.com")."""
    country: str | None = None
    """ISO 3166 alpha-2 code of the paper's home, where known."""
    provenance: str | None = None
    """Where the name was found: `declared`, `page`, `url` or `boilerplate` (named by a paywall block or the like)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMention:
    """One place in the body where an entity is named."""

    type: EntityType
    text: str
    """The surface form: `body[start:end]`."""
    canonical: str
    """The canonical name that it counts under in the facets."""
    start: int
    """Character offset into `body`, first character."""
    end: int
    """Character offset into `body`, one past the last character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """The named entities of one article: flat lists for facets, in order of first mention, without repeats."""

    person: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    """ISO 3166 alpha-2 codes of the countries named."""
    aliases: tuple[str, ...] = ()
    """Surface forms that differ from the canonical names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPoint:
    """Coordinates in degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date that the text names."""

    iso: str
    """ISO 8601: "2018-01-23", "2018-01", "2018", a quarter as "2018-Q3", a range as "1990/1999"; `""` if relative and
    not resolvable (no publication date is known)."""
    start: date | None
    """First day of the span named; `None` when not resolvable."""
    end: date | None
    """Last day of the span named, inclusive."""
    precision: Precision
    text: str
    """The surface form: `body[start_char:end_char]`."""
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A duplicate that was folded into an article, as the surviving article names it."""

    id: str
    """The copy's own id: its whole document lies in the copies index."""
    url: str | None
    source: str | None
    published_at: datetime | None
    similarity: float
    """Jaccard similarity of the two texts' word shingles, 0 to 1; 1.0 for an exact copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One clean, enriched article: a document of the index, field by field."""

    id: str
    """Hash of the canonical URL, else of the cleaned content: the document's `_id`."""
    body: str
    """Clean text, paragraphs separated by a blank line."""
    input_uri: str
    content_hash: str
    """Hash of title and body after cleaning: equal content, equal hash."""
    pipeline_version: str
    title: str | None = None
    summary: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    source: Source = field(default_factory=Source)
    agencies: tuple[str, ...] = ()
    """News agencies that the text credits, canonical names."""
    language: str = "und"
    """ISO 639-1 code, or `und` where it cannot be told."""
    language_confidence: float = 0.0
    published_at: datetime | None = None
    """UTC. `None` rather than a guess."""
    published_at_precision: Precision | None = None
    published_at_source: DateSource | None = None
    published_on: date | None = None
    """The day as its readers saw it: the local date of the page's own offset, of what it prints, or of its country.
    Where nothing tells it, the day of `published_at` in UTC."""
    modified_at: datetime | None = None
    dates_mentioned: tuple[DateMention, ...] = ()
    entities: Entities = field(default_factory=Entities)
    mentions: tuple[EntityMention, ...] = ()
    quotes: tuple[Quotation, ...] = ()
    """Who said what, in order."""
    speakers: tuple[str, ...] = ()
    """Canonical names of the people and organisations that are quoted, in order, each once."""
    location: tuple[GeoPoint, ...] = ()
    """Coordinates of the main places named."""
    word_count: int = 0
    paywalled: bool = False
    """The input carried a paywall block: the text may be only the article's beginning."""
    cleaned: tuple[str, ...] = ()
    """Names of the cleaning rules that took something out of this article."""
    extraction_confidence: float | None = None
    """How likely the text is the article of its page, 0 to 1; `None` for what does not come from a page."""
    minhash_bands: tuple[str, ...] = ()
    """Banded MinHash signature; empty where the text is too short to be compared."""
    copies: tuple[Copy, ...] = ()
    copy_count: int = 0
    copy_sources: tuple[str, ...] = ()
    """Names of every paper that ran this text: this article's own and its copies'."""
    duplicate_of: str | None = None
    """For a copy: the id of the article that it was folded into."""
    similarity: float | None = None
    """For a copy: its similarity to that article."""
    superseded_hashes: tuple[str, ...] = ()
    """Content hashes of earlier versions at the same URL, so that an old version read again changes nothing."""
    story_id: str | None = None
    ingested_at: datetime | None = None
    """When the document was written (UTC); set while indexing."""
    run_id: str | None = None

    def __post_init__(self) -> None:
        """Give an article that has a moment a day, too: days are what it is filtered and counted by."""
        if self.published_on is None and self.published_at is not None:
            object.__setattr__(self, "published_on", self.published_at.date())

    def to_dict(self) -> dict[str, Any]:
        """Return the article as plain values that go into JSON: dates and times as ISO 8601."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one input: the row that a ledger counts."""

    input_uri: str
    result: Result
    reason: str
    """A short stable code in kebab-case: `new`, `updated`, `same-content`, `near-copy`, `empty-file`…"""
    stage: Stage
    detail: str = ""
    """One plain sentence for a person."""
    article_id: str | None = None
    duplicate_of: str | None = None
    similarity: float | None = None
