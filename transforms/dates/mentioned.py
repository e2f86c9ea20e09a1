"""Every date that a text names, resolved against the day of publication.

One compiled scan finds the places where a date may begin (a number, a month, a weekday, "last", "today"…); only there
the language's shapes are tried (`dates.toml`, `dates_grammar.py`), and what fits is resolved (`dates_resolve.py`).
English, German, French, Spanish, Italian, Portuguese and Russian have tables of their own; in dateparser's other
languages explicit dates are found by its month names; elsewhere only ISO dates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsdex.transforms.article import DateMention
from newsdex.transforms.dates.grammar import Grammar, Shape, grammar
from newsdex.transforms.dates.resolve import resolve
from newsdex.transforms.dates.spans import Parts, Span

if TYPE_CHECKING:
    from datetime import date, datetime

    from newsdex.transforms.dates.relative import Tense

CONTEXT_CHARS = 160
"""How far before a date, within its sentence, a sign of tense is looked for: about the length of a long clause."""

NEXT_CHARS = 32
"""How much of the text before and after a date the guards of a shape see: three words."""

ROUND, FIRST_BARE, LAST_BARE = 100, 1900, 2049
"""A year that nothing announces ("in", "since"…) is believed from 1900 to 2049 unless it is a round number: 2000 is
more often a count."""

COUNTED, FIRST_COMMON = 50, 1950
"""Multiples of 50, and years before 1950, are not believed before a plural ("1950 refugees", but "2016 candidates")."""

SLASH_YEARS = 3
"""Years with a stroke between them are seasons or budgets ("2008/2009"); further apart they are a
number ("1233/2012")."""

READ_CHARS = 300_000
"""How much of a text is read: five times the longest of 20,000 real articles; 5 MB of bare numbers would
take half a minute otherwise."""

NEED_TENSE = frozenset({"weekday", "day", "days", "span", "month"})
"""Kinds of date that, without a year, depend on the tense; looking for it is the dearest step."""

MAX_MENTIONS = 1_000
"""More dates than this in one article are a table or an attack: the rest is not read."""

_SENTENCE_END = re.compile(r"[.!?;:](?=[\s\"'\u201d\u2019\u00bb)]|$)|\n")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
"""After a date: "Tuesday's decision" looks back more often than not, whatever the verb of the sentence."""
_NUMBER_GOES_ON = re.compile(r"[-/:]\d|%|,\d{3}")
_OPENERS = frozenset(".!?:;\"'()[]-/*|\u2026\u2022\u2013\u2014\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\n")
"""What may stand before a capital that begins a sentence or a quotation."""


def mentioned(body: str, *, published_at: datetime | None, language: str) -> tuple[DateMention, ...]:
    """Return the dates that `body` names, in the order of the text and without overlaps.

    Args:
        body: Clean text.
        published_at: What relative dates are resolved against, by its day in UTC; without it they have `iso=""`.
        language: ISO 639-1 code of the text.
    """
    own = grammar(language)
    today = published_at.date() if published_at else None
    found: list[DateMention] = []
    done = 0
    for anchor in own.anchors.finditer(body, 0, READ_CHARS):
        if anchor.start() < done:
            continue
        mention = _at(own, body, anchor, today)
        if mention:
            found.append(mention)
            done = mention.end_char
            if len(found) == MAX_MENTIONS:
                break
    return tuple(found)


def _at(own: Grammar, body: str, anchor: re.Match[str], today: date | None) -> DateMention | None:
    """Return the date that begins at an anchor, if one does."""
    start = anchor.start()
    before = body[max(0, start - CONTEXT_CHARS) : start]
    for shape in own.shapes[anchor.lastgroup or "word"]:
        found = shape.pattern.match(body, start)
        if not found:
            continue
        after = body[found.end() : found.end() + NEXT_CHARS]
        if not _allowed(own, shape, found, before[-NEXT_CHARS:], after):
            continue
        parts = _parts(own, shape, found)
        tense = _tense(own, before, after) if shape.kind in NEED_TENSE and parts.y is None else None
        span = resolve(shape.kind, parts, today, tense)
        if span:
            return _mention(found, span)
    return None


def _mention(found: re.Match[str], span: Span) -> DateMention:
    return DateMention(
        iso=span.iso,
        start=span.start,
        end=span.end,
        precision=span.precision,
        text=found[0],
        start_char=found.start(),
        end_char=found.end(),
    )


def _parts(own: Grammar, shape: Shape, found: re.Match[str]) -> Parts:
    """Return a match's groups as numbers."""
    groups = {name.partition("__")[0]: text for name, text in found.groupdict().items() if text is not None}

    def digits(name: str) -> int | None:
        return int(groups[name]) if name in groups else None

    def month(name: str) -> int | None:
        return own.months.get(groups[name].rstrip(".").casefold()) if name in groups else None

    def worded(*names: str) -> int | None:
        text = next((groups[name] for name in names if name in groups), None)
        if text is None or text.isdigit():
            return None if text is None else int(text)
        return next((value for word, value in own.numbers if word.fullmatch(text)), None)

    weekday = groups.get("w")
    return Parts(
        d=digits("d"),
        d2=digits("d2"),
        m=month("m") or digits("mm"),
        m2=month("m2"),
        y=digits("y"),
        y1=digits("y1"),
        y2=digits("y2"),
        yy=digits("yy") if "yy" in groups else worded("t"),
        yy2=digits("yy2"),
        q=worded("qw", "q", "h"),
        w=own.weekdays.get(weekday.casefold()) if weekday else None,
        n=_day_word(own, groups["dw"]) if "dw" in groups else worded("n"),
        turn=next((turn for name, turn in (("last", -1), ("this", 0), ("next", 1)) if name in groups), None),
        unit=next((name[2:] for name in groups if name.startswith("u_")), None),
        iso=shape.value,
    )


