"""Marking a text, comparing two, and cutting time into bars, whatever the text and the days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.search.results.highlights import Passage, Segment
from newsdex.search.results.timeline import MOST_BARS, BarWidth, _bars, begin, pick_interval
from newsdex.transforms.article import EntityMention, EntityType
from newsdex.transforms.text.diff import differences
from newsdex.web.marking import paragraphs
from newsdex.web.wording import web_address

TEXT = st.text(alphabet="ab \n\ue000é", max_size=60)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[EntityMention], Passage]:
    body = draw(TEXT)
    places = st.integers(-2, 70)
    mentions = [
        EntityMention(type=EntityType.PERSON, text="", canonical="", start=start, end=end)
        for start, end in draw(st.lists(st.tuples(places, places), max_size=6))
    ]
    cuts = sorted({0, len(body), *draw(st.lists(st.integers(0, len(body)), max_size=5))})
    pieces = [body[start:end] for start, end in pairwise(cuts)]
    return body, mentions, Passage(tuple(Segment(text, draw(st.booleans())) for text in pieces))


@given(marked_texts())
def test_marks_change_no_letter(made: tuple[str, list[EntityMention], Passage]) -> None:
    """Joined, the pieces are the text without its blank lines, wherever entities and matches lie."""
    body, mentions, marked = made
    pieces = [piece for paragraph in paragraphs(body, mentions, marked) for piece in paragraph]
    joined = "".join(piece.text for piece in pieces)
    assert joined.replace("\n", "") == body.replace("\n", "")
    matched = "".join(segment.text for segment in marked.segments if segment.matched)
    assert "".join(piece.text for piece in pieces if piece.matched).replace("\n", "") == matched.replace("\n", "")


@given(TEXT, TEXT)
def test_a_comparison_holds_both_texts(first: str, second: str) -> None:
    """What is not added is the first text and what is not removed is the second, but for white space."""
    changes = [change for block in differences(first, second).blocks for each in block.paragraphs for change in each]
    for text, other in ((first, "added"), (second, "removed")):
        assert "".join("".join(each.text for each in changes if each.kind != other).split()) == "".join(text.split())


def test_equal_texts_do_not_differ() -> None:
    """Two equal texts have no change, and fold into one block."""
    found = differences("a b\n\nc\n\nd", "a b\n\nc\n\nd")
    assert found.equal
    assert [block.folded for block in found.blocks] == [True]


def test_very_long_texts_are_compared_in_bounded_time() -> None:
    """Two texts of some megabytes, nothing alike, end soon and say that they were cut."""
    assert differences("a b c " * 500_000, "d e f " * 500_000).cut
    assert differences("\n\n".join(["same"] * 9_000), "\n\n".join(["same", "other"] * 9_000)).cut


@given(st.dates(), st.dates())
def test_bars_cover_the_time_without_gaps(one: date, other: date) -> None:
    """The interval chosen needs few bars; they follow one another and cover both days."""
    first, last = sorted((one, other))
    interval = pick_interval(first, last)
    bars = list(_bars(interval, first, last, {begin(interval, first): 7}))
    assert len(bars) <= max(MOST_BARS, 101)
    assert bars[0].first <= first
    assert bars[-1].last >= last
    assert bars[0].count == 7
    assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(bars))


@pytest.mark.parametrize(
    ("first", "last", "interval"),
    [
        (date(2018, 1, 1), date(2018, 2, 20), BarWidth.DAY),
        (date(2018, 1, 1), date(2018, 12, 31), BarWidth.WEEK),
        (date(2016, 1, 1), date(2020, 7, 1), BarWidth.MONTH),
        (date(2000, 1, 1), date(2010, 1, 1), BarWidth.QUARTER),
        (date(1970, 1, 1), date(2020, 1, 1), BarWidth.YEAR),
        (date(1500, 1, 1), date(2020, 1, 1), BarWidth.DECADE),
        (date(1, 1, 1), date(9999, 12, 31), BarWidth.CENTURY),
    ],
)
def test_the_interval_fits_the_span(first: date, last: date, interval: BarWidth) -> None:
    """Weeks of a year, months of some years, years of a lifetime."""
    assert pick_interval(first, last) is interval


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:x",
        "data:text/html,x",
        "//evil",
        "http://",
        "http://[",
        "ftp://a/b",
        "file:///etc/passwd",
        "",
        None,
    ],
)
def test_only_web_addresses_are_links(url: str | None) -> None:
    """Anything but http and https with a host is shown as text."""
    assert web_address(url) == ""
