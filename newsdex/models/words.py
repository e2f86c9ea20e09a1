"""Splits texts into words as the shipped pipeline's tokenizer does, and knows the vector of every word.

News repeats itself: nearly every stretch of text between two blanks was split before, and is looked up. Of the others
nine in ten are a plain word, or plain words with a hyphen between them, with or without the usual signs around: their
parts are known mostly, and are put together. Only what is left goes through spaCy's tokenizer, which takes ten times
as long. Tests hold the splits to be spaCy's.
"""

from __future__ import annotations

import re
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from spacy.attrs import IDS, NORM, ORTH
from spacy.strings import get_string_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from spacy.language import Language
    from spacy.tokens import Doc
    from thinc.api import Model

    Floats = NDArray[np.float32]

MAX_STRETCHES = 200_000
"""Stretches of text whose words are kept, about 40 MB; when there are more, all are forgotten and learnt anew. That is
after some 4,000 articles of 900 words, in which 45 stretches an article are new; with half as many kept it is 65."""

MAX_CHARS = 3_000_000
"""Characters in the stretches that are kept: where an input has no blanks, a stretch is as long as an article."""

MAX_WORDS = 80_000
"""Words whose vectors are kept, 384 bytes each: about as many as so many stretches are made of."""

MAX_STRETCH_CHARS = 300
"""A longer stretch is split for itself in pieces of so many characters: spaCy's tokenizer takes time with the square of
a run of signs (14 s for 8,000 of them), and only addresses and rubbish are so long without a blank."""

PARTICLES = frozenset(
    (
        "abu",
        "al",
        "ben",
        "bin",
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "ibn",
        "la",
        "le",
        "ter",
        "van",
        "von",
    )
)
"""Small words that names begin with ("de Blasio", "al-Qaeda")."""

_NAMES_TOO = frozenset({"may", "will"})
"""Of spaCy's stop words those that people are called by."""

_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})

_PLAIN = re.compile(
    r"""(?P<open>["“(]?)(?P<words>[A-Za-z]+(?:-[A-Za-z]+)*)"""
    r"""(?P<close>[,;:!?)"”]|['’]s|[,!?)]["”]|[)"”][.,]|(?<=[a-z][a-z])\.["”]?)?"""
)
"""A stretch that needs no tokenizer: what opens and closes it is cut off sign by sign, and so is every hyphen. A full
stop is only where two small letters stand before it, and unless an exception has it ("Mr.")."""

_HYPHEN = re.compile("(-)")

_GAP = re.compile(r"\s{2,}|\A |[^\S ]")
"""White space that spaCy makes a word of: all but one blank between words."""

_BETWEEN = "\ue000"
"""A sign of no script. Stands between stretches that are split together: spaCy's exceptions may reach over a blank."""


