"""Reported speech: "Reis said the ferry would sail", "the ferry will sail, Reis said", "according to Reis, …"."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from newsdex.transforms.quotes import clauses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.article import Quotation
    from newsdex.transforms.quotes.clauses import Cues
    from newsdex.transforms.quotes.speakers import Speakers

MIN_CONTENT_WORDS = 3
MAX_SUBJECT_WORDS = 12
MAX_SENTENCE_CHARS = 1_500
"""A longer sentence is a table or a list."""
CONFIDENCE = 0.7

_THAT = re.compile(r"\s*(?:,\s*)?(?:(?:on|in a|at|during)\s[^,]{0,40}?)?\s*\bthat\b\s*|\s+")
_TELLS = frozenset({"told", "tells", "telling", "tell"})
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+")
_CLAUSE = re.compile(r"[,;]")


def reported(
    body: str,
    sentences: Sequence[tuple[int, int]],
    speakers: Speakers,
    known: Cues,
    taken: Sequence[tuple[int, int]],
) -> list[Quotation]:
    """Return the reported speech of a text.

    Args:
        body: the text.
        sentences: where its sentences begin and end.
        speakers: who is named in it.
        known: what introduces speech in its language.
        taken: where direct speech stands; none of it is told twice.
    """
    found: list[Quotation] = []
    occupied = sorted(taken)
    starts = [start for start, _ in occupied]
    for start, whole in sentences:
        end = whole
        while end > start and body[end - 1] in '.!?”"’':
            end -= 1
        if end - start > MAX_SENTENCE_CHARS:
            continue
        # Direct speech is in order and does not overlap: what reaches into the sentence begins little before it.
        near = range(max(0, bisect_left(starts, start) - 1), bisect_left(starts, whole))
        within = [starts[number] for number in near if start < occupied[number][1]]
        if "\n" in body[start:end] or (within and not _partly(body, start, within[0], known)):
            continue
        made = _according(body, start, end, speakers) or _said(body, start, end, speakers, known)
        if made is not None:
            found.append(made)
    return found


def _partly(body: str, start: int, quoted: int, known: Cues) -> bool:
    """Return whether a sentence reports first and quotes then: She said the ferry was "as good as new" again."""
    verbs = [word.end() for word in clauses.WORD.finditer(body, start, quoted) if word.group() in known.reported]
    return bool(verbs) and len(body[verbs[0] : quoted].split()) > MIN_CONTENT_WORDS


def _according(body: str, start: int, end: int, speakers: Speakers) -> Quotation | None:
    match = _ACCORDING.search(body, start, end)
    if match is None:
        return None
    stop = _CLAUSE.search(body, match.end(), end)
    who = (match.end(), stop.start() if stop else end)
    content = (stop.end(), end) if match.start() == start and stop else (start, match.start())
    return _made(body, content, who, (match.start(), match.end() - 1), speakers)


def _said(body: str, start: int, end: int, speakers: Speakers, known: Cues) -> Quotation | None:
    for verb in clauses.WORD.finditer(body, start, end):
        if verb.group() not in known.reported:
            continue
        trailing = _trails(body, verb.end(), end)
        comma = body.rfind(",", start, verb.start())
        if trailing and comma > start + 20:
            who = clauses.subject_before(body, comma + 1, verb.start())
            content = (start, comma)
        else:
            who = clauses.subject_before(body, start, verb.start())
            begin = verb.end()
            if verb.group() in _TELLS:
                that = body.find(" that ", begin, end)
                begin = that if that >= 0 else begin
            gap = _THAT.match(body, begin)
            content = (gap.end() if gap else begin, end)
        if who is None or len(body[slice(*who)].split()) > MAX_SUBJECT_WORDS:
            continue
        return _made(body, content, who, verb.span(), speakers)
    return None


def _trails(body: str, at: int, end: int) -> bool:
    """Return whether a sentence ends soon after its verb: what is said stood before it."""
    return len(body[at:end].split()) <= 4


def _made(
    body: str, content: tuple[int, int], who: tuple[int, int], cue: tuple[int, int], speakers: Speakers
) -> Quotation | None:
    start, end = content
    while start < end and body[start] in " ,;:":
        start += 1
    while end > start and body[end - 1] in " ,;:":
        end -= 1
    if len(body[start:end].split()) < MIN_CONTENT_WORDS:
        return None
    return speakers.quotation((start, end), who=who, cue=cue, last=None, direct=False, confidence=CONFIDENCE)
