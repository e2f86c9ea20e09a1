from __future__ import annotations

import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.attribution.urls import canonical, domain, host

PARTS = st.lists(
    st.sampled_from(
        [
            "https://",
            "http://",
            "//",
            "www.",
            "m.",
            "amp.",
            "example",
            ".com",
            ".co.uk",
            ":443",
            ":80",
            "/",
            "/amp",
            "amp/",
            "index.html",
            "?",
            "&",
            "=",
            "utm_source=x",
            "id=3",
            "#",
            "!/",
            "..",
            "%2F",
            "%",
            "ü",
            " ",
            "google.com/amp/s/",
            ";",
            "@",
            "[",
            "]",
            "1",
            "a",
        ]
    )
).map("".join)


@given(st.one_of(st.text(), PARTS))
def test_canonical_is_idempotent(url: str) -> None:
    """The canonical form of a canonical URL is itself, for any string."""
    once = canonical(url)
    assert once is None or canonical(once) == once


@given(st.one_of(st.text(), PARTS))
def test_no_string_crashes(url: str) -> None:
    """Every string has a domain and a host, or none."""
    assert domain(url) is None or domain(url)
    assert host(url) is None or host(url)


@pytest.mark.parametrize(
    "variant",
    [
        "https://www.example.com/news/story-12",
        "http://example.com/news/story-12/",
        "https://example.com:443/news/story-12?utm_source=x&utm_medium=y&fbclid=z",
        "https://m.example.com/news/story-12#comments",
        "https://amp.example.com/news/story-12",
        "https://www.example.com/news/story-12/amp",
        "https://www.example.com/news/amp/story-12/",
        "https://www.example.com/news/story-12.amp",
        "https://www.example.com/news/story-12?amp=1",
        "https://www.example.com/news/story-12?outputType=amp",
        "https://www.google.com/amp/s/www.example.com/news/story-12",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/amp/story-12?usqp=mq331",
        "//www.example.com/news//story-12/index.html",
        "www.example.com/news/story-12",
        "HTTPS://user:secret@WWW.EXAMPLE.COM/news/./story-12",
    ],
)
def test_variants_of_one_address_are_joined(variant: str) -> None:
    """Tracking, AMP, mobile, port, scheme, slash and fragment variants get one canonical URL."""
    assert canonical(variant) == "https://example.com/news/story-12"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/p?id=3", "https://example.com/p?id=4"),
        ("https://example.com/story?page=1", "https://example.com/story?page=2"),
        ("https://example.com/Story", "https://example.com/story"),
        ("https://edition.example.com/a", "https://money.example.com/a"),
        ("https://example.com/#!/story/1", "https://example.com/#!/story/2"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://a.blogspot.com/1", "https://b.blogspot.com/1"),
        ("https://en.example.org/wiki/AMP", "https://en.example.org/wiki"),
    ],
)
def test_different_articles_stay_different(one: str, other: str) -> None:
    """What may tell two articles apart is kept."""
    assert canonical(one) != canonical(other)


def test_order_of_parameters_does_not_count() -> None:
    """Parameters are sorted."""
    assert canonical("https://example.com/p?b=2&a=1") == canonical("https://example.com/p?a=1&b=2")


@pytest.mark.parametrize(
    "junk",
    [
        None,
        "",
        "  ",
        "news",
        "A headline about x.y",
        "mailto:x@example.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://nohost/path",
        "https://a..b/",
        "https://example.com:99999/",
        "x" * 5_000,
        "https://example.com/" + "x" * 5_000,
        "data:text/html,hi",
        "tel:+123",
    ],
)
def test_junk_is_none(junk: str | None) -> None:
    """A string that is no web address has no canonical form."""
    assert canonical(junk) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.bbc.co.uk/x", "bbc.co.uk"),
        ("https://www.example.com/x", "example.com"),
        ("politicalticker.blogs.cnn.com", "cnn.com"),
        ("https://daily.blogspot.com/x", "daily.blogspot.com"),
        ("https://müller.de/", "xn--mller-kva.de"),
        ("https://www.google.com/amp/s/www.example.com/a", "example.com"),
        ("https://127.0.0.1:8080/a", None),
        ("co.uk", None),
        ("nonsense", None),
    ],
)
def test_domain_is_the_registrable_one(url: str, expected: str | None) -> None:
    """Domains follow the public suffix list, private suffixes included."""
    assert domain(url) == expected


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public suffix list is the one that ships with the library: no connection is made."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert domain("https://a.new.unheard-of.example.co.jp/") == "example.co.jp"


def test_long_query_ends_in_bounded_time() -> None:
    """Four thousand characters of anything are done at once."""
    started = time.process_time()
    for url in (
        "https://example.com/?" + "a&" * 2_000,
        "https://" + "a." * 2_000,
        "https://example.com" + "/amp" * 1_000,
    ):
        canonical(url)
    assert time.process_time() - started < 2
