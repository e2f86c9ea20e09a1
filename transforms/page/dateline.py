"""Finds the publication date as a page shows it to its readers: beside the title, in the dateline, below the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsdex.tables import load_table
from newsdex.transforms.dates.candidate import DateCandidate, Provenance
from newsdex.transforms.dates.parse import first_in
from newsdex.transforms.dates.url_date import FIRST_WEB_DAY
from newsdex.transforms.page.blocks import words

if TYPE_CHECKING:
    from datetime import datetime

    from newsdex.transforms.page.blocks import Block
    from newsdex.transforms.page.declared.facts import Facts

MAX_LINE_CHARS = 150
"""A line that gives the date is shorter than this; what is longer is a paragraph, and names other dates."""

ABOVE, BELOW = 8, 15
"""How many blocks above and below the title may hold the date line: bylines, share buttons and pictures lie between."""

MAX_PUNCTUATION = 40
"""How much longer a title is than its words: what is longer is not compared with it, which takes time."""

BEFORE_TEXT, AFTER_TEXT = 10, 6
"""The same around the running text, for pages whose title is not found."""

DATELINE_CHARS = 45
"""How far into the first paragraph a dateline ("Karlsruhe, 12.11.2021.") may reach."""

MOSTLY_DATE = 3.0
"""A line is a date line if it is not longer than so many times its date (25 characters with weekday and time)."""

_DATE_CHARS = 25
_DIGIT = re.compile(r"\d")
_DATELINE_END = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.:)\u2013\u2014-]+\s+(?=[^\W\d_])")


def _labels(group: str) -> re.Pattern[str]:
    rows = load_table(__file__, "dateline.toml")[group]
    return re.compile("|".join(row["pattern"] for row in rows), re.IGNORECASE)


_PUBLISHED, _MODIFIED = _labels("published_label"), _labels("modified_label")


def visible(blocks: list[Block], kept: list[Block], facts: Facts, latest: datetime | None) -> tuple[DateCandidate, ...]:
    """Return the shown date, if one is found: at most one candidate, `by_name` where a label says what it is."""
    places = _places(blocks, kept, facts)
    loose: str | None = None
    for block in places:
        for line in block.text.split("\n"):
            if len(line) > MAX_LINE_CHARS or not (found := _date_text(line, latest)):
                continue
            text, labelled = found
            if labelled:
                return (DateCandidate(text=text, provenance=Provenance.VISIBLE),)
            if loose is None and len(line) <= MOSTLY_DATE * _DATE_CHARS:
                loose = text
    if loose is None and kept:
        loose = _dateline(kept[0].text, latest)
    return (DateCandidate(text=loose, provenance=Provenance.VISIBLE, by_name=False),) if loose else ()


def _places(blocks: list[Block], kept: list[Block], facts: Facts) -> list[Block]:
    """Return the blocks that may hold the date line, the likeliest first."""
    index = {id(block): position for position, block in enumerate(blocks)}
    titles = {words(title) for title in (facts.title, *facts.headings) if title}
    longest = max(map(len, titles), default=0) + MAX_PUNCTUATION
    named = [
        position for position, block in enumerate(blocks) if len(block.text) <= longest and words(block.text) in titles
    ]
    first, last = (index[id(kept[0])], index[id(kept[-1])]) if kept else (None, None)
    places: list[Block] = []
    if named:
        # of several places with the title (a list of headlines, the path to the page), the last above the text
        title = max((place for place in named if first is None or place < first), default=named[0])
        places += blocks[title + 1 : title + 1 + BELOW] + blocks[max(0, title - ABOVE) : title][::-1]
    if first is not None and last is not None:
        places += blocks[max(0, first - BEFORE_TEXT) : first][::-1] + blocks[last + 1 : last + 1 + AFTER_TEXT]
    return places


def _date_text(line: str, latest: datetime | None) -> tuple[str, bool] | None:
    """Return the part of a line that gives a publication date, and whether a label says so."""
    if not _DIGIT.search(line):
        return None
    modified = _MODIFIED.search(line)
    published = _PUBLISHED.search(line)
    if published and (not modified or published.start() != modified.start()):
        part = line[published.start() :]
        if modified and modified.start() > published.start():
            part = line[published.start() : modified.start()]
        return (part, True) if _is_web_day(part, latest) else None
    if modified:
        before = line[: modified.start()]
        return (before, False) if _is_web_day(before, latest) else None
    return (line, False) if _is_web_day(line, latest) else None


def _dateline(paragraph: str, latest: datetime | None) -> str | None:
    start = paragraph[: DATELINE_CHARS + 1]
    place = _DATELINE_END.split(start, maxsplit=1)[0]
    return place if len(place) < len(start) and len(place) <= DATELINE_CHARS and _is_web_day(place, latest) else None


def _is_web_day(text: str, latest: datetime | None) -> bool:
    found = first_in(text, latest=latest)
    return found is not None and found.day is not None and found.day >= FIRST_WEB_DAY
