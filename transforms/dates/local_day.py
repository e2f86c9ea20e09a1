"""Tell the local day of a moment in UTC, and the moment of a local time: both by the country of the paper.

An article of 22:30 in New York stands under the next day in UTC. Most pages give their own offset, and then nothing has
to be told; for a moment in UTC the paper's country decides, if all its time zones agree on the day.
"""

from __future__ import annotations

from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, datetime


def local_day(moment: datetime, country: str | None) -> date | None:
    """Return the day of a moment in a country; `None` where the country is unknown or has two days at that moment.

    Args:
        moment: The instant, with its zone.
        country: ISO 3166 alpha-2 code.
    """
    days = {moment.astimezone(ZoneInfo(zone)).date() for zone in _zones().get(country or "", ())}
    return days.pop() if len(days) == 1 else None


def local_moment(clock: datetime, country: str | None) -> datetime | None:
    """Return the moment, in UTC, of a time of day in a country; `None` where it is unknown or its zones differ.

    Args:
        clock: The day and time as written; its zone is not looked at.
        country: ISO 3166 alpha-2 code.
    """
    moments = {clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for zone in _zones().get(country or "", ())}
    return moments.pop() if len(moments) == 1 else None


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Return the time zones of each country, of the IANA database's `zone.tab` (in the package tzdata)."""
    zones: dict[str, tuple[str, ...]] = {}
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for row in table.splitlines():
        if row and not row.startswith("#"):
            country, _, zone, *_ = row.split("\t")
            zones[country] = (*zones.get(country, ()), zone)
    return zones
