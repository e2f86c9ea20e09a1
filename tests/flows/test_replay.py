"""Replaying the quarantine, and what maintenance removes: real flows, a real Elasticsearch."""

from __future__ import annotations

import json
import os
import time
from datetime import date
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import story, write_records

from newsdex.search.ledger.quarantine import Quarantine
from newsdex.transforms.article import Result

pytestmark = pytest.mark.slow


def broken(path: Path) -> Path:
    """Return a file with three articles, a line that is no JSON, and an article without a text."""
    return write_records(path, range(3), "{broken", '{"title": "no text here"}')


def test_what_was_mended_leaves_the_quarantine(newsdex: Newsdex, tmp_path: Path) -> None:
    """A replay reads the inputs of one reason again; those that are well now are indexed, the others stay."""
    from newsdex.flows.replay import replay  # noqa: PLC0415  # after Prefect is configured

    source = broken(tmp_path / "a.jsonl")
    newsdex.ingest(source)
    assert len(newsdex.articles(newsdex.names.rejected)) == 2
    lines = source.read_text(encoding="utf-8").splitlines()
    lines[3] = json.dumps(story(77))
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = replay(reason="invalid-json")
    assert done is not None
    assert done.total.counts["read"] == done.count(Result.INDEXED) == 1
    (left,) = newsdex.articles(newsdex.names.rejected).values()
    assert left["reason"] == "no-body"
    assert len(newsdex.articles()) == 4
    again = replay()
    assert again is not None
    assert again.count(Result.REJECTED) == again.read == 1
    assert len(newsdex.articles(newsdex.names.rejected)) == 1


def test_an_empty_quarantine_is_no_work(newsdex: Newsdex) -> None:
    """There is nothing to report."""
    from newsdex.flows.replay import replay  # noqa: PLC0415  # after Prefect is configured

    assert newsdex
    assert replay() is None


def test_inmates_are_listed_page_by_page(newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, each once, however many requests that takes."""
    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(1), *["{broken"] * 7))
    monkeypatch.setattr("newsdex.search.ledger.quarantine.CHUNK", 3)
    found = list(Quarantine(newsdex.client, newsdex.names).quarantined_inputs())
    assert len(found) == len(set(found)) == 7


def test_maintenance_removes_what_is_old_and_nothing_else(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old staged files and replaced indices go; fresh files, the newest replaced index and articles stay."""
    from newsdex.flows.maintenance import maintenance  # noqa: PLC0415  # after Prefect is configured

    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(2)))
    staging = newsdex.settings.staging / newsdex.settings.index
    (old, fresh) = (staging / "old.staged.zst", staging / "fresh.staged.zst")
    for path in (old, fresh):
        path.write_bytes(b"")
    long_ago = time.time() - 40 * 86_400
    os.utime(old, (long_ago, long_ago))
    archive = newsdex.settings.home / "archive"
    for day in ("2019-01-01", f"{date.today()}"):  # noqa: DTZ011  # a day more or less does not matter here
        (archive / day).mkdir(parents=True)
    monkeypatch.setenv("NEWSDEX_KEEP_ARCHIVE_DAYS", "30")
    maintenance(only_look=True)
    assert old.exists()
    maintenance()
    assert not old.exists()
    assert fresh.exists()
    assert [day.name for day in archive.iterdir()] == [f"{date.today()}"]  # noqa: DTZ011
    assert len(newsdex.articles()) == 2


def test_replaced_indices_go_but_for_the_way_back(newsdex: Newsdex, tmp_path: Path) -> None:
    """Of the versions that no alias names, the newest stays whatever its age."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # only here

    from newsdex.search.indices.retention import delete, replaced  # noqa: PLC0415

    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(1)))
    alias = newsdex.names.articles
    for number in (7, 8, 9):
        newsdex.client.indices.create(index=f"{alias}-v0-00000{number}")
    newsdex.client.indices.create(index=f"{alias}-vacation")
    later = datetime.now(UTC) + timedelta(days=1)
    found = replaced(newsdex.client, newsdex.names, before=later)
    assert found == [f"{alias}-v0-000007", f"{alias}-v0-000008"]
    assert replaced(newsdex.client, newsdex.names, before=later - timedelta(days=30)) == []
    delete(newsdex.client, found)
    assert replaced(newsdex.client, newsdex.names, before=later) == []
    assert len(newsdex.articles()) == 1
