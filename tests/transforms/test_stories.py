"""Two reports of one event are a story; two events of the same people are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, FIRST, OTHER, SECOND, article

from newsdex.transforms.article import Article, Precision
from newsdex.transforms.duplicates.stories import Gist, gist, likeness, same_story


def told(made: Article) -> Gist:
    """Its gist, which it has."""
    found = gist(made)
    assert found is not None
    return found


def test_two_papers_own_reports_of_one_vote_are_a_story() -> None:
    """Other words, the same event, names and day; and the nearer of two stories is the liker one."""
    first, second = told(article(FIRST, "Pool to close")), told(article(SECOND, "Councillors shut swimming pool"))
    assert same_story(first, second)
    assert likeness(first, second) > likeness(first, told(article(OTHER, "Oaks for the ring road")))


def test_another_event_with_the_same_names_on_the_same_day_is_no_part_of_it() -> None:
    """Names and day alone tell nothing."""
    assert not same_story(told(article(FIRST, "Pool to close")), told(article(OTHER, "Oaks for the ring road")))


def test_what_lies_days_apart_or_is_in_two_languages_is_no_story() -> None:
    """The same text, reported again a week later or in a translation with the same words, stays apart."""
    first = told(article(FIRST, "Pool to close"))
    assert not same_story(first, told(article(FIRST, "Pool to close", at=DAY + timedelta(days=7))))
    assert not same_story(first, replace(first, language="de"))


def test_an_article_without_a_day_or_without_names_has_no_gist() -> None:
    """What cannot be told is not guessed."""
    assert gist(article(FIRST, "Pool to close", at=None)) is None
    assert gist(article(FIRST, "Pool to close", precision=Precision.MONTH)) is None
    assert gist(replace(article(FIRST, "Pool to close"), mentions=())) is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_order_of_two_articles_makes_no_difference(first: str, second: str) -> None:
    """The rule and the likeness are symmetrical, whatever the texts."""
    one, other = (replace(told(article(FIRST, text)), lead=frozenset(text.split())) for text in (first, second))
    assert same_story(one, other) == same_story(other, one)
    assert likeness(one, other) == likeness(other, one)
