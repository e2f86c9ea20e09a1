"""A Prefect server for the session, and a Newsdex of its own for each test: own home, own index."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.home import Newsdex
from support.shared import session_folder, shared

from newsdex.flows.config import settings
from newsdex.flows.service import prefect_server
from newsdex.flows.service.api_password import CLIENT_VARIABLE
from newsdex.search.client import connect
from newsdex.search.indices.manage import IndexNames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.node import ElasticsearchNode
    from support.object_store import ObjectStore


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """Yield a real Prefect server for all processes of the session; flows here and in child processes report to it."""
    home = tmp_path_factory.mktemp("prefect")
    prefect_server.configure(home, quiet=True)

    from prefect.settings import PREFECT_API_AUTH_STRING  # noqa: PLC0415  # after Prefect is configured

    @contextmanager
    def started() -> Iterator[dict[str, str]]:
        with prefect_server.server(home) as address:
            yield {"api": address, "password": PREFECT_API_AUTH_STRING.value()}

    folder = session_folder(tmp_path_factory, worker_id)
    with (
        shared(folder, "prefect", started) as told,
        prefect_server.pointed_at(told["api"], told["password"]),
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv(CLIENT_VARIABLE, told["password"])  # for commands in processes of their own
        yield told["api"]


@pytest.fixture
def newsdex(
    elasticsearch: ElasticsearchNode,
    index_prefix: str,
    prefect_api: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Newsdex]:
    """Yield a Newsdex on the suite's node with nothing in its index yet."""
    home = tmp_path_factory.mktemp("home")
    variables = {
        "NEWSDEX_ELASTICSEARCH_URL": elasticsearch.url,
        "NEWSDEX_HOME": str(home),
        "NEWSDEX_INDEX": f"{index_prefix}articles",
        "NEWSDEX_WORKERS": "1",
        # Models are loaded once a test process, not once a run. What is about processes asks for them.
        "NEWSDEX_RUNNER": "threads",
        "PREFECT_API_URL": prefect_api,
    }
    if elasticsearch.username and elasticsearch.password:
        variables["NEWSDEX_ELASTICSEARCH_USERNAME"] = elasticsearch.username
        variables["NEWSDEX_ELASTICSEARCH_PASSWORD"] = elasticsearch.password
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    chosen = settings.load()
    connection = chosen.connection()
    assert connection is not None
    with connect(connection) as client:
        yield Newsdex(chosen, client, IndexNames(chosen.index), dict(os.environ))


@pytest.fixture
def bucket(object_store: ObjectStore) -> str:
    """Return an empty prefix of a bucket of an S3 server on loopback."""
    object_store.client.create_bucket(Bucket="staging")
    return "s3://staging/newsdex"
