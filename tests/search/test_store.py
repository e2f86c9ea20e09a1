from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.clusters import article, body

from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.store.plan_writer import CopyPolicy, PlanWriter
from newsdex.search.store.store import ArticleStore
from newsdex.transforms.article import Article, Outcome, Result
from newsdex.transforms.duplicates.clusters import Assignment, cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elasticsearch import Elasticsearch


class Tried:
    """A store on indices of its own, with a look into what it holds."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self.client = client
        self.names = names
        self.indices = ensure(client, names, IndexSettings(languages=["en"]))
        self.store = self.worker()

    def worker(self, policy: CopyPolicy = CopyPolicy.FOLD) -> ArticleStore:
        """Another store on the same indices, as another process has it."""
        return ArticleStore(self.client, self.indices, policy=policy)

    def documents(self) -> dict[str, tuple[str, dict[str, object]]]:
        """Return every stored document: id → the index that it lies in and its source. None lies in two."""
        self.client.indices.refresh(index=[self.names.articles, self.names.copies])
        found: dict[str, tuple[str, dict[str, object]]] = {}
        for alias in (self.names.articles, self.names.copies):
            hits = self.client.search(index=alias, size=10_000, version=True)["hits"]["hits"]
            for hit in hits:
                assert hit["_id"] not in found, f"{hit['_id']} lies in two indices"
                found[hit["_id"]] = (alias, {**hit["_source"], "_version": hit["_version"]})
        return found

    def places(self) -> dict[str, Assignment]:
        """Return the place of every article, checked.

        Survivors name exactly their copies, copies lie with the copies.
        """
        documents = self.documents()
        places = {
            name: Assignment(source.get("duplicate_of"), source.get("similarity"))
            for name, (_, source) in documents.items()
        }
        for name, (alias, source) in documents.items():
            assert alias == (self.names.copies if places[name].survivor else self.names.articles)
            copies = {other for other, place in places.items() if place.survivor == name}
            assert {copy["id"] for copy in source.get("copies", [])} == copies
            assert source["copy_count"] == len(copies)
        return places


@pytest.fixture
def tried(client: Elasticsearch, names: IndexNames) -> Tried:
    return Tried(client, names)


def reasons(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the outcomes' reasons."""
    return [outcome.reason for outcome in outcomes]


def some_articles(seed: int, count: int = 40) -> list[Article]:
    """Articles of a few topics, most of them alike or equal, in an order of chance."""
    rng = random.Random(seed)
    places = (10, 30, 50, 70, 90)
    made = [
        article(
            f"id{number:03d}",
            body(rng.randrange(6), frozenset(rng.sample(places, rng.randrange(6)))),
            day=rng.choice([None, 0, 1, 2, 3]),
            source=rng.choice(["Alpha", "Beta", "Gamma"]),
        )
        for number in range(count)
    ]
    rng.shuffle(made)
    return made


def in_chunks(made: Sequence[Article], rng: random.Random) -> list[list[Article]]:
    """Return the articles cut into chunks of any size."""
    rest, chunks = list(made), []
    while rest:
        size = rng.randint(1, len(rest))
        chunks.append(rest[:size])
        rest = rest[size:]
    return chunks


def test_a_new_article_is_indexed(tried: Tried) -> None:
    """It is found under its id, with run and time, and is its own only source."""
    outcomes = tried.store.index([article("a", body(0), source="Alpha")], "run-1")
    assert [(outcome.result, outcome.reason, outcome.article_id) for outcome in outcomes] == [
        (Result.INDEXED, "new", "a")
    ]
    _, source = tried.documents()["a"]
    assert source["run_id"] == "run-1"
    assert source["copy_sources"] == ["Alpha"]
    assert "ingested_at" in source


def test_the_same_chunk_again_changes_nothing(tried: Tried) -> None:
    """Articles and copies are all unchanged the second time, and no document is written."""
    made = some_articles(1)
    tried.store.index(made, "run-1")
    before = tried.documents()
    outcomes = tried.store.index(made, "run-2")
    assert {outcome.result for outcome in outcomes} == {Result.UNCHANGED}
    assert tried.documents() == before


