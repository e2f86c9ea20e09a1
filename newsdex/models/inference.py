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
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from newsdex.models.tagger import FACTORY, TAGS, spans_of
from newsdex.models.words import WordCache, starts_of, stretches_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from spacy.language import Language
    from thinc.api import Model

    Floats = NDArray[np.float32]

BLOCK = 768
"""Words that go through the convolutions together, so that their arrays stay in a core's cache: of 256 to 2,048 the
quickest, by a few percent."""

VARIANCE_FLOOR = np.float32(1e-8)
"""What thinc's layer norm adds to a variance."""

EDITED_WORDS = 100
"""A text of so many words may be edited text; a shorter one is read whole, as people write posts."""

EDITED_SHARE = 0.05
"""Least share of words with a capital in edited text; in English news one word in five or six has one."""

SMALL_STARTS = 0.1
"""Most sentences of edited text that begin with a small letter ("iPhone sales fell"), as a share of all."""

BRIDGE = 3
"""Words from one with a capital to the next within one name: "Department of the Treasury"."""

OUTSIDE = np.float32(20)
"""Score of "in no name" for a word that is not looked at: certainty."""

_START = re.compile(r"[.!?][\"”’)]*\s+[\"“‘(]*([^\W\d_])")
"""The first letter after the end of a sentence."""


class Network:
    """The names in texts, by the component of `newsdex.models.tagger` and nothing else."""

    def __init__(self, words: WordCache, convolutions: _Convolutions) -> None:
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
        convolutions = _Convolutions(encode, softmax)
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


class _Layer(NamedTuple):
    """One convolution: maxout over a word and its two neighbours, layer norm, the word's own vector added."""

    weights: Floats
    """(3 x width + 1, pieces x width): from the word before, the word, the one after it and a 1 to each piece in turn;
    what the 1 is weighted with is the bias."""
    scale: Floats
    shift: Floats

    @classmethod
    def of(cls, maxout: Model[Any, Any], norm: Model[Any, Any]) -> Self:
        """Return the parameters of thinc's layers, laid out for one matrix product."""
        weights, bias = _parameter(maxout, "W").transpose(2, 1, 0), _parameter(maxout, "b").T
        stacked = np.concatenate([weights.reshape(len(weights), -1), bias.reshape(1, -1)])
        return cls(stacked, _parameter(norm, "G"), _parameter(norm, "b"))


def _parameter(layer: Model[Any, Any], name: str) -> Floats:
    return np.array(layer.get_param(name), dtype=np.float32)


class _Convolutions:
    """The layers that see a word's neighbours, and the last one, which scores its tags. Not for two threads at once."""

    def __init__(self, encode: Model[Any, Any], softmax: Model[Any, Any]) -> None:
        maxouts = [node for node in encode.walk() if node.name == "maxout"]
        norms = [node for node in encode.walk() if node.name == "layernorm"]
        self.width, pieces = int(maxouts[0].get_dim("nO")), int(maxouts[0].get_dim("nP"))
        self._layers = [_Layer.of(*both) for both in zip(maxouts, norms, strict=True)]
        last = next(node for node in softmax.walk() if node.name == "softmax")
        self._last, self._last_bias = _parameter(last, "W").T.copy(), _parameter(last, "b")
        self._mean = np.full(self.width, 1 / self.width, dtype=np.float32)
        # Written over for each block: fresh memory for each array takes as long as the arithmetic.
        words = BLOCK + 2 * len(self._layers)
        self._seen = np.ones((words, 3 * self.width + 1), dtype=np.float32)
        self._pieces = np.empty((words, pieces * self.width), dtype=np.float32)
        self._best = np.empty((words, self.width), dtype=np.float32)

    def scores(
        self, texts: Sequence[NDArray[np.intp]], vectors: Floats, wanted: Sequence[NDArray[np.bool_] | None]
    ) -> list[Floats]:
        """Tag scores of the words of each text, (words, tags).

        Args:
            texts: the rows of each text's words in `vectors`.
            vectors: the words' vectors; the first is all zeros.
            wanted: of each text the words that may be names; `None` stands for all. The others are in none.
        """
        halo = len(self._layers)
        between = np.zeros(halo, dtype=np.intp)
        rows = np.concatenate([between, *(part for text in texts for part in (text, between))])
        starts = np.cumsum([halo, *(len(text) + halo for text in texts)])
        looked_at = np.zeros(len(rows), dtype=np.bool_)
        for start, text, words in zip(starts[:-1], texts, wanted, strict=True):
            looked_at[start : start + len(text)] = True if words is None else words
        # A layer sees one word further to each side than the next one.
        reach = [looked_at]
        while len(reach) < halo:
            reach.insert(0, _widened(reach[0]))
        scores = np.zeros((len(rows), len(TAGS)), dtype=np.float32)
        # So a block with as many more words on both sides as there are layers is right inside.
        for start in range(halo, len(rows) - halo, BLOCK):
            end = min(start + BLOCK, len(rows) - halo)
            block = vectors[rows[start - halo : end + halo]]
            self._convolve(block, [np.flatnonzero(each[start - halo : end + halo]) for each in reach])
            np.matmul(block[halo:-halo], self._last, out=scores[start:end])
        scores += self._last_bias
        scores[~looked_at] = 0
        scores[~looked_at, 0] = OUTSIDE
        return [scores[start : start + len(text)] for start, text in zip(starts[:-1], texts, strict=True)]

    def _convolve(self, block: Floats, places: Sequence[NDArray[np.intp]]) -> None:
        """Apply each layer over its places in `block`, (words, width), in place."""
        width, last = block.shape[1], len(block) - 1
        for layer, at in zip(self._layers, places, strict=True):
            seen, pieces, best = self._seen[: len(at)], self._pieces[: len(at)], self._best[: len(at)]
            # What lies beyond the ends is never asked for right.
            seen[:, :width] = block[np.maximum(at - 1, 0)]
            seen[:, width : 2 * width] = own = block[at]
            seen[:, 2 * width : 3 * width] = block[np.minimum(at + 1, last)]
            np.matmul(seen, layer.weights, out=pieces)
            np.maximum(pieces[:, :width], pieces[:, width : 2 * width], out=best)
            for start in range(2 * width, pieces.shape[1], width):
                np.maximum(best, pieces[:, start : start + width], out=best)
            best -= (best @ self._mean)[:, None]
            variance = np.einsum("ij,ij->i", best, best) / width
            best *= (1 / np.sqrt(variance + VARIANCE_FLOOR))[:, None]
            best *= layer.scale
            best += layer.shift
            best += own
            block[at] = best


def _is_edited(text: str, capital: NDArray[np.bool_]) -> bool:
    """Return whether capitals tell names: the text is long, has enough of them, and they begin its sentences."""
    if len(capital) < EDITED_WORDS or capital.mean() < EDITED_SHARE:
        return False
    starts = _START.findall(text)
    return sum(map(str.islower, starts)) <= SMALL_STARTS * len(starts)


def _named(capital: NDArray[np.bool_], common: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the words with a capital that may be of a name: a common word only beside another one ("The Hague")."""
    telling = capital & ~common
    return telling | (capital & _widened(telling))


def _near(capital: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the words with a capital, and those between two of them that may be within one name."""
    places = np.flatnonzero(capital)
    near = capital.copy()
    for step in range(1, BRIDGE):
        bridged = places[:-1][(np.diff(places) > step) & (np.diff(places) <= BRIDGE)] + step
        near[bridged] = True
    return near


def _widened(words: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return these words and their neighbours."""
    wide = words.copy()
    wide[1:] |= words[:-1]
    wide[:-1] |= words[1:]
    return wide
