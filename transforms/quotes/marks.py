# ruff: noqa: RUF001  # the marks of many languages
"""Where quotation marks open and close, in the manner of each language; what they hold is not judged here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "”": "”", '"': '"', "‹": "›", "＂": "＂"}
"""Opening mark → what may close it: German closes with “, Polish with ”, Danish turns »«, Swedes have ” twice."""

JOINER = "\u2060"
"""Stands for the second sign of a mark that was typed as two."""

FRENCH = frozenset("«")
MAX_CHARS = 4_000
"""Characters of a quotation: a longer one is a mark that was never closed."""

_MARK = re.compile('[“”„«»「」『』"‹›＂\n]')


_GAP = re.compile(r"\s*")


class Quoted(NamedTuple):
    """What stands between two quotation marks."""

    start: int
    """Of the opening mark."""
    end: int
    """After the closing mark, or where the paragraph ends if the next one opens again."""
    inner_start: int
    inner_end: int
    goes_on: bool
    """It has no closing mark, and the next paragraph begins with an opening one."""


def plain(body: str) -> str:
    """Return a text with two apostrophes or two grave accents, typed for a quotation mark, as one; offsets stay."""
    return body.replace("''", '"' + JOINER).replace("``", "“" + JOINER) if "''" in body or "``" in body else body


def quoted(body: str) -> list[Quoted]:
    """Return the stretches between quotation marks, in order; what is nested in one belongs to it.

    A paragraph that opens and does not close is one if the next paragraph opens again, as long speeches are printed;
    else its mark is taken for nothing.
    """
    return [*_scan(plain(body))]


def _scan(body: str) -> Iterator[Quoted]:
    at, length = 0, len(body)
    # Where the paragraph ends, and what the next one begins with: worked out once for all its marks.
    border, following = -1, ""
    while at < length:
        match = _MARK.search(body, at)
        if match is None:
            return
        start, sign = match.start(), match.group()
        at = start + 1
        if sign not in PAIRS or not _opens(body, start, sign):
            continue
        end = _closing(body, start, PAIRS[sign])
        if end is not None:
            inner = start + 1 + (body[start + 1] == JOINER)
            at = end + 1 + (body[end + 1 : end + 2] == JOINER)
            yield Quoted(start, at, inner, end, goes_on=False)
            continue
        if border < start:
            border = body.find("\n", start)
            border = length if border < 0 else border
            after = _GAP.match(body, border).end()  # type: ignore[union-attr]  # an empty gap matches too
            following = body[after : after + 1]
        if following == sign:
            yield Quoted(start, border, start + 1 + (body[start + 1] == JOINER), border, goes_on=True)
            at = border


def _opens(body: str, place: int, sign: str) -> bool:
    """Return whether a mark opens: before it is a beginning, a blank, a bracket or a dash, after it a word."""
    before = body[place - 1] if place else " "
    after = body[place + 1] if place + 1 < len(body) else " "
    if after.isspace() and sign not in FRENCH:
        return False
    if sign in "“„「『«‹＂":
        return True
    return not before.isalnum() and before not in ".,!?…"


def _closing(body: str, start: int, closers: str) -> int | None:
    """Return where the mark that opens at `start` is closed, within its paragraph."""
    depth, sign = 0, body[start]
    reach = min(len(body), start + MAX_CHARS)
    stop = body.find("\n", start, reach)
    stop = reach if stop < 0 else stop
    for match in _MARK.finditer(body, start + 1, stop):
        mark = match.group()
        if mark in closers:
            if not depth:
                return match.start()
            depth -= 1
        elif mark == sign:
            depth += 1
    return None
