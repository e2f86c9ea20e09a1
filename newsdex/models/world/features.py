"""What the network is told of a word: its pieces, its first and last letters, and its shape."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import Unigram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A worker has one core to itself: more threads only wait for each other.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

MAX_PIECES = 8
"""Pieces of a word that are looked at; one word in a thousand has more."""

HASH_ROWS = 4096
"""Rows of the tables of first and of last letters."""

MAX_WORD_CHARS = 60
"""A longer word is looked at up to here."""

SHOUTED_CHARS = 4
"""From this length a word in capitals is looked up as if only its first letter were one: names in headlines."""

SHAPES = ("sign", "lower", "title", "upper", "mixed", "digit", "caseless", "single", "begin", "inside", "end")
"""The last four tell where a character stands in its piece."""

SINGLE, BEGIN, INSIDE, END = (SHAPES.index(name) for name in ("single", "begin", "inside", "end"))

RunKey = tuple[str, int, int]
"""A character with its two neighbours, its piece, and where it stands in that."""

COLUMNS = MAX_PIECES + 3
"""Of a feature row: the pieces (0 for none, else one more than their numbers), first letters, last letters, shape."""

START = "\u2581"
"""What stands for the blank before a word in the table of pieces."""


class Pieces:
    """The table of pieces, and the features of words by it."""

    def __init__(self, pieces: Sequence[tuple[str, float]]) -> None:
        """Take each piece and its logarithmic likelihood; the first one stands for what is unknown."""
        self._tokenizer = Tokenizer(Unigram(list(pieces), unk_id=0, byte_fallback=False))
        self._number = {piece: number for number, (piece, _) in enumerate(pieces)}

    def of_words(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the features of words with blanks or signs around them, (words, `COLUMNS`)."""
        rows = np.zeros((len(words), COLUMNS), dtype=np.int32)
        plain = [_normal(word) for word in words]
        looked_up = [START + (_unshouted(word)) for word in plain]
        for row, word, encoding in zip(rows, plain, self._tokenizer.encode_batch(looked_up), strict=True):
            ids = encoding.ids[:MAX_PIECES]
            row[: len(ids)] = ids
            row[: len(ids)] += 1
            row[MAX_PIECES:] = _hash("<" + word[:3]), _hash(word[-3:].lower() + ">"), _shape(word)
        return rows

    def run_keys(self, runs: Sequence[str]) -> list[list[RunKey]]:
        """Return what each character of each run of a script without blanks is told apart by."""
        plain = [_plain_run(run) for run in runs]
        keys: list[list[RunKey]] = []
        for run, encoding in zip(plain, self._tokenizer.encode_batch(plain), strict=True):
            padded = f"<{run}>"
            mine: list[RunKey] = []
            for piece, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
                mine += ((padded[place : place + 3], piece, _place(start, place, end)) for place in range(start, end))
            keys.append(mine)
        return keys

    def of_run_keys(self, keys: Sequence[RunKey]) -> NDArray[np.int32]:
        """Return the features of characters by their keys, (characters, `COLUMNS`)."""
        rows = np.zeros((len(keys), COLUMNS), dtype=np.int32)
        for row, (around, piece, place) in zip(rows, keys, strict=True):
            row[:2] = self._number.get(around[1], 0) + 1, piece + 1
            row[MAX_PIECES:] = _hash(around[:2]), _hash(around[1:]), place
        return rows


def _plain_run(run: str) -> str:
    """Return a run in compatibility form, character for character so that offsets stay: NFKC may make two of one."""
    whole = unicodedata.normalize("NFKC", run)
    if len(whole) == len(run):
        return whole
    return "".join(one if len(one := unicodedata.normalize("NFKC", char)) == 1 else char for char in run)


def _place(start: int, place: int, end: int) -> int:
    """Return the shape of a character that stands at `place` in the piece from `start` to `end`."""
    if end - start == 1:
        return SINGLE
    return BEGIN if place == start else END if place == end - 1 else INSIDE


def _normal(word: str) -> str:
    """Return a word in compatibility form, without signs that do not show (joiners, soft hyphens)."""
    word = word[:MAX_WORD_CHARS]
    if word.isascii():
        return word
    plain = "".join(char for char in word if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", plain) or word


def _unshouted(word: str) -> str:
    return word.title() if len(word) >= SHOUTED_CHARS and word.isupper() else word


def _hash(letters: str) -> int:
    return crc32(letters.encode("utf-8", "surrogatepass")) % HASH_ROWS


def _shape(word: str) -> int:
    if word[0].isdigit():
        shape = "digit"
    elif not word[0].isalpha():
        shape = "sign"
    elif word.lower() == word.upper():
        shape = "caseless"
    elif word.islower():
        shape = "lower"
    elif word.isupper() and len(word) > 1:
        shape = "upper"
    elif word[0].isupper() and not any(map(str.isupper, word[1:])):
        shape = "title"
    else:
        shape = "mixed"
    return SHAPES.index(shape)
