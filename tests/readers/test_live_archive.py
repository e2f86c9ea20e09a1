"""The archive of what was fetched, in a bucket: what lies there is read, and nothing else counts as fetched."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.loopback import Site, body, versioned
from support.object_store import ObjectStore
from test_live import RSS, articles, entry, fetch, made, page, reasons, rss

from newsdex.readers.listing import partitions
from newsdex.readers.live import archive as live_archive
from newsdex.readers.live import archive_writer as live_part
from newsdex.readers.live import crawl as live_crawl
from newsdex.readers.live.state import FetchState
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read

ARCHIVE = "s3://news/fetched #1"
"""An address with what means something else in a URI."""


@pytest.fixture
def options(object_store: ObjectStore, tmp_path: Path) -> ReadOptions:
    """Options of a Newsdex whose archive is a bucket."""
    object_store.client.create_bucket(Bucket="news")
    return made(tmp_path, archive=ARCHIVE)


@pytest.fixture
def feed(site: Site) -> str:
    """Return a feed with three entries whose pages are to be fetched."""
    site.pages["/feed.xml"] = versioned(rss(*(entry(f"/p{number}") for number in range(3))), '"a"', RSS)
    site.pages |= {f"/p{number}": body(page(number)) for number in range(3)}
    return f"{site.url}/feed.xml"


def test_what_was_fetched_is_read_from_the_bucket(
    site: Site, feed: str, options: ReadOptions, object_store: ObjectStore, tmp_path: Path
) -> None:
    """It lies in the folder of its day; another machine reads the same from there, under the same names."""
    found = fetch(options, feed)
    assert sorted(articles(found)) == ["0", "1", "2"]
    (key,) = object_store.keys("news")
    assert key.startswith(f"fetched #1/{datetime.now(UTC):%Y-%m-%d}/newsdex-")
    assert found[0].input_uri.startswith("s3://news/fetched %231/2")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".zst"] == ["fetched.sqlite"]
    site.close()
    elsewhere = replace(options, spool_folder=str(tmp_path / "other"))
    assert fetch(elsewhere, ARCHIVE) == found
    assert fetch(elsewhere, f"{ARCHIVE}/{datetime.now(UTC):%Y-%m-%d}") == found


def test_full_files_go_there_while_the_fetching_goes_on(
    feed: str, options: ReadOptions, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is read as soon as it is there, and all of them together are what the feed has."""
    monkeypatch.setattr(live_part, "MAX_RECORDS", 1)
    assert sorted(articles(fetch(options, feed))) == ["0", "1", "2"]
    assert len(object_store.keys("news")) == 4
    assert reasons(fetch(options, feed)) == ["not-modified"]


def test_a_file_goes_there_when_its_time_is_over(
    site: Site, feed: str, options: ReadOptions, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the rest of the crawl takes: here, until the file is there."""
    monkeypatch.setattr(live_archive, "MAX_AGE_S", 0.0)
    monkeypatch.setattr(live_crawl, "CHECK_S", 0.05)

    def waiting(handler: Any) -> None:
        while not object_store.keys("news"):
            time.sleep(0.01)
        body(page(1))(handler)

    site.pages["/p1"] = waiting
    assert sorted(articles(fetch(options, feed))) == ["0", "1", "2"]


@pytest.mark.parametrize("max_age_s", [60.0, 0.0])
def test_what_could_not_be_put_there_is_not_taken_for_fetched(
    site: Site,
    feed: str,
    options: ReadOptions,
    object_store: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
    max_age_s: float,
) -> None:
    """A bucket that is deleted in the middle: an error that names it, and the next run fetches all of it again."""
    monkeypatch.setattr(live_archive, "MAX_AGE_S", max_age_s)
    monkeypatch.setattr(live_crawl, "CHECK_S", 0.05)

    kept = site.pages["/feed.xml"]

    def deleting(handler: Any) -> None:
        object_store.client.delete_bucket(Bucket="news")
        kept(handler)

    site.pages["/feed.xml"] = deleting
    with pytest.raises(OSError, match="bucket does not exist") as raised:
        fetch(options, feed)
    assert raised.value.filename == ARCHIVE
    state = FetchState(options.fetch.remembered)
    assert (state.known(feed), state.pending([feed])) == (None, [])
    site.pages["/feed.xml"] = kept
    object_store.client.create_bucket(Bucket="news")
    assert sorted(articles(fetch(options, feed))) == ["0", "1", "2"]


def test_nothing_is_fetched_without_the_bucket(site: Site, feed: str, options: ReadOptions) -> None:
    """One that is not there is said before the first request."""
    missing = replace(options, fetch=replace(options.fetch, archive="s3://nowhere/fetched"))
    with pytest.raises(OSError, match="bucket does not exist") as raised:
        fetch(missing, feed)
    assert raised.value.filename == "s3://nowhere/fetched"
    assert site.asked == []


def test_what_waits_in_a_bucket_that_is_away_waits_on(
    feed: str, options: ReadOptions, object_store: ObjectStore
) -> None:
    """The run that reaches the bucket again has it."""
    first = fetch(options, feed, done=False)
    with object_store.away(), pytest.raises(OSError, match="Could not connect"):
        fetch(options, feed)
    found = fetch(options, feed)
    assert [one for one in found if one in first] == first
    assert sorted(reasons(found)) == ["not-modified", "ok", "ok", "ok"]


def test_what_waits_in_a_share_that_is_not_mounted_waits_on(site: Site, feed: str, tmp_path: Path) -> None:
    """A folder that is not there is said, and not taken for one from which everything was removed."""
    options = made(tmp_path)
    first = fetch(options, feed, done=False)
    share, away = Path(options.fetch.archived), tmp_path / "away"
    share.rename(away)
    asked = len(site.asked)
    with pytest.raises(FileNotFoundError) as raised:
        fetch(options, feed)
    assert (raised.value.filename, len(site.asked)) == (str(share), asked)
    away.rename(share)
    assert [one for one in fetch(options, feed) if one in first] == first


def test_what_is_gone_from_the_bucket_is_not_waited_for(
    feed: str, options: ReadOptions, object_store: ObjectStore
) -> None:
    """A file that somebody removed before it was indexed is no fault of every run after that."""
    fetch(options, feed, done=False)
    (key,) = object_store.keys("news")
    object_store.client.delete_object(Bucket="news", Key=key)
    assert reasons(fetch(options, feed)) == ["not-modified"]
    assert FetchState(options.fetch.remembered).pending([feed]) == []


def test_a_bucket_that_goes_away_is_no_fault_of_what_lies_in_it(
    feed: str, options: ReadOptions, object_store: ObjectStore
) -> None:
    """Neither listing nor reading makes a rejection of it, which would take the file for done."""
    fetch(options, feed)
    (partition,) = partitions([ARCHIVE], options)
    assert isinstance(partition, Partition)
    with object_store.away():
        for step in (lambda: list(partitions([ARCHIVE], options)), lambda: list(read(partition, options))):
            with pytest.raises(OSError, match="Could not connect") as raised:
                step()
            assert str(raised.value.filename).startswith("s3://news/fetched")
