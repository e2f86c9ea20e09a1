"""Runs that are cut off: nothing is lost, nothing is double, and the next run goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.home import Newsdex
from support.loopback import Site, body, gated
from support.records import write_records

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.progress import Silent
from newsdex.flows.config.settings import Settings
from newsdex.search.errors import is_transient
from newsdex.search.indices.manage import IndexNames
from newsdex.search.node.node import status, stop
from newsdex.transforms.article import Result

ARTICLES = 3_000
"""Six partitions, with seconds of work still to come while the first is indexed."""
FEW = 500
"""One full partition."""
LATE = 20
"""Another one, which waits at a gate while a test interrupts the run."""


def begun(newsdex: Newsdex, *sources: Path | str, timeout: float = 90) -> subprocess.Popen[str]:
    """Start `newsdex ingest` and return when the first articles are indexed, the last input waiting at its gate."""
    process = subprocess.Popen(
        newsdex.command("ingest", *map(str, sources)),
        env={**newsdex.environment, "NEWSDEX_FETCH_ALLOW": "127.0.0.0/8", "NEWSDEX_RUNNER": "processes"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.poll() is None:
        if indexed(newsdex) == FEW:
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"{FEW} articles were not indexed in {timeout} s: {process.communicate()}")


def indexed(newsdex: Newsdex) -> int:
    if not newsdex.client.indices.exists(index=newsdex.names.articles):
        return 0
    newsdex.client.indices.refresh(index=newsdex.names.articles)
    return int(newsdex.client.count(index=newsdex.names.articles)["count"])


@pytest.fixture
def gate(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Open the gate before the `LATE` articles of `site`'s /late.jsonl; at the end it is open in any case."""
    monkeypatch.setenv("NEWSDEX_FETCH_ALLOW", "127.0.0.0/8")
    late = write_records(tmp_path / "late.jsonl", range(FEW, FEW + LATE)).read_text(encoding="utf-8")
    opened = threading.Event()
    site.pages["/late.jsonl"] = gated(body(late, "application/x-ndjson"), opened)
    yield opened
    opened.set()


def test_a_killed_run_loses_nothing_and_the_next_one_goes_on(
    newsdex: Newsdex, tmp_path: Path, site: Site, gate: threading.Event
) -> None:
    """After SIGKILL in the middle, a second run indexes the rest; every article is there exactly once."""
    sources = (write_records(tmp_path / "a.jsonl", range(FEW)), f"{site.url}/late.jsonl")
    process = begun(newsdex, *sources)
    process.kill()
    process.wait()
    assert indexed(newsdex) == FEW
    gate.set()
    done = newsdex.ingest(*sources)
    assert (done.count(Result.INDEXED), done.count(Result.UNCHANGED)) == (LATE, FEW)
    assert indexed(newsdex) == FEW + LATE
    assert newsdex.ingest(*sources).count(Result.UNCHANGED) == FEW + LATE


def test_ctrl_c_ends_cleanly_and_the_next_run_goes_on(
    newsdex: Newsdex, tmp_path: Path, site: Site, gate: threading.Event
) -> None:
    """One sentence, exit code 130, no process left behind, the run recorded as interrupted, and no work lost."""
    sources = (write_records(tmp_path / "a.jsonl", range(FEW)), f"{site.url}/late.jsonl")
    process = begun(newsdex, *sources)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip().endswith("run the same command again to go on.")
    assert "Traceback" not in told
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    runs = newsdex.client.search(index=newsdex.names.runs, query={"term": {"kind": "run"}})["hits"]["hits"]
    assert [hit["_source"]["status"] for hit in runs] == ["interrupted"]
    gate.set()
    assert newsdex.ingest(*sources).read == indexed(newsdex) == FEW + LATE


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_node_that_dies_in_the_middle_is_started_again(prefect_api: str, tmp_path: Path) -> None:
    """Elasticsearch is killed during a run: the run starts it anew and ends with every article there once."""
    home = Path(tempfile.mkdtemp(prefix="newsdex-test-"))  # pytest's own folder is closed to the node's user
    environment = {**os.environ, "NEWSDEX_HOME": str(home), "NEWSDEX_WORKERS": "1", "PREFECT_API_URL": prefect_api}
    alone = Path(write_records(tmp_path / "first.jsonl", range(1)))
    command = [sys.executable, "-m", "newsdex"]
    first = subprocess.run(
        [*command, "ingest", str(alone)], env=environment, check=False, capture_output=True, text=True
    )
    assert first.returncode == 0, first.stderr
    chosen = Settings(home=home)
    try:
        source = write_records(tmp_path / "a.jsonl", range(ARTICLES))
        run = subprocess.Popen(
            [*command, "ingest", str(source), "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        node, names = status(chosen.node()), IndexNames(chosen.index)
        assert node is not None
        with open_client(chosen, Silent(), start=False) as client:
            while run.poll() is None and client.count(index=names.articles)["count"] < 100:
                client.indices.refresh(index=names.articles)
                time.sleep(0.05)
        assert run.poll() is None
        os.kill(node.pid, signal.SIGKILL)
        told, errors = run.communicate(timeout=300)
        assert run.returncode == 0, errors
        report = json.loads(told)
        counts = report["total"]["counts"]
        assert counts["indexed"] + counts["unchanged"] == counts["read"] == ARTICLES
        again = status(chosen.node())
        assert again is not None
        assert again.pid != node.pid
        with open_client(chosen, Silent(), start=False) as client:
            client.indices.refresh(index=names.articles)
            assert client.count(index=names.articles)["count"] == ARTICLES
    finally:
        stop(chosen.node())
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can mount a disk that is small enough to fill")
def test_a_full_disk_is_said_and_what_was_done_is_kept(newsdex: Newsdex, tmp_path: Path) -> None:
    """The staging folder runs full: one sentence and exit code 1; with room again the next run indexes everything."""
    source = write_records(tmp_path / "a.jsonl", range(FEW))
    staging = newsdex.settings.staging
    staging.mkdir(parents=True)
    if subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=16k", "none", str(staging)], check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        done = newsdex.run("ingest", str(source))
    finally:
        subprocess.run(["/bin/umount", "-l", str(staging)], check=True)
    assert done.returncode == 1
    assert "The disk is full" in done.stderr
    assert str(staging) in done.stderr
    assert "Traceback" not in done.stderr
    assert newsdex.ingest(source).read == indexed(newsdex) == FEW


def test_an_error_of_the_system_is_said_in_one_sentence() -> None:
    """A full disk names the folder and what to do; it is not taken for something that passes by itself."""
    full = OSError(28, "No space left on device", "/data")
    said = error_sentence(full)
    assert said is not None
    assert "disk is full (/data)" in said
    assert not is_transient(full)
