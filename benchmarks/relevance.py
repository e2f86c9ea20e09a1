"""How good the order of the hits is: `python -m benchmarks.relevance`; nDCG@10 over 30 judged queries, BM25 beside.

The 20,000 real articles are indexed as they are (title, body, paper, day; without the pipeline, which takes minutes and
does not change what a text says), and what `results.search` finds is compared with `data/relevance.json`: for each
query the ids of articles with a grade, 2 for an article about what was asked, 1 for one that has something on it, 0 for
one that only has the words. Judged was the pool of the first ten hits of every ranking in `rankings()`, by title and
beginning. An article that nobody judged counts as 0; the share of the first ten hits that were judged is printed too.

The peer is what one would write first: Elasticsearch's `multi_match` over title and body, any of the words.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.gold import gold
from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.query import clauses
from newsdex.search.query.filters import Filters, make_filters
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.search import search
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.query.clauses import Ranking

    Ranker = Callable[[Elasticsearch, SearchRequest], list[str]]
    """Returns the ids of the first hits."""

JUDGED = Path(__file__).parent / "data" / "relevance.json"

NAMES = IndexNames("bench-relevance")

DEPTH = 10
"""Hits that count: the first screen."""

PEER = "BM25 over title and body"


@dataclass(frozen=True)
class Judged:
    """One query with its grades."""

    kind: str
    request: SearchRequest
    grades: Mapping[str, int]
    asked: str
    """The query and its filters, to be printed."""


@dataclass(frozen=True)
class Score:
    """How one query did."""

    kind: str
    query: str
    ndcg: float
    judged: float
    """Share of the first hits that were judged."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep the index for the next time")
    parser.add_argument("--tune", action="store_true", help="compare all rankings that were tried")
    parser.add_argument("--unjudged", action="store_true", help="print what the rankings find and nobody has judged")
    given = parser.parse_args()
    with _indexed(keep=given.keep) as client:
        if given.unjudged:
            _print_unjudged(client)
            return 0
        for name, ranker in (rankings() if given.tune else dict(list(rankings().items())[:2])).items():
            scores = measure(client, ranker)
            if not given.tune:
                for each in scores:
                    print(f"{each.ndcg:6.3f}  {each.judged:4.0%} judged  {each.kind:<16} {each.query}")
            _summary(name, scores)
    return 0


def check(floors: dict[str, float]) -> list[str]:
    """Return what lies below its floor: `ndcg`, and `over_bm25` (how much better than the peer)."""
    with _indexed(keep=False) as client:
        ours, peer = (_summary(name, measure(client, rank)) for name, rank in list(rankings().items())[:2])
    failures = []
    if ours < floors["ndcg"]:
        failures.append(f"relevance: nDCG@{DEPTH} is {ours:.3f}, its floor {floors['ndcg']}")
    if ours - peer < floors["over_bm25"]:
        failures.append(f"relevance: {ours - peer:.3f} over plain BM25, the floor is {floors['over_bm25']}")
    return failures


def rankings() -> dict[str, Ranker]:
    """Return every ranking that was tried, by name: the one in use, the peer, and variations of the one in use."""
    used = clauses.RANKING
    variations: dict[str, Ranking] = {
        "title 1": replace(used, title=1.0),
        "title 3": replace(used, title=3.0),
        "title 4": replace(used, title=4.0),
        "title 6": replace(used, title=6.0),
        "title 10": replace(used, title=10.0),
        "stemmed 1": replace(used, stemmed=1.0),
        "stemmed 2": replace(used, stemmed=2.0),
        "title 3, stemmed 1": replace(used, title=3.0, stemmed=1.0),
        "best field alone (tie 0)": replace(used, tie=0.0),
        "tie 0.3": replace(used, tie=0.3),
        "tie 0.5": replace(used, tie=0.5),
    }
    return {
        "Newsdex": _ours(used),
        PEER: _bm25(["title", "body"], "best_fields"),
        "BM25, title thrice, fields added up": _bm25(["title^3", "body"], "most_fields"),
        "BM25, body alone": _bm25(["body"], "best_fields"),
        "BM25, all words in either field": _bm25(["title^2", "body"], "cross_fields", operator="and"),
        **{name: _ours(each) for name, each in variations.items()},
    }


def _ours(ranking: Ranking) -> Ranker:
    return lambda client, request: [hit.id for hit in search(client, NAMES, replace(request, ranking=ranking)).hits]


