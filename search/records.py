"""Reading the ledger and the quarantine: which runs there were, and which inputs were left out, and why."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # msgspec reads the field types at run time
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import elastic_transport
import msgspec
from elasticsearch import ApiError

from search.errors import SearchError, explain
from search.queries import MAX_SIZE, MAX_WINDOW, SEARCH_TIMEOUT

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from search.indices import IndexNames

T = TypeVar("T")

REASONS_COUNTED = 100
"""Reasons counted in one answer: there are some dozens of codes."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRecord:
    """An input that was left out."""

    input_uri: str
    result: str
    """`rejected` or `filtered`."""
    stage: str
    reason: str
    detail: str = ""
    raw: str = ""
    """The beginning of the input."""
    run_id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of the records asked for, and how many there are."""

    total: int
    records: tuple[T, ...]
    reasons: tuple[tuple[str, int], ...] = ()
    """Of the quarantine: every reason with its number, most frequent first, whichever is asked for."""


def runs(client: Elasticsearch, names: IndexNames, *, size: int = 50, offset: int = 0) -> Page[RunRecord]:
    """Return the runs, the latest first.

    Raises:
        SearchError: no index yet, no node, or a page beyond the last that can be had.
    """
    answer = _search(
        client,
        names.runs,
        {"query": {"term": {"kind": "run"}}, "sort": [{"started_at": {"order": "desc", "missing": "_last"}}]},
        size=size,
        offset=offset,
    )
    return Page(total=_total(answer), records=tuple(_run(hit["_source"]) for hit in answer["hits"]["hits"]))


def run(client: Elasticsearch, names: IndexNames, run_id: str, *, size: int = 200) -> tuple[RunRecord, ...]:
    """Return a run followed by its partitions in their order; empty where there is no such run.

    Raises:
        SearchError: no index yet, or no node.
    """
    # A run's own document has no number: it comes first.
    order = [{"partition.number": {"order": "asc", "missing": "_first"}}]
    answer = _search(client, names.runs, {"query": {"term": {"run_id": run_id}}, "sort": order}, size=size, offset=0)
    return tuple(_run(hit["_source"]) for hit in answer["hits"]["hits"])


def quarantined(
    client: Elasticsearch,
    names: IndexNames,
    *,
    reason: str | None = None,
    result: str | None = None,
    run_id: str | None = None,
    size: int = 50,
    offset: int = 0,
) -> Page[QuarantineRecord]:
    """Return the inputs that were left out, the latest first, of one reason, result or run where these are given.

    Raises:
        SearchError: no index yet, no node, or a page beyond the last that can be had.
    """
    asked = {"result": result, "run_id": run_id}
    body = {
        "query": {"bool": {"filter": [{"term": {name: value}} for name, value in asked.items() if value]}},
        "post_filter": {"term": {"reason": reason}} if reason else {"match_all": {}},
        "sort": [{"at": {"order": "desc", "missing": "_last"}}, {"input_uri": {"order": "asc"}}],
        "aggs": {"reasons": {"terms": {"field": "reason", "size": REASONS_COUNTED}}},
    }
    answer = _search(client, names.rejected, body, size=size, offset=offset)
    return Page(
        total=_total(answer),
        records=tuple(msgspec.convert(_filled(hit["_source"]), QuarantineRecord) for hit in answer["hits"]["hits"]),
        reasons=tuple((each["key"], each["doc_count"]) for each in answer["aggregations"]["reasons"]["buckets"]),
    )


def _search(client: Elasticsearch, index: str, body: Mapping[str, Any], *, size: int, offset: int) -> Mapping[str, Any]:
    if not 0 <= size <= MAX_SIZE or offset < 0 or offset + size > MAX_WINDOW:
        raise SearchError(
            f"Records can be paged through up to number {MAX_WINDOW:,}: choose one reason or run instead."
        )
    asked = {**body, "size": size, "from": offset, "track_total_hits": True, "timeout": SEARCH_TIMEOUT}
    try:
        answer: Mapping[str, Any] = client.search(index=index, body=asked).body
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    return answer


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])


def _run(source: Mapping[str, Any]) -> RunRecord:
    fields = _filled(source)
    return msgspec.convert({**fields, "label": fields.get("partition", {}).get("label")}, RunRecord)


def _filled(source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in source.items() if value is not None}
