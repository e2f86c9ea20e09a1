"""The table of facets: what is made of a record, and how typed values find what the index has."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import article_properties
from newsdex.search.query.codes import country_code, country_name, language_code
from newsdex.search.query.days import span_of_days
from newsdex.search.query.facet_table import BY_NAME, BY_WORD, FACETS
from newsdex.search.query.filters import make_filters


def test_every_facet_counts_a_field_that_the_index_has() -> None:
    """Its field is in the mapping, so that nothing is counted that cannot be there."""
    properties = article_properties()
    for facet in FACETS:
        field = properties
        for part in facet.field.split("."):
            field = field[part].get("properties", field[part])
        assert field["type"] == "keyword", facet.name


def test_names_and_words_are_unique() -> None:
    """No two facets share a name, an option, or a word in a query."""
    assert len(BY_NAME) == len(BY_WORD) == len(FACETS) == len({facet.flag for facet in FACETS})


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Germany", "DE"), ("de", "DE"), ("south korea", "KR"), ("Holland", "NL"), ("Türkiye", "TR"), ("UK", "GB"),
     ("Russia", "RU"), ("Côte d’Ivoire", "CI"), ("Kosovo", "XK"), ("xx", "XX"), ("Atlantis", "Atlantis")],
)  # fmt: skip
def test_a_country_goes_by_name_or_code(typed: str, code: str) -> None:
    """What is no country stays as it is typed, so that the answer can say that no article has it."""
    assert country_code(typed) == code


def test_a_country_is_called_as_in_the_news() -> None:
    """Its short name, not its official one."""
    assert [country_name(code) for code in ("KR", "RU", "GB", "zz")] == [
        "South Korea",
        "Russia",
        "United Kingdom",
        "zz",
    ]


@pytest.mark.parametrize(("typed", "code"), [("German", "de"), ("DE", "de"), ("greek", "el"), ("und", "und")])
def test_a_language_goes_by_name_or_code(typed: str, code: str) -> None:
    """Greek is modern Greek."""
    assert language_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2019-02", date(2019, 2, 1), date(2019, 2, 28)),
        ("2019-02-03", date(2019, 2, 3), date(2019, 2, 3)),
        ("2019-Q3", date(2019, 7, 1), date(2019, 9, 30)),
        ("1990/1999", date(1990, 1, 1), date(1999, 12, 31)),
        ("2019-04..2019-06-05", date(2019, 4, 1), date(2019, 6, 5)),
        ("2019-Q4..2020-Q1", date(2019, 10, 1), date(2020, 3, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_span_of_days_is_read(typed: str, first: date, last: date) -> None:
    """A day, month, quarter or year, or from one to another; every form that the facet lists can be typed."""
    assert span_of_days(typed) == (first, last)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("2019..2018", "swap the two dates"), ("April", "is not a date"), ("2019-02-30", "no day"), ("0000-Q1", "no day"),
     ("..", "is not a date"), ("2019-Q5", "is not a date")],
)  # fmt: skip
def test_what_is_no_span_is_told(typed: str, sentence: str) -> None:
    """One sentence says what can be typed."""
    with pytest.raises(SearchError, match=sentence):
        make_filters(date_mentioned=typed)


@given(st.text(max_size=30))
def test_anything_typed_as_a_span_is_answered(typed: str) -> None:
    """A span, or one sentence."""
    with suppress(SearchError):
        first, last = span_of_days(typed)
        assert first <= last


def test_a_filter_that_there_is_not_is_told() -> None:
    """The sentence names those that there are."""
    with pytest.raises(SearchError, match="There is no filter 'planet': choose from person, organization"):
        make_filters(planet="Mars")
