"""Select the inputs of each interval of a source: by their path, or by sorting all inputs once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import xxhash

from newsdex.flows.backfills.interval_cache import IntervalCaches
from newsdex.flows.backfills.intervals import Interval, locations_of
from newsdex.flows.config.settings import CONFIG_FILE, SettingsError
from newsdex.flows.config.source_schedule import ScheduledSource, Select, missing_places
from newsdex.flows.prepare.day_order import DayOrders
from newsdex.flows.prepare.recipe import read_options
from newsdex.readers.files.blobs import blobs_at
from newsdex.readers.listing import partitions
from newsdex.readers.live.source import is_live
from newsdex.readers.partition import Partition
from newsdex.readers.read import read, release
from newsdex.transforms.article import Precision, RawArticle, Rejection
from newsdex.transforms.chain import publication
from newsdex.transforms.dates.parse import is_ambiguous
from newsdex.transforms.facts import declared_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from newsdex.flows.backfills.interval_cache import Input, IntervalCache
    from newsdex.flows.config.settings import Settings
    from newsdex.readers.partition import ReadOptions

NO_DATE, UNREADABLE = "(no date)", "(unreadable)"

ABSENT = frozenset({"nothing-matched", "no-such-path"})
"""Reasons that mean, of a path made from a date, that there was nothing on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What lies in one interval."""

    partitions: tuple[Partition, ...]
    digest: str
    """Changes with the content, and with nothing else."""
    rejections: tuple[Rejection, ...] = ()
    cache: str | None = None
    """Where the inputs were sorted to."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.partitions and not self.rejections

    @property
    def inputs(self) -> int:
        """How many inputs are in it."""
        return sum(each.expected or 0 for each in self.partitions) + len(self.rejections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What lies in each of some intervals."""

    content: dict[Interval, Content]
    left_out: dict[str, int] = field(default_factory=dict)
    """Inputs that belong to no interval at all, by reason: `(no date)`, `(unreadable)`."""
    scanned: bool = False
    """Whether the inputs had to be read for this, rather than only listed."""


def options_of(
    settings: Settings, source: ScheduledSource, *, limit: int | None = None, force: bool = False
) -> ReadOptions:
    """Return how the inputs of a source are read."""
    return read_options(settings, limit=limit, source=source.configured, force=force)


def select(settings: Settings, source: ScheduledSource, intervals: Sequence[Interval]) -> Selection:
    """Find what lies in each interval; a source that is not kept by date is read once for all of them.

    Raises:
        SettingsError: the source cannot tell such intervals apart, or a folder of it is gone.
        OSError: its bucket, or the archive's, is away.
    """
    gone = missing_places(source.locations)
    if gone:
        raise SettingsError(
            f"The source {source.name!r} cannot be read: there is no {', no '.join(gone)}. Mount the disk, or correct "
            f"its location in {CONFIG_FILE}, and start the backfill again."
        )
    options = options_of(settings, source)
    if any(is_live(location, options) for location in source.locations):
        # What was fetched lies in the archive, in a folder a day: the past is never asked of the network.
        blobs_at(options.fetch.archived).check()
        archive = f"{options.fetch.archived}/{{yyyy}}-{{mm}}-{{dd}}"
        source, options = replace(source, locations=(archive,), select=Select.PATH), replace(options, format=None)
    if source.select is Select.PATH:
        return Selection(content={each: _by_path(source, each, options) for each in intervals})
    caches = IntervalCaches(caches_folder(settings))
    listed = list(partitions(source.everything, options))
    name = _cache_name(source, intervals, listed)
    cache, scanned = caches.find(name), False
    if cache is None:
        cache, scanned = caches.fill(name, _placed(listed, _Sorter(source, intervals), options), options), True
    else:
        _release(listed, options)
    content = {each: _from_cache(cache, name, each, options) for each in intervals}
    return Selection(content=content, left_out=cache.left_out, scanned=scanned)


def cached_content(settings: Settings, source: ScheduledSource, interval: Interval, name: str) -> Content | None:
    """Return what lies in an interval according to a cache that is there, else `None`."""
    cache = IntervalCaches(caches_folder(settings)).find(name)
    if cache is None:
        return None
    return _from_cache(cache, name, interval, options_of(settings, source))


def caches_folder(settings: Settings) -> Path:
    """Return where the caches of an index lie."""
    return settings.home / "backfill" / settings.index


def materialise(settings: Settings, source: ScheduledSource, content: Content) -> bool:
    """Put the inputs of an interval where a run reads them; tell whether they were all there."""
    if content.cache is None:
        return True
    return IntervalCaches(caches_folder(settings)).materialise(
        content.cache, content.partitions, options_of(settings, source)
    )


def _from_cache(cache: IntervalCache, name: str, interval: Interval, options: ReadOptions) -> Content:
    place = str(interval)
    return Content(partitions=tuple(cache.partitions(place, options)), digest=cache.digest(place), cache=name)


def _by_path(source: ScheduledSource, interval: Interval, options: ReadOptions) -> Content:
    found: list[Partition] = []
    rejections: list[Rejection] = []
    for item in partitions(locations_of(source, interval), options):
        if isinstance(item, Partition):
            found.append(item)
        elif item.reason not in ABSENT:
            rejections.append(item)
    told = [*(each.key for each in found), *(f"{each.input_uri} {each.reason}" for each in rejections)]
    digest = xxhash.xxh3_128_hexdigest("\n".join(told).encode("utf-8", "surrogateescape"))
    return Content(partitions=tuple(found), digest=digest, rejections=tuple(rejections))


def _placed(
    listed: Sequence[Partition | Rejection], sorter: _Sorter, options: ReadOptions
) -> Iterator[tuple[Input, str | None]]:
    for item in listed:
        if isinstance(item, Rejection):
            yield item, UNREADABLE
            continue
        orders = DayOrders(partial(read, item, options))
        for each in read(item, options):
            yield (each, UNREADABLE) if isinstance(each, Rejection) else sorter.place(each, orders)
        release(item, options)


def _release(listed: Sequence[Partition | Rejection], options: ReadOptions) -> None:
    for item in listed:
        if isinstance(item, Partition):
            release(item, options)


def _cache_name(source: ScheduledSource, intervals: Sequence[Interval], listed: Sequence[Partition | Rejection]) -> str:
    told = xxhash.xxh3_128(f"{source.name} {source.select}".encode())
    for interval in intervals:
        told.update(str(interval).encode())
    for item in listed:
        told.update((item.key if isinstance(item, Partition) else item.input_uri).encode("utf-8", "surrogateescape"))
    return told.hexdigest()


class _Sorter:
    """Assigns each input to its interval."""

    def __init__(self, source: ScheduledSource, intervals: Sequence[Interval]) -> None:
        self._select = source.select
        self._places = {day: str(each) for each in intervals for day in each.days()}
        self._latest = datetime.now(UTC) + timedelta(days=1)

    def place(self, raw: RawArticle, orders: DayOrders) -> tuple[RawArticle, str | None]:
        """Return an article with its interval; `None` where it lies in none of them."""
        if self._select is Select.FETCHED:
            day = _fetched(raw)
        else:
            raw, day = _published(raw, self._latest, orders.of(raw))
        return raw, NO_DATE if day is None else self._places.get(day)


def _published(raw: RawArticle, latest: datetime, day_first: bool | None) -> tuple[RawArticle, date | None]:
    """Return an article with its day of publication.

    A date such as 3/4/2018 is written out: away from its neighbours, nothing would tell any more what it means.
    """
    found = publication(raw, declared_facts(raw), raw.fetched_at or latest, day_first)
    if found is None or found.moment is None:
        return raw, None
    day = found.day
    if day_first is not None and found.precision is Precision.DAY and is_ambiguous(raw.published or ""):
        return replace(raw, published=day.isoformat()), day
    return raw, day


def _fetched(raw: RawArticle) -> date | None:
    return raw.fetched_at.astimezone(UTC).date() if raw.fetched_at else None
