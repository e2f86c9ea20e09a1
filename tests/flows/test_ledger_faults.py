"""The ledger when Elasticsearch goes away in the very moment in which it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import elastic_transport
import pytest
from support.home import Newsdex
from support.records import write_records

from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import RunLog
from newsdex.transforms.article import Result


def failing_once(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[int]:
    """Let the first call of a method fail as if nobody answered; return a list with an entry for each call."""
    real, calls = getattr(owner, name), list[int]()

    def method(*given: Any, **rest: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise elastic_transport.ConnectionError("reset")
        return real(*given, **rest)

    monkeypatch.setattr(owner, name, method)
    return calls


def test_a_partition_that_is_recorded_at_the_second_try_counts_once(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is done again as a whole, and each input is in the account once."""
    source = write_records(tmp_path / "a.jsonl", range(6), "{broken")
    calls = failing_once(monkeypatch, RunLog, "partition")
    done = newsdex.ingest(source)
    assert len(calls) == 2
    assert (done.read, done.count(Result.INDEXED), done.count(Result.REJECTED)) == (7, 6, 1)
    assert len(done.partitions) == 1
    assert sum(done.languages.values()) == 6


def test_a_known_partition_and_an_unreadable_input_wait_for_elasticsearch(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before, and what cannot even be listed, are entered at the second try as well."""
    source = write_records(tmp_path / "a.jsonl", range(3))
    newsdex.ingest(source)
    with monkeypatch.context() as away:
        calls = failing_once(away, RunLog, "partition")
        again = newsdex.ingest(source)
    assert (len(calls), again.read, again.count(Result.UNCHANGED)) == (2, 3, 3)
    calls = failing_once(monkeypatch, Quarantine, "add")
    missing = newsdex.ingest(*(tmp_path / f"nowhere-{number}.txt" for number in range(4)))
    assert (missing.read, missing.count(Result.REJECTED), len(missing.partitions)) == (4, 4, 1)
    assert len(newsdex.articles(newsdex.names.rejected)) == 4


def test_the_beginning_and_the_end_of_a_run_wait_for_elasticsearch(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that is away for a moment, just then, ends no run; nor does it once all is recorded."""
    from newsdex.flows.runs import execute  # noqa: PLC0415  # after Prefect is configured

    calls = [failing_once(monkeypatch, RunLog, name) for name in ("start", "finish")]

    def away(*_: object, **__: object) -> None:
        raise elastic_transport.ConnectionError("reset")

    monkeypatch.setattr(execute, "publish", away)
    done = newsdex.ingest(write_records(tmp_path / "a.jsonl", range(2)))
    assert [len(each) for each in calls] == [2, 2]
    assert done.count(Result.INDEXED) == 2
    record = newsdex.client.get(index=newsdex.names.runs, id=done.run_id)["_source"]
    assert (record["status"], record["counts"]) == ("done", done.total.counts)
