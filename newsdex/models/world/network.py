"""Find names in texts of the world's languages: look up each word's vector, run the convolutions, read off the tags."""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import chain, islice
from threading import Lock
from typing import TYPE_CHECKING, Self

import numpy as np

from newsdex.models.convolutions import Convolutions, Layer
from newsdex.models.tags import LABELS as TAG_LABELS
from newsdex.models.tags import spans_of
from newsdex.models.world import shipped
from newsdex.models.world.features import MAX_PIECES, Pieces, RunKey
from newsdex.models.world.splitting import sentences, tokens
from newsdex.transforms.article import EntityType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Names = tuple[tuple[int, int, EntityType], ...]

BATCH = 8
"""Texts whose words are looked up together."""

MAX_WORDS = 60_000
"""Words whose vectors are kept, 384 bytes each; when there are more, all are forgotten and learnt anew."""

VARIANCE_FLOOR = np.float32(1e-5)
"""What PyTorch's layer norm adds to a variance."""

_TYPES = dict(zip(TAG_LABELS, (EntityType.PERSON, EntityType.ORGANIZATION, EntityType.PLACE), strict=True))


class WorldModel:
    """A loaded model: texts in, name spans out."""

    def __init__(self, name: str, pieces: Pieces, weights: Mapping[str, NDArray[np.generic]]) -> None:
        """Take the table of pieces and the arrays that `tools.world_model` writes."""
        self.name = name
        self._pieces = pieces
        self._vectors, self._scales = weights["pieces"], weights["scales"].astype(np.float32)
        tables = {each: weights[each].astype(np.float32) for each in ("first", "last", "shape", "mix", "mix_bias")}
        self._first, self._last, self._shape = tables["first"], tables["last"], tables["shape"]
        self._mix, self._mix_bias = tables["mix"], tables["mix_bias"]
        self._mix_norm = (weights["mix_scale"].astype(np.float32), weights["mix_shift"].astype(np.float32))
        layers = [
            Layer(*(weights[f"{part}_{number}"].astype(np.float32) for part in ("weights", "scale", "shift")))
            for number in range(sum(key.startswith("weights_") for key in weights))
        ]
        out, bias = weights["out"].astype(np.float32), weights["out_bias"].astype(np.float32)
        self._convolutions = Convolutions(layers, out, bias, VARIANCE_FLOOR, empty_between=True)
        self._lock = Lock()
        self._forget()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that lies in a folder."""
        with gzip.open(folder / "pieces.txt.gz", "rt", encoding="utf-8") as lines:
            texts = lines.read().split("\n")
        with np.load(folder / "weights.npz") as arrays:
            weights = dict(arrays)
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        scores = weights.pop("likelihoods").astype(float).tolist()
        return cls(f"{meta['name']} {meta['version']}", Pieces(list(zip(texts, scores, strict=True))), weights)

    def pipe(self, texts: Iterable[str]) -> Iterator[Names]:
        """Yield the names in each text, in order: first character, one past the last, type. Texts are read lazily."""
        waiting = iter(texts)
        while batch := list(islice(waiting, BATCH)):
            with self._lock:
                found = self._find(batch)
            yield from found

    def _find(self, texts: Sequence[str]) -> list[Names]:
        if len(self._row) + len(self._run_row) > MAX_WORDS:
            self._forget()
        pieces = [
            (number, start, text[start:end]) for number, text in enumerate(texts) for start, end in sentences(text)
        ]
        split = [list(tokens(piece)) for _, _, piece in pieces]
        told = [
            (piece[start:end], run)
            for (_, _, piece), found in zip(pieces, split, strict=True)
            for start, end, run in found
        ]
        self._learn({text for text, run in told if not run})
        runs = iter(self._rows_of_runs([text for text, run in told if run]))
        placed = [self._rows(piece, found, runs) for (_, _, piece), found in zip(pieces, split, strict=True)]
        names: list[list[tuple[int, int, EntityType]]] = [[] for _ in texts]
        scores = self._convolutions.scores([rows for rows, _ in placed], self._table, [None] * len(pieces))
        for (number, offset, _), (_, places), score in zip(pieces, placed, scores, strict=True):
            for first, last, label in spans_of(score) if places else ():
                names[number].append((offset + places[first][0], offset + places[last - 1][1], _TYPES[label]))
        return [tuple(each) for each in names]

    def _rows(
        self, text: str, found: Sequence[tuple[int, int, bool]], runs: Iterator[list[int]]
    ) -> tuple[NDArray[np.intp], list[tuple[int, int]]]:
        """Return the row of each token of a text, and where it begins and ends; `runs` has those of its runs next."""
        rows: list[int] = []
        places: list[tuple[int, int]] = []
        for start, end, run in found:
            if run:
                rows += next(runs)
                places += ((place, place + 1) for place in range(start, end))
            else:
                rows.append(self._row[text[start:end]])
                places.append((start, end))
        return np.array(rows, dtype=np.intp), places

    def _learn(self, words: set[str]) -> None:
        new = sorted(words.difference(self._row))
        if new:
            first = self._add(self._pieces.of_words(new))
            self._row.update(zip(new, range(first, first + len(new)), strict=True))

    def _rows_of_runs(self, runs: Sequence[str]) -> list[list[int]]:
        """Return the row of each character of each run."""
        if not runs:
            return []
        keys = self._pieces.run_keys(runs)
        new = list(dict.fromkeys(key for each in keys for key in each if key not in self._run_row))
        if new:
            first = self._add(self._pieces.of_run_keys(new))
            self._run_row.update(zip(new, range(first, first + len(new)), strict=True))
        return [[self._run_row[key] for key in each] for each in keys]

    def _forget(self) -> None:
        self._row: dict[str, int] = {}
        self._run_row: dict[RunKey, int] = {}
        # Row 0 is the vector of zeros that stands between texts.
        self._table = np.zeros((1024, self._convolutions.width), dtype=np.float32)
        self._count = 1

    def _add(self, features: NDArray[np.int32]) -> int:
        """Give words rows for their vectors; return the first of them."""
        first, self._count = self._count, self._count + len(features)
        if self._count > len(self._table):
            larger = np.zeros((max(self._count, 2 * len(self._table)), self._table.shape[1]), dtype=np.float32)
            larger[:first] = self._table[:first]
            self._table = larger
        self._table[first : self._count] = self._embedded(features)
        return first

    def _embedded(self, features: NDArray[np.int32]) -> Floats:
        """Return the vectors of words, (words, width), by their features a row each."""
        # Few words have many pieces, and a character never has more than two.
        used = max(1, int((features[:, :MAX_PIECES] > 0).any(axis=0).sum()))
        ids = features[:, :used]
        each = self._vectors[ids].astype(np.float32) * self._scales[ids][:, :, None]
        mean = each.sum(axis=1) / np.maximum(1, (ids > 0).sum(axis=1, keepdims=True))
        letters = self._first[features[:, -3]], self._last[features[:, -2]]
        joined = np.concatenate([mean, each[:, 0], *letters, self._shape[features[:, -1]]], axis=1)
        mixed = joined @ self._mix + self._mix_bias
        best = mixed.reshape(len(features), -1, self._convolutions.width).max(axis=1)
        best -= best.mean(axis=1, keepdims=True)
        best /= np.sqrt((best**2).mean(axis=1, keepdims=True) + VARIANCE_FLOOR)
        vectors: Floats = best * self._mix_norm[0] + self._mix_norm[1]
        return vectors


class LoadedWhenNeeded:
    """The model that ships, loaded with the first text: a run over English articles never pays for it."""

    @property
    def name(self) -> str:
        """Its name and version, known without loading it."""
        facts = shipped.meta()
        return f"{facts['name']} {facts['version']}"

    def pipe(self, texts: Iterable[str]) -> Iterator[Names]:
        """Yield the names in each text, as `WorldModel.pipe`."""
        waiting = iter(texts)
        first = next(waiting, None)
        if first is not None:
            yield from load_world().pipe(chain([first], waiting))


@cache
def load_world() -> WorldModel:
    """Return the model that ships; a process loads it once."""
    return WorldModel.load(shipped.SHIPPED)