def test_a_chunk_that_is_given_again_after_a_fault_has_the_outcomes_of_the_first_time(tried: Tried) -> None:
    """Within one run, what that run wrote already is not taken for something that was there before it."""
    made = some_articles(1)
    first = tried.store.index(made, "run-1")
    again = tried.store.index(made, "run-1")
    assert [(outcome.result, outcome.duplicate_of) for outcome in again] == [
        (outcome.result, outcome.duplicate_of) for outcome in first
    ]


def test_the_same_article_from_two_inputs_of_a_run_is_a_duplicate(tried: Tried) -> None:
    """In one chunk or in two; in the next run both are unchanged."""
    one = article("a", body(0))
    two = replace(one, input_uri="file:///other")
    for chunks in ([[one, two]], [[one], [two]]):
        run_id = f"run-{len(chunks)}"
        outcomes = [outcome for chunk in chunks for outcome in tried.store.index(chunk, run_id, force=True)]
        assert [outcome.result for outcome in outcomes] == [Result.INDEXED, Result.DUPLICATE]
    assert {outcome.result for outcome in tried.store.index([one, two], "run-3")} == {Result.UNCHANGED}


def test_a_copy_is_folded_and_named_with_its_similarity(tried: Tried) -> None:
    """The survivor names the copy; the copy's outcome, and its own document, name the survivor."""
    tried.store.index([article("a", body(0), day=0, source="Alpha")], "run-1")
    (outcome,) = tried.store.index([article("b", body(0, {50}), day=1, source="Beta")], "run-2")
    assert (outcome.result, outcome.reason, outcome.duplicate_of) == (Result.DUPLICATE, "near-copy", "a")
    assert outcome.similarity == pytest.approx(91 / 101)
    documents = tried.documents()
    assert documents["b"][1]["duplicate_of"] == "a"
    assert documents["a"][1]["copies"] == [
        {
            "id": "b",
            "url": "https://example.org/b",
            "source": "Beta",
            "published_at": "2024-03-02T00:00:00Z",
            "similarity": outcome.similarity,
        }
    ]
    assert documents["a"][1]["copy_sources"] == ["Alpha", "Beta"]


def test_a_better_original_takes_the_cluster_over(tried: Tried) -> None:
    """When an earlier publication comes in later, the survivor so far and its copies become its copies."""
    tried.store.index([article("b", body(0), day=2), article("c", body(0, {10}), day=3)], "run-1")
    (outcome,) = tried.store.index([article("a", body(0), day=1, title="Another title")], "run-2")
    assert outcome.reason == "new"
    assert {name: place.survivor for name, place in tried.places().items()} == {"a": None, "b": "a", "c": "a"}


@pytest.mark.parametrize("seed", range(3))
def test_order_chunks_and_runs_do_not_matter(tried: Tried, seed: int) -> None:
    """Whatever the cut and the order, the store ends with the clusters of all articles at once."""
    made = some_articles(seed)
    rng = random.Random(seed)
    for run, chunk in enumerate(in_chunks(made, rng)):
        tried.store.index(chunk, f"run-{run % 2}")
    assert tried.places() == cluster(made)


def test_every_article_given_has_an_outcome(tried: Tried) -> None:
    """Also where one address comes twice in a chunk: one outcome each, in order."""
    made = [article("a", body(0)), article("b", body(1)), article("a", body(2)), article("a", body(0))]
    outcomes = tried.store.index(made, "run-1")
    assert [outcome.input_uri for outcome in outcomes] == ["memory:a", "memory:b", "memory:a", "memory:a"]
    assert Counter(reasons(outcomes)) == Counter({"new": 2, "older-version": 1, "exact-copy": 1})


def test_a_new_version_replaces_the_older_one(tried: Tried) -> None:
    """Changed content at one address is an update; read again, the old version changes nothing any more."""
    old, new = article("a", body(0)), article("a", body(1))
    tried.store.index([old], "run-1")
    assert reasons(tried.store.index([new], "run-2")) == ["updated"]
    assert tried.documents()["a"][1]["body"] == new.body
    assert reasons(tried.store.index([old, new], "run-3")) == ["older-version", "same-content"]
    assert tried.documents()["a"][1]["body"] == new.body


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_versions_in_one_run_end_the_same_in_any_order(tried: Tried, order: tuple[int, int]) -> None:
    """The longer text stays; the next run over the same input changes nothing."""
    versions = [article("a", body(0)), article("a", body(1, words=60))]
    for place in order:
        tried.store.index([versions[place]], "run-1")
    assert tried.documents()["a"][1]["body"] == versions[0].body
    for place in order:
        tried.store.index([versions[place]], "run-2")
    assert tried.documents()["a"][1]["body"] == versions[0].body


