"""The language of a text, told by two detectors: py3langid where it is sure, langdetect as a second opinion.

On 10,400 sentences of langdetect's languages, py3langid (kept to the languages in `language.toml`) is right more often
than langdetect, and 28 times as fast. So it answers wherever its probability is at least `SURE`. Below that,
langdetect, seeded, is asked too, and what the two do not agree on is `und`: the honest answer for short, mixed and
non-language text.

Memory: py3langid about 63 MB a process, at first use; langdetect about 48 MB more, at the first doubtful text.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

UNDETERMINED = "und"
"""The ISO 639-2 code for a language that cannot be told."""

SURE = 0.50
"""Probability from which py3langid is believed alone: on the first 20, 30 and 50 characters of 10,400 sentences it is
then right in 97.8, 98.5 and 99.3 of 100 cases, and of whole sentences 98 in 100 reach it."""

POSSIBLE = 0.40
"""Probability from which py3langid's answer counts if langdetect gives the same. Below it, pseudo-Latin filler, ticker
lines and lists of clubs get agreement by chance."""

HINT_ODDS = 4.0
"""How far a declared language moves the odds of that language. On texts of 20 characters a right hint takes the answers
given from 88 to 94 % and their precision from 0.963 to 0.995; a wrong one costs 0.001 of precision."""

UNMOVED = 0.90
"""Probability above which no hint can change the answer: odds of 9 to 1 outweigh `HINT_ODDS`."""

MIN_LETTERS = 8
"""Fewer letters than this are a name or a label, in no language; scripts that write syllables or words as one sign
(CJK, Hangul) count `DENSE_WEIGHT` each."""

DENSE_WEIGHT = 3
"""Letters that one CJK or Hangul sign stands for, roughly: 11 signs carry a sentence that takes 33 Latin letters."""

SLICE_CHARS = 300
"""Length of one slice of a long text. A slice of this length is told correctly alone, so slices that disagree mean a
mixed text rather than chance."""

SLICES = 5
"""How many slices, evenly spread, stand for a long text: a leading cookie notice or a closing credit in another
language is then outvoted, and the cost does not grow with the text."""

DIGITS = 4
"""Digits of a confidence: the last bits of a sum depend on what else is in the batch."""

_NOISE = re.compile(
    r"(?<!\S)(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,64}@\S+|[A-Za-z]{40,}|&[a-z]{2,6};|</?[a-z][^<>]{0,300}>"
)
"""What is in no language: addresses, endless tokens, markup remnants."""

_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LOADING = Lock()
_SEED = 0
_TABLE = load_table(__file__, "language.toml")
_SAME: dict[str, str] = _TABLE["same"]


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """A detected language."""

    code: str
    """ISO 639-1, or `und`."""
    confidence: float
    """Probability of `code`, 0 to 1, averaged over the text's slices; for `und`, that of the best candidate."""


def detect(text: str, *, hint: str | None = None) -> DetectedLanguage:
    """Tell the language of `text` from a bounded sample of it.

    `hint` is a declared language ("de", "en-US", "pt_BR"): it tips a doubtful case and is otherwise ignored. The same
    input gives the same answer in every thread and process.
    """
    return detect_all([(text, hint)])[0]


def detect_all(texts: Sequence[tuple[str, str | None]]) -> list[DetectedLanguage]:
    """Return the same for many texts and their hints, several times as fast as one after the other."""
    samples = [[_NOISE.sub(" ", part) for part in _slices(text)] for text, _ in texts]
    told = [_letters(sample) >= MIN_LETTERS for sample in samples]
    answers = iter(
        _slice_bayes().probabilities(
            [part for sample, long in zip(samples, told, strict=True) if long for part in sample]
        )
    )
    return [
        _decided(sample, [next(answers) for _ in sample], _normal(hint))
        if long
        else DetectedLanguage(UNDETERMINED, 0.0)
        for sample, long, (_, hint) in zip(samples, told, texts, strict=True)
    ]


