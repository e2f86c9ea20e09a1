"""How good the order of the hits is: `python -m benchmarks.relevance`; nDCG@10 over 30 judged queries.

The 20,000 real articles are indexed as they are (title, body, paper, day; without the pipeline, which takes minutes),
and what `search.queries` finds is compared with `data/relevance.json`: for each query the ids of articles with a grade,
2 for an article about what was asked, 1 for one that has something on it, 0 for one that only has the words. An
article that nobody judged counts as 0; the share of the first ten hits that were judged is printed beside the figure.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.gold import gold
from search.bulk import Action, write
from search.documents import to_document
from search.filters import Filters, first_day, last_day
from search.indices import IndexNames, IndexSettings, delete_all, ensure
from search.queries import SearchRequest, search
from transforms.article import Article, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elasticsearch import Elasticsearch

JUDGED = Path(__file__).parent / "data" / "relevance.json"

NAMES = IndexNames("bench-relevance")

DEPTH = 10
"""Hits that count: the first screen."""


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
    given = parser.parse_args()
    scores = measure(keep=given.keep)
    for each in scores:
        print(f"{each.ndcg:6.3f}  {each.judged:4.0%} judged  {each.kind:<8} {each.query}")
    _summary(scores)
    return 0


def check(floors: dict[str, float]) -> list[str]:
    """Return what lies below its floor; `ndcg` is the one there is."""
    found = _summary(measure(keep=False))
    return [] if found >= floors["ndcg"] else [f"relevance: nDCG@{DEPTH} is {found:.3f}, its floor {floors['ndcg']}"]


def _summary(scores: Sequence[Score]) -> float:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in scores:
        by_kind[each.kind].append(each.ndcg)
    told = ", ".join(f"{kind} {sum(values) / len(values):.3f}" for kind, values in sorted(by_kind.items()))
    mean = sum(each.ndcg for each in scores) / len(scores)
    judged = sum(each.judged for each in scores) / len(scores)
    print(f"nDCG@{DEPTH} {mean:.3f} over {len(scores)} queries ({told}); {judged:.0%} of the first {DEPTH} were judged")
    return mean


def measure(*, keep: bool) -> list[Score]:
    """Index the articles where they are not yet indexed, ask every query, and return how each did."""
    from flows.connection import open_client  # noqa: PLC0415  # the other benchmarks need no Elasticsearch
    from flows.settings import load  # noqa: PLC0415
    from flows.terminal import Bars  # noqa: PLC0415

    with open_client(load(), Bars()) as client:
        try:
            _fill(client)
            return [_score(client, row) for row in json.loads(JUDGED.read_text(encoding="utf-8"))]
        finally:
            if not keep:
                delete_all(client, NAMES)


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


def _score(client: Elasticsearch, row: dict[str, object]) -> Score:
    judged: dict[str, int] = row["judged"]  # type: ignore[assignment]
    filters: dict[str, str] = row.get("filters", {})  # type: ignore[assignment]
    request = SearchRequest(query=str(row["query"]), filters=_filters(filters), size=DEPTH, highlight=False)
    found = [hit.id for hit in search(client, NAMES, request).hits]
    ideal = _gain(sorted(judged.values(), reverse=True))
    gained = _gain([judged.get(each, 0) for each in found])
    known = sum(each in judged for each in found) / len(found) if found else 1.0
    asked = " ".join([str(row["query"]), *(f"{name}:{value}" for name, value in filters.items())])
    return Score(str(row["kind"]), asked, gained / ideal if ideal else 0.0, known)


def _filters(given: dict[str, str]) -> Filters:
    return Filters(
        source=(given["source"],) if "source" in given else (),
        since=first_day(given["since"]) if "since" in given else None,
        until=last_day(given["until"]) if "until" in given else None,
    )


def _gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first hits, with 2^grade - 1 as the gain (Burges et al. 2005)."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


if __name__ == "__main__":
    sys.exit(main())
