"""The configured sources as operation sees them: what to read, when, and which part of it an interval of time selects."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from flows.settings import CONFIG_FILE, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.settings import Settings

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
class Planned:
    """One source."""

    name: str
    locations: tuple[str, ...]
    schedule: str | None = None
    """Cron, or "every 15 minutes"; `None`: it runs when somebody starts it."""
    timezone: str = "UTC"
    jitter_seconds: int = 0
    """A scheduled run waits a random time up to this before it begins."""
    select: Select = Select.PUBLISHED
    field_map: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None
    language: str | None = None

    @property
    def everything(self) -> tuple[str, ...]:
        """The locations of all dates: the date's parts as patterns."""
        return tuple(_with(location, "[0-9][0-9][0-9][0-9]", "[0-9][0-9]", "[0-9][0-9]") for location in self.locations)


def planned(settings: Settings) -> dict[str, Planned]:
    """The configured sources by name.

    Raises:
        SettingsError: one of them cannot be operated; the sentence names it and the fix.
    """
    found: dict[str, Planned] = {}
    for entry in _entries(settings):
        source = _planned(entry)
        if source.name.casefold() in {name.casefold() for name in found}:
            raise SettingsError(
                f"Two sources are named {source.name!r} in {CONFIG_FILE}: give each a name of its own, for their "
                "runs and deployments are told apart by it."
            )
        found[source.name] = source
    return found


def source_named(settings: Settings, name: str) -> Planned:
    """One configured source.

    Raises:
        SettingsError: there is none of that name (any more).
    """
    found = planned(settings)
    if name not in found:
        known = ", ".join(found) or "none at all"
        raise SettingsError(
            f"There is no source {name!r} in {CONFIG_FILE} ({known}): put it back, or run `newsdex serve` to have its "
            "schedule removed."
        )
    return found[name]


def interval_of(schedule: str) -> timedelta | None:
    """The time between runs of an "every …" schedule; `None` for a cron one."""
    match = EVERY.fullmatch(schedule.strip())
    return timedelta(**{f"{match[2]}s": int(match[1])}) if match else None


def dated(location: str, year: int, month: int, day: int) -> str:
    """A location with a date in the place of its parts."""
    return _with(location, f"{year:04}", f"{month:02}", f"{day:02}")


def _with(location: str, *parts: str) -> str:
    for name, part in zip(DATE_PARTS, parts, strict=True):
        location = location.replace(name, part)
    return location


def _entries(settings: Settings) -> Iterable[Mapping[str, Any]]:
    """The `[[source]]` tables, checked for nothing yet."""
    configured = getattr(settings, "source", None) or getattr(settings, "sources", None)
    if configured is not None:
        return [each if isinstance(each, dict) else each.model_dump() for each in configured]
    path = Path(CONFIG_FILE)
    if not path.is_file():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("source", [])
    except (OSError, ValueError) as error:
        raise SettingsError(f"{CONFIG_FILE} cannot be read: {error}; mend the file or move it away.") from None
    return list(tables)


def _planned(entry: Mapping[str, Any]) -> Planned:
    name = str(entry.get("name") or "")
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"A source in {CONFIG_FILE} is named {name!r}: a name begins with a letter or digit and goes on with "
            "letters, digits, spaces, dots, dashes or underscores."
        )
    given = entry.get("locations") or entry.get("location") or ()
    locations = (given,) if isinstance(given, str) else tuple(map(str, given))
    if not locations:
        raise SettingsError(f"The source {name!r} has no location: give it one in {CONFIG_FILE}.")
    source = Planned(
        name=name,
        locations=locations,
        schedule=_schedule(name, entry.get("schedule")),
        timezone=_timezone(name, str(entry.get("timezone") or "UTC")),
        jitter_seconds=int(entry.get("jitter_seconds") or entry.get("jitter") or 0),
        select=_select(name, locations, entry.get("select")),
        field_map=dict(entry.get("mapping") or entry.get("field_map") or {}),
        format=entry.get("format"),
        language=entry.get("language"),
    )
    _ = source.everything
    return source


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
