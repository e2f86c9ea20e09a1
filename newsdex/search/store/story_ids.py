"""Gives articles the id of their story: that of the article that the story began with in the index.

Every article that is no copy has one, most their own. An article joins a story only by its likeness to the article that
began it, so that a story never drifts from one day's event to the next one's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import GIST
from newsdex.search.store.documents import named_on
from newsdex.transforms.duplicates.stories import SHARED_NAMES, Gist, gist, likeness, same_story

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from newsdex.search.store.lookup import ArticleLookup
    from newsdex.transforms.article import Article

CANDIDATES = 10
"""Stories that are looked at for one article: those of the same days that share the most of its lead's names."""

SEARCHES_IN_A_REQUEST = 100
"""Searches in one multi-search."""

_COLUMNS = ("story_id", "language", "published_at", f"{GIST}.told")


def story_ids(lookup: ArticleLookup, articles: Iterable[Article]) -> dict[str, str]:
    """Return the story of each article: one that is stored, one that begins among these articles, or its own.

    Args:
        lookup: where articles lie; refreshed, so that searches find what was written.
        articles: that come together, none of them a copy.

    Raises:
        SearchError: Elasticsearch could not search.
    """
    given = list(articles)
    gists = {article.id: told for article in given if (told := gist(article)) is not None}
    stored = _founders(lookup, [article for article in given if article.id in gists], gists)
    found: dict[str, str] = {article.id: article.id for article in given}
    begun: dict[str, Gist] = {}
    for article in sorted(given, key=_by_time):
        told = gists.get(article.id)
        if told is None:
            continue
        near = {**begun, **stored.get(article.id, {})}
        stories = [name for name, other in near.items() if name != article.id and same_story(told, other)]
        if stories:
            found[article.id] = max(stories, key=lambda name: (likeness(told, near[name]), name))
        else:
            begun[article.id] = told
    return found


def _by_time(article: Article) -> tuple[str, str]:
    return (article.published_at.isoformat() if article.published_at else "", article.id)


def _founders(
    lookup: ArticleLookup, articles: Sequence[Article], gists: Mapping[str, Gist]
) -> dict[str, dict[str, Gist]]:
    """For each article the stored ones that began a story, about the same time and with some of its lead's names."""
    found: dict[str, dict[str, Gist]] = {}
    for start in range(0, len(articles), SEARCHES_IN_A_REQUEST):
        some = articles[start : start + SEARCHES_IN_A_REQUEST]
        searches = [line for article in some for line in ({}, _search(article, gists[article.id]))]
        answers = lookup.client.msearch(index=lookup.names.articles, searches=searches)["responses"]
        for article, answer in zip(some, answers, strict=True):
            if "error" in answer:
                raise SearchError(f"Elasticsearch could not look for an article's story: {answer['error']}")
            columns = [hit["fields"] for hit in answer["hits"]["hits"]]
            found[article.id] = {each["story_id"][0]: _gist(each) for each in columns if f"{GIST}.told" in each}
    return found


def _search(article: Article, told: Gist) -> dict[str, Any]:
    keys = named_on(told.published_at.astimezone(UTC).date(), told.names)
    named = [{"constant_score": {"filter": {"term": {f"{GIST}.names": key}}}} for key in keys]
    itself = {"ids": {"values": [article.id]}}
    return {
        "query": {"bool": {"should": named, "minimum_should_match": SHARED_NAMES, "must_not": [itself]}},
        "size": CANDIDATES,
        # Columns alone: to find out so much as a hit's id, Elasticsearch unpacks its whole document.
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": _COLUMNS,
        "track_total_hits": False,
    }


def _gist(fields: Mapping[str, Any]) -> Gist:
    """Return what a story began with, from the columns of its document."""
    names, title, lead = map(frozenset, msgspec.json.decode(fields[f"{GIST}.told"][0]))
    return Gist(datetime.fromisoformat(fields["published_at"][0]), fields["language"][0], names, title, lead)
