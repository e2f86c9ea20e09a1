"""One model finds people, organisations and places in the world's languages, at exact places of the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.models.loader import DEFAULT_MODELS, for_language
from newsdex.models.world import shipped
from newsdex.models.world.network import LoadedWhenNeeded, load_world
from newsdex.transforms.article import EntityType

SENTENCES = {
    "de": (
        "Bundeskanzlerin Angela Merkel traf sich am Montag in Berlin mit Emmanuel Macron.",
        "Angela Merkel",
        "Berlin",
    ),
    "fr": ("Le président Emmanuel Macron est arrivé lundi à Berlin.", "Emmanuel Macron", "Berlin"),
    "es": ("El presidente Pedro Sánchez se reunió en Madrid con Emmanuel Macron.", "Pedro Sánchez", "Madrid"),
    "ar": ("الرئيس عبد الفتاح السيسي وصل إلى القاهرة", "عبد الفتاح السيسي", "القاهرة"),
    "ja": ("日本の安倍晋三首相は東京でトヨタ自動車の社長と会談した。", "安倍晋三", "東京"),
    "ko": ("문재인 대통령은 서울에서 기자회견을 했다.", "문재인", "서울"),
    "ru": ("Президент Владимир Путин прибыл в Москву в понедельник.", "Владимир Путин", "Москву"),
    "hr": ("Premijer Andrej Plenković doputovao je u Zagreb.", "Andrej Plenković", "Zagreb"),
    "sv": ("Statsminister Stefan Löfven besökte Göteborg i måndags.", "Stefan Löfven", "Göteborg"),
    "cs": ("Premiér Andrej Babiš přijel v pondělí do Prahy.", "Andrej Babiš", "Prahy"),
}
"""A sentence of each language, with a person and a place in it."""


def found(text: str) -> list[tuple[str, EntityType]]:
    """Return the names in a text."""
    (names,) = load_world().pipe([text])
    return [(text[start:end], kind) for start, end, kind in names]


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_people_and_places_are_found(language: str) -> None:
    """In languages that it learnt from gold, from projected names, or not at all."""
    text, person, place = SENTENCES[language]
    assert {(person, EntityType.PERSON), (place, EntityType.PLACE)} <= set(found(text))


def test_every_promised_language_has_the_model() -> None:
    """The table of models names it for each language that it says of itself."""
    for language in shipped.languages():
        assert DEFAULT_MODELS[language] == shipped.NAME
    model = for_language("de")
    assert model is not None
    assert model.name.startswith(shipped.NAME)


def test_a_batch_gives_what_each_text_gives_alone() -> None:
    """No text sees its neighbours."""
    texts = [text for text, _, _ in SENTENCES.values()]
    model = load_world()
    assert list(model.pipe(texts)) == [next(model.pipe([text])) for text in texts]


@given(st.text(max_size=200))
def test_any_text_has_names_within_it_in_order(text: str) -> None:
    """Whatever a text holds: offsets are within it, in order, without overlaps."""
    (names,) = load_world().pipe([text])
    borders = [place for start, end, _ in names for place in (start, end)]
    assert borders == sorted(borders)
    assert all(0 <= start < end <= len(text) for start, end, _ in names)


def test_nothing_is_loaded_without_a_text() -> None:
    """A run over English articles does not pay for the other languages."""
    load_world.cache_clear()
    assert list(LoadedWhenNeeded().pipe([])) == []
    assert load_world.cache_info().currsize == 0
    assert len(list(LoadedWhenNeeded().pipe(["Angela Merkel", "Berlin"]))) == 2
