"""The bulk load beside what the node can take: `python -m benchmarks.bulk [--articles N] [--rounds N]`.

Loads the same documents into an empty index in each way, in turn, on one node: raw NDJSON, made beforehand and sent
over 2 and 4 connections (the node's limit), our own `bulk.writer.write`, and the client's two helpers. Real articles
where they are at hand, else made ones of 3 KB. The node is the one of the settings (`NEWSDEX_ELASTICSEARCH_URL`, else
the embedded one).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from elasticsearch import Elasticsearch, helpers

from benchmarks.gold import place_of
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.progress import Silent
from newsdex.flows.config.settings import load
from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.store.documents import Document, to_document
from newsdex.transforms.article import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
RAW_CHUNK = 500
REFRESHED = "ours, 2 connections, refreshed each second"
FLOOR = 0.80
"""Our rate over the raw rate at the same number of connections, at least."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one load measured."""

    rate: float
    """Documents a second."""
    cpu_us: float
    """Our own processor time, microseconds a document: it hardly depends on what else the machine does."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=10_000, help="documents a load")
    parser.add_argument("--rounds", type=int, default=3, help="loads of each way; the median counts")
    parser.add_argument("--stemmed", action="store_true", help="with the stemmed field, which costs the node far more")
    given = parser.parse_args()
    client = open_client(load(), Silent())
    names = IndexNames(f"bench-{uuid.uuid4().hex[:8]}")
    bodies = list(itertools.islice(_bodies(), given.articles))
    stemmed = frozenset({"en"}) if given.stemmed else frozenset()
    documents = [(str(number), to_document(_article(number, body), stemmed)) for number, body in enumerate(bodies)]
    size = statistics.mean(len(msgspec.json.encode(document)) for _, document in documents)
    print(f"{len(documents):,} documents of {size / 1000:.1f} KB each, {given.rounds} rounds, stemmed: {given.stemmed}")
    try:
        rates = _measure(client, names, documents, given.rounds)
    finally:
        delete_all(client, names)
    for way, measured in rates.items():
        each = ", ".join(f"{load.rate:,.0f}" for load in measured)
        cpu = statistics.median(load.cpu_us for load in measured)
        print(f"{way:<43} {_median(measured):>7,.0f} a second ({each}), {cpu:>5,.0f} µs of our processor time each")
    share = _share(rates, "ours, 2 connections", "raw, 2 connections")
    print(f"ours over raw, both over 2 connections: {share:.0%} (floor {FLOOR:.0%}); ", end="")
    print(f"over 4: {_share(rates, 'ours, 4 connections', 'raw, 4 connections'):.0%}")
    print(f"with a refresh each second, of ours without: {_share(rates, REFRESHED, 'ours, 2 connections'):.0%}")
    return 0 if share >= FLOOR else 1


def _share(rates: dict[str, list[Load]], ours: str, theirs: str) -> float:
    """Return the median of the rounds: two loads of one round follow each other, so that both meet the same machine."""
    return statistics.median(mine.rate / other.rate for mine, other in zip(rates[ours], rates[theirs], strict=True))


def _median(loads: list[Load]) -> float:
    return statistics.median(load.rate for load in loads)


def _measure(
    client: Elasticsearch, names: IndexNames, documents: list[tuple[str, Document]], rounds: int
) -> dict[str, list[Load]]:
    raw = [_ndjson(names.articles, chunk) for chunk in _batches(documents)]
    ways: dict[str, Callable[[], None]] = {
        "raw, 2 connections": lambda: _raw(client, raw, 2),
        "ours, 2 connections": lambda: _ours(client, names, documents, 2),
        REFRESHED: lambda: _ours(client, names, documents, 2),
        "raw, 4 connections": lambda: _raw(client, raw, 4),
        "ours, 4 connections": lambda: _ours(client, names, documents, 4),
        "helpers.streaming_bulk": lambda: _drain(helpers.streaming_bulk(client, _actions(names, documents))),
        "helpers.parallel_bulk, 2 threads": lambda: _drain(
            helpers.parallel_bulk(client, _actions(names, documents), thread_count=2)
        ),
    }
    rates: dict[str, list[Load]] = {way: [] for way in ways}
    # The first load warms up the node's compiler and is not counted.
    for turn in range(rounds + 1):
        # Each round in the other direction: what comes second gains from what the first one warmed up.
        for way, load_all in list(ways.items())[:: 1 if turn % 2 else -1]:
            delete_all(client, names)
            interval = "1s" if way == REFRESHED else "-1"
            ensure(client, names, IndexSettings(refresh_interval=interval, languages=("en",)))
            start, cpu_start = time.perf_counter(), time.process_time()
            load_all()
            rate = len(documents) / (time.perf_counter() - start)
            cpu = (time.process_time() - cpu_start) / len(documents) * 1e6
            client.indices.refresh(index=names.articles)
            count = client.count(index=names.articles)["count"]
            assert count == len(documents), f"{way}: {count} documents in the index"
            if turn:
                rates[way].append(Load(rate, cpu))
    return rates


def _raw(client: Elasticsearch, chunks: list[bytes], connections: int) -> None:
    headers = {"accept": "application/json", "content-type": "application/x-ndjson"}

    def send(chunk: bytes) -> None:
        # The transport without the client: no retries, and only whether there was an error is asked for.
        client.transport.perform_request(
            "POST",
            "/_bulk?filter_path=errors",
            body=chunk,
            headers={**client._headers, **headers},  # noqa: SLF001
        )

    with ThreadPoolExecutor(connections) as pool:
        _drain(pool.map(send, chunks))


def _ours(client: Elasticsearch, names: IndexNames, documents: list[tuple[str, Document]], connections: int) -> None:
    actions = (Action(index=names.articles, id=number, document=document) for number, document in documents)
    assert all(outcome.ok for outcome in write(client, actions, connections=connections))


def _actions(names: IndexNames, documents: list[tuple[str, Document]]) -> Iterator[dict[str, object]]:
    for number, document in documents:
        yield {"_index": names.articles, "_id": number, "_source": document}


def _drain(results: Iterable[object]) -> None:
    for _ in results:
        pass


def _batches(documents: Sequence[tuple[str, Document]]) -> Iterator[Sequence[tuple[str, Document]]]:
    for start in range(0, len(documents), RAW_CHUNK):
        yield documents[start : start + RAW_CHUNK]


def _ndjson(index: str, chunk: Sequence[tuple[str, Document]]) -> bytes:
    encode = msgspec.json.encode
    return b"".join(
        encode({"index": {"_index": index, "_id": number}}) + b"\n" + encode(document) + b"\n"
        for number, document in chunk
    )


def _article(number: int, body: str) -> Article:
    return Article(
        id=str(number), title=body[:60], body=body, input_uri=f"bench:{number}", content_hash=str(number),
        pipeline_version="bench", language="en",
    )  # fmt: skip


def _bodies() -> Iterator[str]:
    """Bodies of real articles, cut to 3 KB; without them, words drawn with news-like frequencies."""
    corpus = place_of("corpus/articles-20k.jsonl.gz")
    if corpus.exists():
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["body"][:3000]
        return
    print(f"No real articles at {corpus}: made ones are loaded; docs/data.md says where real ones are to be had.")
    draw = random.Random(1)
    words = ["".join(draw.choices("etaoinshrdlu", k=draw.randint(2, 10))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    while True:
        yield " ".join(draw.choices(words, weights, k=500))


if __name__ == "__main__":
    raise SystemExit(main())
