"""De-duplication on real pairs, beside datasketch in the same run; signature speed; growth through Elasticsearch.

    python -m benchmarks.dedupe                     recall, precision, time and memory on both gold sets; speed; floors
    python -m benchmarks.dedupe --missed            the true pairs of 0.7 and above that are not taken for copies
    python -m benchmarks.dedupe --growth 10000      time per article as an index grows to so many made articles
    python -m benchmarks.dedupe --identical 100000  the same where all are copies of one article

The gold (NEWSDEX_GOLD, docs/data.md) names every pair of a set with a 5-word-shingle Jaccard of 0.3 and above. A pair
is *found* where `clusters.likeness` takes one for a copy of the other; datasketch's LSH reports what is near
at the same threshold. Each is run in a process of its own, so that memory is its own: what it adds to the loaded texts.
The gold of the newswire seems to have been counted with the mark "&#3;" at the end of each text, which the set lacks:
its figures differ a little from an exact count on these texts, but no pair of 0.7 or 0.8 by gold falls below that.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import resource
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from datasketch import MinHash, MinHashLSH

from benchmarks.gates import below, hold
from benchmarks.gold import ROOT, gold
from newsdex.transforms.article import Article
from newsdex.transforms.duplicates import fingerprint
from newsdex.transforms.duplicates.clusters import THRESHOLD, Text, cluster, likeness

if TYPE_CHECKING:
    from collections.abc import Iterator

SETS = {
    "newswire": ("dedup/reuters-10k.jsonl.gz", "dedup/reuters-10k-pairs.tsv"),
    "articles": ("corpus/articles-20k.jsonl.gz", "dedup/articles-20k-pairs.tsv"),
}
PRECISE = 0.6
"""A pair reported is right where its true similarity is at least this."""
WORD = re.compile(r"\w+")
PEER_PERMUTATIONS = 128
"""datasketch's default."""
SPEED_ARTICLES = 2_000
SPEED_CHARS = 3_000
"""Speed is measured on texts cut to the usual length of a news article."""
CHUNK = 500

Pairs = set[tuple[str, str]]


def measure() -> dict[str, Any]:
    """Return every figure that has a floor, and those printed beside them."""
    figures: dict[str, Any] = {"signatures": _speed()}
    for name in SETS:
        for way in ("ours", "datasketch"):
            command = [sys.executable, "-m", "benchmarks.dedupe", "--way", way, "--set", name]
            answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            figures[f"{name}, {way}"] = json.loads(answer.stdout)
    return figures


