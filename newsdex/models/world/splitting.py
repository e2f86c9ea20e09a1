# ruff: noqa: RUF001  # the signs of many scripts
"""Split a text of any script into what the network sees: words, or single characters where a script has no blanks.

Chinese, Japanese and Thai have no blanks between words, and Korean glues its particles to a name: there each character
stands for itself, so that a name can begin and end anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\u30fc\uff70"

MAX_RUN = 400
"""Characters of one run that are split at a time: longer ones are no words, and a run is cut into pieces as a whole."""

_TOKEN = regex.compile(
    rf"(?V1)(?P<run>[{_UNSPACED}]{{1,{MAX_RUN}}})"
    rf"|(?P<word>[[\p{{L}}\p{{M}}\p{{N}}\u00ad\u200b-\u200d\u2060]--[{_UNSPACED}]]{{1,{MAX_RUN}}})"
    r"|(?P<sign>\S)"
)


_SENTENCE_END = regex.compile(r"\s*\n\s*|(?<=[.!?…]['”’\"»)]?)\s+(?=[\p{Lu}\p{N}\"“„«(])|(?<=[。！？])")
"""Where a sentence ends, most likely: the network learnt from sentences, so each is read for itself."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a text: first character, one past the last."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def tokens(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the tokens of a text, white space aside: first character, one past the last, whether it is an unspaced run.

    A run holds one or more characters of a script without blanks, each of which is a token of its own to the network.
    """
    for match in _TOKEN.finditer(text):
        yield match.start(), match.end(), match.lastgroup == "run"
