"""The quotations of an article, direct and reported, with their cue and speaker."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from newsdex.transforms.quotes import clauses, marks
from newsdex.transforms.quotes.clauses import Clause
from newsdex.transforms.quotes.reported import reported
from newsdex.transforms.quotes.speakers import Speakers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.article import EntityMention, Quotation
    from newsdex.transforms.quotes.clauses import Cues
    from newsdex.transforms.quotes.marks import Quoted

MIN_WORDS = 3
"""Fewer words in quotation marks are a title or a distance that the writer keeps, unless a cue is close by."""

MIN_SENTENCE_WORDS = 2
"""Words from which a quotation that ends as a sentence does is one."""

MAX_QUOTES = 500
"""Quotations of an article: more are a list or a fault."""

LEAD_CHARS = 200
"""How far before a quotation its introduction may begin."""

PREPOSITIONS = (
    "in ",
    "on ",
    "at ",
    "from ",
    "during ",
    "after ",
    "by ",
    "for ",
    "with ",
    "of ",
    "when ",
    "than ",
    "to ",
)
RELATIVES = frozenset({"who", "which", "that", "whom he", "what he", "whom she", "what she"})

_VERB_AFTER = re.compile(r",? (?P<who>[^.,;:!?\n“”\"]{2,50}?) (?P<verb>[a-z]{3,}ed)\b")
"""A few words and a past form, right after a quotation."""

SURE, LIKELY, DOUBTFUL = 0.95, 0.75, 0.5
"""Confidence: a cue and a speaker beside the words; one of them, or the speaker of before; neither."""

_ENDS = re.compile(r"[.,!?…]$|[.,!?…]['’]$")


def quotations(body: str, mentions: Sequence[EntityMention], language: str = "en") -> tuple[Quotation, ...]:
    """Return the quotations of a text, in order.

    Args:
        body: the text.
        mentions: its named people and organisations, in order.
        language: ISO 639-1; where no table of cues knows it, nothing is found.
    """
    known = clauses.cues(language)
    if known is None:
        return ()
    speakers = Speakers(body, mentions)
    sentences = clauses.sentences(body)
    direct = _direct(body, sentences, speakers, known)
    if language == "en":
        direct += reported(body, sentences, speakers, known, [(each.start, each.end) for each in direct])
    return tuple(sorted(direct, key=lambda each: each.start)[:MAX_QUOTES])


def _direct(body: str, sentences: Sequence[tuple[int, int]], speakers: Speakers, known: Cues) -> list[Quotation]:
    found: list[Quotation] = []
    starts = [start for start, _ in sentences]
    last: str | None = None
    former: tuple[Quoted, Clause | None] | None = None
    for each in marks.quoted(body):
        words = len(body[each.inner_start : each.inner_end].split())
        clause = _beside(body, each, starts, known, speakers)
        inherited = None
        if clause is None and former is not None and _goes_on(body, former[0], each):
            inherited = former[1]
        if not _is_quotation(body, each, words, clause, inherited):
            continue
        told = clause or inherited or _of_the_sentence_before(each, starts, speakers)
        quotation = _made(body, each, told, speakers, last, confidence=_confidence(told, inherited=clause is None))
        found.append(quotation)
        last = quotation.speaker or last
        former = (each, told)
    return found


def _beside(body: str, each: Quoted, starts: Sequence[int], known: Cues, speakers: Speakers) -> Clause | None:
    """Return the clause with the cue of a quotation: after it, before it, or at the end of the line before."""
    inside = body[each.inner_start : each.inner_end]
    # A full stop inside the marks ends the sentence: what follows belongs to something else.
    ended = inside.rstrip().endswith((".", "…")) and body[each.end : each.end + 1] != ","
    if not each.goes_on and not ended:
        clause = clauses.after(body, each.end, known) or _unknown_verb(body, each.end, speakers)
        if clause is not None and clause.speaker is not None:
            return clause
    index = bisect_right(starts, each.start) - 1
    start = starts[index] if index >= 0 else 0
    clause = clauses.before(body, start, each.start, known)
    if clause is not None:
        return _with_subject(body, start, clause, speakers)
    lead = body[max(0, each.start - LEAD_CHARS) : each.start].rstrip()
    if lead.endswith(":"):
        start = starts[max(0, index - 1)] if start >= each.start else start
        clause = clauses.before(body, start, each.start, known)
        if clause is not None:
            return _with_subject(body, start, clause, speakers)
        who = speakers.subject(start, each.start)
        colon = body.rindex(":", 0, each.start)
        return Clause((colon, colon + 1), who) if who else None
    return None


def _with_subject(body: str, start: int, clause: Clause, speakers: Speakers) -> Clause:
    """Return a clause whose speaker is the sentence's subject, where its verb is no main verb ("…, calling him")."""
    told = body[slice(*clause.speaker)] if clause.speaker else ""
    weak = not told or body[slice(*clause.cue)].lower().endswith("ing") or told.lower().startswith(PREPOSITIONS)
    weak = weak or told.lower() in RELATIVES
    subject = speakers.subject(start, clause.cue[0]) if weak else None
    return Clause(clause.cue, subject) if subject else clause


def _unknown_verb(body: str, start: int, speakers: Speakers) -> Clause | None:
    """Return the clause of a verb that no table has, where a name and a past form follow: …," Oliver barked."""
    match = _VERB_AFTER.match(body, start)
    if match is None:
        return None
    who = speakers.subject(match.start("who"), match.end("who"))
    return Clause(match.span("verb"), match.span("who")) if who else None


def _of_the_sentence_before(each: Quoted, starts: Sequence[int], speakers: Speakers) -> Clause | None:
    """Return the subject of the sentence before a quotation that stands alone, as a guess."""
    index = bisect_right(starts, each.start - 1) - 1
    who = speakers.subject(starts[index], each.start) if index >= 0 else None
    return Clause((each.start, each.start), who) if who else None


def _goes_on(body: str, former: Quoted, each: Quoted) -> bool:
    """Return whether a quotation carries on the one before: in the next paragraph, or after a clause between them."""
    between = body[former.end : each.start]
    return former.goes_on or (len(between) < 160 and between.count("\n\n") <= 1)


def _is_quotation(body: str, each: Quoted, words: int, clause: Clause | None, inherited: Clause | None) -> bool:
    text = body[each.inner_start : each.inner_end].strip()
    if not words or not any(map(str.isalpha, text)):
        return False
    whole = _ENDS.search(text) is not None or (body[each.end : each.end + 1] in {",", "."} and words > MIN_WORDS)
    if clause is not None:
        return words >= MIN_WORDS or (whole and words >= MIN_SENTENCE_WORDS)
    if each.goes_on or inherited is not None:
        return whole and words >= MIN_WORDS
    return whole and words > 2 * MIN_WORDS and text[0].isupper()


def _made(
    body: str, each: Quoted, clause: Clause | None, speakers: Speakers, last: str | None, *, confidence: float
) -> Quotation:
    start, end = each.inner_start, each.inner_end
    while start < end and body[start].isspace():
        start += 1
    while end > start and (body[end - 1].isspace() or body[end - 1] == ","):
        end -= 1
    return speakers.quotation(
        (start, end),
        who=clause.speaker if clause else None,
        cue=clause.cue if clause else None,
        last=last,
        direct=True,
        confidence=confidence,
    )


def _confidence(clause: Clause | None, *, inherited: bool) -> float:
    if clause is None or clause.cue[0] == clause.cue[1]:
        return DOUBTFUL
    return LIKELY if inherited or clause.speaker is None else SURE
