"""How long the search page takes: `python -m benchmarks.latency`; 8 users at once, all facets, page included.

The 20,000 real articles go through the whole pipeline (ten minutes) into an index of their own and then once more under
other ids, so that there are 40,000. The page is served by a process of its own, as `newsdex web` serves it; 8 users ask
for search pages (words, phrases, facets, spans of time, all mixed, hardly a page twice) and read each fully. Measured
twice: with a user's pause of a second between two pages, and without any pause, which is a load of 8 at every moment.

`--from INDEX` takes the articles from an index that has them already; `--keep` leaves the index for the next time.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import psutil

from benchmarks.gold import gold
from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.query.filters import Filters
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.paging import scan
from newsdex.search.store.documents import from_source, to_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from elasticsearch import Elasticsearch

NAMES = IndexNames("bench-latency")

USERS = 8
PAGES = 60
"""Pages a user asks for, after some to warm up."""
WARM_UP = 15
PAUSE = 1.0
"""Seconds between two pages of a user who reads, on average: a person takes several."""

QUERIES = (
    "", "trump", "climate change", '"white house"', "supreme court ruling", "border wall", "health care bill",
    "tax cuts -corporate", "police shooting", "iran nuclear deal", '"special counsel" mueller', "north korea missile",
    "immigration | asylum", "gun control", "election fraud", "coronavirus", "economy jobs report", "russia sanctions",
    "title:senate", "medicare for all", "impeachment inquiry", "school", "facebook privacy", "hurricane", "opioid*",
)  # fmt: skip

NARROWED: tuple[dict[str, str], ...] = (
    {}, {}, {"person": "Donald Trump"}, {"person": "Hillary Clinton"}, {"place": "Russia"},
    {"organization": "Congress"}, {"source": "Politico"}, {"since": "2016-01", "until": "2016-12"}, {"sort": "newest"},
    {"country": "US", "since": "2018"}, {"page": "2"}, {"sort": "recent"},
)  # fmt: skip


def main() -> int:
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the other benchmarks need no Elasticsearch
    from newsdex.flows.common.console import Bars  # noqa: PLC0415
    from newsdex.flows.config.settings import load  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="origin", help="an index that has the articles already")
    parser.add_argument("--keep", action="store_true", help="keep the index for the next time")
    given = parser.parse_args()
    with open_client(load(), Bars()) as client:
        try:
            _fill(client, given.origin)
            count = client.count(index=NAMES.articles)["count"]
            print(f"{count:,} articles; load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            with _Server() as server:
                _users(server.address, PAUSE / 10, WARM_UP)
                before = _processor(client, server)
                _report("with a pause of a second", _users(server.address, PAUSE, PAGES))
                node, page = (after - first for after, first in zip(_processor(client, server), before, strict=True))
                asked = USERS * PAGES
                print(f"processor time a page: Elasticsearch {node / asked:.0f} ms, page {page / asked:.0f} ms")
                _report("without a pause", _users(server.address, 0, PAGES))
        finally:
            if not given.keep:
                delete_all(client, NAMES)
    return 0


def _report(what: str, seconds: list[float]) -> None:
    ordered = sorted(each * 1000 for each in seconds)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(
        f"{USERS} users {what}: median {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms, "
        f"slowest {ordered[-1]:.0f} ms, {len(ordered):,} pages"
    )


def _users(address: str, pause: float, pages: int) -> list[float]:
    """Let the users ask at the same time, and return how long each page took, in seconds."""
    taken: list[float] = []
    threads = [threading.Thread(target=_user, args=(address, number, pause, pages, taken)) for number in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _user(address: str, number: int, pause: float, pages: int, taken: list[float]) -> None:
    chance = random.Random(f"{number} {pause} {pages}")  # the same pages every time
    asked = list(itertools.product(QUERIES, NARROWED))
    chance.shuffle(asked)
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as browser:
        for query, narrowed in asked[:pages]:
            time.sleep(chance.uniform(0, 2 * pause))
            begin = time.perf_counter()
            answer = browser.get("/?" + urlencode({"q": query, **narrowed}))
            taken.append(time.perf_counter() - begin)
            assert answer.status_code == 200, answer.url


def _processor(client: Elasticsearch, server: _Server) -> tuple[float, float]:
    """Return the processor time that Elasticsearch and the page have taken so far, in ms: no load changes it much."""
    nodes = client.nodes.stats(metric="process").body["nodes"].values()
    own = psutil.Process(server.pid).cpu_times()
    return sum(node["process"]["cpu"]["total_in_millis"] for node in nodes), (own.user + own.system) * 1000


class _Server:
    """The page, in a process of its own."""

    address = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "newsdex", "web", "--port", "0", "--index", NAMES.articles]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "http://" in line:
                self.address = line[line.index("http://") :].strip()
                return self
        raise SystemExit("The page was not served.")

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()


def _fill(client: Elasticsearch, origin: str | None) -> None:
    if client.indices.exists(index=NAMES.articles):
        return
    if origin is None:
        from newsdex.commands.run_local import run_ingest  # noqa: PLC0415  # Prefect takes seconds to import
        from newsdex.flows.common.console import Bars  # noqa: PLC0415
        from newsdex.flows.config.settings import load  # noqa: PLC0415

        run_ingest(load(index=NAMES.articles), Bars(), [str(gold("corpus/articles-20k.jsonl.gz"))])
        origin = NAMES.articles
    stemmed = ensure(client, NAMES, IndexSettings()).stemmed
    client.indices.refresh(index=origin)
    for prefix in ("again-",) if origin == NAMES.articles else ("", "again-"):
        failed = sum(not outcome.ok for outcome in write(client, _copied(client, origin, prefix, stemmed)))
        assert not failed, f"{failed} articles were refused"
    client.indices.refresh(index=NAMES.articles)


def _copied(client: Elasticsearch, origin: str, prefix: str, stemmed: frozenset[str]) -> Iterator[Action]:
    everything = SearchRequest(sort="newest", filters=Filters(copies=True))
    for hit in scan(client, IndexNames(origin), everything, fields=["*"]):
        article = from_source(hit["_id"], hit["_source"])
        named = replace(article, id=prefix + article.id)
        yield Action(index=NAMES.articles, id=named.id, document=to_document(named, stemmed))


if __name__ == "__main__":
    sys.exit(main())
