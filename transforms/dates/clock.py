"""Reads the time of day and the time zone that are written beside a date."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING

from newsdex.tables import load_table

if TYPE_CHECKING:
    from datetime import tzinfo

    from newsdex.transforms.dates.parsed import Clock

_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})[:.h](\d\d)(?::(\d\d))?(?!\d)(?!\s?min\b)\s*([ap])?(?:\.?m\b\.?)?", re.IGNORECASE
)
_ZONE = re.compile(r"(?:(?:GMT|UTC)\s?)?([+-]\d{1,2}(?::?\d\d)?)(?!\d)|(?<=[\d\sAPMapm.(])(Z|[A-Z]{2,4})(?![\w-])")
_WIDEST = timedelta(hours=14)
"""No zone is further from UTC than this (Line Islands)."""


def read(after: str, before: str = "") -> tuple[Clock | None, tzinfo | None]:
    """Return the time of day and its zone written after (or before) a date; `None` for what is not there."""
    place = after
    found = _CLOCK.search(after)
    if not found:
        place, found = before, _CLOCK.search(before)
    if not found:
        return None, None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    zone = _ZONE.search(place, max(found.end() - 1, 0))
    return (hour, int(found[2]), int(found[3] or 0)), offset(zone[1] or zone[2]) if zone else None


def offset(zone: str | None) -> tzinfo | None:
    """Return the zone of `+0100`, `-05:00`, `+7`, `Z` or an abbreviation that means one zone only; else `None`."""
    if not zone:
        return None
    if zone[0] not in "+-":
        return _abbreviations().get(zone)
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if zone[0] == "-" else delta) if delta <= _WIDEST else None


@cache
def _abbreviations() -> dict[str, timezone]:
    hours: dict[str, float] = load_table(__file__, "zones.toml")["zones"]
    return {name: timezone(timedelta(hours=number)) for name, number in hours.items()}
