"""A search page over a real index with a handful of articles, among them hostile ones."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from support.web_articles import ARTICLES, COPY, EVIL, REJECTED

from newsdex.search.bulk.writer import Action, write
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Outcome, Result, Stage
from newsdex.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch
    from support.node import ElasticsearchNode


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the tests that need a browser."""
    config.addinivalue_line("markers", "browser: needs Debian's chromium (apt-get install chromium)")


@pytest.fixture(scope="session")
def client(elasticsearch: ElasticsearchNode) -> Iterator[Elasticsearch]:
    """Yield a client of the suite's node."""
    settings = ConnectionSettings(
        url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password
    )
    with connect(settings) as connected:
        yield connected


@pytest.fixture(scope="session")
def names(client: Elasticsearch) -> Iterator[IndexNames]:
    """Yield indices with a handful of articles, a copy, a run and a quarantine; tests only read them."""
    unique = IndexNames(f"test-{uuid.uuid4().hex[:12]}")
    indices = ensure(client, unique, IndexSettings(languages=("en", "de")))
    stored = [(unique.articles, each) for each in ARTICLES] + [(unique.copies, COPY)]
    actions = [Action(index=index, id=each.id, document=to_document(each, indices.stemmed)) for index, each in stored]
    assert all(outcome.ok for outcome in write(client, actions))
    Quarantine(client, unique).add(REJECTED, "run-1")
    log = RunLog(client, unique, "run-1")
    log.start(datetime(2026, 1, 2, 3, 4, tzinfo=UTC), ["articles/", EVIL], "1", {})
    account = Account(
        counts={"read": 3, "indexed": 1, "unchanged": 0, "duplicate": 0, "filtered": 0, "rejected": 2},
        reasons={"indexed": {"new": 1}, "rejected": {"empty-file": 1, "no-body": 1}},
    )
    folded = Outcome(
        input_uri=EVIL, result=Result.DUPLICATE, reason="near-copy", stage=Stage.DEDUPLICATE, detail=EVIL,
        duplicate_of="summit",
    )  # fmt: skip
    log.partition(0, "key", EVIL, account, [folded])
    client.indices.refresh(index=list(unique.all))
    log.finish("done", account)
    client.indices.refresh(index=list(unique.all))
    yield unique
    delete_all(client, unique)


@pytest.fixture(scope="session")
def page(client: Elasticsearch, names: IndexNames) -> TestClient:
    """Return the search page, asked as a browser asks."""
    return TestClient(create_app(client, names), base_url="http://127.0.0.1", raise_server_exceptions=False)
