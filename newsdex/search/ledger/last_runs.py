"""What the record of runs knows about inputs that were asked for by name, such as an interval of a source."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

CHUNK = 500
"""Inputs a request: each brings one document of the record back, some kilobytes with its settings left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRun:
    """The latest run that did something asked for by name, and came to its end."""

    run_id: str
    inputs: tuple[str, ...]
    counts: Mapping[str, int]
    pipeline_version: str


def latest_done(client: Elasticsearch, names: IndexNames, inputs: Sequence[str]) -> dict[str, DoneRun]:
    """Return the latest run that is done for each of `inputs`, as they were typed; those never done are left out."""
    client.indices.refresh(index=names.runs)
    found: dict[str, DoneRun] = {}
    for begin in range(0, len(inputs), CHUNK):
        chunk = list(inputs[begin : begin + CHUNK])
        latest: dict[str, Any] = {
            "top_hits": {
                "size": 1,
                "sort": [{"started_at": "desc"}],
                "_source": ["run_id", "inputs", "counts", "pipeline_version"],
            }
        }
        answer = client.search(
            index=names.runs,
            size=0,
            query={"bool": {"filter": [{"terms": {"inputs": chunk}}, *({"term": t} for t in _DONE)]}},
            aggs={"input": {"terms": {"field": "inputs", "include": chunk, "size": CHUNK}, "aggs": {"latest": latest}}},
        )
        for bucket in answer["aggregations"]["input"]["buckets"]:
            record = bucket["latest"]["hits"]["hits"][0]["_source"]
            found[bucket["key"]] = DoneRun(
                run_id=record["run_id"],
                inputs=tuple(record["inputs"]),
                counts=record.get("counts", {}),
                pipeline_version=record.get("pipeline_version", ""),
            )
    return found


def usual_read(client: Elasticsearch, names: IndexNames, asked_for: str, *, runs: int = 10) -> int | None:
    """Return the median of how many inputs the last runs of something read, the latest of them left out.

    `None` where there were fewer than three: what is usual is not known yet.
    """
    client.indices.refresh(index=names.runs)
    answer = client.search(
        index=names.runs,
        query={"bool": {"filter": [{"term": {"inputs": asked_for}}, *({"term": t} for t in _DONE)]}},
        sort=[{"started_at": "desc"}],
        size=runs + 1,
        source_includes=["counts.read"],
    )
    reads = [hit["_source"]["counts"]["read"] for hit in answer["hits"]["hits"][1:]]
    return int(median(reads)) if len(reads) >= LEAST_RUNS else None


LEAST_RUNS = 3
"""With fewer, one odd run would be taken for the usual."""

_DONE = ({"kind": "run"}, {"status": "done"})
