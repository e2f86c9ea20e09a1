"""Names of one article in any language: trimmed, of one type, one facet value for all their forms."""

from __future__ import annotations

import pytest

from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.multilingual import inflection, resolve
from newsdex.transforms.entities.multilingual.toponyms import place


@pytest.mark.parametrize(
    ("language", "forms", "base"),
    [
        ("ru", ("Владимир Путин", "Владимира Путина", "Путину"), "Владимир Путин"),
        ("de", ("Angela Merkel", "Merkels"), "Angela Merkel"),
        ("pl", ("Donald Tusk", "Donaldowi Tuskowi", "Tuska"), "Donald Tusk"),
        ("cs", ("Volodymyr Zelenskyj", "Zelenského"), "Volodymyr Zelenskyj"),
        ("tr", ("Mustafa Kemal", "Kemal'in"), "Mustafa Kemal"),
    ],
)
def test_forms_of_a_name_are_one_person(language: str, forms: tuple[str, ...], base: str) -> None:
    """All forms go to the fullest one in its base form."""
    assert set(resolve.people(dict.fromkeys(forms, 1), language).values()) == {base}


def test_no_base_form_is_made_up() -> None:
    """Where an article has only an inflected form, that is what the facet shows."""
    assert resolve.people({"Путина": 2}, "ru") == {"Путина": "Путина"}


def test_two_people_stay_two() -> None:
    """Names that only look like forms of each other are not joined."""
    forms = {"Mario Rossi": 1, "Maria Rossi": 1}
    assert resolve.people(forms, "it") == {name: name for name in forms}


@pytest.mark.parametrize(
    ("language", "name", "known", "country"),
    [
        ("de", "München", "Munich", "DE"),
        ("it", "Monaco di Baviera", "Munich", "DE"),
        ("ru", "Мюнхен", "Munich", "DE"),
        ("ru", "Москве", "Moscow", "RU"),
        ("de", "Frankreich", "France", "FR"),
        ("ja", "フランス", "France", "FR"),
        ("zh", "东京", "Tokyo", "JP"),
    ],
)
def test_a_place_has_one_name_in_all_languages(language: str, name: str, known: str, country: str) -> None:
    """The facet shows one name, and the country is a code."""
    found = place(name, language)
    assert (found.name, found.country) == (known, country)


def test_an_unknown_place_keeps_its_name() -> None:
    """Nothing is guessed."""
    assert place("Xyzstadt", "de").name == "Xyzstadt"


def test_organisations_that_everybody_translates_are_one() -> None:
    """What is "ООН" and its kind goes to the name that the reviewed table has."""
    assert resolve.organizations({"ООН": 1}, "ru") == {"ООН": "United Nations"}
    assert resolve.organizations({"Vereinten Nationen": 1}, "de") == {"Vereinten Nationen": "United Nations"}


def test_marks_around_a_name_are_cut_off() -> None:
    """Quotation marks and brackets of any script are no part of a name, and a small word is none."""
    body = "「東京」 «Merkel» haus"
    spans = [(0, 4, EntityType.PLACE), (5, 13, EntityType.PERSON), (14, 18, EntityType.PLACE)]
    assert [name.text for name in resolve.trimmed(body, spans)] == ["東京", "Merkel"]


def test_a_table_is_asked_for_base_forms() -> None:
    """A case after an apostrophe is cut off."""
    assert inflection.of_table("Ankara'da", {"Ankara": 1}, "tr") == "Ankara"
