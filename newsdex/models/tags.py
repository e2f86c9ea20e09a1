"""The seven tags that a network gives a word, and the names that they spell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LABELS = ("PER", "ORG", "LOC")
TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))
"""BIO tags, in the order of the network's outputs: B at the odd places, I after it."""

MAX_OUTSIDE = 0.5
"""How likely "in no name" may be for a word of a name: of 0.3 to 0.7 the best on EWT's development part."""

_NEAR = 0.01 + math.log(6 * MAX_OUTSIDE / (1 - MAX_OUTSIDE))
"""How far the best of the six tags of names may score below "in no name" where all six together outweigh it."""


def spans_of(scores: NDArray[np.float32]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of one text's tag scores: first word, one past the last, label.

    A word belongs to a name if the six tags of names together are likely enough, however that splits between them. Of
    two such words side by side the second begins a name of its own if B is likelier than I. A span's label is the one
    that has most over all its words.
    """
    # Most words are in no name, by far: their likelihoods need not be worked out.
    near = np.flatnonzero(scores[:, 1:].max(axis=1) > scores[:, 0] - _NEAR)
    chances = np.exp(scores[near] - scores[near].max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    named = chances[:, 0] < MAX_OUTSIDE
    places = near[named].tolist()
    parts = chances[named, 1:].reshape(len(places), len(LABELS), 2)
    begins = (parts[:, :, 0].sum(axis=1) > parts[:, :, 1].sum(axis=1)).tolist()
    weights = parts.sum(axis=2)
    first = 0
    while first < len(places):
        after = first + 1
        while after < len(places) and places[after] == places[after - 1] + 1 and not begins[after]:
            after += 1
        yield places[first], places[after - 1] + 1, LABELS[int(weights[first:after].sum(axis=0).argmax())]
        first = after
