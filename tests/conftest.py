"""Shared fixtures: the real data, where it is at hand, and the real Elasticsearch node."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ("support.node", "support.loopback", "support.object_store")

ROOT = Path(__file__).resolve().parent.parent

GOLD_MISSING = (
    "no evaluation data at {}: set NEWSDEX_GOLD to a folder with it; docs/data.md says which public sets it holds "
    "and where they are to be had"
)


NEEDS_SERVICES = frozenset({"elasticsearch", "prefect_api"})
"""Fixtures that start a server: tests that use them are left out by `make test-fast`."""

# A shared machine is slow at times: no example is judged by its duration.
hypothesis.settings.register_profile("default", max_examples=100, deadline=None)
hypothesis.settings.register_profile("quick", max_examples=20, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=1_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure() -> None:
    """Let SIGTERM end the suite as Ctrl-C does: with its fixtures' clean-up."""
    if threading.current_thread() is threading.main_thread():  # pytest-xdist may run its workers in another one
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the node or the Prefect server, whose fixtures say so already."""
    for item in items:
        if NEEDS_SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("services")


@pytest.fixture(scope="session")
def gold() -> Path:
    """Return the folder of real articles and gold sets, or a skip that says where such data is to be had."""
    folder = Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(GOLD_MISSING.format(folder))
    return folder