def _day_word(own: Grammar, word: str) -> int:
    return own.day_words[word[0].lower() + word[1:]]


def _allowed(own: Grammar, shape: Shape, found: re.Match[str], before: str, after: str) -> bool:
    """Return whether the words beside a match let it be a date."""
    if shape.before and not shape.before.search(before):
        return False
    if (shape.not_before and shape.not_before.search(before)) or (shape.not_after and shape.not_after.search(after)):
        return False
    if shape.kind in {"year", "years"}:
        return _is_year(own, shape, found, before, after)
    if shape.kind == "weekday" and own.small_weekdays:
        return _begins_well(found[0], before)
    if shape.kind == "day-word":
        beside = own.day_words_not_before.search(before) or own.day_words_not_after.search(after)
        return not beside and _begins_well(found[0], before)
    return shape.kind != "period" or (_begins_well(found[0], before) and not own.plurals.search(found[0]))


def _is_year(own: Grammar, shape: Shape, found: re.Match[str], before: str, after: str) -> bool:
    """Return whether a number of four digits is a year rather than a count, a room or a price."""
    if own.year_not_after.search(after) or own.year_not_before.search(before) or _NUMBER_GOES_ON.match(after):
        return False
    if shape.kind == "years":
        first, slash, last = found[0].partition("/")
        return not slash or len(last) == 2 or int(last[:4]) - int(first) <= SLASH_YEARS
    if own.year_before.search(before):
        return True
    year = int(found["y"])
    if year % ROUND == 0 or not FIRST_BARE <= year <= LAST_BARE:
        return False
    return not (year % COUNTED == 0 or year < FIRST_COMMON) or not own.plural_after.search(after)


def _begins_well(text: str, before: str) -> bool:
    """Return whether a capital stands where one may: inside a sentence it makes a name ("the Today programme")."""
    last = before.rstrip(" \u00a0")[-1:]
    return not text[0].isupper() or not last or last in _OPENERS


def _tense(own: Grammar, before: str, after: str) -> Tense:
    """Return what the clause around a date says about its time."""
    clause = _SENTENCE_END.split(before)[-1]
    trimmed = clause[-NEXT_CHARS:].rstrip()
    if own.lookback.search(trimmed) or _POSSESSIVE.match(after):
        return "past"
    if own.follows.search(after) or own.adjacent.search(trimmed):
        return "future"
    signs = [sign.lastgroup for sign in own.future_or_past.finditer(clause)]
    if not signs and (sign := own.future_or_past.search(_SENTENCE_END.split(after)[0])):
        signs = [sign.lastgroup]
    if not signs:
        return None
    return "future" if signs[-1] == "future" else "past"
