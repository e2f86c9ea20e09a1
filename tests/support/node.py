"""The real Elasticsearch node that the suite starts: one for the whole session, stopped at its end however it ends.

No node means a failure, not a skip. `NEWSDEX_TEST_ELASTICSEARCH_URL` (with user and password in it, where needed)
names another node to test against; nothing of others is touched there: each test works under a prefix of its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from newsdex.search.node.node import NodeSettings, default_cache, start, stop
from support.shared import session_folder, shared

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

URL_VARIABLE = "NEWSDEX_TEST_ELASTICSEARCH_URL"

# Without the optimising compiler a start takes a quarter less processor time; a test's few documents never need it.
TEST_JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticsearchNode:
    """Where the tests' node answers, and as whom to ask it."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    settings: NodeSettings | None = None
    """How it was started; `None` where the environment named it."""

    @property
    def basic_auth(self) -> tuple[str, str] | None:
        """User and password as the Elasticsearch client takes them."""
        return (self.username, self.password) if self.username and self.password else None

    def http(self) -> httpx.Client:
        """Return a plain HTTP client for this node."""
        return httpx.Client(base_url=self.url, auth=self.basic_auth, trust_env=False, timeout=30)

    def delete_indices(self, prefix: str) -> None:
        """Delete the indices whose names begin with a prefix, by their full names."""
        with self.http() as client:
            found = client.get(f"/_resolve/index/{prefix}*", params={"expand_wildcards": "all"})
            for index in found.raise_for_status().json()["indices"]:
                client.delete(f"/{index['name']}").raise_for_status()


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[ElasticsearchNode]:
    """Yield a real node: the one that the environment names, else an embedded one for all processes of the session."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        url = httpx.URL(named)
        yield ElasticsearchNode(
            url=str(url.copy_with(username=None, password=None)).rstrip("/"),
            username=url.username or None,
            password=url.password or None,
        )
        return
    with shared(session_folder(tmp_path_factory, worker_id), "elasticsearch", _embedded) as told:
        yield ElasticsearchNode(
            url=told["url"],
            username=told["username"],
            password=told["password"],
            settings=_settings(Path(told["home"])),
        )


@contextmanager
def _embedded() -> Iterator[dict[str, Any]]:
    """Run an embedded node, which ends with the block or, however it ends, with this process."""
    home = Path(tempfile.mkdtemp(prefix="newsdex-test-"))
    guard(home)
    try:
        node = start(_settings(home))
        yield {"url": node.url, "username": node.username, "password": node.password, "home": str(home)}
    finally:
        end(home)


def _settings(home: Path) -> NodeSettings:
    return NodeSettings(home=home, cache=default_cache(), java_options=TEST_JAVA_OPTIONS)


def end(home: Path) -> None:
    """Stop the node of a home, if it runs, and remove the home."""
    stop(_settings(home))
    shutil.rmtree(home, ignore_errors=True)


def guard(home: Path) -> None:
    """Have a process of its own end the node when this one is gone: a suite that is killed leaves nothing behind."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    command = [sys.executable, "-m", "support.guard", str(os.getpid()), str(home)]
    subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def index_prefix(elasticsearch: ElasticsearchNode) -> Iterator[str]:
    """Yield a prefix for index names that no other test has; what begins with it is deleted after the test."""
    prefix = f"test-{secrets.token_hex(6)}-"
    yield prefix
    elasticsearch.delete_indices(prefix)
