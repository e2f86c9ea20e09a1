"""Reads dates written with the name of a month, in the languages of the large presses."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from newsdex.transforms.article import Precision
from newsdex.transforms.dates import clock as published_clock
from newsdex.transforms.dates.parsed import build

if TYPE_CHECKING:
    from newsdex.transforms.dates.parsed import ParsedDate

TWO_DIGIT_YEAR_PIVOT = 69
"""POSIX: a two-digit year from 69 on is of the 1900s, below it of the 2000s."""

_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|°|-?\u0433\u043e|-?\u0435)?[\s\-/]*(?:de |d'|of |di |den |ng |tháng )?"
    r"([^\W\d_]{3,15})\.?,?[\s\-/]*(?:de |del |năm )?[\s,]*(\d{4})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY_YEAR = re.compile(
    r"([^\W\d_]{3,15})\.?[\s\-]*(\d{1,2})(?:st|nd|rd|th|\.)?[\s,\-/]+(\d{4})(?!\d)", re.IGNORECASE
)
_YEAR_MONTH_DAY = re.compile(
    r"(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})|(\d{4})[.,]?\s+([^\W\d_]{3,15})\.?\s+(\d{1,2})(?!\d)"
)
_MONTH_YEAR = re.compile(r"\W*([^\W\d_]{3,15})\.?,?\s+(?:de |del )?(\d{4})\W*\Z", re.IGNORECASE)
_UNIX = re.compile(r"([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d\d:\d\d(?::\d\d)?)\s+([A-Z]{1,4}|[+-]\d{4})?\s*(\d{4})(?!\d)")
_RFC_850 = re.compile(r"[A-Za-z]+,?\s+(\d{1,2})-([A-Za-z]{3})-(\d\d)(?!\d)")
_RFC_822 = re.compile(r"(?:[A-Za-z]+,?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d\d)(?=\s+\d\d:\d\d)")
"""With a year of two digits, as the first standard of mail and feeds has it."""


def read(text: str) -> ParsedDate | None:
    """Return the first date in words that a text names; `None` if it names none."""
    for pattern, order in ((_DAY_MONTH_YEAR, (3, 2, 1)), (_MONTH_DAY_YEAR, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, month, day = (found[group] for group in order)
            if number := _month(month):
                clock, zone = published_clock.read(text[found.end() :], text[: found.start()])
                return build(int(year), number, int(day), clock, zone)
    return _year_first(text) or _rare(text)


def _year_first(text: str) -> ParsedDate | None:
    if not (found := _YEAR_MONTH_DAY.search(text)):
        return None
    year, month, day = found.groups()[:3] if found[1] else found.groups()[3:]
    number = int(month) if month.isdecimal() else _month(month)
    return build(int(year), number, int(day), *published_clock.read(text[found.end() :])) if number else None


def _rare(text: str) -> ParsedDate | None:
    """Return a date as RFC 850, RFC 822, Unix's `date` and month-and-year lines write it."""
    if (match := _RFC_850.match(text) or _RFC_822.match(text)) and (number := _month(match[2])):
        year = century(int(match[3]))
        return build(year, number, int(match[1]), *published_clock.read(text[match.end() :]))
    if (match := _UNIX.search(text)) and (number := _month(match[1])):
        return build(int(match[5]), number, int(match[2]), *published_clock.read(f"{match[3]} {match[4] or ''}"))
    if (match := _MONTH_YEAR.match(text)) and (number := _month(match[1])):
        return build(int(match[2]), number, 1, precision=Precision.MONTH)
    return None


def century(short: int) -> int:
    """Return the year that two digits stand for."""
    return short + (1900 if short >= TWO_DIGIT_YEAR_PIVOT else 2000)


MONTH_LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "is",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "ru",
    "uk",
    "sr-Latn",
    "sr-Cyrl",
    "sl",
    "lt",
    "lv",
    "et",
    "el",
    "tr",
    "id",
    "ms",
    "vi",
    "ca",
    "gl",
    "eu",
    "af",
    "sq",
    "mk",
    "az-Latn",
    "ka",
    "hy",
    "ar",
    "fa",
    "he",
    "hi",
    "bn",
    "ta",
    "th",
    "sw",
    "tl",
]
"""The languages whose month names are known: those with a large press, out of the 205 that dateparser has."""

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


@cache
def _month_names() -> dict[str, int]:
    """Return month names (casefolded) → number, of dateparser's tables; names that two languages dispute are left out.

    "listopad" is October in Croatian and November in Polish: without the language it says nothing.
    """
    meanings: dict[str, set[int]] = {}
    for code in MONTH_LANGUAGES:
        names = import_module(f"dateparser.data.date_translation_data.{code}").info
        for number, month in enumerate(MONTHS, start=1):
            for name in names.get(month, ()):
                meanings.setdefault(name.strip(". ").casefold(), set()).add(number)
    return {name: numbers.pop() for name, numbers in meanings.items() if len(numbers) == 1}


def _month(word: str) -> int | None:
    return _month_names().get(word.strip(".").casefold())