def _decided(sample: list[str], answers: Sequence[NDArray[np.float64]], hint: str | None) -> DetectedLanguage:
    """Return the language of one text, from the probabilities of its slices."""
    code, probability = _first(answers, hint)
    if code == UNDETERMINED:
        return DetectedLanguage(UNDETERMINED, 0.0)
    if probability < SURE and (probability < POSSIBLE or not _seconded(code, sample)):
        return DetectedLanguage(UNDETERMINED, round(probability, DIGITS))
    return DetectedLanguage(code, round(probability, DIGITS))


def _slices(text: str) -> list[str]:
    """Return the whole of a short text, else `SLICES` evenly spread parts of it."""
    if len(text) <= SLICES * SLICE_CHARS:
        parts = [text[at : at + SLICE_CHARS] for at in range(0, len(text), SLICE_CHARS)] or [""]
        # A short rest says little alone: it goes with the part before it.
        return parts if len(parts) == 1 or len(parts[-1]) > SLICE_CHARS // 2 else [*parts[:-2], parts[-2] + parts[-1]]
    step = (len(text) - SLICE_CHARS) // (SLICES - 1)
    return [text[at : at + SLICE_CHARS] for at in range(0, SLICES * step, step)]


def _letters(sample: list[str]) -> int:
    """Return how many letters the sample holds, dense signs weighed; counted no further than is needed."""
    letters = 0
    for part in sample:
        letters += sum(map(str.isalpha, part))
        if letters >= MIN_LETTERS:
            return letters
    return letters + (DENSE_WEIGHT - 1) * sum(len(_DENSE.findall(part)) for part in sample)


def _normal(hint: str | None) -> str | None:
    """Return a declared language as one of our codes, or `None`."""
    if not hint:
        return None
    code = re.split(r"[-_]", hint.strip().lower(), maxsplit=1)[0]
    return _SAME.get(code, code)


def _first(answers: Sequence[NDArray[np.float64]], hint: str | None) -> tuple[str, float]:
    """Return the likeliest language and its probability, averaged over the slices, after the hint."""
    codes = _slice_bayes().codes
    best = [int(slice_.argmax()) for slice_ in answers]
    first = best[0]
    bound = SURE if hint in {None, codes[first]} else UNMOVED
    if all(number == first and slice_[first] >= bound for number, slice_ in zip(best, answers, strict=True)):
        return codes[first], sum(float(slice_[first]) for slice_ in answers) / len(answers)
    # Slices that are unsure, or differ, or contradict the hint are weighed.
    mean = sum(answers[1:], start=answers[0]) / len(answers)
    if hint in codes:
        # Bayes: the hinted language's odds are multiplied, then everything is scaled back to a sum of one.
        mean[codes.index(hint)] *= HINT_ODDS
    first = int(mean.argmax())
    return codes[first], float(mean[first] / mean.sum())


def _seconded(code: str, sample: list[str]) -> bool:
    """Return whether langdetect, seeded, finds the same language; true where it does not know that language."""
    if code not in _TABLE["langdetect"]:
        return True
    detector = _langdetect().create()
    detector.append(" ".join(sample))
    try:
        found = str(detector.detect())
    except LangDetectException:  # no feature in the text that it knows
        return False
    return _SAME.get(found, found) == code


def _slice_bayes() -> _Bayes:
    with _LOADING:
        return _load_bayes()


@cache
def _load_bayes() -> _Bayes:
    return _Bayes(LanguageIdentifier.from_model_file(MODEL_FILE))


