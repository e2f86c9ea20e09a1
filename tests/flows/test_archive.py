"""Feeds and pages archived in a bucket, end to end: indexed from there, by other machines too, and not for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.dask_cluster import ROOT
from support.home import Newsdex
from support.loopback import Site, body, versioned
from support.object_store import SECRET, ObjectStore
from support.records import story
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.commands.doctor import examine
from newsdex.flows.backfills.intervals import Step, cut, interval_between
from newsdex.flows.backfills.selection import select
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.config import settings
from newsdex.flows.config.source_schedule import source_named
from newsdex.readers.live.state import FetchState
from newsdex.transforms.article import Result

TODAY = datetime.now(UTC).date()
"""A test that runs over midnight has the articles of two days, and is run again."""


@pytest.fixture
def archive(newsdex: Newsdex, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the archive, in a bucket, of a Newsdex that may fetch from loopback, in a working directory of its own."""
    assert newsdex
    chosen = {"ARCHIVE": bucket, "FETCH_ALLOW": "127.0.0.1", "FETCH_DELAY": "0", "RUNNER": "threads"}
    for name, value in chosen.items():
        monkeypatch.setenv(f"NEWSDEX_{name}", value)
    monkeypatch.chdir(tmp_path)
    return bucket


@pytest.fixture
def feed(site: Site, tmp_path: Path) -> str:
    """Return the address of a feed of three pages, which is a configured source too."""
    pages = {f"/news/{number}": story(number) for number in range(3)}
    items = "".join(f"<item><title>News {path}</title><link>{path}</link></item>" for path in pages)
    text = f"<rss version='2.0'><channel><title>Harbour Post</title>{items}</channel></rss>"
    site.pages["/feed.xml"] = versioned(text, '"1"', "application/rss+xml")
    for path, told in pages.items():
        paragraphs = "".join(f"<p>{part}</p>" for part in told["body"].split("\n\n"))
        head = f"<head><title>{told['title']}</title></head>"
        site.pages[path] = body(f"<!doctype html><html>{head}<body><article>{paragraphs}</article></body></html>")
    address = f"{site.url}/feed.xml"
    (tmp_path / "newsdex.toml").write_text(f'[[source]]\nname = "post"\nlocation = "{address}"\n', encoding="utf-8")
    return address


def another_machine(monkeypatch: pytest.MonkeyPatch, home: Path) -> settings.Settings:
    """From here on nothing of the former home is there."""
    monkeypatch.setenv("NEWSDEX_HOME", str(home))
    return settings.load()


