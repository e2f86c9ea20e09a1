r"""What two texts are compared by: a hash for equal content, banded MinHash for similar content, the true similarity.

From text to signature no Python object is made for a word: one table look-up for each character, prefix sums for the
words, sliding sums for the shingles, all in numpy. The words are those of the regular expression `\w+` on lower-case
text, with one difference: in scripts that are written without spaces (Chinese, Japanese, Thai…) every character is a
word, since otherwise a whole sentence would be one.

MinHash: Broder, "On the resemblance and containment of documents" (1997). Banding: Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", section 3.4.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import xxhash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]
    Signature: TypeAlias = NDArray[np.uint32]

SHINGLE_WORDS: Final = 5
"""Words in a shingle: the usual size for news, and the one that the gold pairs are counted with."""
ROWS: Final = 4
"""Minima in a band. Two texts of similarity s share a band with probability 1 - (1 - s^ROWS)^BANDS: 0.988 at 0.7,
0.9998 at 0.8, 0.64 at 0.5. On the gold pairs every pair of 0.7 and above shared a band, under each of five seeds; with
5 rows up to two pairs in 320 were missed, with 3 rows twice as many candidates had to be compared."""
BANDS: Final = 16
"""Bands of a signature: see `ROWS`. 20 bands found no gold pair more, and every band is a term of the index."""
PERMUTATIONS: Final = BANDS * ROWS
MIN_SHINGLES: Final = 10
"""A text of fewer distinct shingles has no bands: it is a copy of equal content (title and body) only. The gold pairs
begin at 10 too; the shortest of them are dividend notes of 11 shingles, equal word for word for different companies."""
MAX_CHARS: Final = 1_000_000
"""Characters of a text that are compared. The longest of the 20,000 real articles has 55,151; a longer input costs
no more memory than this (about 40 MB)."""

_PERMUTE_AT_ONCE: Final = 4_096
"""Shingles in one permutation table: 4,096 * 64 * 4 bytes stay within the processor's cache."""
_CODE_POINTS: Final = 0x323B0
"""One past the last letter of Unicode 15 (CJK extension H): characters above are no word characters."""
_NO_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # CJK ideographs and extension A
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0x20000, 0x323AF),  # CJK extensions B to H
)
"""Scripts written without spaces between words."""

_BASE: Final = 0xA0761D6478BD642F
"""Base of the polynomial word hash: odd, so that it has an inverse modulo 2^64. This and the multipliers below are the
constants of wyhash and xxHash."""
_MULTIPLIERS: Final = (
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0xD6E8FEB86659FD93,
    0xE7037ED1A0B428DB,
)
_SEED: Final = 1987
"""Seeds the permutations. Another seed gives other bands: all signatures of an index must come from one."""


def content_hash(title: str | None, body: str) -> str:
    """Hash of title and body, 32 hexadecimal digits: equal content, equal hash (XXH3, 128 bits)."""
    return xxhash.xxh3_128_hexdigest(f"{title or ''}\0{body}".encode("utf-8", "surrogatepass"))


