"""Reads the publication date that a news address carries: `/2018/01/23/`, `/2018/jan/23/`, `2018-01-23`, `20180123`."""

from __future__ import annotations

import re
from datetime import date

from newsdex.transforms.dates import month_names

FIRST_WEB_DAY = date(1991, 8, 6)
"""The day of the first web site: an address names no earlier publication of its page."""

_PATTERNS = (
    re.compile(r"(?<!\d)((?:19|20)\d\d)(/)([01]?\d)/([0-3]?\d)(?=[/.?]|\Z)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)([._-])([01]?\d)\2([0-3]?\d)(?!\d)"),
    re.compile(
        r"(?<!\d)((?:19|20)\d\d)(/)"
        r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/([0-3]?\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\da-f])((?:19|20)\d\d)()([01]\d)([0-3]\d)(?![\da-f])", re.IGNORECASE),
)
_DAY_FIRST = re.compile(r"(?<!\d)([0-3]\d)([._-])([01]\d)\2((?:19|20)\d\d)(?!\d)")
_MONTHS = {month[:3]: number for number, month in enumerate(month_names.MONTHS, start=1)}
MAX_URL_CHARS = 2_000


def find(url: str) -> date | None:
    """Return the day that an address names; `None` if it names none, or two different ones."""
    path = url[:MAX_URL_CHARS].split("://", 1)[-1].partition("/")[2]
    for pattern in _PATTERNS:
        days = {day for match in pattern.finditer(path) if (day := _day(match))}
        if days:
            return days.pop() if len(days) == 1 else None
    found = {day for match in _DAY_FIRST.finditer(path) if (day := _day_last(match))}
    return found.pop() if len(found) == 1 else None


def _day_last(match: re.Match[str]) -> date | None:
    """Return the day of `23-01-2022`; `None` where it may as well be month first."""
    first, _, second, year = match.groups()
    if int(first) <= 12 and first != second:
        return None
    try:
        return date(int(year), int(second), int(first))
    except ValueError:
        return None


def _day(match: re.Match[str]) -> date | None:
    year, _, month, day = match.groups()
    try:
        found = date(int(year), _MONTHS.get(month.casefold()) or int(month), int(day))
    except ValueError:
        return None
    return found if found >= FIRST_WEB_DAY else None
