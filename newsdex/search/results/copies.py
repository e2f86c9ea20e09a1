"""An article and its copies, whichever of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.search.errors import explained
from newsdex.search.query.request import MAX_SIZE
from newsdex.search.results.search import get_or_fail
from newsdex.search.store.documents import from_source

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Article

GENERATIONS = 10
"""Steps from a copy up to the article that survives it: one, but for a copy whose survivor is just being moved."""


@dataclass(frozen=True, slots=True)
class ArticleWithCopies:
    """One article and what repeats it."""

    survivor: Article
    copies: tuple[Article, ...]
    """Earliest first; where copies are dropped rather than folded, their bodies are empty."""
    total: int
    """Copies in all."""


def article_with_copies(
    client: Elasticsearch, names: IndexNames, id_or_url: str, *, size: int = 20
) -> ArticleWithCopies:
    """Return the article with this id or URL, or the one that it is a copy of, and up to `size` copies of it.

    Raises:
        SearchError: no article and no copy has this id or URL, no index yet, or no node; the sentence names the fix.
    """
    survivor = get_or_fail(client, names, id_or_url)
    for _ in range(GENERATIONS):
        if survivor.duplicate_of is None:
            break
        survivor = get_or_fail(client, names, survivor.duplicate_of)
    with explained():
        answer = client.search(
            index=[names.articles, names.copies],
            query={"term": {"duplicate_of": survivor.id}},
            sort=[{"published_at": {"order": "asc", "missing": "_last"}}, {"input_uri": {"order": "asc"}}],
            size=min(size, MAX_SIZE),
        ).body
    copies = tuple(from_source(hit["_id"], {"body": "", **hit["_source"]}) for hit in answer["hits"]["hits"])
    return ArticleWithCopies(survivor, copies, max(survivor.copy_count, len(copies)))
