"""The shipped network run by itself gives what spaCy gives."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest
import spacy

from newsdex.models import words
from newsdex.models.inference import Network
from newsdex.models.loader import SHIPPED

if TYPE_CHECKING:
    from spacy.language import Language

NEWS = (
    "Russian President Vladimir Putin said on Friday that he'd invited Donald Trump to Moscow, didn't he?\n\n"
    "“We are ready,” Putin said in Helsinki, Finland.  The U.S. and Trump's lawyers (Smith & Co.) did not answer…\n"
    "Alina Polyakova of the Brookings Institution called it a home-court advantage :) for Putin."
)

POST = "went to walmart in chicago today. saw tom hanks there, he was talking to some guy from google. what a day lol. "
"""As people write: no capitals, but names."""


@pytest.fixture(scope="module")
def nlp() -> Language:
    """Return the shipped pipeline as spaCy runs it."""
    return spacy.load(SHIPPED)


def names_by_spacy(nlp: Language, texts: list[str]) -> list[list[tuple[int, int, str]]]:
    """Return what the pipeline itself finds."""
    return [[(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] for doc in nlp.pipe(texts)]


def made(nlp: Language) -> Network:
    """Return a network that knows no word yet."""
    network = Network.of(nlp)
    assert network is not None
    return network


def test_the_names_are_those_of_spacy(nlp: Language) -> None:
    """Names, labels and offsets agree, for a batch of texts and for one after the other."""
    texts = [NEWS, "", "Angela Merkel", " ", NEWS[::-1], NEWS * 30, POST, POST * 30]
    found = list(made(nlp).names(texts))
    assert found == names_by_spacy(nlp, texts)
    assert found == list(chain.from_iterable(made(nlp).names([text]) for text in texts))
    assert found[0]


def test_in_edited_text_a_name_has_a_capital(nlp: Language) -> None:
    """Nothing small is looked for amid capitals, but for what joins a name; other names are what spaCy finds."""
    text = "Bill de Blasio met Ursula von der Leyen of the Department of the Treasury in Rome. " * 9
    edited = f"{text}Nobody at adidas or twitter answered."
    (found,) = made(nlp).names([edited])
    assert found == [name for name in names_by_spacy(nlp, [edited])[0] if name[0] < len(text)]
    assert {edited[start:end] for start, end, _ in found} >= {"Bill de Blasio", "Ursula von der Leyen", "Rome"}


def test_a_common_word_that_begins_a_sentence_is_no_name(nlp: Language) -> None:
    """Its capital tells nothing, unless another capital stands beside it; "May" and "Will" are people, too."""
    edited = "Third on the list was Rome. However, Theresa May had The Hague in mind. Yours is Paris, said May. " * 9
    (found,) = made(nlp).names([edited])
    names = {edited[start:end] for start, end, _ in found}
    assert names >= {"Rome", "Theresa May", "The Hague", "Paris"}
    assert names.isdisjoint({"Third", "However", "Yours"})


def test_forgetting_changes_nothing(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that forgets all words before every batch finds the same names."""
    monkeypatch.setattr(words, "MAX_WORDS", 0)
    network = made(nlp)
    assert list(network.names([NEWS])) == list(network.names([NEWS])) == names_by_spacy(nlp, [NEWS])


def test_other_pipelines_are_left_to_spacy() -> None:
    """A pipeline with other components has no network of this kind."""
    assert Network.of(spacy.blank("en")) is None
