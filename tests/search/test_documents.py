"""Articles as documents and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.search.errors import SearchError
from newsdex.search.store.documents import from_source, to_document
from newsdex.transforms.article import (
    Article,
    Copy,
    DateMention,
    DateSource,
    Entities,
    EntityMention,
    EntityType,
    GeoPoint,
    Precision,
    Source,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
MOMENT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them so
OFFSET = st.integers(0, 10_000)
SHARE = st.floats(0, 1)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Return a value or `None`."""
    return st.none() | strategy


DATE_MENTIONS = st.builds(
    DateMention,
    iso=TEXT,
    start=maybe(st.dates()),
    end=maybe(st.dates()),
    precision=st.sampled_from(Precision),
    text=TEXT,
    start_char=OFFSET,
    end_char=OFFSET,
)
ENTITY_MENTIONS = st.builds(
    EntityMention, type=st.sampled_from(EntityType), text=TEXT, canonical=TEXT, start=OFFSET, end=OFFSET
)
COPIES = st.builds(Copy, id=TEXT, url=maybe(TEXT), source=maybe(TEXT), published_at=maybe(MOMENT), similarity=SHARE)
ARTICLES = st.builds(
    Article,
    id=TEXT,
    body=TEXT,
    input_uri=TEXT,
    content_hash=TEXT,
    pipeline_version=TEXT,
    title=maybe(TEXT),
    summary=maybe(TEXT),
    url=maybe(TEXT),
    authors=NAMES,
    source=st.builds(Source, name=maybe(TEXT), domain=maybe(TEXT), country=maybe(TEXT), provenance=maybe(TEXT)),
    language=st.sampled_from(["en", "de", "und"]),
    language_confidence=SHARE,
    published_at=maybe(MOMENT),
    published_at_precision=maybe(st.sampled_from(Precision)),
    published_at_source=maybe(st.sampled_from(DateSource)),
    dates_mentioned=st.lists(DATE_MENTIONS, max_size=3).map(tuple),
    entities=st.builds(Entities, person=NAMES, organization=NAMES, place=NAMES, country=NAMES, aliases=NAMES),
    mentions=st.lists(ENTITY_MENTIONS, max_size=3).map(tuple),
    location=st.lists(st.builds(GeoPoint, lat=st.floats(-90, 90), lon=st.floats(-180, 180)), max_size=2).map(tuple),
    word_count=OFFSET,
    paywalled=st.booleans(),
    minhash_bands=NAMES,
    copies=st.lists(COPIES, max_size=2).map(tuple),
    copy_count=OFFSET,
    duplicate_of=maybe(TEXT),
    similarity=maybe(SHARE),
    superseded_hashes=NAMES,
    ingested_at=maybe(MOMENT),
)

ARTICLE = Article(
    id="a1", body="The presidents met.", title="Summit", input_uri="f", content_hash="h", pipeline_version="1",
    language="en",
)  # fmt: skip


@given(ARTICLES)
def test_an_article_comes_back_as_it_went(article: Article) -> None:
    """What is written and read back, through JSON, is the same article."""
    stored = json.loads(msgspec.json.encode(to_document(article, {"en"})))
    assert from_source(article.id, stored) == article


def test_only_its_own_language_is_stemmed() -> None:
    """The stemmed field is that of the article's language, body first, and of no other."""
    assert to_document(ARTICLE, {"en", "de"})["stemmed"] == {"en": "The presidents met.\n\nSummit"}


def test_a_language_without_stemming_has_no_stemmed_field() -> None:
    """Where the index does not stem the article's language, nothing is written for it."""
    assert "stemmed" not in to_document(ARTICLE, {"de"})


def test_what_is_empty_is_left_out() -> None:
    """A document holds neither nulls nor empty lists, and its id only as `_id`."""
    document = to_document(ARTICLE, ())
    assert {"id", "summary", "authors", "mentions"}.isdisjoint(document)


def test_a_mentioned_span_becomes_a_range() -> None:
    """A date mention is indexed as a range of days, so that a search by day finds the month that holds it."""
    mention = DateMention(
        iso="2018-01", start=date(2018, 1, 1), end=date(2018, 1, 31), precision=Precision.MONTH, text="January",
        start_char=0, end_char=7,
    )  # fmt: skip
    document = to_document(replace(ARTICLE, dates_mentioned=(mention,)), ())
    assert document["dates_mentioned"][0]["range"] == {"gte": "2018-01-01", "lte": "2018-01-31"}


def test_a_foreign_document_is_refused_in_plain_words() -> None:
    """A document that is no article of ours names itself and the fix."""
    with pytest.raises(SearchError, match=r"'x7'.*newsdex rebuild"):
        from_source("x7", {"body": 5})
