"""Nothing is lost or double when an ingest, and Elasticsearch under it, are killed at random points."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


def test_an_ingest_that_is_killed_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    """A small version of `python -m benchmarks.kills`, on made articles: it ends with 0 only where nothing differs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSDEX_", "PREFECT_"))}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--articles", "300", "--kills", "3", "--node-kills", "1"],
        cwd=ROOT,
        env={**environment, "NEWSDEX_GOLD": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        timeout=1_100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3_000:]
    assert "| `ingest` | 3 | 1 |" in done.stdout
