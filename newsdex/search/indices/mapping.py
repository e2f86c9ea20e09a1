"""The mapping of articles, built in one place for every node; its field names are those of `Article`.

`dynamic: strict`: a field that nobody declared is an error, not a surprise in a dashboard later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex import versions
from newsdex.search.indices.analysis import FOLDED_NORMALIZER, TEXT_ANALYZER

if TYPE_CHECKING:
    from newsdex.search.indices.analysis import Analysis

STEMMED = "stemmed"
"""Object with one text field a language; like `GIST` not in `_source`."""

GIST = "gist"
"""Object with what the first article of a story is compared by: read from columns, so that no text is read for it."""

MAX_LINE_KEYWORD = 512
"""Longest facet value in characters: no name of a person, a paper or a section is longer; the rest is junk."""

MAX_ADDRESS_KEYWORD = 8191
"""Longest URL or reference that can be looked up: Lucene's limit of 32,766 bytes at 4 bytes a character."""

FOLDED = "folded"
"""Sub-field of facet keywords: the same value in lower case, to match what a person types."""

Properties = dict[str, Any]
"""The `properties` of a mapping: field name → definition."""


def article_mapping(analysis: Analysis) -> dict[str, Any]:
    """Return the mapping of `articles` and of its copies: `dynamic`, `_source`, `_meta` and `properties`."""
    return {
        "dynamic": "strict",
        "_source": {"excludes": [f"{STEMMED}.*", STEMMED, f"{GIST}.*", GIST]},
        "_meta": {"newsdex_mapping": versions.ARTICLES_MAPPING, "analysis": analysis.report()},
        "properties": {**article_properties(), STEMMED: _object(_stemmed(analysis)), GIST: _gist()},
    }


def article_properties() -> Properties:
    """Return the field definitions of an article, without what is made of it for searching alone."""
    return {**_text_properties(), **_fact_properties(), **_entity_properties(), **_state_properties()}


def facet_keyword() -> Properties:
    """Return a keyword that is a facet: its case is kept, and `.folded` finds it whatever the case typed."""
    return {
        "type": "keyword",
        "ignore_above": MAX_LINE_KEYWORD,
        "fields": {
            FOLDED: {
                "type": "keyword",
                "normalizer": FOLDED_NORMALIZER,
                "ignore_above": MAX_LINE_KEYWORD,
                "doc_values": False,
            }
        },
    }


def keyword() -> Properties:
    """Return a keyword for short codes and hashes."""
    return {"type": "keyword", "ignore_above": MAX_LINE_KEYWORD}


def address() -> Properties:
    """Return a keyword for URLs and input references."""
    return {"type": "keyword", "ignore_above": MAX_ADDRESS_KEYWORD}


def date() -> Properties:
    """Return a date, ISO 8601, in UTC."""
    return {"type": "date", "format": "strict_date_optional_time"}


def stored_only() -> Properties:
    """Return a text that is shown but neither searched nor counted."""
    return {"type": "keyword", "index": False, "doc_values": False}


def column() -> Properties:
    """Return a text that is read back without the document that it belongs to, and never searched."""
    return {"type": "keyword", "index": False, "ignore_above": MAX_ADDRESS_KEYWORD}


def _object(properties: Properties) -> Properties:
    return {"dynamic": "strict", "properties": properties}


def _text() -> Properties:
    return {"type": "text", "analyzer": TEXT_ANALYZER}


def _placed_text(analyzer: str = TEXT_ANALYZER) -> Properties:
    """Return a text with the place of every word: passages of a hit then need no second analysis, a third of the time.

    The body and the stemmed fields have it, since the stemmed fields begin with the body; the title must not: its
    words stand elsewhere in them. (An index that was made without is only slower.)
    """
    return {"type": "text", "analyzer": analyzer, "index_options": "offsets"}


def _stemmed(analysis: Analysis) -> Properties:
    return {code: _placed_text(analysis.analyzer_of(code)) for code in analysis.choices}


def _gist() -> Properties:
    return _object({"names": {**keyword(), "doc_values": False}, "told": column()})


def _text_properties() -> Properties:
    return {
        "title": _text(),
        "body": _placed_text(),
        "summary": _text(),
        "url": address(),
        "canonical_url": address(),
        "authors": facet_keyword(),
        "section": facet_keyword(),
        "keywords": facet_keyword(),
        "image_url": stored_only(),
    }


def _fact_properties() -> Properties:
    return {
        "source": _object(
            {"name": facet_keyword(), "domain": keyword(), "country": keyword(), "provenance": keyword()}
        ),
        "agencies": facet_keyword(),
        "language": keyword(),
        "language_confidence": {"type": "float"},
        "published_at": date(),
        "published_at_precision": keyword(),
        "published_at_source": keyword(),
        "published_on": {"type": "date", "format": "strict_date"},
        "modified_at": date(),
        "dates_mentioned": _object(
            {
                "iso": keyword(),
                "range": {"type": "date_range", "format": "strict_date"},
                "precision": keyword(),
                "text": stored_only(),
                "start_char": {"type": "integer", "index": False, "doc_values": False},
                "end_char": {"type": "integer", "index": False, "doc_values": False},
            }
        ),
        "word_count": {"type": "integer"},
        "paywalled": {"type": "boolean"},
        "cleaned": keyword(),
        "extraction_confidence": {"type": "float"},
    }


def _entity_properties() -> Properties:
    return {
        "entities": _object(
            {
                "person": facet_keyword(),
                "organization": facet_keyword(),
                "place": facet_keyword(),
                "country": keyword(),
                "aliases": facet_keyword(),
            }
        ),
        # Offsets into the body, for showing; the facets are above. Not parsed at all.
        "mentions": {"type": "object", "enabled": False},
        "quotes": {"type": "object", "enabled": False},
        "speakers": facet_keyword(),
        "location": {"type": "geo_point"},
    }


def _state_properties() -> Properties:
    return {
        "content_hash": keyword(),
        "superseded_hashes": keyword(),
        # Only ever looked up by term; without doc values it takes about half the room.
        "minhash_bands": {**keyword(), "doc_values": False},
        "copies": _object(
            {
                "id": keyword(),
                "url": address(),
                "source": keyword(),
                "published_at": date(),
                "similarity": {"type": "float"},
            }
        ),
        "copy_count": {"type": "integer"},
        "copy_sources": facet_keyword(),
        "duplicate_of": keyword(),
        "similarity": {"type": "float"},
        "story_id": keyword(),
        "input_uri": address(),
        "ingested_at": date(),
        "run_id": keyword(),
        "pipeline_version": keyword(),
    }