class _Bayes:
    """py3langid's model, kept to our languages, over many slices at a time.

    The library walks its automaton byte by byte in Python and looks up the weights of each slice's features; over a
    batch, a step of the walk is one array operation, and the weights are one matrix product. A test holds the
    probabilities to be the library's.
    """

    def __init__(self, identifier: LanguageIdentifier) -> None:
        """Take the model's tables; the columns of other languages are let go (18 MB)."""
        wanted = {*_TABLE["langdetect"], *_TABLE["more"], "nn", "zxx"}
        columns = [number for number, label in enumerate(identifier.nb_classes) if label in wanted]
        merged = [_SAME.get(label, label) for label in (identifier.nb_classes[number] for number in columns)]
        self.codes = list(dict.fromkeys(merged))
        """ISO 639-1, in the order of the probabilities."""
        self._merge = np.zeros((len(merged), len(self.codes)))
        self._merge[range(len(merged)), [self.codes.index(code) for code in merged]] = 1
        self._weights, self._prior = identifier.nb_ptc[:, columns], np.asarray(identifier.nb_pc)[columns]
        self._next = np.asarray(identifier.tk_nextmove)
        self._row = np.asarray(identifier.tk_row, dtype=np.intp) << 8
        self._feature = np.asarray(identifier.tk_output, dtype=np.intp)

    def probabilities(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return how likely each language is for each part, (parts, codes)."""
        texts = [_bytes(part) for part in parts]
        lengths = np.array([len(text) for text in texts], dtype=np.intp)
        part, feature = self._visits(texts, lengths)
        features, place = np.unique(feature, return_inverse=True)
        pairs, counts = np.unique(part * len(features) + place, return_counts=True)
        weighed = np.zeros(len(texts) * len(features))
        weighed[pairs] = np.log1p(counts)
        # In double precision, so that an answer does not depend on what else is in the batch.
        scores = weighed.reshape(len(texts), len(features)) @ self._weights[features].astype(np.float64)
        # Where nothing speaks for any language the library gives all the same chance.
        scores[np.bincount(part, minlength=len(texts)) > 0] += self._prior
        scores /= np.sqrt(np.maximum(lengths, 1))[:, None]
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        merged: NDArray[np.float64] = (chances / chances.sum(axis=1, keepdims=True)) @ self._merge
        return merged

    def _visits(self, texts: Sequence[bytes], lengths: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return each feature that the automaton meets: in which text, and which."""
        # Longest first, so that the texts that go on are always the first ones.
        order = np.argsort(-lengths, kind="stable")
        longest = int(lengths.max(initial=0))
        letters = np.zeros((longest, len(texts)), dtype=np.uint8)
        for column, number in enumerate(order):
            letters[: lengths[number], column] = np.frombuffer(texts[number], dtype=np.uint8)
        going = np.searchsorted(-lengths[order], -np.arange(longest), side="left")
        found = np.full((longest, len(texts)), -1, dtype=np.intp)
        state = np.zeros(len(texts), dtype=np.intp)
        for step in range(longest):
            on = going[step]
            state = self._next[self._row[state[:on]] + letters[step, :on]]
            found[step, :on] = self._feature[state]
        step_of, column_of = np.nonzero(found >= 0)
        return order[column_of], found[step_of, column_of]


def _bytes(text: str) -> bytes:
    """Return a text as py3langid reads it."""
    return unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")


class _LeanFactory(DetectorFactory):  # type: ignore[misc]  # langdetect has no types
    """langdetect's factory with its own seed and 19 MB less: a packed row of floats for each n-gram."""

    def add_profile(self, profile: Any, index: int, langsize: int) -> None:  # noqa: ANN401  # langdetect has no types
        """Take in one language's n-gram frequencies."""
        self.langlist.append(profile.name)
        for gram, count in profile.freq.items():
            if 1 <= len(gram) <= 3:
                row = self.word_lang_prob_map.setdefault(gram, array("f", bytes(4 * langsize)))
                row[index] = count / profile.n_words[len(gram) - 1]


def _langdetect() -> DetectorFactory:
    with _LOADING:
        return _load_langdetect()


@cache
def _load_langdetect() -> DetectorFactory:
    """Return langdetect with its profiles in a fixed order (its own loader takes the folder's) and a fixed seed."""
    factory = _LeanFactory()
    profiles = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.is_file() and path.name[0] != ".")
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    factory.set_seed(_SEED)
    return factory
