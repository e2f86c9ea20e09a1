"""Reading the quarantine: which inputs lie in it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.ledger.run_records import RecordPage, filled, look_up, scan_records, total
from newsdex.search.query.request import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

REASONS_COUNTED = 100
"""Reasons counted in one answer: there are some dozens of codes."""


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
class ReasonInQuarantine:
    """Why inputs lie in the quarantine, how many, and one of them."""

    result: str
    reason: str
    count: int
    example: QuarantineRecord
    """The latest."""


def quarantined(
    client: Elasticsearch,
    names: IndexNames,
    *,
    reason: str | None = None,
    result: str | None = None,
    run_id: str | None = None,
    size: int = 50,
    offset: int = 0,
) -> RecordPage[QuarantineRecord]:
    """Return the inputs that were left out, the latest first, of one reason, result or run where these are given.

    Raises:
        SearchError: no index yet, no node, or a page beyond the last that can be had.
    """
    body = {
        "query": _with(result=result, run_id=run_id),
        "post_filter": {"term": {"reason": reason}} if reason else {"match_all": {}},
        "sort": [{"at": {"order": "desc", "missing": "_last"}}, {"input_uri": {"order": "asc"}}],
        "aggs": {"reasons": {"terms": {"field": "reason", "size": REASONS_COUNTED}}},
    }
    answer = look_up(client, names.rejected, body, size=size, offset=offset)
    return RecordPage(
        total=total(answer),
        records=tuple(_quarantined(hit["_source"]) for hit in answer["hits"]["hits"]),
        reasons=tuple((each["key"], each["doc_count"]) for each in answer["aggregations"]["reasons"]["buckets"]),
    )


def quarantined_inputs(
    client: Elasticsearch,
    names: IndexNames,
    *,
    reason: str | None = None,
    result: str | None = None,
    run_id: str | None = None,
) -> Iterator[QuarantineRecord]:
    """Return all inputs that were left out, the latest first, of one reason, result or run where these are given.

    Raises:
        SearchError: no index yet, or no node.
    """
    body: dict[str, Any] = {
        "query": _with(reason=reason, result=result, run_id=run_id),
        "sort": [{"at": {"order": "desc", "missing": "_last"}}, {"input_uri": {"order": "asc", "missing": "_last"}}],
    }
    return map(_quarantined, scan_records(client, names.rejected, body, page=MAX_SIZE))


def reasons(
    client: Elasticsearch, names: IndexNames, *, result: str | None = None, run_id: str | None = None
) -> tuple[ReasonInQuarantine, ...]:
    """Return why inputs lie in the quarantine, the most frequent reason first, each with an example.

    Raises:
        SearchError: no index yet, or no node.
    """
    latest = {"top_hits": {"size": 1, "sort": [{"at": "desc"}]}}
    body = {
        "query": _with(result=result, run_id=run_id),
        "aggs": {"reasons": {"terms": {"field": "reason", "size": REASONS_COUNTED}, "aggs": {"latest": latest}}},
    }
    found = []
    for each in look_up(client, names.rejected, body, size=0, offset=0)["aggregations"]["reasons"]["buckets"]:
        example = _quarantined(each["latest"]["hits"]["hits"][0]["_source"])
        found.append(
            ReasonInQuarantine(result=example.result, reason=each["key"], count=each["doc_count"], example=example)
        )
    return tuple(found)


def _with(**asked: str | None) -> dict[str, Any]:
    """Return the query for inmates with these values; `None` asks for any."""
    return {"bool": {"filter": [{"term": {name: value}} for name, value in asked.items() if value]}}


def _quarantined(source: Mapping[str, Any]) -> QuarantineRecord:
    return msgspec.convert(filled(source), QuarantineRecord)
