"""The record of runs: who is running, who was killed, and whether two wrote at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from search.indices import IndexNames, IndexSettings, ensure
from search.runs import SILENT_FOR, Account, RunLog

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