class WordCache:
    """What is known of the words met so far."""

    vectors: Floats
    """One row for each word, (rows, width); the first is all zeros."""
    lengths: NDArray[np.int64]
    """In characters, by row."""
    capital: NDArray[np.bool_]
    """Whether edited text may have the word at a name's beginning or end, by row."""
    common: NDArray[np.bool_]
    """Whether the word's capital tells only where it stands ("The", "However"), or that it is a day, by row."""

    def __init__(self, nlp: Language, embed: Model[Any, Any], width: int) -> None:
        """Hold the tokenizer and the layers of `nlp` that see one word at a time; vectors have `width` numbers."""
        tokenizer: Any = nlp.tokenizer  # spaCy has no types for it, nor for what makes a word's features
        self._tokenizer, self._exceptions = tokenizer, frozenset(tokenizer.rules)
        self._longest_exception = max(map(len, self._exceptions), default=0)
        self._columns, self._layers, self._width = embed.layers[0].attrs["columns"], embed.layers[1:], width
        getters: dict[int, Callable[[str], str]] = tokenizer.vocab.lex_attr_getters
        self._common = frozenset(nlp.Defaults.stop_words) - _NAMES_TOO | _WEEKDAYS
        self._features, self._norm = [getters[IDS[column]] for column in self._columns], getters[NORM]
        self._forget()

    def make_room(self) -> None:
        """Forget all words when there are too many; rows given out before are void then."""
        if len(self._known) > MAX_STRETCHES or self._chars > MAX_CHARS or self._count > MAX_WORDS:
            self._forget()

    def rows(self, texts: Sequence[Sequence[str]]) -> list[list[tuple[int, ...]]]:
        """Return the rows for the words of each stretch of each text."""
        known = self._known
        new = set(chain.from_iterable(texts)).difference(known)
        if new:
            self._learn(sorted(new))
        return [list(map(known.__getitem__, stretches)) for stretches in texts]

    def _forget(self) -> None:
        self._known: dict[str, tuple[int, ...]] = {}
        self._row: dict[tuple[int, int], int] = {}
        # Row 0 is the vector of zeros that stands between texts.
        self._count, self._chars = 1, 0
        self.vectors = np.zeros((1024, self._width), dtype=np.float32)
        self.lengths = np.zeros(1024, dtype=np.int64)
        self.capital = np.zeros(1024, dtype=np.bool_)
        self.common = np.zeros(1024, dtype=np.bool_)

    def _learn(self, stretches: Sequence[str]) -> None:
        known = self._known
        made = {stretch: parts for stretch in stretches if (parts := self._parts(stretch))}
        lacking = set(chain.from_iterable(made.values())).difference(known)
        plain = sorted(part for part in lacking if part.isalpha())
        self._learn_plain(plain)
        self._learn_with_tokenizer([*sorted(lacking.difference(plain)), *(s for s in stretches if s not in made)])
        for stretch, parts in made.items():
            known[stretch] = tuple(chain.from_iterable(known[part] for part in parts))
        self._chars += sum(map(len, stretches))

    def _parts(self, stretch: str) -> list[str] | None:
        """Return what a stretch consists of, each part split for itself; `None` where only the tokenizer knows."""
        match = _PLAIN.fullmatch(stretch)
        if match is None:
            return None
        opened, core, closed = match["open"], match["words"], match["close"] or ""
        parts = [*opened, *_HYPHEN.split(core), *([closed] if closed.endswith("s") else closed)]
        # Wherever neighbours make an exception together, the tokenizer keeps them together ("R-Kan.").
        return None if any(map(self._begins_exception, range(len(parts)), repeat(parts))) else parts

    def _begins_exception(self, start: int, parts: Sequence[str]) -> bool:
        """Tell whether a part begins one of the tokenizer's exceptions, with those after it or alone."""
        joined = ""
        for part in islice(parts, start, None):
            joined += part
            if len(joined) > self._longest_exception:
                return False
            if joined in self._exceptions:
                return True
        return False

    def _learn_plain(self, words: Sequence[str]) -> None:
        """Words of letters alone, which are what they are."""
        keys = [(get_string_id(word), get_string_id(self._norm(word))) for word in words]
        new = [number for number, key in enumerate(keys) if key not in self._row]
        features = [[get_string_id(getter(words[number])) for getter in self._features] for number in new]
        self._add(
            [keys[number] for number in new],
            np.array(features, dtype=np.uint64).reshape(-1, len(self._features)),
            [words[number] for number in new],
        )
        for word, key in zip(words, keys, strict=True):
            self._known[word] = (self._row[key],)

    def _learn_with_tokenizer(self, stretches: Sequence[str]) -> None:
        black = [stretch for stretch in stretches if not stretch.isspace()]
        for white in (stretch for stretch in stretches if stretch.isspace()):
            self._known[white] = tuple(self._rows_of(self._tokenizer(white)))
        if black:
            doc = self._tokenizer(f" {_BETWEEN} ".join(black))
            rows = self._rows_of(doc)
            borders = np.flatnonzero(doc.to_array([ORTH]).reshape(-1) == np.uint64(get_string_id(_BETWEEN))).tolist()
            for stretch, start, end in zip(black, [0, *(b + 1 for b in borders)], [*borders, len(rows)], strict=True):
                self._known[stretch] = tuple(rows[start:end])

    def _rows_of(self, doc: Doc) -> list[int]:
        """Return the row of each word, new ones for words that have none."""
        # An exception of the tokenizer gives a word another norm than it has elsewhere ("n't").
        keys = [(orth, norm) for orth, norm in doc.to_array([ORTH, NORM]).tolist()]
        new = {key: number for number, key in enumerate(keys) if key not in self._row}
        places = list(new.values())
        self._add(
            list(new),
            doc.to_array(self._columns)[places],
            [doc[number].text for number in places],
        )
        return [self._row[key] for key in keys]

    def _add(self, keys: Sequence[tuple[int, int]], features: NDArray[Any], words: Sequence[str]) -> None:
        """Give words that are new their rows.

        Args:
            keys: their form and norm, as spaCy's hashes.
            features: what the network sees of each, (words, columns).
            words: themselves.
        """
        if not keys:
            return
        vectors = [features]
        for layer in self._layers:
            vectors = layer.predict(vectors)
        end = self._count + len(keys)
        if end > len(self.vectors):
            room = end + end // 4
            self.vectors = np.resize(self.vectors, (room, self._width))
            self.lengths = np.resize(self.lengths, room)
            self.capital = np.resize(self.capital, room)
            self.common = np.resize(self.common, room)
        self.vectors[self._count : end] = vectors[0]
        self.lengths[self._count : end] = list(map(len, words))
        self.capital[self._count : end] = list(map(_may_be_named, words))
        self.common[self._count : end] = [word == word.capitalize() and word.lower() in self._common for word in words]
        self._row.update(zip(keys, range(self._count, end), strict=True))
        self._count = end


