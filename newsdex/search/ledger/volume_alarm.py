"""Whether sources and languages give what they used to: each one's daily volume against its own past.

A day is 24 hours back from now, and only days on which the same inputs were read count: a machine that was off makes no
source silent. What came on a day is what its runs wrote, as articles or as copies; what was there already is no news.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

DAYS = 28
"""How far back the past goes: four weeks show every weekly rhythm four times."""

LEAST_DAYS = 7
"""Days of the past, from a source's first article on, without which nothing is said of it: a whole week."""

LITTLE_SHARE = 0.5
"""A source gives little where it gives less than half of what it gave on its leanest day."""

LEAST_USUAL = 10
"""Below so many a day, half of the leanest day is no news."""

LEAST_MISSING = 5.0
"""So many articles must be missing: that chance alone keeps back five has a probability of 0.7 % (Poisson)."""

RUNS_READ = 5_000
"""Runs that are looked at: one every ten minutes makes 4,000 in four weeks."""

VALUES = 1_000
"""Sources looked at: those with the most articles."""

INPUTS_ASKED = 50
"""Of the inputs of a run, so many must be those of another run for the two to be alike."""

WATCHED = {"source": "source.name", "language": "language"}
"""What is watched → its field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A source or a language that gave far less than it used to."""

    kind: str
    """`source` or `language`."""
    name: str
    now: int
    """Articles of the last 24 hours."""
    usual: int
    """The median of the days before."""
    silent_days: int
    """Days without any article, the last 24 hours included; 0 where there were some."""
    new: bool = True
    """Whether the run before did not say so already."""

    @property
    def key(self) -> str:
        """Names it in the record of a run."""
        return f"{self.kind}:{self.name}"

    def sentence(self) -> str:
        """Return what happened, for a person."""
        days = "24 hours" if self.silent_days == 1 else f"{self.silent_days} days"
        if self.silent_days:
            verb = "went silent" if self.kind == "source" else "vanished"
            return (
                f"The {self.kind} {self.name!r} {verb}: nothing new for {days}, longer than ever in the last {DAYS} "
                f"days; usual are {self.usual:,} a day."
            )
        return (
            f"The {self.kind} {self.name!r} gave {self.now:,} in the last 24 hours, less than half of its leanest day "
            f"in the last {DAYS}; usual are {self.usual:,} a day."
        )


def fallen(
    client: Elasticsearch, names: IndexNames, inputs: Sequence[str], *, now: datetime | None = None
) -> tuple[Fallen, ...]:
    """Return the sources and languages that gave far less than they used to, of runs that read the same inputs.

    Nothing is said before the inputs have been read on `LEAST_DAYS` days.

    Args:
        client: the connection.
        names: of the indices.
        inputs: what the runs were asked to read, as recorded.
        now: the end of the last day (UTC).
    """
    # A bucket begins at a whole second.
    end = (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(seconds=1)
    client.indices.refresh(index=[names.runs, names.articles, names.copies])
    runs = _runs(client, names, inputs, end)
    read = {_day(end, datetime.fromisoformat(run["started_at"])) for run in runs.values()}
    if len(read) <= LEAST_DAYS:
        return ()
    told = _told_before(runs)
    found: list[Fallen] = []
    for kind, volumes in _volumes(client, names, list(runs), end).items():
        for name, by_day in sorted(volumes.items()):
            one = _judged(kind, name, [by_day.get(day, 0) for day in sorted(read | {0}, reverse=True)])
            if one is not None:
                found.append(replace(one, new=one.key not in told))
    return tuple(found)


def remember(client: Elasticsearch, names: IndexNames, run_id: str, found: Iterable[Fallen]) -> None:
    """Keep with the record of a run what it said, so that the next one need not raise the alarm again."""
    told = [one.key for one in found]
    client.update(index=names.runs, id=run_id, doc={"report": {"coverage": told}}, require_alias=True)


def _runs(
    client: Elasticsearch, names: IndexNames, inputs: Sequence[str], end: datetime
) -> dict[str, Mapping[str, Any]]:
    """Return the runs of these inputs within the time, the latest first, by id."""
    alike = [{"term": {"inputs": one}} for one in inputs[:INPUTS_ASKED]]
    since = {"range": {"started_at": {"gte": (end - timedelta(days=DAYS)).isoformat()}}}
    answer = client.search(
        index=names.runs,
        query={"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"status": "done"}}, since, *alike]}},
        size=RUNS_READ,
        sort=[{"started_at": "desc"}],
        source_includes=["run_id", "started_at", "report.coverage"],
    )
    return {hit["_source"]["run_id"]: hit["_source"] for hit in answer["hits"]["hits"]}


def _told_before(runs: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Return what the run before the last said."""
    before = list(runs.values())[1:2]
    return frozenset(before[0].get("report", {}).get("coverage", ())) if before else frozenset()


def _volumes(
    client: Elasticsearch, names: IndexNames, run_ids: Sequence[str], end: datetime
) -> dict[str, dict[str, dict[int, int]]]:
    """Return what is watched → its value → day (0 is the last 24 hours) → articles."""
    offset = int(end.timestamp()) % 86_400
    by_day = {"date_histogram": {"field": "ingested_at", "fixed_interval": "24h", "offset": f"+{offset}s"}}
    groups = {
        kind: {"terms": {"field": field, "size": VALUES}, "aggs": {"days": by_day}} for kind, field in WATCHED.items()
    }
    since = {"range": {"ingested_at": {"gte": (end - timedelta(days=DAYS)).isoformat(), "lt": end.isoformat()}}}
    answer = client.search(
        index=[names.articles, names.copies],
        query={"bool": {"filter": [{"terms": {"run_id": list(run_ids)}}, since]}},
        size=0,
        aggs=groups,
    )
    found: dict[str, dict[str, dict[int, int]]] = {}
    for kind in WATCHED:
        values: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for bucket in answer["aggregations"][kind]["buckets"]:
            for each in bucket["days"]["buckets"]:
                middle = datetime.fromtimestamp(each["key"] / 1000, UTC) + timedelta(hours=12)
                values[bucket["key"]][_day(end, middle)] = each["doc_count"]
        found[kind] = values
    return found


def _day(end: datetime, moment: datetime) -> int:
    return (end - moment) // timedelta(days=1)


def _judged(kind: str, name: str, volumes: Sequence[int]) -> Fallen | None:
    """Hold what came in the last 24 hours against the days before; `volumes` are oldest first."""
    begun = next((place for place, count in enumerate(volumes) if count), len(volumes))
    *past, now = volumes[begun:] or [0]
    if len(past) < LEAST_DAYS:
        return None
    usual = int(median(past))
    if now:
        little = usual >= LEAST_USUAL and now < LITTLE_SHARE * min(past)
        return Fallen(kind=kind, name=name, now=now, usual=usual, silent_days=0) if little else None
    silent, before = _silences([*past, now])
    # A first import of everything, or any other single day, does not make a source larger than it is.
    spoken = past[: len(past) + 1 - silent]
    ordinary = (sum(spoken) - max(spoken)) / max(1, len(spoken) - 1)
    if silent <= before or ordinary * silent < LEAST_MISSING:
        return None
    return Fallen(kind=kind, name=name, now=0, usual=usual, silent_days=silent)


def _silences(volumes: Sequence[int]) -> tuple[int, int]:
    """Return how many days at the end are without articles, and the longest such stretch before."""
    longest = stretch = 0
    for count in volumes:
        if count:
            longest, stretch = max(longest, stretch), 0
        else:
            stretch += 1
    return stretch, longest
