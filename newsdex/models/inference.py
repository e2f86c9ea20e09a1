"""Runs the shipped network without spaCy's documents: the same names, several times as fast.

The network's first layers see one word at a time, so each word goes through them once and its vector is kept; and news
repeats itself, so nearly every stretch of text between two blanks was split into words before. What is left for an
article is to look up rows and to run the convolutions over them as plain matrix products. A test holds the names to be
those that spaCy gives.

Of edited text even that is done only around words with a capital: a name has one. Two words of three are spared the
last convolution, and names are lost only where somebody writes one small amid capitals ("adidas").
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from newsdex.models.convolutions import Convolutions, widened
from newsdex.models.tagger import FACTORY
from newsdex.models.tags import spans_of
from newsdex.models.words import WordCache, starts_of, stretches_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from spacy.language import Language
    from thinc.api import Model

    Floats = NDArray[np.float32]

EDITED_WORDS = 100
"""A text of so many words may be edited text; a shorter one is read whole, as people write posts."""

EDITED_SHARE = 0.05
"""Least share of words with a capital in edited text; in English news one word in five or six has one."""

SMALL_STARTS = 0.1
"""Most sentences of edited text that begin with a small letter ("iPhone sales fell"), as a share of all."""

BRIDGE = 3
"""Words from one with a capital to the next within one name: "Department of the Treasury"."""

_START = re.compile(r"[.!?][\"”’)]*\s+[\"“‘(]*([^\W\d_])")
"""The first letter after the end of a sentence."""


class Network:
    """The names in texts, by the component of `newsdex.models.tagger` and nothing else."""

    def __init__(self, words: WordCache, convolutions: Convolutions) -> None:
        """Put the two halves together; `of` takes them out of a pipeline."""
        self._words, self._convolutions = words, convolutions

    @classmethod
    def of(cls, nlp: Language) -> Self | None:
        """Return the network of a pipeline, or `None` where the pipeline has more, or something else, in it."""
        if [nlp.get_pipe_meta(pipe).factory for pipe in nlp.pipe_names] != [FACTORY]:
            return None
        model: Model[Any, Any] = nlp.get_pipe(nlp.pipe_names[0]).model  # type: ignore[attr-defined]  # a NameTagger
        tok2vec, softmax = model.layers
        embed, encode = tok2vec.layers
        convolutions = Convolutions.of(encode, softmax)
        return cls(WordCache(nlp, embed, convolutions.width), convolutions)

    def names(self, texts: Sequence[str]) -> Iterator[list[tuple[int, int, str]]]:
        """Yield the names in each text, in order: first character, one past the last, label."""
        self._words.make_room()
        split = [stretches_of(text) for text in texts]
        rows = self._words.rows([stretches for stretches, _ in split])
        flat = [np.fromiter(chain.from_iterable(each), dtype=np.intp) for each in rows]
        capital = [self._words.capital[words] for words in flat]
        common = [self._words.common[words] for words in flat]
        wanted = [
            _near(_named(one, other)) if _is_edited(text, one) else None
            for text, one, other in zip(texts, capital, common, strict=True)
        ]
        scores = self._convolutions.scores(flat, self._words.vectors, wanted)
        for (_, tight), each, words, score in zip(split, rows, flat, scores, strict=True):
            spans = list(spans_of(score)) if len(words) else []
            if not spans:
                yield []
                continue
            lengths = self._words.lengths[words]
            starts = starts_of(list(map(len, each)), tight, lengths)
            ends = starts + lengths
            yield [(int(starts[first]), int(ends[last - 1]), label) for first, last, label in spans]


def _is_edited(text: str, capital: NDArray[np.bool_]) -> bool:
    """Return whether capitals tell names: the text is long, has enough of them, and they begin its sentences."""
    if len(capital) < EDITED_WORDS or capital.mean() < EDITED_SHARE:
        return False
    starts = _START.findall(text)
    return sum(map(str.islower, starts)) <= SMALL_STARTS * len(starts)


def _named(capital: NDArray[np.bool_], common: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the words with a capital that may be of a name: a common word only beside another one ("The Hague")."""
    telling = capital & ~common
    return telling | (capital & widened(telling))


def _near(capital: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the words with a capital, and those between two of them that may be within one name."""
    places = np.flatnonzero(capital)
    near = capital.copy()
    for step in range(1, BRIDGE):
        bridged = places[:-1][(np.diff(places) > step) & (np.diff(places) <= BRIDGE)] + step
        near[bridged] = True
    return near
