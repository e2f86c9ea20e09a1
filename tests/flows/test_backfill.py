"""What a backfill finds to do, and one interval of it: a real Prefect server, a real Elasticsearch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import story, write_records

from newsdex.flows.backfills.intervals import Step, cut, interval_between
from newsdex.flows.backfills.plan import IntervalRow, Redo, Status, plan
from newsdex.flows.backfills.selection import caches_folder, select
from newsdex.flows.config.source_schedule import source_named
from newsdex.search.indices.manage import ensure

START, END = "2019-01-01", "2019-01-10"


@pytest.fixture
def source(newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a configured source with sixty articles of all months of 2019; two of them lie in the span."""
    assert newsdex
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newsdex.toml").write_text('[[source]]\nname = "echo"\nlocation = "in"\n', encoding="utf-8")
    (tmp_path / "in").mkdir()
    return write_records(tmp_path / "in" / "a.jsonl", range(60))


def rows(newsdex: Newsdex, redo: Redo = Redo.MISSING) -> list[IntervalRow]:
    """Return the plan of a backfill by day; days without an article are left out."""
    days = cut(interval_between(START, END), Step.DAY)
    found = select(newsdex.settings, source_named("echo"), days)
    return [row for row in plan(newsdex.settings, newsdex.client, "echo", found.content, redo) if not row.content.empty]


def statuses(newsdex: Newsdex, redo: Redo = Redo.MISSING) -> dict[str, Status]:
    return {row.interval.label: row.status for row in rows(newsdex, redo)}


def test_an_interval_is_indexed_once_and_found_again(newsdex: Newsdex, source: Path) -> None:
    """What an interval takes is in the index, nothing else is; a second plan has nothing to do, until that changes."""
    from newsdex.flows.backfill import backfill_interval  # noqa: PLC0415  # after Prefect is configured

    assert source
    ensure(newsdex.client, newsdex.names)
    assert statuses(newsdex) == {"2019-01-01": Status.TO_DO, "2019-01-09": Status.TO_DO}
    backfill_interval("echo", "2019-01-01", "2019-01-02")
    (document,) = newsdex.articles().values()
    assert document["published_at"].startswith("2019-01-01")
    half = {"2019-01-01": Status.IN_INDEX, "2019-01-09": Status.TO_DO}
    assert statuses(newsdex) == statuses(newsdex, Redo.OUTDATED) == half
    assert set(statuses(newsdex, Redo.EVERYTHING).values()) == {Status.TO_DO}
    newsdex.client.delete(index=newsdex.names.articles, id=document["_id"], refresh=True)
    assert set(statuses(newsdex).values()) == {Status.TO_DO}


def test_an_interval_is_read_again_where_the_sorted_inputs_are_gone(newsdex: Newsdex, source: Path) -> None:
    """A retry on another machine, or long after, does not depend on what the backfill left behind."""
    from newsdex.flows.backfill import backfill_interval  # noqa: PLC0415  # after Prefect is configured

    assert source
    backfill_interval("echo", START, END, cache="no-such-cache")
    assert len(newsdex.articles()) == 2
    assert any(caches_folder(newsdex.settings).iterdir())


def test_only_the_enrichment_of_an_interval_is_done_again(
    newsdex: Newsdex, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New names come into what the index holds without its inputs being read; the next plan has nothing to do."""
    from newsdex.flows.backfill import backfill_interval  # noqa: PLC0415  # after Prefect is configured

    record = story(0) | {"body": story(0)["body"] + " Angela Merkel came to Berlin and met Emmanuel Macron."}
    source.write_text(json.dumps(record) + "\n", encoding="utf-8")
    backfill_interval("echo", "2019-01-01", "2019-01-02")
    (before,) = newsdex.articles().values()
    assert "Angela Merkel" in before["entities"]["person"]
    aliases = tmp_path / "aliases.toml"
    aliases.write_text('"The Chancellor" = ["Angela Merkel"]\n', encoding="utf-8")
    monkeypatch.setenv("NEWSDEX_ALIASES", str(aliases))
    assert set(statuses(newsdex).values()) == {Status.IN_INDEX}
    assert set(statuses(newsdex, Redo.ENRICHMENT).values()) == {Status.TO_DO}
    backfill_interval("echo", "2019-01-01", "2019-01-02", Redo.ENRICHMENT)
    (after,) = newsdex.articles().values()
    assert "The Chancellor" in after["entities"]["person"]
    assert "Angela Merkel" not in after["entities"]["person"]
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"entities", "mentions", "run_id", "ingested_at"}
    assert set(statuses(newsdex).values()) == {Status.IN_INDEX}
