"""Reading the ledger: which runs there were and what became of their inputs."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # msgspec reads the field types at run time
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from newsdex.search.errors import SearchError, explained
from newsdex.search.query.request import MAX_SIZE, MAX_WINDOW, SEARCH_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

T = TypeVar("T")

LAST = "last"
"""Names the latest run, where an id is asked for."""

AMBIGUOUS_SHOWN = 5
"""Runs that are named where the beginning of an id fits several."""

REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run, or a partition of one, as the ledger has it."""

    run_id: str
    status: str
    """`running`, `done`, `failed` or `interrupted`."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds: float | None = None
    inputs: tuple[str, ...] = ()
    label: str | None = None
    """Of a partition: what lies in it."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """`read` and each result."""
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Result → reason → how many."""
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None
    pipeline_version: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the programs that a run worked with."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What a run was made with, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(Generic[T]):
    """Some of the records asked for, and how many there are."""

    total: int
    records: tuple[T, ...]
    reasons: tuple[tuple[str, int], ...] = ()
    """Of the quarantine: every reason with its number, most frequent first, whichever is asked for."""


def runs(client: Elasticsearch, names: IndexNames, *, size: int = 50, offset: int = 0) -> RecordPage[RunRecord]:
    """Return the runs, the latest first.

    Raises:
        SearchError: no index yet, no node, or a page beyond the last that can be had.
    """
    answer = look_up(
        client,
        names.runs,
        {"query": {"term": {"kind": "run"}}, "sort": [{"started_at": {"order": "desc", "missing": "_last"}}]},
        size=size,
        offset=offset,
    )
    return RecordPage(total=total(answer), records=tuple(_run(hit["_source"]) for hit in answer["hits"]["hits"]))


def run(client: Elasticsearch, names: IndexNames, run_id: str, *, size: int = 200) -> tuple[RunRecord, ...]:
    """Return a run followed by its partitions in their order; empty where there is no such run.

    Raises:
        SearchError: no index yet, or no node.
    """
    # A run's own document has no number: it comes first.
    order = [{"partition.number": {"order": "asc", "missing": "_first"}}]
    answer = look_up(client, names.runs, {"query": {"term": {"run_id": run_id}}, "sort": order}, size=size, offset=0)
    return tuple(_run(hit["_source"]) for hit in answer["hits"]["hits"])


def find_run(client: Elasticsearch, names: IndexNames, wanted: str) -> RunRecord:
    """Return the run with this id, or the only one whose id begins so; `last` is the latest.

    Raises:
        SearchError: there is none, or several begin so; no index yet, or no node.
    """
    body: dict[str, Any] = {"sort": [{"started_at": {"order": "desc", "missing": "_last"}}]}
    given = [] if wanted == LAST else [{"prefix": {"run_id": wanted}}]
    body["query"] = {"bool": {"filter": [{"term": {"kind": "run"}}, *given]}}
    answer = look_up(client, names.runs, body, size=AMBIGUOUS_SHOWN, offset=0)
    found = [_run(hit["_source"]) for hit in answer["hits"]["hits"]]
    exact = [each for each in found if each.run_id == wanted] or found
    if not exact:
        raise SearchError(
            "There has been no run yet: `newsdex ingest FOLDER` makes one."
            if wanted == LAST
            else f"There is no run {wanted[:100]!r} in the ledger: `newsdex runs` lists them."
        )
    if len(exact) > 1 and wanted != LAST:
        shown = ", ".join(each.run_id for each in exact)
        raise SearchError(f"Several runs begin with {wanted!r} ({shown}…): type more of the id.")
    return exact[0]


def partitions_of(client: Elasticsearch, names: IndexNames, run_id: str) -> Iterator[RunRecord]:
    """Return the partitions of a run in their order, however many there are.

    Raises:
        SearchError: no index yet, or no node.
    """
    body: dict[str, Any] = {
        "query": {"bool": {"filter": [{"term": {"run_id": run_id}}, {"term": {"kind": "partition"}}]}},
        "sort": [{"partition.number": "asc"}],
    }
    return map(_run, scan_records(client, names.runs, body, page=MAX_SIZE))


def scan_records(
    client: Elasticsearch, index: str, body: Mapping[str, Any], *, page: int
) -> Iterator[Mapping[str, Any]]:
    """Yield the sources of all that a sorted search of the ledger or the quarantine finds, however many there are.

    Raises:
        SearchError: no index yet, or no node.
    """
    after: dict[str, Any] = {}
    while True:
        hits = look_up(client, index, {**body, **after}, size=page, offset=0)["hits"]["hits"]
        yield from (hit["_source"] for hit in hits)
        if len(hits) < page:
            return
        after = {"search_after": hits[-1]["sort"]}


def look_up(client: Elasticsearch, index: str, body: Mapping[str, Any], *, size: int, offset: int) -> Mapping[str, Any]:
    """Return the answer to a search of the ledger or the quarantine.

    Raises:
        SearchError: no index yet, no node, or a page beyond the last that can be had.
    """
    if not 0 <= size <= MAX_SIZE or offset < 0 or offset + size > MAX_WINDOW:
        raise SearchError(
            f"Records can be paged through up to number {MAX_WINDOW:,}: choose one reason or run instead."
        )
    # What became of single inputs is a record of its own (`left_out`): a partition has hundreds of them.
    asked = {"_source": {"excludes": [REPORT]}, **body, "size": size, "track_total_hits": True}
    asked["timeout"] = SEARCH_TIMEOUT
    if offset:
        asked["from"] = offset
    with explained():
        answer: Mapping[str, Any] = client.search(index=index, body=asked).body
    return answer


def total(answer: Mapping[str, Any]) -> int:
    """Return how many records a search found."""
    return int(answer["hits"]["total"]["value"])


def _run(source: Mapping[str, Any]) -> RunRecord:
    fields = filled(source)
    return msgspec.convert({**fields, "label": fields.get("partition", {}).get("label")}, RunRecord)


def filled(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document's fields that hold something."""
    return {name: value for name, value in source.items() if value is not None}
