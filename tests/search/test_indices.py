"""The four indices: made, found again, and told when something is wrong with them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from elasticsearch import ApiError

from newsdex.search.errors import SearchError, UnavailableError, explain
from newsdex.search.indices.analysis import choose_analysis
from newsdex.search.indices.manage import IndexNames, IndexSettings, definition, delete_all, ensure
from newsdex.search.indices.state import check, resolve
from newsdex.search.rebuild.rebuild import Rebuild
from newsdex.search.rebuild.status import describe
from newsdex.versions import ARTICLES_MAPPING

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

PLAIN = IndexSettings(languages=("en",))


def test_missing_indices_are_made(client: Elasticsearch, names: IndexNames) -> None:
    """The first call makes four versioned indices behind four aliases, the second finds them."""
    made = ensure(client, names, PLAIN)
    assert made.created == names.all
    assert made.concrete[names.articles] == f"{names.articles}-v{ARTICLES_MAPPING}-000001"
    again = ensure(client, names, PLAIN)
    assert again.created == ()
    assert again.concrete == made.concrete
    assert again.stemmed == made.stemmed == {"en"}
    assert check(client, names).concrete == made.concrete


def test_two_processes_make_one_set(client: Elasticsearch, names: IndexNames) -> None:
    """Four callers at once all end with the same four indices."""
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: ensure(client, names, PLAIN), range(4)))
    assert all(result.concrete == results[0].concrete for result in results)


def test_settings_reach_the_indices(client: Elasticsearch, names: IndexNames) -> None:
    """Shards, replicas, codec and refresh are as asked for; the small indices keep one shard."""
    settings = IndexSettings(shards=2, replicas=0, codec="best_compression", refresh_interval="30s", languages=("en",))
    found = ensure(client, names, settings).concrete
    index = client.indices.get_settings(index=found[names.articles]).body[found[names.articles]]["settings"]["index"]
    assert (index["number_of_shards"], index["number_of_replicas"]) == ("2", "0")
    assert (index["codec"], index["refresh_interval"]) == ("best_compression", "30s")
    runs = client.indices.get_settings(index=found[names.runs]).body[found[names.runs]]["settings"]["index"]
    assert runs["number_of_shards"] == "1"


def test_a_deleted_index_is_made_again(client: Elasticsearch, names: IndexNames) -> None:
    """Where somebody deleted one index, only that one is made."""
    found = ensure(client, names, PLAIN).concrete
    client.indices.delete(index=found[names.copies])
    assert ensure(client, names, PLAIN).created == (names.copies,)


def test_an_alias_on_two_indices_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """An alias that points to two indices is named with both and with the fix."""
    client.indices.create(index=f"{names.articles}-v{ARTICLES_MAPPING}-000001", aliases={names.articles: {}})
    client.indices.create(index=f"{names.articles}-v{ARTICLES_MAPPING}-000002", aliases={names.articles: {}})
    with pytest.raises(SearchError, match=r"points to 2 indices.*POST _aliases"):
        ensure(client, names, PLAIN)


def test_an_index_in_place_of_the_alias_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """An index where the alias should be is named, and nothing is made beside it."""
    client.indices.create(index=names.articles)
    try:
        with pytest.raises(SearchError, match="must be an alias"):
            ensure(client, names, PLAIN)
    finally:
        client.indices.delete(index=names.articles)


def test_a_lost_alias_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """An index whose alias somebody took away is named with the request that puts it back."""
    found = ensure(client, names, PLAIN).concrete
    client.indices.delete_alias(index=found[names.articles], name=names.articles)
    with pytest.raises(SearchError, match=r"PUT .*/_alias/"):
        ensure(client, names, PLAIN)


def test_a_foreign_index_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """An index that another program made behind our alias is not written to."""
    client.indices.create(index=f"{names.articles}-v9-000001", aliases={names.articles: {}})
    with pytest.raises(SearchError, match="was not made by Newsdex"):
        ensure(client, names, PLAIN)


@pytest.mark.parametrize(("version", "fix"), [(0, "newsdex rebuild"), (99, "upgrade Newsdex")])
def test_another_version_is_told(client: Elasticsearch, names: IndexNames, version: int, fix: str) -> None:
    """An older index says to rebuild, a newer one to upgrade."""
    found = ensure(client, names, PLAIN).concrete
    client.indices.put_mapping(index=found[names.runs], meta={"newsdex_mapping": version})
    with pytest.raises(SearchError, match=fix):
        ensure(client, names, PLAIN)


def test_a_field_added_by_hand_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """A field that nobody declared is named."""
    found = ensure(client, names, PLAIN).concrete
    client.indices.put_mapping(index=found[names.articles], properties={"sentiment": {"type": "float"}})
    with pytest.raises(SearchError, match=r"changed by hand: it has a field 'sentiment'"):
        ensure(client, names, PLAIN)


def test_loosened_strictness_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """A mapping that no longer refuses unknown fields is told."""
    found = ensure(client, names, PLAIN).concrete
    client.indices.put_mapping(index=found[names.articles], dynamic="true")
    with pytest.raises(SearchError, match="`dynamic`"):
        ensure(client, names, PLAIN)


def test_new_reasons_are_no_change_by_hand(client: Elasticsearch, names: IndexNames) -> None:
    """Reason codes and stages that the ledger meets for the first time are numbers that can be added up."""
    ensure(client, names, PLAIN)
    document = {"run_id": "1", "reasons": {"rejected": {"empty-file": 3}}, "stage_seconds": {"read": 1}}
    client.index(index=names.runs, id="1", document=document, refresh=True)
    ensure(client, names, PLAIN)
    total = {"sum": {"field": "reasons.rejected.empty-file"}}
    assert client.search(index=names.runs, size=0, aggs={"n": total})["aggregations"]["n"]["value"] == 3


def test_a_red_index_is_told(client: Elasticsearch, names: IndexNames, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index whose shard has no place is named, as something that may pass; a rebuild of it says so too."""
    monkeypatch.setattr("newsdex.search.indices.state.SHARDS_TIMEOUT", "100ms")
    found = ensure(client, names, PLAIN).concrete
    client.indices.delete(index=found[names.articles])
    made = definition(names, names.articles, PLAIN, choose_analysis(client, ("en",)))
    made["settings"]["index.routing.allocation.include._name"] = "nobody"
    client.indices.create(index=found[names.articles], aliases={names.articles: {}}, wait_for_active_shards=0, **made)
    with pytest.raises(UnavailableError, match="is red: a shard of it has no copy"):
        ensure(client, names, PLAIN)
    with pytest.raises(UnavailableError, match="is red"):
        Rebuild(client, names, PLAIN)
    assert resolve(client, names) == found


