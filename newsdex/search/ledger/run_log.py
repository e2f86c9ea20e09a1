"""The record of runs: one document a run and one for each of its partitions, in the index `<prefix>-runs`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from elasticsearch import ConflictError

from newsdex.search.indices.write_block import retry_while_blocked
from newsdex.search.ledger.excluded import kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Outcome

SILENT_FOR = timedelta(minutes=30)
"""A run that recorded nothing for so long is taken for dead. A partition takes seconds, twenty of them may lie prepared
before the first is recorded, and a run waits twelve minutes for an Elasticsearch that is away."""

RUNNING_AT_ONCE = 1_000
"""More runs than that are never marked as running, dead ones included: each start closes those it finds."""


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

    def start(
        self,
        started: datetime,
        inputs: Sequence[str],
        version: str,
        settings: Mapping[str, Any],
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """Record that the run has begun.

        Args:
            started: when (UTC).
            inputs: what it was asked to read, as typed.
            version: of the pipeline.
            settings: what it works with; no secrets.
            versions: of the programs that it works with.
        """
        self.close_dead()
        self._write(
            self._run_id,
            {
                "kind": "run",
                "status": "running",
                "started_at": started.isoformat(),
                "inputs": list(inputs),
                "pipeline_version": version,
                "settings": dict(settings),
                "versions": dict(versions or {}),
            },
        )

    def partition(self, number: int, key: str, label: str, account: Account, outcomes: Iterable[Outcome] = ()) -> None:
        """Record what became of one partition; recorded again, it replaces what was there.

        Args:
            number: its place in the run, from 0.
            key: digest of its content.
            label: what lies in it.
            account: its figures.
            outcomes: of its inputs; those that were not indexed are kept one by one.
        """
        left_out = kept(outcomes)
        self._write(
            f"{self._run_id}-{number:06}",
            {
                "kind": "partition",
                "partition": {"key": key, "label": label, "number": number},
                "finished_at": _now(),
                "status": "done",
                **_figures(account),
                **({"report": {"left_out": left_out}} if left_out else {}),
            },
        )

    def finish(self, status: str, account: Account, *, error: str | None = None) -> None:
        """Record how the run ended: `done`, `failed` or `interrupted`, and its figures so far."""
        answer = self._client.get(index=self._index, id=self._run_id)
        document = {**answer["_source"], "status": status, "finished_at": _now(), **_figures(account)}
        document.pop("error", None)
        started = datetime.fromisoformat(document["started_at"])
        document["seconds"] = round((datetime.now(UTC) - started).total_seconds(), 3)
        self._write(self._run_id, {**document, **({"error": error} if error else {})})

    def overlapped(self) -> bool:
        """Return whether another run was writing to the same index at any time since this one began.

        A run that was killed stays `running` in the record; it counts until it has been silent for `SILENT_FOR`.
        """
        self._client.indices.refresh(index=self._index)
        mine = self._client.get(index=self._index, id=self._run_id)["_source"]
        finished: dict[str, Any] = {
            "bool": {
                "filter": [{"term": {"kind": "run"}}, {"range": {"finished_at": {"gte": mine["started_at"]}}}],
                "must_not": [{"term": {"run_id": self._run_id}}],
            }
        }
        if self._client.count(index=self._index, query=finished)["count"] > 0:
            return True
        running = set(self._running()) - {self._run_id}
        return bool(running - self._dead(running))

    def close_dead(self) -> int:
        """Record runs as `interrupted` that were killed before they could; return how many there were."""
        self._client.indices.refresh(index=self._index)
        dead = self._dead(set(self._running()) - {self._run_id})
        for run_id in dead:
            answer = self._client.get(index=self._index, id=run_id)
            minutes = int(SILENT_FOR.total_seconds() // 60)
            document = {
                **answer["_source"],
                "status": "interrupted",
                "finished_at": self._last_sign(run_id),
                "error": f"It was killed, or its machine stopped: it recorded nothing for {minutes} minutes.",
            }
            # A run that was only slow and has just recorded its end is right, and this is not; nor need two do this.
            with suppress(ConflictError):
                retry_while_blocked(
                    partial(
                        self._client.index,
                        index=self._index,
                        id=run_id,
                        document=document,
                        require_alias=True,
                        if_seq_no=answer["_seq_no"],
                        if_primary_term=answer["_primary_term"],
                    )
                )
        return len(dead)

    def _running(self) -> list[str]:
        """Return the runs that are recorded as running."""
        query: dict[str, Any] = {"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"status": "running"}}]}}
        found = self._client.search(index=self._index, query=query, size=RUNNING_AT_ONCE, source_includes=["run_id"])
        return [hit["_source"]["run_id"] for hit in found["hits"]["hits"]]

    def _dead(self, run_ids: Collection[str]) -> set[str]:
        """Return those of some running runs that have neither begun nor recorded a partition of late."""
        since = (datetime.now(UTC) - SILENT_FOR).isoformat()
        signs = [{"range": {"started_at": {"gte": since}}}, {"range": {"finished_at": {"gte": since}}}]
        query: dict[str, Any] = {
            "bool": {"filter": [{"terms": {"run_id": list(run_ids)}}], "should": signs, "minimum_should_match": 1}
        }
        groups = {"alive": {"terms": {"field": "run_id", "size": RUNNING_AT_ONCE}}}
        found = self._client.search(index=self._index, query=query, size=0, aggs=groups)
        return set(run_ids) - {bucket["key"] for bucket in found["aggregations"]["alive"]["buckets"]}

    def _last_sign(self, run_id: str) -> str:
        """Return when a run last recorded anything."""
        groups = {name: {"max": {"field": name}} for name in ("started_at", "finished_at")}
        found = self._client.search(index=self._index, query={"term": {"run_id": run_id}}, size=0, aggs=groups)
        times = [group["value"] for group in found["aggregations"].values() if group["value"] is not None]
        return datetime.fromtimestamp(max(times) / 1000, UTC).isoformat()

    def _write(self, document_id: str, document: Mapping[str, Any]) -> None:
        whole = {"run_id": self._run_id, **document}
        retry_while_blocked(
            partial(self._client.index, index=self._index, id=document_id, document=whole, require_alias=True)
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
