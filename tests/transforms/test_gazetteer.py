from __future__ import annotations

import pytest

from newsdex.transforms.entities.gazetteer import gazetteer
from newsdex.transforms.entities.word_lists import words


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UK", "GB"),
        ("Burma", "MM"),
        ("Czechia", "CZ"),
        ("Vatican", "VA"),
        ("Russian Federation", "RU"),
        ("England", "GB"),
    ],
)
def test_countries_answer_to_their_names(name: str, code: str) -> None:
    """Official names, news names and parts of a country lead to its ISO code."""
    place = gazetteer().settled(name)
    assert place is not None
    assert place.country == code


def test_every_country_has_a_name_and_most_have_a_point() -> None:
    """Countries without a city in the gazetteer (uninhabited islands) are the only ones without a point."""
    places = set(gazetteer().countries.values())
    assert len({place.country for place in places}) > 240
    assert sum(place.point is None for place in places) < 35


def test_the_largest_city_of_a_name_comes_first() -> None:
    """Of all the places called Paris news means the largest."""
    city = gazetteer().city("Paris")
    assert city is not None
    assert city.country == "FR"


def test_word_tables_are_consistent() -> None:
    """Words compared without case are in lower case, and no surface form leads to two names."""
    table = words()
    for name in (
        "titles",
        "junk",
        "peoples",
        "legal_forms",
        "generic_endings",
        "generic",
        "roles",
        "organization_words",
    ):
        assert all(word == word.lower() for word in getattr(table, name)), name
    for aliases in (table.organizations, table.people):
        assert all(aliases[canonical] == canonical for canonical in aliases.values())
