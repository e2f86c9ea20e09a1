"""Whether articles that an earlier run took in are still stored as it left them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.search.store.lookup import ArticleLookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

CHUNK = 1_000
"""Ids a request: about 60 KB to Elasticsearch and 200 KB back."""


def still_stored(client: Elasticsearch, names: IndexNames, articles: Sequence[tuple[str, str]]) -> bool:
    """Tell whether each article, given as id and content hash, is there: as it is, or as an older version of itself."""
    lookup = ArticleLookup(client, names)
    for begin in range(0, len(articles), CHUNK):
        chunk = articles[begin : begin + CHUNK]
        held = lookup.get([name for name, _ in chunk], whole=False)
        for name, content_hash in chunk:
            places = held.get(name, [])
            # Two places mean a move that was cut off: taking the article in again heals it.
            if len(places) != 1:
                return False
            there = places[0].article
            if content_hash != there.content_hash and content_hash not in there.superseded_hashes:
                return False
    return True


def any_stored(client: Elasticsearch, names: IndexNames, input_uris: Sequence[str]) -> bool:
    """Tell whether one of these inputs has become an article or a copy, as a replay of the quarantine makes of them."""
    for begin in range(0, len(input_uris), CHUNK):
        query = {"terms": {"input_uri": list(input_uris[begin : begin + CHUNK])}}
        client.indices.refresh(index=[names.articles, names.copies])
        if client.count(index=[names.articles, names.copies], query=query)["count"]:
            return True
    return False
