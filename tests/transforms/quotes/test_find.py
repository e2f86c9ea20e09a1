"""Quotations are found with their words, their cue and who is speaking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.article import EntityMention, EntityType, Quotation
from newsdex.transforms.quotes.find import quotations


def named(body: str, **names: EntityType) -> tuple[EntityMention, ...]:
    """Return the mentions of names in a text; blanks are written as underscores."""
    found = []
    for key, kind in names.items():
        name, at = key.replace("_", " "), 0
        while (at := body.find(name, at)) >= 0:
            found.append(EntityMention(type=kind, text=name, canonical=name, start=at, end=at + len(name)))
            at += len(name)
    return tuple(sorted(found, key=lambda each: each.start))


def told(body: str, language: str = "en", **names: EntityType) -> list[Quotation]:
    """Return the quotations of a text, their offsets checked."""
    found = list(quotations(body, named(body, **names), language))
    for each in found:
        assert body[each.start : each.end] == each.text
        if each.speaker_start is not None:
            assert body[each.speaker_start : each.speaker_end] == each.speaker_text
    return found


PERSON = EntityType.PERSON


@pytest.mark.parametrize(
    ("body", "words", "speaker", "cue"),
    [
        ("“The ferry sails again,” Ana Reis said.", "The ferry sails again", "Ana Reis", "said"),
        ("“The ferry sails again,” said Ana Reis, the mayor.", "The ferry sails again", "Ana Reis", "said"),
        ("Ana Reis told reporters: “The ferry sails again.”", "The ferry sails again.", "Ana Reis", "told"),
        ('"The ferry sails again," Ana Reis barked.', "The ferry sails again", "Ana Reis", "barked"),
        ("''The ferry sails again,'' said Ana Reis.", "The ferry sails again", "Ana Reis", "said"),
    ],
)
def test_direct_speech_has_its_words_cue_and_speaker(body: str, words: str, speaker: str, cue: str) -> None:
    """Wherever the clause stands, and however the marks are typed."""
    (one,) = told(body, Ana_Reis=PERSON)
    assert (one.text, one.speaker, one.cue, one.direct) == (words, speaker, cue, True)


def test_a_pronoun_is_who_spoke_before() -> None:
    """Who "she" is, the quotation before tells."""
    body = "“The ferry sails again,” Ana Reis said.\n\n“It took us a year of work,” she added."
    assert [(each.speaker, each.speaker_text) for each in told(body, Ana_Reis=PERSON)] == [
        ("Ana Reis", "Ana Reis"),
        ("Ana Reis", "she"),
    ]


def test_a_speech_over_paragraphs_has_one_speaker() -> None:
    """A paragraph that is not closed goes on in the next, which opens again."""
    body = "Ana Reis said: “The ferry sails again.\n\n“It took us a whole year of work.”"
    assert [each.speaker for each in told(body, Ana_Reis=PERSON)] == ["Ana Reis", "Ana Reis"]


def test_titles_and_scare_quotes_are_no_quotations() -> None:
    """A word or a title in marks is said by nobody."""
    assert told("The “experts” of the ferry line put “War and Peace” on board last week.") == []


def test_reported_speech_has_a_speaker_too() -> None:
    """What somebody is reported to have said is told apart from their own words."""
    body = "Ana Reis said the ferry would sail again on Monday."
    (one,) = told(body, Ana_Reis=PERSON)
    assert (one.text, one.speaker, one.direct) == ("the ferry would sail again on Monday", "Ana Reis", False)


def test_according_to_names_the_speaker() -> None:
    """At the beginning of a sentence or at its end."""
    body = "The ferry will sail again on Monday, according to Ana Reis."
    (one,) = told(body, Ana_Reis=PERSON)
    assert (one.text, one.speaker, one.cue) == ("The ferry will sail again on Monday", "Ana Reis", "according to")


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("de", "„Die Fähre fährt wieder“, sagte Ana Reis am Montag."),
        ("fr", "« Le ferry repart lundi », a déclaré Ana Reis."),
        ("es", "«El ferry vuelve a navegar», dijo Ana Reis."),
        ("pl", "„Prom znowu pływa od poniedziałku”, powiedziała Ana Reis."),
        ("ru", "«Паром снова ходит с понедельника», — сказала Ana Reis."),
    ],
)
def test_other_languages_have_their_own_marks_and_verbs(language: str, body: str) -> None:
    """Direct speech in the manner of each language."""
    (one,) = told(body, language, Ana_Reis=PERSON)
    assert (one.speaker, one.direct) == ("Ana Reis", True)


def test_a_language_without_verbs_of_speech_has_no_quotations() -> None:
    """Better none than wrong ones."""
    assert told("“The ferry sails again,” Ana Reis said.", "xx", Ana_Reis=PERSON) == []


@given(st.text(alphabet="aA “”\"'„«».,:!\n said he", max_size=300))
def test_any_text_is_read(body: str) -> None:
    """Unbalanced marks and rubbish give exact offsets or nothing."""
    told(body)
