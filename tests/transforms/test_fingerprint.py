from __future__ import annotations

import re
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.duplicates import fingerprint

WORDS = [f"word{number}" for number in range(400)]
TEXT = " ".join(WORDS)


def edited(every: int) -> str:
    """Return the sample text with each `every`-th word replaced."""
    return " ".join(f"other{place}" if place % every == 0 else word for place, word in enumerate(WORDS, 1))


def true_jaccard(first: str, second: str) -> float:
    """Return the definition, in plain Python sets."""
    sets = []
    for text in (first, second):
        words = re.findall(r"\w+", text.lower())
        sets.append({tuple(words[place : place + 5]) for place in range(len(words) - 4)})
    union = sets[0] | sets[1]
    return len(sets[0] & sets[1]) / len(union) if union else 0.0


def test_words_are_those_of_the_regular_expression() -> None:
    """Equal words have equal hashes, different ones different, and their number is that of the expression."""
    text = "The dog's 3rd “naïve” DOG_house — the dog; Ünïcode 2,500 ÉTÉ été\n\nЛес лес"
    words = re.findall(r"\w+", text.lower())
    hashes = fingerprint.words(text).tolist()
    assert len(hashes) == len(words)
    assert dict(zip(words, hashes, strict=True)) == dict(zip(reversed(words), reversed(hashes), strict=True))
    assert len(set(hashes)) == len(set(words))


def test_a_character_of_a_script_without_spaces_is_a_word() -> None:
    """Chinese, Japanese and Thai text is compared by characters, beside words of other scripts."""
    assert len(fingerprint.words("中国经济abc增长 2020")) == 8
    assert len(fingerprint.words("ไทย")) == 3


def test_similarity_is_the_exact_jaccard_of_the_shingle_sets() -> None:
    """It equals the definition computed with sets of word tuples."""
    for every in (10, 25, 60):
        found = fingerprint.jaccard(fingerprint.shingles(TEXT), fingerprint.shingles(edited(every)))
        assert found == true_jaccard(TEXT, edited(every))


@given(st.text(), st.text())
def test_any_text_gives_a_similarity_between_0_and_1(first: str, second: str) -> None:
    """No text is refused, and the similarity is the same both ways."""
    shingles = fingerprint.shingles(first), fingerprint.shingles(second)
    similarity = fingerprint.jaccard(*shingles)
    assert 0.0 <= similarity <= 1.0
    assert similarity == fingerprint.jaccard(shingles[1], shingles[0])
    assert len(fingerprint.minhash_bands(first)) in {0, fingerprint.BANDS}


@given(st.text(alphabet="ab cé\n.", max_size=200), st.text(alphabet="ab cé\n.", max_size=200))
def test_similarity_agrees_with_the_definition_on_any_words(first: str, second: str) -> None:
    """Words of one and two letters, repeated a lot: where a wrong edge between words would show."""
    assert fingerprint.jaccard(fingerprint.shingles(first), fingerprint.shingles(second)) == true_jaccard(first, second)


def test_case_punctuation_and_line_breaks_do_not_count() -> None:
    """A reprint with other typography has the same bands."""
    assert fingerprint.minhash_bands(TEXT) == fingerprint.minhash_bands(TEXT.upper().replace(" ", ",\n"))


def test_light_edits_share_a_band_and_other_texts_do_not() -> None:
    """A text of similarity 0.82 is found, an unrelated one is not."""
    bands = set(fingerprint.minhash_bands(TEXT))
    assert bands & set(fingerprint.minhash_bands(edited(50)))
    assert not bands & set(fingerprint.minhash_bands(" ".join(f"other{number}" for number in range(400))))


def test_short_and_repetitive_texts_have_no_bands() -> None:
    """What has fewer than ten different shingles is not compared by similarity."""
    assert fingerprint.minhash_bands("") == ()
    assert fingerprint.minhash_bands(" ".join(WORDS[:13])) == ()
    assert len(fingerprint.minhash_bands(" ".join(WORDS[:14]))) == fingerprint.BANDS
    assert fingerprint.minhash_bands("Read more. " * 500) == ()


def test_the_signature_is_pinned() -> None:
    """Bands of an existing index stay valid: they are the same on every machine and in every version."""
    assert fingerprint.minhash_bands(TEXT)[:2] == PINNED_BANDS
    assert fingerprint.content_hash("Title", "Body") == PINNED_HASH


def test_the_signature_estimates_the_similarity() -> None:
    """The share of equal minima is the Jaccard similarity, give or take what 64 permutations allow."""
    first, second = fingerprint.shingles(TEXT), fingerprint.shingles(edited(40))
    estimate = np.mean(fingerprint.signature(first) == fingerprint.signature(second))
    assert abs(estimate - fingerprint.jaccard(first, second)) < 0.15


def test_content_hash_tells_title_from_body() -> None:
    """Moving words from title to body is another content; a missing title is an empty one."""
    assert fingerprint.content_hash("a", "b") != fingerprint.content_hash("ab", "")
    assert fingerprint.content_hash(None, "b") == fingerprint.content_hash("", "b")


def test_five_megabytes_are_done_in_bounded_time() -> None:
    """A text far over the limit costs no more than its first million characters."""
    begun = time.process_time()
    assert len(fingerprint.minhash_bands(TEXT * 1_700)) == fingerprint.BANDS
    assert time.process_time() - begun < 5


PINNED_BANDS = ("006323cf81c56b", "013c21203ddf87")
PINNED_HASH = "e98cdf4c0d07a124b8409d0bf8279b8d"
