"""The record of runs: who is running, who was killed, and whether two wrote at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.ledger.excluded import left_out
from newsdex.search.ledger.run_log import SILENT_FOR, Account, RunLog
from newsdex.search.ledger.run_records import partitions_of
from newsdex.transforms.article import Outcome, Result, Stage

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

NOTHING = Account(counts={"read": 0}, reasons={})
LONG_AGO = datetime.now(UTC) - SILENT_FOR - timedelta(minutes=1)


@pytest.fixture
def made(client: Elasticsearch, names: IndexNames) -> IndexNames:
    ensure(client, names, IndexSettings(languages=("en",)))
    return names


def log(client: Elasticsearch, names: IndexNames, run_id: str, started: datetime | None = None) -> RunLog:
    made = RunLog(client, names, run_id)
    made.start(started or datetime.now(UTC), ["papers"], "1", {})
    return made


def test_a_run_alone_has_not_overlapped(client: Elasticsearch, made: IndexNames) -> None:
    """With nobody else about, nothing needs a second look."""
    assert not log(client, made, "alone").overlapped()


def test_a_run_beside_another_has_overlapped(client: Elasticsearch, made: IndexNames) -> None:
    """Another that is running, or ended after this one began, counts."""
    first, second = log(client, made, "first"), log(client, made, "second")
    assert first.overlapped()
    second.finish("done", NOTHING)
    assert first.overlapped()


def test_a_run_that_was_killed_long_ago_does_not_count(client: Elasticsearch, made: IndexNames) -> None:
    """It stays `running` in the record until the next run starts, which closes it with the time of its last sign."""
    log(client, made, "killed", LONG_AGO)
    mine = log(client, made, "mine")
    assert not mine.overlapped()
    record = client.get(index=made.runs, id="killed")["_source"]
    assert record["status"] == "interrupted"
    assert abs(datetime.fromisoformat(record["finished_at"]) - LONG_AGO) < timedelta(seconds=1)
    assert "killed" in record["error"]


def test_a_long_run_that_still_records_partitions_counts(client: Elasticsearch, made: IndexNames) -> None:
    """What tells the living from the dead is their last sign, not their age."""
    old = log(client, made, "old", LONG_AGO)
    old.partition(0, "key", "papers 1 to 500", NOTHING)
    mine = log(client, made, "mine")
    assert mine.overlapped()
    old.finish("done", NOTHING)
    assert "error" not in client.get(index=made.runs, id="old")["_source"]


def test_partitions_and_what_they_left_out_are_read_page_by_page(
    client: Elasticsearch, made: IndexNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, in order, however many requests that takes; what was indexed is not kept one by one."""
    mine = log(client, made, "mine")
    for number in range(7):
        results = {"new": Result.INDEXED, "no-body": Result.REJECTED, "near-copy": Result.DUPLICATE}
        outcomes = [
            Outcome(input_uri=f"file:///{number}/{reason}", result=result, reason=reason, stage=Stage.INDEX)
            for reason, result in results.items()
        ]
        mine.partition(number, "key", f"papers {number}", NOTHING, outcomes)
    client.indices.refresh(index=made.runs)
    monkeypatch.setattr("newsdex.search.ledger.run_records.MAX_SIZE", 3)
    monkeypatch.setattr("newsdex.search.ledger.excluded.PARTITIONS", 2)
    assert [each.label for each in partitions_of(client, made, "mine")] == [f"papers {n}" for n in range(7)]
    uris = [each.input_uri for each in left_out(client, made, "mine")]
    assert uris == [f"file:///{n}/{reason}" for n in range(7) for reason in ("no-body", "near-copy")]
    assert len(list(left_out(client, made, "mine", reason="no-body"))) == 7
    assert list(left_out(client, made, "mine", result="filtered")) == []
