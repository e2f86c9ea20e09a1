"""Convolutions over words as plain matrix products: the layers that see a word's neighbours, whatever the words are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from newsdex.models.tags import TAGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from thinc.api import Model

    Floats = NDArray[np.float32]

BLOCK = 768
"""Words that go through the convolutions together, so that their arrays stay in a core's cache: of 256 to 2,048 the
quickest, by a few percent."""

VARIANCE_FLOOR = np.float32(1e-8)
"""What thinc's layer norm adds to a variance."""

OUTSIDE = np.float32(20)
"""Score of "in no name" for a word that is not looked at: certainty."""


class Layer(NamedTuple):
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


class Convolutions:
    """The layers that see a word's neighbours, and the last one, which scores its tags. Not for two threads at once."""

    def __init__(
        self,
        layers: Sequence[Layer],
        last: Floats,
        last_bias: Floats,
        variance_floor: np.float32 = VARIANCE_FLOOR,
        *,
        empty_between: bool = False,
    ) -> None:
        """Take the layers in order, and the weights (width, tags) and the bias of the last one.

        Args:
            layers: each over a word and its two neighbours.
            last: weights of the last one, (width, tags).
            last_bias: its bias.
            variance_floor: what the layer norm adds to a variance.
            empty_between: no layer sees anything between two texts; thinc's do.
        """
        self._empty_between = empty_between
        self._layers, self._last, self._last_bias = list(layers), last, last_bias
        self._floor = variance_floor
        self.width = len(self._layers[0].scale)
        self._mean = np.full(self.width, 1 / self.width, dtype=np.float32)
        # Written over for each block: fresh memory for each array takes as long as the arithmetic.
        words = BLOCK + 2 * len(self._layers)
        self._seen = np.ones((words, 3 * self.width + 1), dtype=np.float32)
        self._pieces = np.empty((words, self._layers[0].weights.shape[1]), dtype=np.float32)
        self._best = np.empty((words, self.width), dtype=np.float32)

    @classmethod
    def of(cls, encode: Model[Any, Any], softmax: Model[Any, Any]) -> Self:
        """Return those of thinc's layers."""
        maxouts = [node for node in encode.walk() if node.name == "maxout"]
        norms = [node for node in encode.walk() if node.name == "layernorm"]
        layers = [Layer.of(*both) for both in zip(maxouts, norms, strict=True)]
        last = next(node for node in softmax.walk() if node.name == "softmax")
        return cls(layers, _parameter(last, "W").T.copy(), _parameter(last, "b"))

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
            reach.insert(0, widened(reach[0]))
        if self._empty_between:
            reach = [places & (rows > 0) for places in reach]
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
            best *= (1 / np.sqrt(variance + self._floor))[:, None]
            best *= layer.scale
            best += layer.shift
            best += own
            block[at] = best


def widened(words: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return these words and their neighbours."""
    wide = words.copy()
    wide[1:] |= words[:-1]
    wide[:-1] |= words[1:]
    return wide
