"""Rebuilding on a real node: the same documents afterwards, whatever is searched, written or killed meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.clusters import article, body
from support.rebuilding import rebuilt

from newsdex.retry import BULK_LINE
from newsdex.search.bulk.writer import Action, BulkStatus, write
from newsdex.search.errors import SearchError
from newsdex.search.indices import write_block as holds
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.indices.retention import replaced
from newsdex.search.indices.state import check, resolve
from newsdex.search.indices.write_block import block_writes, marker, unblock_writes
from newsdex.search.rebuild.checkpoint import entry_alias, find, read_note
from newsdex.search.rebuild.rebuild import Rebuild, Rebuilt
from newsdex.search.rebuild.rollback import rollback
from newsdex.search.store.store import ArticleStore
from newsdex.versions import ARTICLES_MAPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.client import ConnectionSettings
    from newsdex.transforms.article import Article


PLAIN = IndexSettings(languages=("en",), shards=2)

ROOT = Path(__file__).resolve().parent.parent.parent

COPIES_OF = 4
"""Each fourth article has a copy with an edit."""


def made(numbers: range, *, edits: tuple[int, ...] = ()) -> list[Article]:
    """Articles that are like no other, but for the copies of some."""
    originals = [article(f"a{number}", body(number, edits), day=number % 9) for number in numbers]
    copies = [article(f"c{number}", body(number, (*edits, 50)), day=10) for number in numbers if not number % COPIES_OF]
    return originals + copies


class Collection:
    """A store with articles, and a look into what lies behind its aliases."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self.client, self.names = client, names
        self.indices = ensure(client, names, PLAIN)
        self.store = ArticleStore(client, self.indices)

    def documents(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(alias, id) → source of everything that searches find."""
        found = {}
        for alias in (self.names.articles, self.names.copies):
            self.client.indices.refresh(index=alias)
            for hit in self.client.search(index=alias, size=10_000)["hits"]["hits"]:
                found[alias, hit["_id"]] = hit["_source"]
        return found

    def rebuild(self, **options: Any) -> Rebuilt:
        """Rebuild from beginning to end."""
        return rebuilt(self.client, self.names, PLAIN, **options)


@pytest.fixture
def collection(client: Elasticsearch, names: IndexNames) -> Collection:
    """Forty articles and ten copies."""
    filled = Collection(client, names)
    filled.store.index(made(range(40)), "run-1")
    return filled


def test_the_same_documents_lie_in_new_indices(collection: Collection) -> None:
    """Articles and copies are in the next versions, word for word; nothing else is behind the aliases."""
    before = collection.documents()
    assert len(before) == 50
    done = collection.rebuild()
    names = collection.names
    assert done.indices == {alias: f"{alias}-v{ARTICLES_MAPPING}-000002" for alias in (names.articles, names.copies)}
    assert done.former == {alias: f"{alias}-v{ARTICLES_MAPPING}-000001" for alias in (names.articles, names.copies)}
    assert done.documents == {names.articles: 40, names.copies: 10}
    assert done.counts == {"read": 50, "written": 50, "newer": 0}
    assert collection.documents() == before
    assert check(collection.client, names).concrete[names.articles] == done.indices[names.articles]
    assert find(collection.client, names) == {}


@pytest.mark.slow
def test_new_indices_are_as_the_settings_say(collection: Collection) -> None:
    """After the load refresh and replicas are as asked for, and codec and shards as well."""
    chosen = replace(PLAIN, shards=1, replicas=0, codec="best_compression", refresh_interval="7s")
    work = Rebuild(collection.client, collection.names, chosen)
    work.fill()
    while_filled = collection.client.indices.get_settings(index=entry_alias(collection.names.articles, "*")).body
    (entry,) = (each["settings"]["index"] for each in while_filled.values())
    assert entry["refresh_interval"] == "-1"
    index = work.swap().indices[collection.names.articles]
    work.leave()
    settings = collection.client.indices.get_settings(index=index).body[index]["settings"]["index"]
    wanted = {"refresh_interval": "7s", "number_of_replicas": "0", "codec": "best_compression", "number_of_shards": "1"}
    assert {name: settings[name] for name in wanted} == wanted
    assert "blocks" not in settings


@pytest.mark.slow
def test_what_the_transforms_do_anew_is_in_the_new_index(collection: Collection) -> None:
    """Every article goes through `refresh`, in pages, and comes out as that made it."""

    def refresh(pages: Iterator[list[Article]]) -> Iterator[list[Article]]:
        for page in pages:
            yield [replace(each, keywords=(each.id,)) for each in page]

    before = collection.documents()
    collection.rebuild(refresh=refresh)
    after = collection.documents()
    assert after == {place: {**source, "keywords": [place[1]]} for place, source in before.items()}


@pytest.mark.slow
def test_copies_without_text_stay_without(client: Elasticsearch, names: IndexNames) -> None:
    """A copy of which only the facts were kept has no body afterwards either."""
    collection = Collection(client, names)
    collection.store.index(made(range(4)), "run-1")
    (copy,) = (source for (alias, _), source in collection.documents().items() if alias == names.copies)
    bare = {name: value for name, value in copy.items() if name not in {"body", "minhash_bands"}}
    client.index(index=names.copies, id="c0", document=bare)
    collection.rebuild()
    assert collection.documents()[names.copies, "c0"] == bare


@contextmanager
def searching(collection: Collection) -> Iterator[list[int]]:
    """Count what searches find, over and over in two threads, until the block ends; raises what a search raised."""
    ended, counts, faults = threading.Event(), list[int](), list[Exception]()

    def search() -> None:
        while not ended.is_set():
            try:
                found = collection.client.search(index=collection.names.articles, size=0, track_total_hits=True)
                counts.append(found["hits"]["total"]["value"])
            except Exception as error:  # noqa: BLE001  # raised below
                faults.append(error)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]


def test_searches_neither_fail_nor_see_half(collection: Collection) -> None:
    """While two rebuilds and a rollback go on, every search finds all articles."""
    collection.documents()
    with searching(collection) as counts:
        collection.rebuild()
        collection.rebuild()
        rollback(collection.client, collection.names)
    assert len(counts) > 20
    assert set(counts) == {40}


@pytest.mark.slow
def test_what_is_ingested_meanwhile_is_in_the_new_index(collection: Collection) -> None:
    """New articles, new versions and copies that change places, written all the time, are in it as in the old one."""
    written: list[str] = []
    ended = threading.Event()

    def ingest() -> None:
        for number in range(100, 100_000, 10):
            outcomes = collection.store.index(made(range(number, number + 10)), f"run-{number}")
            # An earlier original comes: the former one moves to the copies.
            earlier = replace(article(f"b{number}", body(number + 4)), published_at=None, word_count=1000)
            collection.store.index([earlier, *made(range(2), edits=(number % 90,))], f"run-{number}-b")
            written.extend(outcome.article_id or "" for outcome in outcomes)
            if ended.is_set():
                return

    writer = threading.Thread(target=ingest)
    writer.start()
    try:
        done = [collection.rebuild() for _ in range(2)]
    finally:
        ended.set()
        writer.join()
    documents = collection.documents()
    ids = [name for _, name in documents]
    assert len(ids) == len(set(ids))
    assert set(written) <= set(ids)
    assert sum(done[-1].documents.values()) <= len(ids)
    old = {alias: collection.client.count(index=index)["count"] for alias, index in done[-1].former.items()}
    assert old == done[-1].documents


@pytest.mark.slow
def test_an_article_deleted_meanwhile_is_not_in_the_new_index(collection: Collection) -> None:
    """Also one that was deleted by hand just before the end."""
    work = Rebuild(collection.client, collection.names, PLAIN)
    work.fill()
    collection.client.delete(index=collection.names.articles, id="a7")
    done = work.swap()
    work.leave()
    assert done.documents[collection.names.articles] == 39
    assert (collection.names.articles, "a7") not in collection.documents()


def test_writers_go_on_after_the_swap(collection: Collection) -> None:
    """A write that meets the hold waits for its end."""
    names, old = collection.names, list(collection.indices.concrete.values())[:2]
    block_writes(collection.client, names, old, "feed")
    threading.Timer(1.0, unblock_writes, (collection.client, names, old, "feed")).start()
    outcomes = collection.store.index(made(range(50, 52)), "run-2")
    assert [outcome.reason for outcome in outcomes] == ["new", "new"]
    assert collection.client.indices.exists_alias(name=marker(names, "feed")).meta.status == 404


@pytest.mark.slow
def test_a_hold_that_lasts_is_told_as_passing(collection: Collection) -> None:
    """After all retries a write fails in words, and as something that may work later."""
    names, old = collection.names, list(collection.indices.concrete.values())[:2]
    block_writes(collection.client, names, old, "feed")
    action = Action(index=names.articles, id="x", document={})
    (outcome,) = write(collection.client, [action], policy=replace(BULK_LINE, attempts=1))
    assert outcome.status is BulkStatus.HELD
    assert "a rebuild does so for some seconds" in outcome.detail


def test_a_hold_that_a_kill_left_is_lifted_by_the_next_ingest(
    collection: Collection,
) -> None:
    """The next writer waits for a while, then lifts it; a rebuild that wakes up after that swaps nothing."""
    names, client = collection.names, collection.client
    work = Rebuild(client, names, PLAIN)
    work.fill()
    old = [each.old for each in work._site.replacements]
    block_writes(client, names, old, work._site.token)
    found = resolve(client, names)
    assert holds.await_writable(client, names, found, lambda: found, patience=0.3) == found
    assert ArticleStore(client, ensure(client, names)).index(made(range(60, 61)), "run-3")[0].reason == "new"
    assert work._put_aliases() is False
    assert resolve(client, names) == found
    done = work.swap()
    work.leave()
    assert done.documents[names.articles] == 41


@pytest.mark.slow
def test_a_block_set_by_hand_is_told(collection: Collection) -> None:
    """It is no rebuild's: whoever set it takes it away."""
    collection.client.indices.add_block(index=collection.names.articles, block="write")
    with pytest.raises(SearchError, match="not by a rebuild: lift the block"):
        ensure(collection.client, collection.names)


def test_two_rebuilds_at_once_are_one(collection: Collection) -> None:
    """The second says who is at work, and changes nothing; when the first has ended it may."""
    first = Rebuild(collection.client, collection.names, PLAIN)
    with pytest.raises(SearchError, match=rf"at work already \(process {os.getpid()} "):
        Rebuild(collection.client, collection.names, PLAIN)
    with pytest.raises(SearchError, match="A rebuild is at work"):
        rollback(collection.client, collection.names)
    first.fill()
    first.swap()
    first.leave()
    assert collection.rebuild().documents[collection.names.articles] == 40


def test_a_rebuild_that_stopped_is_gone_on_with(collection: Collection) -> None:
    """The next one copies only what is not copied yet; one of another kind begins anew."""
    first = Rebuild(collection.client, collection.names, PLAIN)
    first.fill()
    first.leave()
    collection.store.index(made(range(70, 71)), "run-2")
    second = Rebuild(collection.client, collection.names, PLAIN)
    assert second.resumed
    assert second.expected() <= 1
    second.fill()
    second.leave()
    third = Rebuild(collection.client, collection.names, PLAIN, made_with="other transforms")
    assert not third.resumed
    third.fill()
    done = third.swap()
    third.leave()
    assert done.counts["read"] == 51
    assert done.indices[collection.names.articles].endswith("-000002")


def test_a_caller_goes_on_with_its_own_work_at_once(collection: Collection) -> None:
    """Where its first attempt was cut off without a word, as when Elasticsearch dies, it need not wait for itself."""
    first = Rebuild(collection.client, collection.names, PLAIN, caller="me")
    first._site._ended.set()
    second = Rebuild(collection.client, collection.names, PLAIN, caller="me")
    assert second.resumed
    second.fill()
    second.swap()
    second.leave()


@pytest.mark.slow
def test_who_lost_the_work_writes_nothing_any_more(collection: Collection) -> None:
    """A process that slept while another one went on with its rebuild cannot write to the new index."""
    slept = Rebuild(collection.client, collection.names, PLAIN)
    slept._site.note.pid = 0
    slept._site.write_note()
    second = Rebuild(collection.client, collection.names, PLAIN)
    with pytest.raises(SearchError):
        slept.fill()
    with pytest.raises(SearchError):
        slept.swap()
    second.fill()
    assert second.swap().documents[collection.names.articles] == 40
    second.leave()


@pytest.mark.slow
def test_a_document_that_does_not_fit_ends_the_rebuild(collection: Collection) -> None:
    """It is named, and the present index stays."""

    def refresh(pages: Iterator[list[Article]]) -> Iterator[list[Article]]:
        for page in pages:
            yield [replace(each, body="x" * 21_000_000) if each.id == "a3" else each for each in page]

    before = resolve(collection.client, collection.names)
    with pytest.raises(SearchError, match=r"'a3' does not fit the new index: The document is 2\d\.\d MB"):
        collection.rebuild(refresh=refresh)
    assert resolve(collection.client, collection.names) == before


def test_a_mapping_changed_by_hand_is_set_right(collection: Collection) -> None:
    """Fields that nobody declared go, in the ledger as well; the quarantine, which is right, stays as it is."""
    client, names = collection.client, collection.names
    client.indices.put_mapping(index=names.articles, properties={"mood": {"type": "keyword"}})
    client.index(index=names.articles, id="a1", document={**collection.documents()[names.articles, "a1"], "mood": "up"})
    client.indices.put_mapping(index=names.runs, properties={"mood": {"type": "keyword"}})
    client.index(index=names.runs, id="r1", document={"run_id": "r1", "mood": "up"})
    with pytest.raises(SearchError, match="newsdex rebuild"):
        ensure(client, names)
    done = collection.rebuild()
    assert set(done.indices) == {names.articles, names.copies, names.runs}
    ensure(client, names)
    assert "mood" not in collection.documents()[names.articles, "a1"]
    assert client.get(index=names.runs, id="r1")["_source"] == {"run_id": "r1"}


@pytest.mark.slow
def test_an_older_version_is_rebuilt(collection: Collection) -> None:
    """An index with an older mapping version is refused until it is rebuilt."""
    client, names = collection.client, collection.names
    meta = client.indices.get_mapping(index=names.articles).body[collection.indices.concrete[names.articles]]
    client.indices.put_mapping(index=names.articles, meta={**meta["mappings"]["_meta"], "newsdex_mapping": 0})
    with pytest.raises(SearchError, match="newsdex rebuild"):
        ensure(client, names)
    collection.rebuild()
    assert ensure(client, names).concrete[names.articles].endswith(f"-v{ARTICLES_MAPPING}-000002")


def test_the_way_back(collection: Collection) -> None:
    """A rollback puts the former indices back, which can be written to, and says what is only in the others."""
    client, names = collection.client, collection.names
    collection.rebuild()
    collection.store.index(made(range(80, 82)), "run-2")
    back = rollback(client, names)
    assert back.indices == {alias: f"{alias}-v{ARTICLES_MAPPING}-000001" for alias in (names.articles, names.copies)}
    assert back.written_since == 3
    assert not back.outdated
    assert len(collection.documents()) == 50
    assert ArticleStore(client, ensure(client, names)).index(made(range(80, 81)), "run-3")[0].reason == "new"
    with pytest.raises(SearchError, match="was not made by a rebuild"):
        rollback(client, names)
    forward = rollback(client, names, to=2)
    assert forward.indices[names.articles].endswith("-000002")
    assert len(collection.documents()) == 53
    with pytest.raises(SearchError, match="already"):
        rollback(client, names, to=2)
    with pytest.raises(SearchError, match="There is no finished index 7"):
        rollback(client, names, to=7)


@pytest.mark.slow
def test_no_way_back_where_the_former_is_gone(collection: Collection) -> None:
    """An index that maintenance removed is named; before that it keeps the last former one."""
    done = collection.rebuild()
    old = done.former[collection.names.articles]
    later = read_note(collection.client, done.indices[collection.names.articles])
    assert later is not None
    collection.client.indices.delete(index=old)
    with pytest.raises(SearchError, match="was removed"):
        rollback(collection.client, collection.names)
    assert resolve(collection.client, collection.names)[collection.names.articles].endswith("-000002")


@pytest.mark.slow
def test_unfinished_indices_are_no_replaced_ones(collection: Collection) -> None:
    """Maintenance leaves the indices of a rebuild that is not done alone."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # only here

    work = Rebuild(collection.client, collection.names, PLAIN)
    work.leave()
    later = datetime.now(UTC) + timedelta(days=1)
    assert replaced(collection.client, collection.names, before=later, keep=0) == []
    assert find(collection.client, collection.names)
    work.discard()
    assert find(collection.client, collection.names) == {}


KILLED = """
import sys, time
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import (IndexNames, IndexSettings)
from newsdex.search.rebuild.rebuild import Rebuild
url, username, password, prefix, where = sys.argv[1:]
client = connect(ConnectionSettings(url=url, username=username, password=password))
def slow(pages):
    for page in pages:
        yield page[:]
        print("page", flush=True)
        if where == "fill":
            time.sleep(60)
work = Rebuild(client, IndexNames(prefix), IndexSettings(languages=("en",), shards=2), refresh=slow)
work.fill()
if where == "swap":
    work._put_aliases = lambda: (print("held", flush=True), time.sleep(60))
    work.swap()
print("filled", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("where", "sign"),
    [
        pytest.param("fill", "page", marks=pytest.mark.slow),
        pytest.param("filled", "filled", marks=pytest.mark.slow),
        ("swap", "held"),
    ],
)
def test_a_killed_rebuild_changes_nothing_and_is_gone_on_with(
    collection: Collection, settings: ConnectionSettings, where: str, sign: str
) -> None:
    """SIGKILL while it copies, between its steps, and while writers are held out."""
    before, found = collection.documents(), resolve(collection.client, collection.names)
    arguments = [settings.url, settings.username or "", settings.password or "", collection.names.prefix, where]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}
    )
    assert child.stdout is not None
    while child.stdout.readline().strip() != sign:
        assert child.poll() is None
    with pytest.raises(SearchError, match=f"process {child.pid} "):
        Rebuild(collection.client, collection.names, PLAIN)
    child.kill()
    child.wait()
    child.stdout.close()
    assert resolve(collection.client, collection.names) == found
    assert collection.documents() == before
    work = Rebuild(collection.client, collection.names, PLAIN)
    assert work.resumed
    assert collection.store.index(made(range(90, 91)), "run-2")[0].reason == "new"
    work.fill()
    done = work.swap()
    work.leave()
    assert sum(done.documents.values()) == 51
    assert len(collection.documents()) == 51
