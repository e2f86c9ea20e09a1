"""A Prefect server for the session, and a Newsdex of its own for each test: own home, own index."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from newsdex_home import Newsdex

from flows import prefect_server, settings
from search.client import connect
from search.indices import IndexNames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from node_fixture import ElasticsearchNode


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prefect server; flows in this process and in child processes report to it."""
    home = tmp_path_factory.mktemp("prefect")
    prefect_server.configure(home, quiet=True)
    with prefect_server.server(home) as address:
        yield address


@pytest.fixture
def newsdex(
    elasticsearch: ElasticsearchNode,
    index_prefix: str,
    prefect_api: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Newsdex]:
    """A Newsdex on the suite's node with nothing in its index yet."""
    home = tmp_path_factory.mktemp("home")
    variables = {
        "NEWSDEX_ELASTICSEARCH_URL": elasticsearch.url,
        "NEWSDEX_HOME": str(home),
        "NEWSDEX_INDEX": f"{index_prefix}articles",
        "NEWSDEX_WORKERS": "1",
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
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty prefix of a bucket of an S3 server on loopback."""
    import boto3  # noqa: PLC0415  # only here
    import s3fs  # noqa: PLC0415
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="staging")
    yield "s3://staging/newsdex"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()
