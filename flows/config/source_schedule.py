"""The schedule of each configured source: what to read, when, and which inputs belong to an interval of time."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, available_timezones

from newsdex.flows.config.settings import CONFIG_FILE, SettingsError
from newsdex.flows.config.sources import configured
from newsdex.readers.uris import FILE, local_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsdex.flows.config.sources import ConfiguredSource

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,80}")
"""Prefect refuses `/`, `%`, `&`, `<` and `>` in a deployment's name; it also names files here."""

EVERY = re.compile(r"every (\d+) (second|minute|hour|day)s?")
"""The other way to write a schedule, beside cron."""

DATE_PARTS = ("{yyyy}", "{mm}", "{dd}")
"""What a location may hold in the place of a date."""


class Select(StrEnum):
    """By which date an interval selects the inputs of a source."""

    PUBLISHED = "published"
    """By the date of publication, as it will be in the index."""
    PATH = "path"
    """By the date in the location, written as {yyyy}/{mm}/{dd} there."""
    FETCHED = "fetched"
    """By the day on which a feed or page was fetched, where the input records it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledSource:
    """One configured source, with its schedule checked."""

    name: str
    locations: tuple[str, ...]
    schedule: str | None = None
    """Cron, or "every 15 minutes"; `None`: it runs when somebody starts it."""
    timezone: str = "UTC"
    jitter_seconds: int = 0
    """A scheduled run waits a random time up to this before it begins."""
    overlap: Literal["wait", "skip"] = "wait"
    """What becomes of a run that is due while one of this source still goes on."""
    select: Select = Select.PUBLISHED
    configured: ConfiguredSource | None = None
    """How it is read, beside."""

    @property
    def everything(self) -> tuple[str, ...]:
        """The locations of all dates."""
        return every_date(self.locations)


def missing_places(locations: Iterable[str]) -> list[str]:
    """Return the folders and files of this machine that locations name, up to their first pattern, and that are gone.

    An unmounted disk is such a place. That nothing in a folder matches a pattern is no fault: it may be a quiet day.
    """
    gone: dict[str, None] = {}
    for location in locations:
        path = local_path(location) if location.startswith(FILE) else location
        if path is None or "://" in path or "::" in path:
            continue
        fixed = re.split(r"[*?\[{]", path, maxsplit=1)[0]
        place = os.path.expanduser(fixed if fixed == path else os.path.dirname(fixed) or ".")  # noqa: PTH111, PTH120
        if not os.path.lexists(place):
            gone[place] = None
    return list(gone)


def every_date(locations: Iterable[str]) -> tuple[str, ...]:
    """Return locations with a pattern in the place of each part of a date, so that they match every date."""
    return tuple(_fill_in(location, "[0-9][0-9][0-9][0-9]", "[0-9][0-9]", "[0-9][0-9]") for location in locations)


def scheduled_sources() -> dict[str, ScheduledSource]:
    """Return the configured sources by name.

    Raises:
        SettingsError: one of them cannot be operated; the sentence names it and the fix.
    """
    found: dict[str, ScheduledSource] = {}
    for each in configured():
        if each.name.casefold() in {name.casefold() for name in found}:
            raise SettingsError(
                f"Two sources are named {each.name!r} in {CONFIG_FILE}: give each a name of its own, for their "
                "deployments are told apart by it."
            )
        found[each.name] = _scheduled(each)
    return found


def source_named(name: str) -> ScheduledSource:
    """Return one configured source by name.

    Raises:
        SettingsError: there is none of that name (any more).
    """
    found = scheduled_sources()
    if name not in found:
        known = ", ".join(found) or "none at all"
        raise SettingsError(
            f"There is no source {name!r} in {CONFIG_FILE} (there is {known}): put it back, or run `newsdex serve` to "
            "have its schedule removed."
        )
    return found[name]


def interval_of(schedule: str) -> timedelta | None:
    """Return the time between runs of an "every …" schedule; `None` for a cron one."""
    match = EVERY.fullmatch(schedule.strip())
    return timedelta(**{f"{match[2]}s": int(match[1])}) if match else None


def expand_date(location: str, year: int, month: int, day: int) -> str:
    """Return a location with a date in the place of its parts."""
    return _fill_in(location, f"{year:04}", f"{month:02}", f"{day:02}")


def _fill_in(location: str, *parts: str) -> str:
    for name, part in zip(DATE_PARTS, parts, strict=True):
        location = location.replace(name, part)
    return location


def _scheduled(source: ConfiguredSource) -> ScheduledSource:
    if not NAME.fullmatch(source.name):
        raise SettingsError(
            f"A source in {CONFIG_FILE} is named {source.name!r}: here a name begins with a letter or digit "
            "and goes on with letters, digits, spaces, dots, dashes or underscores."
        )
    return ScheduledSource(
        name=source.name,
        locations=source.locations,
        schedule=_schedule(source.name, source.schedule),
        timezone=_timezone(source.name, source.timezone or "UTC"),
        jitter_seconds=source.jitter_seconds,
        overlap=source.overlap,
        select=_select(source.name, source.locations, source.select),
        configured=source,
    )


def _schedule(name: str, schedule: str | None) -> str | None:
    if not schedule:
        return None
    if schedule.startswith("every"):
        step = interval_of(schedule)
        if not step:
            raise SettingsError(
                f"The schedule {schedule!r} of the source {name!r} cannot be read: write every 15 minutes, every "
                "6 hours or the like, or a cron line such as 0 6 * * *."
            )
        return schedule
    from prefect.schedules import Cron  # noqa: PLC0415  # takes a second to import, and only where there is a cron line

    try:
        Cron(schedule)
    except ValueError:
        raise SettingsError(
            f"The schedule {schedule!r} of the source {name!r} is no cron line: it has five fields (minute, hour, day, "
            "month, weekday), such as 0 6 * * * for every morning at six."
        ) from None
    return schedule


def _timezone(name: str, timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError, KeyError):
        close = [
            zone for zone in sorted(available_timezones()) if timezone.casefold().split("/")[-1] in zone.casefold()
        ]
        hint = f" Did you mean {close[0]}?" if close and timezone else ""
        raise SettingsError(
            f"The source {name!r} has the time zone {timezone!r}, which does not exist: write one as Europe/Berlin or "
            f"UTC.{hint}"
        ) from None
    return timezone


def _select(name: str, locations: tuple[str, ...], select: object) -> Select:
    has_date = any(part in location for location in locations for part in DATE_PARTS)
    try:
        chosen = Select(str(select)) if select else (Select.PATH if has_date else Select.PUBLISHED)
    except ValueError:
        raise SettingsError(
            f"The source {name!r} selects by {select!r}: it can select by {', '.join(Select)}."
        ) from None
    if chosen is Select.PATH and not all("{yyyy}" in location for location in locations):
        raise SettingsError(
            f"The source {name!r} selects by path, but a location of it has no {{yyyy}}: write the date's place into "
            "it, as in archive/{yyyy}/{mm}/{dd}/*.jsonl."
        )
    return chosen