def _may_be_named(word: str) -> bool:
    """Return whether edited text may have a word at a name's beginning or end: "Blasio", "de", "113th"."""
    return (
        any(map(str.isupper, word))
        or word in PARTICLES
        or (any(map(str.isdigit, word)) and any(map(str.isalpha, word)))
    )


def stretches_of(text: str) -> tuple[list[str], list[int]]:
    """Return a text in pieces that can be split into words apart, and which of them have no blank after them."""
    pieces: list[str] = []
    tight: list[int] = []
    at = 0
    for gap in _GAP.finditer(text):
        if gap.start() > at:
            _add_stretches(text[at : gap.start()], pieces, tight)
        at, white = gap.end(), gap.group()
        if pieces and white[0] == " ":
            white = white[1:]
        elif pieces:
            tight.append(len(pieces) - 1)
        tight.append(len(pieces))
        pieces.append(white)
    rest = text[at:].removesuffix(" ")
    if rest:
        _add_stretches(rest, pieces, tight)
    return pieces, tight


def _add_stretches(text: str, pieces: list[str], tight: list[int]) -> None:
    """Add the stretches of a text between single blanks; of one that is too long, its parts."""
    stretches = text.split(" ")
    if len(text) <= MAX_STRETCH_CHARS or max(map(len, stretches)) <= MAX_STRETCH_CHARS:
        pieces += stretches
        return
    for stretch in stretches:
        parts = [stretch[start : start + MAX_STRETCH_CHARS] for start in range(0, len(stretch), MAX_STRETCH_CHARS)] or [
            ""
        ]
        tight += range(len(pieces), len(pieces) + len(parts) - 1)
        pieces += parts


def starts_of(counts: Sequence[int], tight: Sequence[int], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each word begins: after all words before it, and a blank for each stretch before that is not tight.

    Args:
        counts: how many words each stretch has.
        tight: the stretches with no blank after them.
        lengths: of all words, in characters.
    """
    last = np.cumsum(counts, dtype=np.intp) - 1
    advance = lengths.copy()
    advance[last] += 1
    advance[last[list(tight)]] -= 1
    starts: NDArray[np.int64] = np.cumsum(advance) - advance
    return starts