def words(text: str) -> Hashes:
    """Return a 64-bit hash for each word of `text` (of its first `MAX_CHARS` characters), in order."""
    characters = np.frombuffer(text[:MAX_CHARS].encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(characters):
        return np.empty(0, np.uint64)
    terms = _letters().take(characters, mode="clip")
    starts, ends = _word_edges(characters, terms != 0)
    powers, inverses = _powers(len(characters))
    terms *= powers[: len(characters)]
    sums = np.zeros(len(characters) + 1, np.uint64)
    np.cumsum(terms, out=sums[1:])
    found: Hashes = (sums[ends] - sums[starts]) * inverses[starts]
    return found


def _word_edges(characters: Signature, inside: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each word starts, and where it ends (exclusive), given which characters are inside words."""
    edges = inside[1:] != inside[:-1]
    if characters.max() >= _NO_SPACES[0][0]:
        alone = _standing_alone().take(characters, mode="clip")
        edges |= alone[1:] | (alone[:-1] & inside[1:])
    starts = np.flatnonzero(np.concatenate(((True,), edges)))
    ends = np.append(starts[1:], len(characters))
    word = inside[starts]
    return starts[word], ends[word]


def shingles(text: str) -> Hashes:
    """Return the set of the text's shingles: sorted, distinct 64-bit hashes.

    Empty where it has fewer than five words.
    """
    hashes = np.sort(_windows(words(text)))
    return hashes[np.concatenate(((True,), hashes[1:] != hashes[:-1]))] if len(hashes) else hashes


def signature(hashes: Hashes) -> Signature:
    """Return the MinHash signature of a set of shingles: `PERMUTATIONS` minima; repeated shingles change nothing."""
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    factors, offsets = _permutations()
    minima = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(short), _PERMUTE_AT_ONCE):
        table = factors * short[start : start + _PERMUTE_AT_ONCE]
        table += offsets
        np.minimum(minima, table.min(axis=1), out=minima)
    return minima


def bands(minima: Signature) -> tuple[str, ...]:
    """Return a signature as `BANDS` keywords of 14 characters.

    Two texts that share one are candidates for a comparison.
    """
    rows = minima.reshape(BANDS, ROWS).astype(np.uint64)
    mixed = _mix(rows @ np.array(_MULTIPLIERS[:ROWS], np.uint64))
    digits = mixed.astype(">u8").tobytes().hex()
    return tuple(f"{band:02d}{digits[16 * band : 16 * band + 12]}" for band in range(BANDS))


def minhash_bands(body: str) -> tuple[str, ...]:
    """Return the bands that a text is found by; none where it has fewer than `MIN_SHINGLES` distinct shingles.

    Only the body counts: papers run the same text under headlines of their own.
    """
    hashes = _windows(words(body))
    # A sample settles it for nearly every text; only a very repetitive one is counted in full.
    if len(np.unique(hashes[: 4 * MIN_SHINGLES])) < MIN_SHINGLES and len(np.unique(hashes)) < MIN_SHINGLES:
        return ()
    return bands(signature(hashes))


def jaccard(first: Hashes, second: Hashes) -> float:
    """Return the exact Jaccard similarity of two shingle sets, 0 to 1; two empty sets have 0."""
    if not len(first) or not len(second):
        return 0.0
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def _windows(word_hashes: Hashes) -> Hashes:
    """One hash for every five words in a row, with repeats; all 64 bits are well mixed."""
    count = len(word_hashes) - SHINGLE_WORDS + 1
    if count < 1:
        return np.empty(0, np.uint64)
    total = word_hashes[:count] * np.uint64(_MULTIPLIERS[0])
    for place in range(1, SHINGLE_WORDS):
        total += word_hashes[place : place + count] * np.uint64(_MULTIPLIERS[place])
    return _mix(total)


def _mix(values: Hashes) -> Hashes:
    """Return a bijection of 64-bit numbers whose every output bit hangs on every input bit (Stafford's "Mix13")."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


@cache
def _letters() -> Hashes:
    """For each code point the hash of its lower case; 0 where it is no word character."""
    lower = np.zeros(_CODE_POINTS + 1, np.uint64)
    for code in range(_CODE_POINTS):
        character = chr(code)
        if character == "_" or character.isalnum():  # what `\w` matches
            lower[code] = ord(character.lower()[0])
    return np.where(lower, _mix(lower * np.uint64(_MULTIPLIERS[0])), np.uint64(0))


@cache
def _standing_alone() -> NDArray[np.bool_]:
    """For each code point: is it a letter of a script without spaces, and so a word of its own."""
    alone = np.zeros(_CODE_POINTS + 1, np.bool_)
    for first, last in _NO_SPACES:
        alone[first : last + 1] = _letters()[first : last + 1] != 0
    return alone


_LONG_TEXT: Final = 1 << 16
"""Texts up to this length share one table of powers; longer ones make their own."""


def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the first `length` powers of `_BASE`, and of its inverse, modulo 2^64."""
    return _shared_powers() if length <= _LONG_TEXT else _make_powers(length)


@cache
def _shared_powers() -> tuple[Hashes, Hashes]:
    return _make_powers(_LONG_TEXT)


def _make_powers(length: int) -> tuple[Hashes, Hashes]:
    def series(base: int) -> Hashes:
        factors = np.full(length, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors)

    return series(_BASE), series(pow(_BASE, -1, 1 << 64))


@cache
def _permutations() -> tuple[Signature, Signature]:
    """Odd factors and offsets of the permutations `factor * x + offset` modulo 2^32, as columns."""
    generator = np.random.default_rng(_SEED)
    factors = generator.integers(0, 1 << 32, PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
    offsets = generator.integers(0, 1 << 32, PERMUTATIONS, dtype=np.uint32)
    return factors[:, None], offsets[:, None]
