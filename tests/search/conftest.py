"""A client of the suite's real node, and index names that no other test uses."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.indices.state import Indices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticsearch import Elasticsearch
    from support.node import ElasticsearchNode

LANGUAGES = ("en", "de", "fr")
"""Few languages make indices quickly; the whole table is tried in `test_mapping.py`."""


@pytest.fixture(scope="session")
def settings(elasticsearch: ElasticsearchNode) -> ConnectionSettings:
    """Return where the suite's node is."""
    return ConnectionSettings(url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password)


@pytest.fixture(scope="session")
def client(settings: ConnectionSettings) -> Iterator[Elasticsearch]:
    """Yield a client of the suite's node."""
    with connect(settings) as connected:
        yield connected


@pytest.fixture
def names(client: Elasticsearch) -> Iterator[IndexNames]:
    """Names that only this test uses; what it makes under them is deleted afterwards."""
    unique = IndexNames(f"test-{uuid.uuid4().hex[:12]}")
    yield unique
    delete_all(client, unique)


@pytest.fixture(scope="module")
def indices(client: Elasticsearch) -> Iterator[Indices]:
    """Yield the four indices, shared by the tests of a module, which write documents with ids of their own."""
    unique = IndexNames(f"test-{uuid.uuid4().hex[:12]}")
    yield ensure(client, unique, IndexSettings(languages=LANGUAGES))
    delete_all(client, unique)


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Make document ids that no other test uses."""
    return lambda: uuid.uuid4().hex
