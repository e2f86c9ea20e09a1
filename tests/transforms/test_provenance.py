"""Where each field was found: told for all of them, and of whatever text."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.transforms.article import Article, Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.dates.parse import day_order, is_ambiguous
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.provenance import others, provenance

LATEST = datetime(2026, 1, 1, tzinfo=UTC)
CHAIN = Chain(ChainOptions(), {}, latest=LATEST)
TEXT = "The ferry sails again from Monday, the port authority said. " * 5


def told(raw: RawArticle) -> dict[str, str]:
    """Clean an article and tell where its fields are from."""
    done = CHAIN.clean(raw)
    assert not isinstance(done, Rejection), done
    return provenance(raw, done.article)


def test_a_record_tells_its_own_names() -> None:
    """A field of a record is given under the record's own name for it."""
    names = {"title": "headline", "body": "story", "published": "pubDate"}
    raw = RawArticle(
        input_uri="a", origin=Origin.RECORD, title="News", text=TEXT, published="2018-01-23", field_map=names
    )
    found = told(raw)
    assert (found["title"], found["body"]) == ("record: headline", "record: story")
    assert (found["published_at"], found["id"]) == ("record: pubDate", "a hash of the address, else of the text")


def test_the_date_of_a_feed_stands_behind_its_page() -> None:
    """A page that declares no date has the feed's; one that does keeps its own."""
    bare = f"<html><head><title>News</title></head><body><article><p>{TEXT}</p></article></body></html>"
    dated = bare.replace("<head>", '<head><meta property="article:published_time" content="2018-01-22T10:00:00Z">')
    for html, expected in ((bare, "feed"), (dated, "page: opengraph")):
        raw = RawArticle(input_uri="a", origin=Origin.FEED, html=html, published="Tue, 23 Jan 2018 10:00:00 GMT")
        assert told(raw)["published_at"] == expected


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(Origin))
@settings(max_examples=60)
def test_whatever_comes_in_only_fields_of_an_article_are_told(text: str, title: str, origin: Origin) -> None:
    """No text breaks it, and each name that it gives is a field with a value."""
    done = CHAIN.clean(RawArticle(input_uri="a", origin=origin, text=text, title=title, published=title))
    if not isinstance(done, Rejection):
        raw = RawArticle(input_uri="a", origin=origin, text=text, title=title, published=title)
        found = provenance(raw, done.article)
        assert found.keys() <= {field.name for field in dataclasses.fields(Article)}
        assert all(getattr(done.article, name) for name in found)


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from("/.-"), st.text(max_size=30))
def test_only_dates_that_can_be_read_both_ways_are_ambiguous(first: int, second: int, sign: str, text: str) -> None:
    """Of two different numbers up to twelve either may be the day; nothing tells, and no text breaks it."""
    date = f"{first}{sign}{second}{sign}2018"
    assert is_ambiguous(date) is (first != second)
    assert not is_ambiguous(f"{first + 12}{sign}{second}{sign}2018")
    assert day_order([date]) is None
    assert is_ambiguous(text) in {True, False}


def test_what_else_a_page_says_is_told_with_what_decided() -> None:
    """Another title, another author and another date are named with their places, and not what was taken."""
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry sails again on Monday",'
        ' "author": {"name": "Lena Brook"}, "datePublished": "2024-05-06T10:00:00Z"}</script>'
        '<meta property="og:title" content="The ferry sails again, says the port">'
        '<meta name="author" content="Isle Post">'
        '<meta name="date" content="2024-05-07">'
    )
    story = f"<article><h1>Ferry sails again on Monday</h1><p>{TEXT}</p></article>"
    html = f"<html><head>{head}</head><body>{story}</body></html>"
    raw = RawArticle(input_uri="a", origin=Origin.PAGE, html=html, url="https://isle.example/ferry")
    done = CHAIN.clean(raw)
    assert not isinstance(done, Rejection)
    found = others(raw, done.article)
    assert found["title"].values == ("The ferry sails again, says the port (opengraph)",)
    assert "Isle Post (meta)" in found["authors"].values
    assert "2024-05-07 (meta)" in found["published_at"].values
    assert all(other.why for other in found.values())


def test_a_record_has_nothing_else() -> None:
    """Only a page says several things of one field."""
    raw = RawArticle(input_uri="a", origin=Origin.RECORD, title="News", text=TEXT)
    done = CHAIN.clean(raw)
    assert not isinstance(done, Rejection)
    assert others(raw, done.article) == {}