def test_a_cluster_that_is_full_of_shards_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """Where it takes no more indices, the sentence names both ways out; nothing half made stays."""
    limit = "cluster.max_shards_per_node"
    client.cluster.put_settings(persistent={limit: 1})
    try:
        with pytest.raises(SearchError, match="takes no more shards"):
            ensure(client, names, PLAIN)
    finally:
        client.cluster.put_settings(persistent={limit: None})
    assert ensure(client, names, PLAIN).created


def test_an_index_made_read_only_by_hand_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """A write names the setting that lifts it."""
    ensure(client, names, PLAIN)
    client.indices.put_settings(index=names.articles, settings={"index.blocks.read_only": True})
    with pytest.raises(ApiError) as refused:
        client.index(index=names.articles, document={})
    assert "index.blocks.read_only: null" in explain(refused.value)
    client.indices.put_settings(index=names.articles, settings={"index.blocks.read_only": None})


def test_checking_makes_nothing(client: Elasticsearch, names: IndexNames) -> None:
    """A check of what is not there says to ingest, and leaves it so."""
    with pytest.raises(SearchError, match="newsdex ingest"):
        check(client, names)
    assert resolve(client, names) == {}


@pytest.mark.parametrize("prefix", ["", "Articles", "-a", "a/b", "a*", "a" * 200, "ä", "a-", ".", "a,b"])
def test_a_name_that_cannot_be_is_refused(prefix: str) -> None:
    """A prefix that Elasticsearch would refuse, or that would reach other indices, is refused first."""
    with pytest.raises(SearchError, match="cannot name an index"):
        IndexNames(prefix)


def test_deleting_leaves_other_collections_alone(client: Elasticsearch, names: IndexNames) -> None:
    """Deleting one collection deletes none whose name begins alike."""
    other = IndexNames(f"{names.prefix}-v2")
    mine = ensure(client, names, PLAIN).concrete
    client.indices.create(index=f"{other.articles}-v{ARTICLES_MAPPING}-000001", aliases={other.articles: {}})
    try:
        assert set(delete_all(client, names)) == set(mine.values())
        assert client.indices.exists(index=other.articles)
    finally:
        client.indices.delete(index=f"{other.articles}-v{ARTICLES_MAPPING}-000001")


def test_the_state_of_the_indices_is_told(client: Elasticsearch, names: IndexNames) -> None:
    """What a doctor says: none yet, how many, an unfinished rebuild, a block; and what is wrong, with its fix."""
    assert "the first `newsdex ingest` makes them" in describe(client, names)
    ensure(client, names, PLAIN)
    assert f"{names.articles}-v{ARTICLES_MAPPING}-000001 with 0 articles, and 0 copies" in describe(client, names)
    work = Rebuild(client, names, PLAIN)
    work.leave()
    assert "`newsdex rebuild` goes on with it" in describe(client, names)
    work.discard()
    client.indices.add_block(index=names.articles, block="write")
    with pytest.raises(SearchError, match="blocked for writing"):
        describe(client, names)
    client.indices.put_mapping(index=names.articles, properties={"mood": {"type": "keyword"}})
    with pytest.raises(SearchError, match="newsdex rebuild"):
        describe(client, names)
