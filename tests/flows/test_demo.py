"""`newsdex demo`: the samples stay apart from the user's articles, and can be removed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.web_articles import ARTICLES
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.cli.demo import demo_settings
from newsdex.search.bulk.writer import Action, write
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.store.documents import to_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.node import ElasticsearchNode

USERS = IndexNames("test-demo-user")
SAMPLES = IndexNames("demo")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give the user a home and an index; what the demonstration sets is undone afterwards."""
    before = dict(os.environ)
    monkeypatch.setenv("NEWSDEX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEWSDEX_INDEX", USERS.prefix)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_the_samples_have_a_home_and_an_index_of_their_own(tmp_path: Path) -> None:
    """Neither is the user's, and what is staged and kept lies in it too."""
    chosen = demo_settings()
    assert (chosen.home, chosen.index) == (tmp_path / "home" / "demo", "demo")
    assert chosen.staging == tmp_path / "home" / "demo" / "staging"


def test_removing_takes_only_the_samples(elasticsearch: ElasticsearchNode, tmp_path: Path) -> None:
    """Their indices and their home are gone, the user's articles are there; a second time there is nothing to do."""
    os.environ["NEWSDEX_ELASTICSEARCH_URL"] = elasticsearch.url
    if elasticsearch.username:
        os.environ["NEWSDEX_ELASTICSEARCH_USERNAME"] = elasticsearch.username
        os.environ["NEWSDEX_ELASTICSEARCH_PASSWORD"] = elasticsearch.password or ""
    access = ConnectionSettings(url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password)
    (tmp_path / "home" / "demo" / "staging").mkdir(parents=True)
    with connect(access) as client:
        for names in (USERS, SAMPLES):
            indices = ensure(client, names, IndexSettings(languages=("en",)))
            document = to_document(ARTICLES[0], indices.stemmed)
            outcomes = write(client, [Action(index=names.articles, id="a", document=document)], refresh="wait_for")
            assert all(outcome.ok for outcome in outcomes)
        try:
            assert "The samples are removed." in CliRunner().invoke(app, ["demo", "--remove"]).stdout
            assert not client.indices.exists(index=SAMPLES.articles)
            assert client.count(index=USERS.articles)["count"] == 1
            assert [each.name for each in (tmp_path / "home").iterdir()] == []
            os.environ["NEWSDEX_HOME"] = str(tmp_path / "home")
            assert "no samples to remove" in CliRunner().invoke(app, ["demo", "--remove"]).stdout
        finally:
            delete_all(client, USERS)
