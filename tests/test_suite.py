"""The suite itself: what it starts ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

TESTS = Path(__file__).resolve().parent

WAITING = """
import time

def test_waits(elasticsearch):
    print(elasticsearch.settings.home, flush=True)
    time.sleep(300)
"""
"""A test that is cut off while it uses the node."""

GONE_S = 60
"""Stopping a node takes seconds; a busy machine may need several times that."""


@pytest.mark.slow
@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
def test_a_suite_that_is_ended_leaves_no_elasticsearch_behind(with_signal: signal.Signals, tmp_path: Path) -> None:
    """Whether it may clean up or not, the node and its home are gone soon after."""
    test = tmp_path / "test_waiting.py"
    test.write_text(WAITING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-s", "-q", f"--rootdir={TESTS}", "-p", "conftest", str(test)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
    suite = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert suite.stdout is not None
    home = next(line.strip() for line in suite.stdout if "newsdex-test-" in line)
    assert nodes(home)
    suite.send_signal(with_signal)
    suite.wait(GONE_S)
    deadline = time.monotonic() + GONE_S
    while (nodes(home) or Path(home).exists()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not nodes(home)
    assert not Path(home).exists()


def nodes(home: str) -> list[int]:
    """Return the processes of the node in a home."""
    return [
        each.pid
        for each in psutil.process_iter(["cmdline"])
        if any(home in word for word in each.info["cmdline"] or ()) and "java" in each.info["cmdline"][0]
    ]
