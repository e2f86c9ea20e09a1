"""One index a year or month, on a real node: found together, written apart, and nothing in two of them."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.clusters import article, body
from support.rebuilding import rebuilt

from newsdex.search.errors import SearchError
from newsdex.search.indices.manage import IndexNames, IndexSettings, Period, delete_all, ensure
from newsdex.search.indices.naming import url_batches
from newsdex.search.indices.retention import replaced
from newsdex.search.indices.state import check, resolve
from newsdex.search.query.request import SearchRequest
from newsdex.search.rebuild.rebuild import Rebuild
from newsdex.search.rebuild.rollback import rollback
from newsdex.search.rebuild.status import describe
from newsdex.search.results.search import get, search
from newsdex.search.results.similar import more_like_this
from newsdex.search.store.store import ArticleStore
from newsdex.transforms.article import Result
from newsdex.versions import ARTICLES_MAPPING

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.rebuild.rebuild import Rebuilt
    from newsdex.transforms.article import Article


PLAIN = IndexSettings(languages=("en",))
YEARLY = replace(PLAIN, period=Period.YEAR)
MONTHLY = replace(PLAIN, period=Period.MONTH)


def of(
    name: str, year: int | None, month: int = 3, *, topic: int | None = None, edits: frozenset[int] = frozenset()
) -> Article:
    """Return an article that was published then."""
    made = article(name, body(len(name) + ord(name[-1]) if topic is None else topic, edits))
    return replace(made, published_at=datetime(year, month, 31, 12, tzinfo=UTC) if year else None)


class Collection:
    """A store by year, month or neither, and a look at what lies where."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self.client, self.names = client, names

    def store(self, settings: IndexSettings) -> ArticleStore:
        """As a process with these settings has it."""
        return ArticleStore(self.client, ensure(self.client, self.names, settings))

    def hits(self) -> list[dict[str, Any]]:
        """Return everything that lies behind the names of articles and copies."""
        both = [self.names.articles, self.names.copies]
        self.client.indices.refresh(index=both)
        found: list[dict[str, Any]] = self.client.search(index=both, size=1000)["hits"]["hits"]
        return found

    def documents(self) -> dict[str, dict[str, Any]]:
        """Id → what is stored of it, but for when it came."""
        hits = self.hits()
        assert len({hit["_id"] for hit in hits}) == len(hits)
        return {
            hit["_id"]: {
                name: value
                for name, value in hit["_source"].items()
                if name not in {"ingested_at", "run_id", "story_id"}
            }
            for hit in hits
        }

    def lying(self) -> dict[str, list[str]]:
        """Alias without the prefix → ids that lie behind it, the whole collection asked by its one name."""
        found: dict[str, list[str]] = {}
        for hit in self.hits():
            alias = (self.names.alias_of(hit["_index"]) or "").removeprefix(self.names.prefix)
            found.setdefault(alias, []).append(hit["_id"])
        return {alias: sorted(ids) for alias, ids in sorted(found.items())}

    def rebuild(self, settings: IndexSettings) -> Rebuilt:
        """Rebuild from beginning to end."""
        return rebuilt(self.client, self.names, settings)


@pytest.fixture
def collection(client: Elasticsearch, names: IndexNames) -> Collection:
    return Collection(client, names)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (PLAIN, {"": ["a", "b", "c", "d"]}),
        (YEARLY, {"": ["d"], "-of-2023": ["a"], "-of-2024": ["b", "c"]}),
        (MONTHLY, {"": ["d"], "-of-2023-12": ["a"], "-of-2024-01": ["b"], "-of-2024-03": ["c"]}),
    ],
)
def test_articles_lie_by_their_period(
    collection: Collection, chosen: IndexSettings, expected: dict[str, list[str]]
) -> None:
    """By year, by month or all in one; without a date in the first one, and the year is that of UTC."""
    made = [of("a", 2023, 12), of("b", 2024, 1), of("c", 2024), of("d", None)]
    outcomes = collection.store(chosen).index(made, "run-1")
    assert {outcome.result for outcome in outcomes} == {Result.INDEXED}
    assert collection.lying() == expected
    assert {outcome.result for outcome in collection.store(chosen).index(made, "run-2")} == {Result.UNCHANGED}


