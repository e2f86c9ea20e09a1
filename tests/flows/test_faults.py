"""Runs that are cut off: nothing is lost, nothing is double, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from conftest import Newsdex
from test_ingest import write_records

from flows.faults import is_passing, sentence
from transforms.article import Result

ARTICLES = 1_200
"""Three partitions: the first is indexed while the next are being prepared."""


def begun(newsdex: Newsdex, source: Path, *, until: int, timeout: float = 90) -> subprocess.Popen[str]:
    """Start `newsdex ingest` and return when some articles are indexed, with more to come."""
    process = subprocess.Popen(
        newsdex.command("ingest", str(source)),
        env=newsdex.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.poll() is None:
        if indexed(newsdex) >= until:
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"nothing was indexed in {timeout} s: {process.communicate()}")


def indexed(newsdex: Newsdex) -> int:
    if not newsdex.client.indices.exists(index=newsdex.names.articles):
        return 0
    newsdex.client.indices.refresh(index=newsdex.names.articles)
    return int(newsdex.client.count(index=newsdex.names.articles)["count"])


def test_a_killed_run_loses_nothing_and_the_next_one_goes_on(newsdex: Newsdex, tmp_path: Path) -> None:
    """After SIGKILL in the middle, a second run indexes the rest; every article is there exactly once."""
    source = write_records(tmp_path / "a.jsonl", range(ARTICLES))
    process = begun(newsdex, source, until=100)
    process.kill()
    process.wait()
    there = indexed(newsdex)
    done = newsdex.ingest(source)
    assert there < ARTICLES
    assert done.read == ARTICLES
    assert done.count(Result.INDEXED) + done.count(Result.UNCHANGED) == ARTICLES
    assert indexed(newsdex) == ARTICLES
    assert newsdex.ingest(source).count(Result.UNCHANGED) == ARTICLES


def test_ctrl_c_ends_cleanly_and_the_next_run_goes_on(newsdex: Newsdex, tmp_path: Path) -> None:
    """One sentence, exit code 130, no process left behind, the run recorded as interrupted, and no work lost."""
    source = write_records(tmp_path / "a.jsonl", range(ARTICLES))
    process = begun(newsdex, source, until=100)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip().endswith("run the same command again to go on.")
    assert "Traceback" not in told
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    runs = newsdex.client.search(index=newsdex.names.runs, query={"term": {"kind": "run"}})["hits"]["hits"]
    assert [hit["_source"]["status"] for hit in runs] == ["interrupted"]
    assert newsdex.ingest(source).read == indexed(newsdex) == ARTICLES


def test_an_error_of_the_system_is_said_in_one_sentence() -> None:
    """A full disk names the folder and what to do; it is not taken for something that passes by itself."""
    full = OSError(28, "No space left on device", "/data")
    said = sentence(full)
    assert said is not None
    assert "disk is full (/data)" in said
    assert not is_passing(full)
