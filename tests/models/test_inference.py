"""The shipped network run by itself gives what spaCy gives."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import inference
from models.inference import Network
from models.loader import SHIPPED, load

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
    """The shipped pipeline as spaCy runs it."""
    return spacy.load(SHIPPED)


def names_by_spacy(nlp: Language, texts: list[str]) -> list[list[tuple[int, int, str]]]:
    """What the pipeline itself finds."""
    return [[(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] for doc in nlp.pipe(texts)]


def made(nlp: Language) -> Network:
    """A network that knows no word yet."""
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


@given(texts=st.lists(st.text(st.sampled_from("Ab. \n\t'’-U.S:)\u00a0é中3/@"), max_size=40), min_size=1, max_size=5))
@example(texts=[" Rome  and \n Paris \u00a0 8a.m. Mr. O'Neil's  "])
@settings(max_examples=100, deadline=None)
def test_every_text_is_split_as_spacy_splits_it(texts: list[str]) -> None:
    """Words begin and end where the pipeline's tokenizer says, whatever white space lies between them."""
    network = made(load().nlp)
    for text in texts:
        stretches, tight = inference._stretches(text)  # the names alone would hide a wrong split
        rows = network._words.rows(stretches)
        lengths = network._words.lengths[np.array([row for each in rows for row in each], dtype=np.intp)]
        starts = inference._starts([len(each) for each in rows], tight, lengths)
        doc = load().nlp.make_doc(text)
        assert list(zip(starts, starts + lengths, strict=True)) == [(t.idx, t.idx + len(t)) for t in doc]


def test_forgetting_changes_nothing(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that forgets all words before every batch finds the same names."""
    monkeypatch.setattr(inference, "MAX_WORDS", 0)
    network = made(nlp)
    assert list(network.names([NEWS])) == list(network.names([NEWS])) == names_by_spacy(nlp, [NEWS])


def test_other_pipelines_are_left_to_spacy() -> None:
    """A pipeline with other components has no network of this kind."""
    assert Network.of(spacy.blank("en")) is None
