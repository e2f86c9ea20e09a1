"""Elasticsearch is killed while an index is rebuilt: the rebuild starts it again and goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from support.records import write_records

from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames
from newsdex.search.indices.state import resolve
from newsdex.search.node import node
from newsdex.search.node.node import NodeSettings, default_cache
from newsdex.versions import ARTICLES_MAPPING

pytestmark = pytest.mark.slow

ARTICLES = 400


@pytest.mark.timeout(500)
def test_a_node_that_dies_during_a_rebuild_is_started_again(prefect_api: str, tmp_path: Path) -> None:
    """Every article is there once, in the new index, and nobody holds writers out."""
    home = Path(tempfile.mkdtemp(prefix="newsdex-test-"))  # pytest's own folder is closed to the node's user
    environment = {**os.environ, "NEWSDEX_HOME": str(home), "NEWSDEX_WORKERS": "1", "PREFECT_API_URL": prefect_api}
    environment.pop("NEWSDEX_ELASTICSEARCH_URL", None)
    settings = NodeSettings(home=home, cache=default_cache())
    command = [sys.executable, "-m", "newsdex"]
    try:
        source = write_records(tmp_path / "a.jsonl", range(ARTICLES))
        subprocess.run(
            [*command, "ingest", str(source), "--json"], env=environment, stdout=subprocess.DEVNULL, check=True
        )
        rebuild = subprocess.Popen([*command, "rebuild", "--json"], env=environment, stdout=subprocess.PIPE, text=True)
        running = node.status(settings)
        assert running is not None
        while not _has_begun(running):
            assert rebuild.poll() is None
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        told, _ = rebuild.communicate(timeout=300)
        assert rebuild.returncode == 0
        report = json.loads(told)
        assert report["documents"]["articles"] == ARTICLES
        again = node.status(settings)
        assert again is not None
        assert again.pid != running.pid
        with connect(_connection(again)) as client:
            names = IndexNames()
            assert (
                resolve(client, names)["articles"]
                == report["indices"]["articles"]
                == f"articles-v{ARTICLES_MAPPING}-000002"
            )
            assert client.count(index="articles")["count"] == ARTICLES
            assert not client.indices.get_settings(index="articles", name="index.blocks.*").body
    finally:
        node.stop(settings)
        shutil.rmtree(home, ignore_errors=True)


def _connection(running: node.RunningNode) -> ConnectionSettings:
    return ConnectionSettings(url=running.url, username=running.username, password=running.password)


def _has_begun(running: node.RunningNode) -> bool:
    """Return whether the new index is there."""
    with connect(_connection(running)) as client:
        return bool(client.indices.exists(index=f"articles-v{ARTICLES_MAPPING}-000002"))