def test_one_search_finds_all_periods(collection: Collection, client: Elasticsearch) -> None:
    """By the one name: a search, an article by its id, and articles like it."""
    collection.store(YEARLY).index(
        [
            of(name, year, topic=7, edits=frozenset(range(number * 20, number * 20 + 20)))
            for number, (name, year) in enumerate((("a", 2022), ("b", 2023), ("c", 2024)))
        ],
        "run-1",
    )
    lying = collection.lying()
    assert sum(map(len, lying.values())) == 3
    assert search(client, collection.names, SearchRequest()).total == 3
    found = get(client, collection.names, "b")
    assert found is not None
    assert found.id == "b"
    assert {hit.id for hit in more_like_this(client, collection.names, "b").hits} <= {"a", "c"}
    assert "and 3 of a year or month with 3 articles" in describe(client, collection.names)


def test_a_corrected_date_moves_the_article(collection: Collection) -> None:
    """It lies in the index of its new year, and in no other."""
    store = collection.store(YEARLY)
    store.index([of("a", 2023), of("b", 2023)], "run-1")
    outcomes = store.index([of("a", 2021)], "run-2")
    assert [(outcome.result, outcome.reason) for outcome in outcomes] == [(Result.INDEXED, "updated")]
    assert collection.lying() == {"-of-2021": ["a"], "-of-2023": ["b"]}


def test_a_copy_of_another_year_is_folded(collection: Collection) -> None:
    """Copies are found over all years, and lie with the copies; an earlier original takes the place of a later one."""
    store = collection.store(YEARLY)
    store.index([of("late", 2024, topic=3)], "run-1")
    outcomes = store.index([of("early", 2020, topic=3, edits=frozenset({50}))], "run-2")
    assert [outcome.result for outcome in outcomes] == [Result.INDEXED]
    assert collection.lying() == {"-copies": ["late"], "-of-2020": ["early"]}


def test_a_move_that_was_cut_off_is_ended(collection: Collection, client: Elasticsearch) -> None:
    """An article that a kill left in two years lies in the right one alone when its input comes in again."""
    store = collection.store(YEARLY)
    store.index([of("a", 2023)], "run-1")
    old = client.get(index=collection.names.of_period("2023"), id="a")["_source"]
    store.index([of("a", 2021)], "run-2")
    client.index(index=collection.names.of_period("2023"), id="a", document=old)
    assert collection.lying() == {"-of-2021": ["a"], "-of-2023": ["a"]}
    collection.store(YEARLY).index([of("a", 2021)], "run-3")
    assert collection.lying() == {"-of-2021": ["a"]}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_nothing_else_depends_on_the_period(collection: Collection, seed: int) -> None:
    """Whatever the order and the chunks, survivors, copies and counts are those of one index, and none lies twice."""
    rng = random.Random(seed)
    made = [
        of(
            f"id{number:02}",
            rng.choice([2021, 2022, None]),
            topic=rng.randrange(4),
            edits=frozenset(rng.sample([10, 50, 90], 1)),
        )
        for number in range(30)
    ]
    told = []
    for settings in (PLAIN, YEARLY):
        rng.shuffle(made)
        half = rng.randrange(1, len(made))
        collection.store(settings).index(made[:half], "run-1")
        collection.store(settings).index(made[half:], "run-2")
        told.append(collection.documents())
        delete_all(collection.client, collection.names)
    assert told[0] == told[1]


def test_workers_make_the_index_of_a_year_at_the_same_moment(collection: Collection) -> None:
    """All of them write to the one that is made."""
    stores = [collection.store(YEARLY) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda number: stores[number].index([of(f"{number}", 1999)], "run-1"), range(4))
    assert [outcome.result for some in outcomes for outcome in some] == [Result.INDEXED] * 4
    assert collection.lying() == {"-of-1999": ["0", "1", "2", "3"]}


def test_a_chosen_period_takes_effect_on_what_is_stored(collection: Collection) -> None:
    """What lay in one index lies by month, then by year, then in one again; twice said changes nothing."""
    made = [of("a", 2023, 12), of("b", 2024, 1), of("c", 2024), of("d", None)]
    collection.store(PLAIN).index(made, "run-1")
    for settings, moved, expected in (
        (MONTHLY, 3, {"": ["d"], "-of-2023-12": ["a"], "-of-2024-01": ["b"], "-of-2024-03": ["c"]}),
        (YEARLY, 3, {"": ["d"], "-of-2023": ["a"], "-of-2024": ["b", "c"]}),
        (PLAIN, 3, {"": ["a", "b", "c", "d"]}),
    ):
        assert collection.store(settings).migrate_periods() == moved
        assert collection.lying() == expected
        assert collection.store(settings).migrate_periods() == 0
    assert {outcome.result for outcome in collection.store(PLAIN).index(made, "run-2")} == {Result.UNCHANGED}


