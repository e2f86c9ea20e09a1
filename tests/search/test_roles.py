"""The two roles do what they are for and nothing else: tried with real users on a real node."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from elasticsearch import ApiError
from support.clusters import article, body

from newsdex.search.client import ConnectionSettings, cluster_info, connect
from newsdex.search.errors import SearchError, explain
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.indices.retention import delete, replaced
from newsdex.search.indices.roles import Key, Kind, create_key, create_roles, role, role_name
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.node.config import Layout, _hashed
from newsdex.search.query.request import SearchRequest
from newsdex.search.rebuild.rebuild import Rebuild
from newsdex.search.rebuild.rollback import rollback
from newsdex.search.results.search import search
from newsdex.search.store.store import ArticleStore
from newsdex.transforms.article import Rejection, Stage
from newsdex.versions import ARTICLES_MAPPING

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticsearch import Elasticsearch
    from support.node import ElasticsearchNode


RELOADED_S = 20.0
"""Elasticsearch looks at its files of users and roles every five seconds."""

PLAIN = IndexSettings(languages=("en",))


@pytest.fixture
def as_role(elasticsearch: ElasticsearchNode, names: IndexNames) -> Callable[[Kind], Elasticsearch]:
    """Make a client of a user who has one of the roles alone: in the node's own files, as it keeps no others."""
    if elasticsearch.settings is None:
        pytest.skip("the node is not ours: its users and roles are not in files that a test may write")
    config = Layout(home=elasticsearch.settings.home).config

    def connected(kind: Kind) -> Elasticsearch:
        name, password = role_name(names, kind), "a password of sixteen"
        with (config / "roles.yml").open("a", encoding="utf-8") as file:
            file.write(yaml.safe_dump({name: role(names, kind)}))
        for path, line in (("users", f"{name}:{_hashed(password)}"), ("users_roles", f"{name}:{name}")):
            with (config / path).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        (config / "roles.yml").chmod(0o644)
        client = connect(ConnectionSettings(url=elasticsearch.url, username=name, password=password))
        until = time.monotonic() + RELOADED_S
        wanted = [{"names": [names.prefix], "privileges": ["read"]}]
        while not _has(client, wanted):
            assert time.monotonic() < until, "the node has not taken up the new user"
            time.sleep(0.5)
        return client

    return connected


def _has(client: Elasticsearch, wanted: list[dict[str, list[str]]]) -> bool:
    try:
        return bool(client.security.has_privileges(index=wanted)["has_all_requested"])
    except ApiError as error:
        if error.meta.status != 401:  # not known yet
            raise
        return False


@pytest.mark.slow
def test_the_pipeline_role_is_enough_for_everything_but_others_indices(
    as_role: Callable[[Kind], Elasticsearch], names: IndexNames
) -> None:
    """Make indices, ingest, quarantine, ledger, rebuild, roll back, maintain, search: with that role alone."""
    with as_role(Kind.PIPELINE) as restricted:
        assert cluster_info(restricted).version != "unknown"
        store = ArticleStore(restricted, ensure(restricted, names, PLAIN))
        outcomes = store.index(
            [article("a", body(1), day=1), article("b", body(1, [50]), day=2), article("c", body(2))], "run-1"
        )
        assert [outcome.result.value for outcome in outcomes] == ["indexed", "duplicate", "indexed"]
        Quarantine(restricted, names).add([Rejection(input_uri="x", stage=Stage.READ, reason="r", detail="d")], "run-1")
        log = RunLog(restricted, names, "run-1")
        log.start(datetime.now(UTC), ["x"], "1", {})
        log.finish("done", Account(counts={"read": 3}, reasons={}))
        store.reconcile("run-1")
        store.catch_up()
        for _ in range(3):
            work = Rebuild(restricted, names, PLAIN)
            work.fill()
            work.swap()
            work.leave()
        rollback(restricted, names)
        gone = replaced(restricted, names, before=datetime.now(UTC) + timedelta(days=1))
        assert gone
        delete(restricted, gone)
        assert search(restricted, names, SearchRequest()).total == 2
        for action in (
            lambda: restricted.indices.create(index=f"other-{names.prefix}"),
            lambda: restricted.search(index="*other*", allow_no_indices=False),
            lambda: restricted.cluster.put_settings(persistent={"cluster.routing.allocation.enable": "none"}),
        ):
            with pytest.raises(ApiError) as refused:
                action()
            assert refused.value.meta.status in {403, 404}


@pytest.mark.slow
def test_the_search_role_can_only_search(
    as_role: Callable[[Kind], Elasticsearch], client: Elasticsearch, names: IndexNames
) -> None:
    """It finds articles; it writes, deletes and makes nothing, and is told so in words."""
    ArticleStore(client, ensure(client, names, PLAIN)).index([article("a", body(1))], "run-1")
    client.indices.refresh(index=names.articles)
    with as_role(Kind.SEARCH) as restricted:
        cluster_info(restricted)
        assert search(restricted, names, SearchRequest()).total == 1
        for write in (
            lambda: restricted.index(index=names.articles, document={}),
            lambda: restricted.delete(index=names.articles, id="a"),
            lambda: restricted.indices.delete(index=f"{names.articles}-v{ARTICLES_MAPPING}-000001"),
            lambda: restricted.indices.put_settings(index=names.articles, settings={"index.blocks.write": True}),
            lambda: restricted.indices.update_aliases(
                actions=[{"add": {"index": f"{names.articles}-v{ARTICLES_MAPPING}-000001", "alias": "x"}}]
            ),
        ):
            with pytest.raises(ApiError) as refused:
                write()
            assert refused.value.meta.status == 403
        store = ArticleStore(restricted, ensure(restricted, names, PLAIN))
        with pytest.raises(ApiError) as refused:
            store.index([article("b", body(2))], "run-2")
        assert "These credentials may not do this" in explain(refused.value)


def test_roles_name_only_our_indices(names: IndexNames) -> None:
    """No wildcard reaches an index whose name only begins alike, and the cluster is not to be changed."""
    for kind in Kind:
        (indices,) = role(names, kind)["indices"]
        assert indices["names"] == [names.prefix, f"{names.prefix}-*"]
        assert set(role(names, kind)["cluster"]) <= {"monitor", "cluster:admin/analyze"}
    assert role(names, Kind.SEARCH)["indices"][0]["privileges"] == ["read", "view_index_metadata"]


def test_a_node_without_roles_says_so(
    elasticsearch: ElasticsearchNode, client: Elasticsearch, names: IndexNames
) -> None:
    """On the embedded node, which keeps none; on a full one both are made, and a key that works."""
    if elasticsearch.settings is not None:
        for attempt in (lambda: create_roles(client, names), lambda: create_key(client, names, Kind.SEARCH)):
            with pytest.raises(SearchError, match="keeps neither roles nor API keys"):
                attempt()
        return
    made = create_roles(client, names)
    key = create_key(client, names, Kind.PIPELINE, days=1)
    try:
        with connect(ConnectionSettings(url=elasticsearch.url, api_key=key.encoded)) as restricted:
            assert ensure(restricted, names, PLAIN).created == names.all
    finally:
        client.security.invalidate_api_key(ids=[key.id])
        for name in made:
            client.security.delete_role(name=name)


def test_a_key_never_shows() -> None:
    """Not in what a log or an error prints of it."""
    assert "c2VjcmV0" not in repr(Key(id="1", name="n", encoded="c2VjcmV0"))
