"""Shared fixtures: the real data, where it is at hand, and the real Elasticsearch node."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

pytest_plugins = ("support.node", "support.loopback", "support.object_store")

ROOT = Path(__file__).resolve().parent.parent

GOLD_MISSING = (
    "no evaluation data at {}: set NEWSDEX_GOLD to a folder with it; docs/data.md says which public sets it holds "
    "and where they are to be had"
)


def pytest_configure() -> None:
    """Let SIGTERM end the suite as Ctrl-C does: with its fixtures' clean-up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def gold() -> Path:
    """Return the folder of real articles and gold sets, or a skip that says where such data is to be had."""
    folder = Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(GOLD_MISSING.format(folder))
    return folder
