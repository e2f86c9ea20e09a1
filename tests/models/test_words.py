"""Texts are split into words as spaCy's tokenizer splits them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st
from spacy.attrs import NORM, ORTH

from newsdex.models import words
from newsdex.models.inference import Network
from newsdex.models.loader import SHIPPED

if TYPE_CHECKING:
    from spacy.language import Language

SIGNS = st.text(st.sampled_from("Ab. \n\t'’-U.S:)\u00a0é中3/@"), max_size=40)
CORES = "word Obama U US USA a I x xD id Inc p km s S re ll d m em pm McDonald iPhone well-known cannot-do A-B-C Mr-x"
OPENING = ("", '"', "“", "(", "‘", "[")
CLOSING = (
    "",
    *",;:!?)\"”.'",
    "’s",
    "'s",
    ',"',
    ",”",
    "!”",
    '?"',
    ".”",
    '."',
    ").",
    "),",
    ")”",
    "”.",
    "..",
    "...",
    "),”",
    "'S",
)

USUAL = ("", ",", ".", "’s", ".”", ").")


@pytest.fixture(scope="module")
def nlp() -> Language:
    """Return the shipped pipeline."""
    return spacy.load(SHIPPED)


def known(nlp: Language) -> words.WordCache:
    """Return nothing yet."""
    network = Network.of(nlp)
    assert network is not None
    return network._words


def split(own: words.WordCache, text: str) -> list[str]:
    """Return the words of a text, as the network sees them."""
    stretches, tight = words.stretches_of(text)
    (rows,) = own.rows([stretches])
    lengths = own.lengths[np.fromiter(chain.from_iterable(rows), dtype=np.intp)]
    starts = words.starts_of(list(map(len, rows)), tight, lengths)
    return [text[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def by_spacy(nlp: Language, text: str) -> list[str]:
    """Split by the tokenizer, each stretch for itself: its exceptions reach over blanks now and then ("’ ’’3")."""
    stretches, _ = words.stretches_of(text)
    return [token.text for stretch in stretches for token in nlp.tokenizer(stretch)]


@given(texts=st.lists(SIGNS, min_size=1, max_size=5))
@example(texts=[" Rome  and \n Paris \u00a0 8a.m. Mr. O'Neil's  "])
@example(texts=["’’3 ’"])
@example(texts=["’ ’’3"])
def test_every_text_is_split_as_spacy_splits_it(nlp: Language, texts: list[str]) -> None:
    """Words begin and end where the pipeline's tokenizer says, whatever white space lies between them."""
    own = known(nlp)
    for text in texts:
        assert split(own, text) == by_spacy(nlp, text)


def test_signs_around_words_are_cut_off_as_spacy_does(nlp: Language) -> None:
    """Every exception of the tokenizer and many words, with what may open and close them."""
    tokenizer: Any = nlp.tokenizer  # spaCy has no type for it
    exceptions = [core for core in tokenizer.rules if core.strip()]
    stretches = [f"{before}{core}{after}" for core in CORES.split() for before in OPENING for after in CLOSING]
    joined = [f"R-{core.rstrip('.')}" for core in exceptions]
    stretches += [f"{before}{core}{after}" for core in exceptions + joined for before in ("", "“") for after in USUAL]
    assert split(known(nlp), " ".join(stretches)) == [t.text for each in stretches for t in nlp.tokenizer(each)]


def test_a_word_has_the_vector_that_spacy_gives_it(nlp: Language) -> None:
    """Found by its parts or by the tokenizer, a word is the same to the network."""
    text = "“Trump’s well-known allies,” he said (in Rome). They can't; cannot-do Mr. O'Neil's café in 2018?"
    own, doc = known(nlp), nlp.tokenizer(text)
    (rows,) = own.rows([words.stretches_of(text)[0]])
    found = [own._row[key] for key in map(tuple, doc.to_array([ORTH, NORM]).tolist())]
    assert list(chain.from_iterable(rows)) == found
    tagger: Any = nlp.get_pipe(nlp.pipe_names[0])
    embed = tagger.model.layers[0].layers[0]
    assert np.allclose(own.vectors[found], embed.predict([doc])[0], atol=1e-6)


def test_forgetting_changes_nothing(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was forgotten is learnt anew, in another order."""
    monkeypatch.setattr(words, "MAX_WORDS", 0)
    own = known(nlp)
    first = split(own, "Mr. Smith went to Washington, D.C.")
    own.make_room()
    assert split(own, "D.C., Washington") == ["D.C.", ",", "Washington"]
    assert split(own, "Mr. Smith went to Washington, D.C.") == first