def check(floors: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is below its floor; prints the table."""
    figures = measure()
    _print(figures)
    return [
        sentence
        for name in SETS
        for sentence in below(f"dedupe on {name}", figures[f"{name}, ours"] | figures["signatures"], floors)
    ]


def _print(figures: dict[str, Any]) -> None:
    columns = ("recall_0.8", "recall_0.7", "precision", "pairs", "clusters_recall_0.8", "seconds", "megabytes")
    print(f"{'':<24}" + "".join(f"{column:>21}" for column in columns))
    for name, found in figures.items():
        if name != "signatures":
            print(f"{name:<24}" + "".join(f"{found.get(column, ''):>21}" for column in columns))
    speed = figures["signatures"]
    print(
        f"signatures a second, one core: {speed['per_second']:,} (datasketch {speed['datasketch_per_second']:,}, "
        f"{speed['times_datasketch']} times)"
    )


def _speed() -> dict[str, Any]:
    """Signatures a second of processor time, shingling included, best of five rounds."""
    texts = [record["body"][:SPEED_CHARS] for record in _records("articles", SPEED_ARTICLES)]
    fingerprint.minhash_bands(texts[0])
    ours = max(_rate(texts, fingerprint.minhash_bands) for _ in range(5))
    peer = _rate(texts[::10], _peer_signature)
    return {
        "per_second": round(ours),
        "datasketch_per_second": round(peer),
        "times_datasketch": round(ours / peer, 1),
    }


def _rate(texts: list[str], sign: Any) -> float:  # noqa: ANN401  # any function of a text
    started = time.process_time()
    for text in texts:
        sign(text)
    return len(texts) / (time.process_time() - started)


def _records(name: str, most: int | None = None) -> Iterator[dict[str, Any]]:
    with gzip.open(gold(SETS[name][0])) as lines:
        for number, line in enumerate(lines):
            if number == most:
                return
            yield json.loads(line)


def _articles(name: str) -> list[Article]:
    return [
        Article(
            id=str(record["id"]),
            title=record["title"],
            body=record["body"],
            input_uri="",
            content_hash=fingerprint.content_hash(record["title"], record["body"]),
            pipeline_version="",
        )
        for record in _records(name)
    ]


def _truth(name: str) -> dict[tuple[str, str], float]:
    lines = gold(SETS[name][1]).read_text(encoding="utf-8").splitlines()[1:]
    pairs = (line.split("\t") for line in lines)
    return {_pair(first, second): float(similarity) for first, second, similarity in pairs}


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first < second else (second, first)


def _measure_one(way: str, name: str) -> dict[str, Any]:
    """Figures of one way on one set; the process that runs it does nothing else."""
    articles = _articles(name)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    figures: dict[str, Any] = {}
    if way == "ours":
        articles = _signed(articles)
        places = cluster(articles)
        figures["seconds"] = round(time.process_time() - started, 1)
        owners = {article_id: place.survivor or article_id for article_id, place in places.items()}
        true = [pair for pair, similarity in _truth(name).items() if similarity >= 0.8]
        together = sum(owners[first] == owners[second] for first, second in true)
        figures["clusters_recall_0.8"] = round(together / len(true), 4)
        figures["megabytes"] = _added_megabytes(loaded)
        found = _our_pairs(articles)
    else:
        found = _peer_pairs(articles)
        figures["seconds"] = round(time.process_time() - started, 1)
        figures["megabytes"] = _added_megabytes(loaded)
    return {**_scores(found, _truth(name)), **figures}


def _added_megabytes(loaded: int) -> int:
    return round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - loaded) / 1024)


def _scores(found: Pairs, truth: dict[tuple[str, str], float]) -> dict[str, Any]:
    scores: dict[str, Any] = {"pairs": len(found)}
    for least in (0.8, 0.7):
        true = {pair for pair, similarity in truth.items() if similarity >= least}
        scores[f"recall_{least}"] = round(len(true & found) / len(true), 4)
    right = sum(truth.get(pair, 0.0) >= PRECISE for pair in found)
    scores["precision"] = round(right / len(found), 4) if found else 1.0
    return scores


def _signed(articles: list[Article]) -> list[Article]:
    return [replace(article, minhash_bands=fingerprint.minhash_bands(article.body)) for article in articles]


def _our_pairs(articles: list[Article]) -> Pairs:
    by_band = defaultdict(list)
    texts = [Text(article) for article in articles]
    for text in texts:
        for key in (text.content_hash, *text.bands):
            by_band[key].append(text)
    near = {
        _pair(first.id, second.id): (first, second)
        for group in by_band.values()
        for first, second in combinations(group, 2)
    }
    return {pair for pair, (first, second) in near.items() if likeness(first, second) is not None}


def _peer_signature(text: str) -> MinHash:
    words = WORD.findall(text.lower())
    signature = MinHash(num_perm=PEER_PERMUTATIONS)
    signature.update_batch([" ".join(words[place : place + 5]).encode() for place in range(len(words) - 4)])
    return signature


def _peer_pairs(articles: list[Article]) -> Pairs:
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PEER_PERMUTATIONS)
    found: Pairs = set()
    for article in articles:
        if len(WORD.findall(article.body)) < fingerprint.MIN_SHINGLES + 4:
            continue
        signature = _peer_signature(article.body)
        found.update(_pair(article.id, other) for other in index.query(signature))
        index.insert(article.id, signature)
    return found


def _print_missed() -> None:
    for name in SETS:
        texts = {article.id: Text(article) for article in _signed(_articles(name))}
        for (first, second), similarity in _truth(name).items():
            if similarity >= THRESHOLD and likeness(texts[first], texts[second]) is None:
                print(f"{name} {similarity:.3f} {texts[first].article.title!r} {texts[second].article.title!r}")


def made_articles(count: int, *, seed: int = 1) -> Iterator[Article]:
    """Articles of 3 KB in random words, in order of publication; one in 20 a near copy, one in 100 an exact one."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 10))) for _ in range(50_000)]
    recent: list[list[str]] = []
    first = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(count):
        chance = rng.random()
        body = rng.choices(words, k=480)
        if recent and chance < 0.06:
            body = list(rng.choice(recent))
            for _ in range(8 if chance > 0.01 else 0):
                body[rng.randrange(len(body))] = rng.choice(words)
        recent = [*recent[-999:], body]
        text = " ".join(body)
        yield Article(
            id=f"made-{number:08d}",
            title=f"{body[0]} {body[1]}",
            body=text,
            url=f"https://example.org/{number}",
            input_uri=f"made:{number}",
            content_hash=fingerprint.content_hash(f"{body[0]} {body[1]}", text),
            pipeline_version="1",
            language="en",
            word_count=len(body),
            minhash_bands=fingerprint.minhash_bands(text),
            published_at=first + timedelta(minutes=number),
        )


def identical_articles(count: int) -> Iterator[Article]:
    """One article, again and again, each time by another paper and an hour later."""
    (article,) = made_articles(1)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(count):
        yield replace(
            article,
            id=f"same-{number:08d}",
            url=f"https://paper{number}.example/story",
            input_uri=f"made:{number}",
            published_at=first + timedelta(hours=number),
        )


def growth(count: int, articles: Iterator[Article]) -> None:
    """Take made articles in, chunk by chunk, and print the time per article as the index grows."""
    from benchmarks.dedupe_share import node_seconds  # noqa: PLC0415
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # only this part needs a node
    from newsdex.flows.common.progress import Silent  # noqa: PLC0415
    from newsdex.flows.config.settings import load  # noqa: PLC0415
    from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure  # noqa: PLC0415
    from newsdex.search.store.store import ArticleStore  # noqa: PLC0415

    client = open_client(load(), Silent())
    names = IndexNames(f"bench-{uuid.uuid4().hex[:8]}")
    timed = _timed(client)
    try:
        store = ArticleStore(client, ensure(client, names, IndexSettings(languages=["en"], refresh_interval="-1")))
        step = max(CHUNK, count // 10)
        print(
            f"{'articles':>10} {'ms each':>8} {'without bulk':>13} {'our CPU':>8} {'node CPU':>9} {'RSS MB':>7}"
            "  outcomes"
        )
        for done in range(0, count, step):
            before = node_seconds(client)
            told = _grow(store, articles, done, step, timed)
            print(told.format(node=1000 * (node_seconds(client) - before) / step), flush=True)
    finally:
        delete_all(client, names)


def _grow(store: Any, articles: Iterator[Article], done: int, step: int, timed: Counter[str]) -> str:  # noqa: ANN401
    """Take a step in and return its line of the table, with a place for the node's processor time."""
    outcomes: Counter[str] = Counter()
    timed.clear()
    spent = cpu = 0.0
    for _ in range(0, step, CHUNK):
        chunk = list(itertools.islice(articles, CHUNK))
        started, cpu_started = time.perf_counter(), time.process_time()
        outcomes.update(outcome.reason for outcome in store.index(chunk, "growth"))
        spent += time.perf_counter() - started
        cpu += time.process_time() - cpu_started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = 1000 / step
    told = ", ".join(f"{count:,} {reason}" for reason, count in outcomes.items())
    return (
        f"{done + step:>10,} {spent * each:>8.2f} {(spent - timed['bulk']) * each:>13.2f} {cpu * each:>8.2f} "
        f"{{node:>9.2f}} {memory:>7.0f}  {told}"
    )


def _timed(client: Any) -> Counter[str]:  # noqa: ANN401
    """Have the client's requests timed: seconds in bulk writes, which any way of indexing has."""
    seconds: Counter[str] = Counter()
    real = client.transport.perform_request

    def perform(method: str, target: str, **rest: Any) -> Any:  # noqa: ANN401
        started = time.perf_counter()
        try:
            return real(method, target, **rest)
        finally:
            seconds["bulk" if "_bulk" in target else "rest"] += time.perf_counter() - started

    client.transport.perform_request = perform
    return seconds


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--growth", type=int, metavar="N", help="take N made articles in, in ten steps, and time each")
    parser.add_argument("--identical", type=int, metavar="N", help="the same with N copies of one article")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--set", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(_measure_one(given.way, given.set)))
        return 0
    if given.missed:
        _print_missed()
        return 0
    if given.growth or given.identical:
        made = made_articles(given.growth) if given.growth else identical_articles(given.identical)
        growth(given.growth or given.identical, made)
        return 0
    return hold("dedupe", check)


if __name__ == "__main__":
    sys.exit(main())
