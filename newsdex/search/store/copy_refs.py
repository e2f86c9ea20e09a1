"""Names the copies in the article that survives them, as they are stored: each from its own document.

A copy that was a survivor of very many copies before may still count those that name it (`copy_count`), until
`ArticleStore.catch_up` has them name the survivor of all: they are counted here already.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from newsdex.search.errors import SearchError
from newsdex.search.store.lookup import ArticleLookup
from newsdex.transforms.article import Copy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from newsdex.search.store.lookup import ArticleLookup
    from newsdex.transforms.article import Article

COPIES_NAMED = 100
"""Copies that a survivor names one by one, earliest first. `copy_count` and `copy_sources` count all of them, and the
copies index holds all. Without a bound an article run 100,000 times would be written with all of them, each time."""

SOURCES_NAMED = 1_000
"""Papers that a survivor names: more than any one story was run by."""

SEARCHES_IN_A_REQUEST = 100
"""Searches in one multi-search."""


class Copies(NamedTuple):
    """What a survivor says of its copies."""

    named: tuple[Copy, ...] = ()
    total: int = 0
    sources: tuple[str, ...] = ()
    """Of the copies, in the order of the alphabet."""

    def tell(self, article: Article) -> Article:
        """Return the article as a survivor of these copies."""
        own = (article.source.name,) if article.source.name else ()
        return replace(
            article,
            duplicate_of=None,
            similarity=None,
            copies=self.named,
            copy_count=self.total,
            copy_sources=own + tuple(name for name in self.sources if name not in own),
        )


def copies_of(lookup: ArticleLookup, survivor_ids: Collection[str], *, leaving: Collection[str]) -> dict[str, Copies]:
    """Return what is stored as copies of each survivor; searches must find it (refresh first).

    Args:
        lookup: where articles lie.
        survivor_ids: of articles.
        leaving: ids that are stored as copies but about to be none.
    """
    wanted = sorted(survivor_ids)
    told: dict[str, Copies] = {}
    for start in range(0, len(wanted), SEARCHES_IN_A_REQUEST):
        some = wanted[start : start + SEARCHES_IN_A_REQUEST]
        searches = [line for survivor_id in some for line in ({}, _search(survivor_id, sorted(leaving)))]
        responses = lookup.client.msearch(index=lookup.both, searches=searches)["responses"]
        told.update(zip(some, map(_read, responses), strict=True))
    return told


def count_copies(lookup: ArticleLookup, survivor_ids: Collection[str]) -> Counter[str]:
    """Return how many copies are stored of each survivor: one request for some hundreds of them."""
    wanted = sorted(survivor_ids)
    if not wanted:
        return Counter()
    answer = lookup.client.search(
        index=lookup.both,
        query={"terms": {"duplicate_of": wanted}},
        size=0,
        aggs={
            "survivors": {
                "terms": {"field": "duplicate_of", "size": len(wanted)},
                "aggs": {"further": {"sum": {"field": "copy_count"}}},
            }
        },
    )
    buckets = answer["aggregations"]["survivors"]["buckets"]
    return Counter({bucket["key"]: bucket["doc_count"] + int(bucket["further"]["value"]) for bucket in buckets})


def copies_staying(lookup: ArticleLookup, survivor: Article) -> Copies:
    """Return what goes on naming a large survivor that becomes a copy: copies of its content or without text."""
    textless = {"bool": {"must_not": [{"exists": {"field": "body"}}]}}
    equal = {"term": {"content_hash": survivor.content_hash}}
    search = _search(survivor.id, ())
    search["query"]["bool"] |= {"should": [equal, textless], "minimum_should_match": 1}
    return _read(lookup.client.msearch(index=lookup.both, searches=[{}, search])["responses"][0])


def _search(survivor_id: str, leaving: Sequence[str]) -> dict[str, Any]:
    named = {"term": {"duplicate_of": survivor_id}}
    return {
        "query": {"bool": {"filter": [named], "must_not": [{"ids": {"values": leaving}}]}},
        "size": COPIES_NAMED,
        "track_total_hits": True,
        "_source": ["url", "source.name", "published_at", "similarity"],
        "sort": [{"published_at": {"order": "asc", "missing": "_last"}}, {"input_uri": {"order": "asc"}}],
        "aggs": {
            "sources": {"terms": {"field": "source.name", "size": SOURCES_NAMED}},
            "further": {"sum": {"field": "copy_count"}},
            "further_sources": {"terms": {"field": "copy_sources", "size": SOURCES_NAMED}},
        },
    }


def _read(response: Mapping[str, Any]) -> Copies:
    if "error" in response:
        raise SearchError(f"Elasticsearch could not count copies: {response['error']}")
    counted = response["aggregations"]
    buckets = (*counted["sources"]["buckets"], *counted["further_sources"]["buckets"])
    return Copies(
        named=tuple(_copies(response["hits"]["hits"])),
        total=response["hits"]["total"]["value"] + int(counted["further"]["value"]),
        sources=tuple(sorted({bucket["key"] for bucket in buckets})),
    )


def _copies(hits: Sequence[Mapping[str, Any]]) -> Iterator[Copy]:
    for hit in hits:
        source = hit["_source"]
        yield msgspec.convert(
            {
                "id": hit["_id"],
                "url": source.get("url"),
                "source": source.get("source", {}).get("name"),
                "published_at": source.get("published_at"),
                "similarity": source["similarity"],
            },
            Copy,
        )