def _bm25(fields: list[str], way: str, operator: str = "or") -> Ranker:
    def rank(client: Elasticsearch, request: SearchRequest) -> list[str]:
        words: dict[str, Any] = {"query": request.query, "fields": fields, "type": way, "operator": operator}
        query = {"bool": {"must": [{"multi_match": words}], "filter": request.filters.clauses()}}
        answer = client.search(index=NAMES.articles, query=query, size=request.size, source=False)
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    return rank


def measure(client: Elasticsearch, rank: Ranker) -> list[Score]:
    """Ask every query and return how each did."""
    return [_score(each, rank(client, each.request)) for each in judged()]


def judged() -> list[Judged]:
    """Return the judged queries."""
    rows = json.loads(JUDGED.read_text(encoding="utf-8"))
    return [
        Judged(
            kind=row["kind"],
            request=SearchRequest(query=row["query"], filters=_filters(row["filters"]), size=DEPTH, highlight=False),
            grades=row["judged"],
            asked=" ".join([row["query"], *(f"{name}:{value}" for name, value in row["filters"].items())]),
        )
        for row in rows
    ]


def _score(query: Judged, found: Sequence[str]) -> Score:
    ideal = _gain(sorted(query.grades.values(), reverse=True))
    gained = _gain([query.grades.get(each, 0) for each in found])
    known = sum(each in query.grades for each in found) / len(found) if found else 1.0
    return Score(query.kind, query.asked, gained / ideal if ideal else 0.0, known)


def _gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first hits, with 2^grade - 1 as the gain (Burges et al. 2005)."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def _summary(name: str, scores: Sequence[Score]) -> float:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in scores:
        by_kind[each.kind].append(each.ndcg)
    told = ", ".join(f"{kind} {sum(values) / len(values):.3f}" for kind, values in sorted(by_kind.items()))
    mean = sum(each.ndcg for each in scores) / len(scores)
    known = sum(each.judged for each in scores) / len(scores)
    print(f"{name}: nDCG@{DEPTH} {mean:.3f} over {len(scores)} queries ({told}); {known:.0%} of the hits were judged")
    return mean


def _print_unjudged(client: Elasticsearch) -> None:
    """Print the pool for a person to judge: every hit of every ranking that has no grade yet."""
    for number, query in enumerate(judged()):
        pool: dict[str, None] = {}
        for rank in rankings().values():
            pool.update(dict.fromkeys(rank(client, query.request)))
        rest = [each for each in pool if each not in query.grades]
        print(f"# {number} {query.asked}: {len(pool)} in the pool, {len(rest)} not judged")
        for article_id in rest:
            source = client.get(index=NAMES.articles, id=article_id, source_includes=["title", "body"])["_source"]
            body = " ".join(source["body"].split())
            print(f"{article_id}\t{source.get('title', '')}\t{body[:120]}")


class _indexed:  # noqa: N801  # used as a function
    """A client of a node that has the articles; they are indexed where they are not yet."""

    def __init__(self, *, keep: bool) -> None:
        from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the other benchmarks need no Elasticsearch
        from newsdex.flows.common.console import Bars  # noqa: PLC0415
        from newsdex.flows.config.settings import load  # noqa: PLC0415

        self._keep = keep
        self._client = open_client(load(), Bars())

    def __enter__(self) -> Elasticsearch:
        _fill(self._client)
        return self._client

    def __exit__(self, *_error: object) -> None:
        if not self._keep:
            delete_all(self._client, NAMES)
        self._client.close()


def _fill(client: Elasticsearch) -> None:
    indices = ensure(client, NAMES, IndexSettings(languages=("en",)))
    if client.count(index=NAMES.articles)["count"]:
        return
    actions = (
        Action(index=NAMES.articles, id=each.id, document=to_document(each, indices.stemmed)) for each in _articles()
    )
    failed = sum(not outcome.ok for outcome in write(client, actions))
    client.indices.refresh(index=NAMES.articles)
    print(f"{client.count(index=NAMES.articles)['count']:,} articles indexed, {failed} refused", file=sys.stderr)


def _articles() -> Iterator[Article]:
    with gzip.open(gold("corpus/articles-20k.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield Article(
                id=record["id"],
                title=record["title"] or None,
                body=record["body"],
                source=Source(name=record["source"]),
                copy_sources=(record["source"],) if record["source"] else (),
                language="en",
                published_at=_day(record["date"]),
                input_uri=record["id"],
                content_hash=record["id"],
                pipeline_version="benchmark",
            )


def _day(text: str | None) -> datetime | None:
    try:
        day = datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return day if 1990 < day.year < 2021 else None  # what lies outside is junk of this set


def _filters(given: dict[str, str]) -> Filters:
    return make_filters(source=given.get("source"), since=given.get("since"), until=given.get("until"))


if __name__ == "__main__":
    sys.exit(main())