def test_a_survivor_with_a_new_text_leaves_its_copies(tried: Tried) -> None:
    """The copies of the old text find another survivor among themselves."""
    made = [article("a", body(0), day=0), article("b", body(0), day=1), article("c", body(0), day=2)]
    tried.store.index(made, "run-1")
    tried.store.index([article("a", body(1), day=0)], "run-2")
    assert {name: place.survivor for name, place in tried.places().items()} == {"a": None, "b": None, "c": "b"}


def test_another_pipeline_version_writes_again(tried: Tried) -> None:
    """An article whose extraction changed is replaced, with its cluster as it was."""
    made = some_articles(2, count=12)
    tried.store.index(made, "run-1")
    places = tried.places()
    outcomes = tried.store.index([replace(one, pipeline_version="2") for one in made], "run-2")
    assert {outcome.result for outcome in outcomes} <= {Result.INDEXED, Result.DUPLICATE}
    assert tried.places() == places


def test_one_broken_document_is_rejected_alone(tried: Tried) -> None:
    """A document that the mapping refuses has its outcome; its neighbours are indexed."""
    broken = replace(article("b", body(1)), body="broken \ud800")
    outcomes = tried.store.index([article("a", body(0)), broken, article("c", body(2))], "run-1")
    assert [outcome.result for outcome in outcomes] == [Result.INDEXED, Result.REJECTED, Result.INDEXED]
    assert outcomes[1].detail
    assert set(tried.documents()) == {"a", "c"}


def test_a_refused_original_leaves_the_cluster_as_it_was(tried: Tried) -> None:
    """A better original that cannot be stored takes no copies with it."""
    made = [article("b", body(0), day=2), article("c", body(0, {10}), day=3)]
    tried.store.index(made, "run-1")
    broken = replace(article("a", body(0), day=1), authors=("broken \ud800",))
    (outcome,) = tried.store.index([broken], "run-2")
    assert outcome.result is Result.REJECTED
    assert tried.places() == cluster(made)


def test_a_chunk_with_a_refused_original_keeps_its_copies(tried: Tried) -> None:
    """The copies in the same chunk are placed without it."""
    made = [article("b", body(0), day=2), article("c", body(0, {10}), day=3)]
    broken = replace(article("a", body(0), day=1), authors=("broken \ud800",))
    outcomes = tried.store.index([made[1], broken, made[0]], "run-1")
    assert [outcome.result for outcome in outcomes] == [Result.DUPLICATE, Result.REJECTED, Result.INDEXED]
    assert tried.places() == cluster(made)


def test_two_workers_at_the_same_moment_end_right(tried: Tried) -> None:
    """Workers that index each other's copies lose nothing, and after settling the clusters are right."""
    made = some_articles(3, count=60)
    parts = [made[number::4] for number in range(4)]
    runs = ["run-1", "run-1", "run-2", "run-2"]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda part, run: tried.worker().index(part, run), parts, runs))
    assert sum(map(len, outcomes)) == len(made)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: tried.worker().reconcile(run), ["run-1", "run-2"]))
    assert tried.places() == cluster(made)


def test_settling_what_is_settled_changes_nothing(tried: Tried) -> None:
    """A run that saw everything has nothing to fold."""
    tried.store.index(some_articles(4), "run-1")
    assert tried.store.reconcile("run-1") == 0


