"""How facts read on the page: dates, numbers, languages, countries, addresses."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from newsdex.search.query.facet_table import BY_NAME
from newsdex.search.results.timeline import BarWidth
from newsdex.transforms.article import Precision

if TYPE_CHECKING:
    from newsdex.search.results.timeline import Bar

_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def number(value: int) -> str:
    """Return a number with its thousands apart: `12,345`."""
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 article`, `2 articles`."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def day(value: date) -> str:
    """Return a day as `23 January 2018`."""
    return f"{value.day} {value:%B} {value.year}"


def published(when: datetime | None, precision: Precision | None) -> str:
    """Return when an article was published, no more exactly than is known."""
    if when is None:
        return "no date"
    if precision is Precision.YEAR:
        return str(when.year)
    if precision in {Precision.MONTH, Precision.QUARTER}:
        return f"{when:%B} {when.year}"
    return day(when)


def moment(when: datetime | None) -> str:
    """Return a moment as `23 January 2018, 14:05 UTC`."""
    return f"{day(when)}, {when.astimezone(UTC):%H:%M} UTC" if when else "unknown"


def seconds(value: float | None) -> str:
    """Return a length of time: `0.4 s`, `2 min 5 s`, `1 h 10 min`."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def span(bar: Bar, interval: BarWidth) -> str:
    """Return the name of a bar's span: `March 2018`, `week of 5 March 2018`."""
    first = bar.first
    names = {
        BarWidth.DAY: lambda: day(first),
        BarWidth.WEEK: lambda: f"week of {day(first)}",
        BarWidth.MONTH: lambda: f"{first:%B} {first.year}",
        BarWidth.QUARTER: lambda: f"{first.year}, quarter {(first.month + 2) // 3}",
        BarWidth.YEAR: lambda: str(first.year),
    }
    return names.get(interval, lambda: f"{first.year} to {bar.last.year}")()


def tick(bar: Bar, interval: BarWidth) -> str:
    """Return a bar's span in few letters, for under the timeline: `4 Nov 2019`, `Nov 2019`, `Q4 2019`."""
    first = bar.first
    if interval in {BarWidth.DAY, BarWidth.WEEK}:
        return f"{first.day} {first:%b} {first.year}"
    if interval is BarWidth.MONTH:
        return f"{first:%b} {first.year}"
    return f"Q{(first.month + 2) // 3} {first.year}" if interval is BarWidth.QUARTER else str(first.year)


def facet_value(facet: str, value: str) -> str:
    """Return how a facet's value is called: languages and countries by name, the others as they are."""
    return BY_NAME[facet].label(value)


def language_tag(code: str) -> str:
    """Return a code for HTML's `lang`, `""` where the language is not known or the code is none."""
    return code if code != "und" and _LANGUAGE_TAG.fullmatch(code) else ""


def web_address(url: str | None) -> str:
    """Return an address that may be a link, `http` or `https` with a host; `""` for any other (`javascript:`…)."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme.lower() in {"http", "https"} and host else ""


def input_name(uri: str) -> str:
    """Return an input's name as a person would say it: a path without `file://`."""
    return unquote(uri.removeprefix("file://")) if uri.startswith("file://") else uri


def reason(code: str) -> str:
    """Return a reason code in words: `empty-file` is `empty file`."""
    return code.replace("-", " ")