def test_a_rehousing_that_was_cut_off_is_ended_by_the_next(collection: Collection, client: Elasticsearch) -> None:
    """An article that it left in both places lies in one afterwards."""
    collection.store(PLAIN).index([of("a", 2023), of("b", 2024)], "run-1")
    old = client.get(index=collection.names.articles, id="a")["_source"]
    collection.store(YEARLY).migrate_periods()
    client.index(index=collection.names.articles, id="a", document=old)
    assert collection.store(YEARLY).migrate_periods() == 1
    assert collection.lying() == {"-of-2023": ["a"], "-of-2024": ["b"]}


def test_all_periods_are_rebuilt_and_rolled_back(collection: Collection, client: Elasticsearch) -> None:
    """Every index gets its next version, searches find the same; the way back leads to the former ones, and forward."""
    names = collection.names
    store = collection.store(YEARLY)
    store.index([of("a", 2023), of("b", 2024), of("d", None)], "run-1")
    before = collection.lying()
    done = collection.rebuild(YEARLY)
    assert collection.lying() == before
    assert done.indices == {
        alias: f"{alias}-v{ARTICLES_MAPPING}-000002"
        for alias in (names.articles, names.copies, names.of_period("2023"), names.of_period("2024"))
    }
    collection.store(YEARLY).index([of("e", 2025)], "run-2")
    assert resolve(client, names)[names.of_period("2025")] == f"{names.of_period('2025')}-v{ARTICLES_MAPPING}-000002"

    back = rollback(client, names)
    assert back.written_since == 1
    assert collection.lying() == before
    assert names.of_period("2025") not in resolve(client, names)
    collection.store(YEARLY).index([of("e", 2025)], "run-3")
    assert collection.lying() == {**before, "-of-2025": ["e"]}

    rollback(client, names, to=2)
    assert collection.lying() == {**before, "-of-2025": ["e"]}
    rollback(client, names)
    assert collection.lying() == {**before, "-of-2025": ["e"]}
    assert check(client, names).concrete[names.of_period("2025")].endswith("-000001")


def test_a_move_during_a_rebuild_is_in_the_new_index_once(collection: Collection) -> None:
    """Between two years that there were, and to one that comes only then."""
    store = collection.store(YEARLY)
    store.index([of("a", 2023), of("b", 2024), of("c", 2023)], "run-1")
    work = Rebuild(collection.client, collection.names, YEARLY)
    work.fill()
    store.index([of("a", 2024), of("c", 2019)], "run-2")
    work.swap()
    work.leave()
    assert collection.lying() == {"-of-2019": ["c"], "-of-2024": ["a", "b"]}
    store.index([of("c", 2018)], "run-3")
    assert collection.lying() == {"-of-2018": ["c"], "-of-2024": ["a", "b"]}


def test_old_versions_of_a_period_are_found_and_deleted(collection: Collection, client: Elasticsearch) -> None:
    """Maintenance sees what a rebuild replaced, and deleting a collection leaves nothing of it."""
    collection.store(YEARLY).index([of("a", 2023)], "run-1")
    former = collection.rebuild(YEARLY).former
    free = replaced(client, collection.names, before=datetime(2100, 1, 1, tzinfo=UTC), keep=0)
    assert free == sorted(former.values())
    assert f"{collection.names.of_period('2023')}-v{ARTICLES_MAPPING}-000002" in delete_all(client, collection.names)
    assert client.indices.get(index=f"{collection.names.prefix}*", allow_no_indices=True).body == {}


def test_the_limit_of_shards_is_told(collection: Collection, client: Elasticsearch) -> None:
    """More years than the cluster takes indices: the sentence says so, and nothing is lost."""
    store = collection.store(YEARLY)
    client.cluster.put_settings(persistent={"cluster.max_shards_per_node": 1})
    try:
        with pytest.raises(SearchError, match="takes no more shards"):
            store.index([of("a", 2023)], "run-1")
    finally:
        client.cluster.put_settings(persistent={"cluster.max_shards_per_node": None})
    assert [outcome.result for outcome in store.index([of("a", 2023)], "run-1")] == [Result.INDEXED]


def test_a_name_like_that_of_a_year_is_refused() -> None:
    """A collection that is called like the index of a year of another one would be taken for it."""
    with pytest.raises(SearchError, match="year or month"):
        IndexNames("articles-of-2024")


def test_names_are_cut_to_what_an_address_holds() -> None:
    """All of them come, in their order, some at a time."""
    names = [f"articles-of-{year}-{month:02}-v2-000001" for year in range(2000, 2030) for month in range(1, 13)]
    lots = list(url_batches(names))
    assert ",".join(lots).split(",") == names
    assert max(map(len, lots)) <= 3000
    assert list(url_batches([])) == []