@pytest.mark.parametrize("written", range(3))
def test_a_kill_between_two_writes_is_healed_by_the_next_run(
    tried: Tried, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Whichever of the phases was the last to be written, nothing is lost and the next run sets it right."""
    before = [article("b", body(0), day=2), article("c", body(0, {10}), day=3), article("d", body(1), day=1)]
    after = [article("a", body(0), day=1), article("e", body(1, {30}), day=2)]
    tried.store.index(before, "run-1")
    kill_after(monkeypatch, written)
    with pytest.raises(KeyboardInterrupt):
        tried.store.index(after, "run-2")
    monkeypatch.undo()
    tried.client.indices.refresh(index=[tried.names.articles, tried.names.copies])
    tried.store.index(after, "run-3")
    assert tried.places() == cluster([*before, *after])


def kill_after(monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """Have the store killed when it is about to write for the n-th time."""
    write: Callable[..., None] = PlanWriter._write
    count = [0]

    def dying(self: PlanWriter, actions: Iterable[object]) -> None:
        actions = list(actions)
        if actions:
            if count[0] == writes:
                raise KeyboardInterrupt
            count[0] += 1
        write(self, actions)

    monkeypatch.setattr(PlanWriter, "_write", dying)


def test_a_cluster_spanning_fifty_papers_names_them_all(tried: Tried) -> None:
    """The survivor is found under every paper that ran the text."""
    made = [article(f"id{n:02d}", body(0, {n}), day=n, source=f"Paper {n:02d}") for n in range(50)]
    tried.store.index(made, "run-1")
    _, survivor = tried.documents()["id00"]
    assert survivor["copy_count"] == 49
    assert survivor["copy_sources"] == [f"Paper {n:02d}" for n in range(50)]


def test_keep_indexes_copies_beside_the_articles(tried: Tried) -> None:
    """With `keep` the copies lie among the articles, with the article that they are copies of."""
    store = tried.worker(CopyPolicy.KEEP)
    made = some_articles(5, count=20)
    for chunk in (made[:9], made[9:]):
        store.index(chunk, "run-1")
    documents = tried.documents()
    assert {alias for alias, _ in documents.values()} == {tried.names.articles}
    places = {name: Assignment(s.get("duplicate_of"), s.get("similarity")) for name, (_, s) in documents.items()}
    assert places == cluster(made)
    assert {outcome.result for outcome in store.index(made, "run-2")} == {Result.UNCHANGED}


def test_drop_keeps_no_text_of_copies_and_is_still_idempotent(tried: Tried) -> None:
    """With `drop` a copy is named and counted, its text is not stored, and the next run knows it again."""
    store = tried.worker(CopyPolicy.DROP)
    made = [article("b", body(0), day=1), article("c", body(0, {10}), day=2)]
    store.index(made, "run-1")
    store.index([article("a", body(0), day=0)], "run-2")
    documents = tried.documents()
    assert documents["a"][1]["copy_count"] == 2
    assert not any("body" in documents[name][1] for name in ("b", "c"))
    assert {outcome.result for outcome in store.index(made, "run-3")} == {Result.UNCHANGED}


def test_equal_copies_that_come_newest_first_are_not_written_again_and_again(
    tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each better original leaves the many copies where they are; at the end they name the last one."""
    monkeypatch.setattr("newsdex.search.store.candidates.MANY", 10)
    made = [article(f"id{n:03d}", body(0), day=100 - n, source=f"Paper {n % 9}") for n in range(80)]
    near = [article(f"near{n}", body(0, {10}), day=200 + n) for n in range(5)]
    tried.store.index(near, "run-1")
    written = []
    for start in range(0, 80, 8):
        tried.store.index(made[start : start + 8], "run-1")
        tried.client.indices.refresh(index=tried.names.copies)
        documents = tried.documents()
        written.append(sum(int(source["_version"]) for _, source in documents.values()))  # type: ignore[call-overload]
        assert documents[made[start + 7].id][1]["copy_count"] == start + 7 + 5
    assert written[-1] - written[-2] < 3 * 8 + 5
    assert tried.store.catch_up() > 0
    assert tried.places() == cluster([*made, *near])
    assert tried.store.catch_up() == 0


def test_more_copies_than_fit_into_memory_stay_bounded(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    """A very large cluster is taken over by a better original through one copy that stands for its equals."""
    monkeypatch.setattr("newsdex.search.store.candidates.MANY", 10)
    equal = [article(f"b{n:02d}", body(0), day=5) for n in range(30)]
    near = [article(f"c{n:02d}", body(0, {10}), day=6) for n in range(30)]
    tried.store.index([*equal, *near], "run-1")
    original = article("z", body(0, {90}), day=1)
    tried.store.index([original], "run-2")
    tried.store.catch_up()
    assert tried.places() == cluster([*equal, *near, original])
