"""The record of runs: one document a run and one for each of its partitions, in the index `<prefix>-runs`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

    from search.indices import IndexNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The figures of a run or of a partition, as they are stored."""

    counts: Mapping[str, int]
    """`read` and each result."""
    reasons: Mapping[str, Mapping[str, int]]
    """Result → reason → how many."""
    stage_seconds: Mapping[str, float] = field(default_factory=dict)


class RunLog:
    """Writes the record of one run."""

    def __init__(self, client: Elasticsearch, names: IndexNames, run_id: str) -> None:
        """Write to the runs index of these names, which exists."""
        self._client, self._index, self._run_id = client, names.runs, run_id

    def start(self, started: datetime, inputs: Sequence[str], version: str, settings: Mapping[str, Any]) -> None:
        """Record that the run has begun.

        Args:
            started: when (UTC).
            inputs: what it was asked to read, as typed.
            version: of the pipeline.
            settings: what it works with; no secrets.
        """
        self._write(
            self._run_id,
            {
                "kind": "run",
                "status": "running",
                "started_at": started.isoformat(),
                "inputs": list(inputs),
                "pipeline_version": version,
                "settings": dict(settings),
            },
        )

    def partition(self, number: int, key: str, label: str, account: Account) -> None:
        """Record what became of one partition; recorded again, it replaces what was there."""
        self._write(
            f"{self._run_id}-{number:06}",
            {
                "kind": "partition",
                "partition": {"key": key, "label": label, "number": number},
                "finished_at": _now(),
                "status": "done",
                **_figures(account),
            },
        )

    def finish(self, status: str, account: Account, *, error: str | None = None) -> None:
        """Record how the run ended: `done`, `failed` or `interrupted`, and its figures so far."""
        answer = self._client.get(index=self._index, id=self._run_id)
        document = {**answer["_source"], "status": status, "finished_at": _now(), **_figures(account)}
        started = datetime.fromisoformat(document["started_at"])
        document["seconds"] = round((datetime.now(UTC) - started).total_seconds(), 3)
        self._write(self._run_id, {**document, **({"error": error} if error else {})})

    def overlapped(self) -> bool:
        """Whether another run was writing to the same index at any time since this one began."""
        self._client.indices.refresh(index=self._index)
        mine = self._client.get(index=self._index, id=self._run_id)["_source"]
        others: dict[str, Any] = {
            "bool": {
                "filter": [{"term": {"kind": "run"}}],
                "must_not": [{"term": {"run_id": self._run_id}}],
                "should": [
                    {"term": {"status": "running"}},
                    {"range": {"finished_at": {"gte": mine["started_at"]}}},
                ],
                "minimum_should_match": 1,
            }
        }
        return bool(self._client.count(index=self._index, query=others)["count"] > 0)

    def _write(self, document_id: str, document: Mapping[str, Any]) -> None:
        self._client.index(
            index=self._index, id=document_id, document={"run_id": self._run_id, **document}, require_alias=True
        )


def last_runs(client: Elasticsearch, names: IndexNames, inputs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the record of the last run that was asked for each of these inputs; those never asked for are left out."""
    if not inputs or not client.indices.exists_alias(name=names.runs):
        return {}
    searches: list[dict[str, Any]] = []
    for one in inputs:
        query = {"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"inputs": one}}]}}
        searches += [{"index": names.runs}, {"query": query, "size": 1, "sort": [{"started_at": "desc"}]}]
    client.indices.refresh(index=names.runs)
    answers = client.msearch(searches=searches)["responses"]
    hits = {one: answer["hits"]["hits"] for one, answer in zip(inputs, answers, strict=True) if "hits" in answer}
    return {one: found[0]["_source"] for one, found in hits.items() if found}


def _figures(account: Account) -> dict[str, Any]:
    return {
        "counts": dict(account.counts),
        "reasons": {result: dict(reasons) for result, reasons in account.reasons.items() if reasons},
        "stage_seconds": dict(account.stage_seconds),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