def test_what_was_fetched_is_indexed_from_the_bucket(
    newsdex: Newsdex, site: Site, archive: str, feed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it lies in the home; fetched again nothing is new; another machine finds the same articles there."""
    assert newsdex.ingest(feed).count(Result.INDEXED) == 3
    assert {uri.rpartition("/")[0] for uri in newsdex.articles()} == {f"{archive}/{TODAY}"}
    assert not list(newsdex.settings.home.rglob("*.warc*"))
    asked = len(site.paths)
    again = newsdex.ingest(feed)
    assert [(each.reason, each.count) for each in again.reasons] == [("not-modified", 1)]
    assert site.paths[asked:] == ["/feed.xml"]
    site.close()
    another_machine(monkeypatch, tmp_path / "other")
    there = newsdex.ingest(archive)
    assert (there.count(Result.UNCHANGED), there.read) == (3, 3)


def test_a_rebuild_reads_what_was_fetched_again(newsdex: Newsdex, site: Site, archive: str, feed: str) -> None:
    """In a new index every page is read anew from the archive, although nothing can be fetched any more."""
    from newsdex.flows.rebuild import rebuild  # noqa: PLC0415  # after Prefect is configured

    assert rebuild(mapping_only=True, archive=True).archive is None
    newsdex.ingest(feed)
    site.close()
    done = rebuild(mapping_only=True, archive=True)
    assert done.documents[newsdex.names.articles] == 3
    assert done.archive is not None
    assert done.archive.count(Result.INDEXED) == 3
    assert {uri.rpartition("/")[0] for uri in newsdex.articles()} == {f"{archive}/{TODAY}"}


@pytest.mark.slow
def test_a_killed_run_goes_on_from_the_bucket(
    newsdex: Newsdex, site: Site, archive: str, feed: str, object_store: ObjectStore
) -> None:
    """What it had fetched is not fetched again, and is indexed."""
    process = subprocess.Popen(
        newsdex.command("ingest", feed),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    state = FetchState(newsdex.settings.home / "fetched" / newsdex.settings.index)
    until = time.monotonic() + 60
    while not (waiting := state.pending([feed])) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert [f"s3://staging/{key}" for key in object_store.keys("staging")] == waiting
    assert waiting[0].startswith(archive)
    asked = len(site.paths)
    newsdex.ingest(feed)
    assert site.paths[asked:] == ["/feed.xml"]
    assert len(newsdex.articles()) == 3
    assert state.pending([feed]) == []


def test_a_day_is_backfilled_from_the_bucket(
    newsdex: Newsdex, site: Site, archive: str, feed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that has never fetched anything, and without the network."""
    from newsdex.flows.backfill import backfill_interval  # noqa: PLC0415  # after Prefect is configured

    newsdex.ingest(feed)
    before = newsdex.articles()
    for document in before.values():
        newsdex.client.delete(index=newsdex.names.articles, id=document["_id"], refresh=True)
    site.close()
    chosen = another_machine(monkeypatch, tmp_path / "other")
    days = cut(interval_between(f"{TODAY - timedelta(days=2)}", f"{TODAY + timedelta(days=1)}"), Step.DAY)
    content = select(chosen, source_named("post"), days).content
    assert [each.inputs for each in content.values()] == [0, 0, 3]
    backfill_interval("post", f"{TODAY}", f"{TODAY + timedelta(days=1)}")
    assert newsdex.articles().keys() == before.keys()
    assert all(uri.startswith(archive) for uri in before)


@pytest.mark.slow
def test_an_archive_can_be_moved_into_a_bucket(
    newsdex: Newsdex, site: Site, archive: str, feed: str, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folder by folder: nothing is fetched again for it, and what is read from there is in the index already."""
    monkeypatch.delenv("NEWSDEX_ARCHIVE")
    newsdex.ingest(feed)
    for path in (newsdex.settings.home / "archive").glob("*/*"):
        key = f"newsdex/{path.parent.name}/{path.name}"
        object_store.client.put_object(Bucket="staging", Key=key, Body=path.read_bytes())
        path.unlink()
    monkeypatch.setenv("NEWSDEX_ARCHIVE", archive)
    asked = len(site.paths)
    newsdex.ingest(feed)
    assert site.paths[asked:] == ["/feed.xml"]
    moved = newsdex.ingest(archive)
    assert (moved.count(Result.UNCHANGED), moved.read) == (3, 3)


def test_maintenance_removes_old_days_from_the_bucket(archive: str, object_store: ObjectStore) -> None:
    """Old days alone, below the archive's prefix alone; where there is no such setting, none at all."""
    from newsdex.flows.maintenance import remove_archive  # noqa: PLC0415  # after Prefect is configured

    kept = ["newsdex/2019-01-01-notes/a", f"newsdex/{TODAY}/a.warc.gz", "other/2019-01-01/a.warc.gz"]
    for key in ("newsdex/2019-01-01/a.warc.gz", "newsdex/2019-01-01/b.warc.gz", *kept):
        object_store.client.put_object(Bucket="staging", Key=key, Body=b"12345")
    chosen = settings.load()
    assert chosen.archive == archive
    assert remove_archive.fn(chosen, None, only_look=False) == (0, 0)
    assert remove_archive.fn(chosen, 30, only_look=True) == (2, 10)
    assert len(object_store.keys("staging")) == 5
    assert remove_archive.fn(chosen, 30, only_look=False) == (2, 10)
    assert object_store.keys("staging") == kept
    assert remove_archive.fn(chosen, 30, only_look=False) == (0, 0)


def test_a_bucket_that_is_away_is_told_in_one_sentence(
    archive: str, site: Site, feed: str, object_store: ObjectStore
) -> None:
    """Which, why, and what to do: by a run, a backfill, maintenance and the doctor; without a secret."""
    from newsdex.flows.maintenance import remove_archive  # noqa: PLC0415  # after Prefect is configured

    days = cut(interval_between(f"{TODAY}", f"{TODAY + timedelta(days=1)}"), Step.DAY)
    with object_store.away():
        answer = CliRunner().invoke(app, ["ingest", feed])
        said = " ".join(answer.stderr.split())
        assert answer.exit_code == 1
        assert f"{archive} cannot be used (Could not connect to the endpoint URL" in said
        assert "AWS_ENDPOINT_URL" in said
        assert "Traceback" not in said
        assert SECRET not in said
        assert site.asked == []
        for step in (
            lambda: select(settings.load(), source_named("post"), days),
            lambda: remove_archive.fn(settings.load(), 30, only_look=True),
        ):
            with pytest.raises(OSError, match="Could not connect") as raised:
                step()
            assert (error_sentence(raised.value) or "").startswith(f"{archive} cannot be used")
        (checked,) = [check for check in examine(settings.load()) if check.name == "archive"]
        assert (checked.ok, checked.finding.partition(" (")[0]) == (False, f"{archive} cannot be used")


def test_maintenance_does_the_rest_where_a_bucket_is_away(
    archive: str, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too old elsewhere goes, and the run ends in a sentence about the bucket."""
    from newsdex.flows.maintenance import MaintenanceError, maintenance  # noqa: PLC0415  # after Prefect is configured

    monkeypatch.setenv("NEWSDEX_KEEP_ARCHIVE_DAYS", "30")
    old = settings.load().home / "spool" / "old"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(b"text")
    os.utime(old, (0, 0))
    with (
        object_store.away(),
        pytest.raises(MaintenanceError, match=rf"The rest was done, .*{archive} cannot be used \(Could not connect"),
    ):
        maintenance()
    assert not old.exists()


def test_an_archive_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything runs."""
    monkeypatch.setenv("NEWSDEX_ARCHIVE", "hdfs://namenode/archive")
    with pytest.raises(settings.SettingsError, match=r"setting archive: .*hdfs:// cannot be written to.*s3://bucket"):
        settings.load()
