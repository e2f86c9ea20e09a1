"""Finds in Elasticsearch what an article may be a copy of: what shares its content or a band of its signature.

One request for a whole chunk of articles. Bands that thousands share (a template, one text run everywhere) are
answered in another way, so that what is read for one article stays bounded.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.store.lookup import PAGE
from newsdex.transforms.duplicates.clusters import MAX_COMPARED, Rank, Text, rank

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from newsdex.search.store.lookup import ArticleLookup, StoredArticle
    from newsdex.transforms.article import Article

MANY = 1_000
"""Documents near one chunk that are read at once, some megabytes. Among the 20,000 real articles there are fewer than
100 pairs near each other in all; more than this means templates or a very large cluster."""

TEXTS_IN_A_QUERY = 2_000
"""Articles asked for in one request: with 17 terms each about half of Elasticsearch's limit of 65,536."""

SEARCHES_IN_A_REQUEST = 100
"""Searches in one multi-search: it answers up to 50 whole articles for each."""

_COPY = {"exists": {"field": "duplicate_of"}}
_HAS_TEXT = {"exists": {"field": "body"}}


class CandidateSource:
    """What `duplicates.incremental` asks of the stored collection. Remembers how each article that it found is stored.

    Lives for one step: what is written meanwhile by others is found out when its own writes meet a conflict.

    Args:
        lookup: where articles lie.
        ignoring: ids of articles whose stored text no longer counts.
    """

    def __init__(self, lookup: ArticleLookup, *, ignoring: Collection[str] = ()) -> None:
        self._lookup = lookup
        self._ignored = {"ids": {"values": sorted(ignoring)}}
        self.held: dict[str, StoredArticle] = {}
        """Every article that was found, by id."""
        self.torn: set[str] = set()
        """Ids found in two places: a move was cut off. The first that was found counts."""
        self.stands_for: dict[str, str] = {}
        """Id of a copy that stands for all stored copies of its content → their survivor."""

    def survivors_near(self, texts: Sequence[Text]) -> Iterator[Article]:
        """Yield the survivors that share a band or the content with one of `texts`, at most `MAX_COMPARED` for each."""
        articles = [self._lookup.names.articles]
        for some in _lots(texts, TEXTS_IN_A_QUERY):
            query = {"bool": {"filter": [_near(some)], "must_not": [_COPY]}}
            found = self._at_most_many(query, articles)
            yield from self._take(found if found is not None else self._nearest(some))

    def copies_near(self, texts: Sequence[Text]) -> Iterator[Article]:
        """Yield the copies that share a band or the content with one of `texts`."""
        for some in _lots(texts, TEXTS_IN_A_QUERY):
            yield from self._copies(_near(some))

    def copies_of(self, survivor_ids: Collection[str]) -> Iterator[Article]:
        """Yield the copies that are stored as copies of one of these survivors."""
        for some in _lots(sorted(survivor_ids), TEXTS_IN_A_QUERY):
            yield from self._copies({"terms": {"duplicate_of": some}})

    def _copies(self, condition: Mapping[str, Any]) -> Iterator[Article]:
        query = {"bool": {"filter": [condition, _COPY, _HAS_TEXT], "must_not": [self._ignored, *self._following()]}}
        found = self._at_most_many(query, self._lookup.both)
        yield from self._take(found if found is not None else self._one_of_each_content(query))

    def is_large(self, article_id: str) -> bool:
        """Return whether an article found survives so many copies that those of its content follow later."""
        held = self.held.get(article_id)
        return held is not None and held.article.duplicate_of is None and held.article.copy_count > MANY

    def _following(self) -> Iterator[dict[str, Any]]:
        """Yield the copies that share the content of a large survivor: their place is always the one that it has."""
        contents = sorted({held.article.content_hash for name, held in self.held.items() if self.is_large(name)})
        if contents:
            yield {"terms": {"content_hash": contents}}

    def _at_most_many(self, query: Mapping[str, Any], index: Sequence[str]) -> list[StoredArticle] | None:
        """Return all that a query finds, or `None` where that is more than `MANY`."""
        answer = self._lookup.client.search(
            index=index, query=query, size=MANY, seq_no_primary_term=True, track_total_hits=MANY + 1
        )
        hits = answer["hits"]
        return None if hits["total"]["value"] > MANY else [self._lookup.held(hit) for hit in hits["hits"]]

    def _nearest(self, texts: Sequence[Text]) -> Iterator[StoredArticle]:
        """For each text the survivors that share the most bands with it: its true neighbours come first."""
        for some in _lots(texts, SEARCHES_IN_A_REQUEST):
            searches: list[Mapping[str, Any]] = []
            for text in some:
                shared = [_points("minhash_bands", band, 1.0) for band in text.bands]
                equal = _points("content_hash", text.content_hash, 100.0)
                query = {"bool": {"should": [equal, *shared], "minimum_should_match": 1, "must_not": [_COPY]}}
                searches += [{}, {"query": query, "size": MAX_COMPARED, "seq_no_primary_term": True}]
            answer = self._lookup.client.msearch(index=self._lookup.names.articles, searches=searches)
            for response in answer["responses"]:
                _whole(response)
                yield from map(self._lookup.held, response["hits"]["hits"])

    def _one_of_each_content(self, query: Mapping[str, Any]) -> Iterator[StoredArticle]:
        """For each different content among a great many copies the best-ranked copy: it stands for the others."""
        best: dict[str, tuple[Rank, str]] = {}
        for page in self._lookup.pages(query, fields=["content_hash", "published_at", "duplicate_of"]):
            for held in page:
                candidate = (rank(held.article), held.article.duplicate_of or "")
                content = held.article.content_hash
                best[content] = min(best.get(content, candidate), candidate)
        chosen = {ranked.id: owner for ranked, owner in best.values()}
        self.stands_for.update(chosen)
        for places in self._lookup.get(chosen, whole=True).values():
            yield from (held for held in places if held.article.duplicate_of)

    def _take(self, found: Iterable[StoredArticle]) -> Iterator[Article]:
        for held in found:
            first = self.held.setdefault(held.article.id, held)
            if first.index != held.index:
                self.torn.add(held.article.id)
            yield held.article


def not_alone(lookup: ArticleLookup, articles: Sequence[Article]) -> set[str]:
    """Ids of the stored articles that share a band or the content with an article of another cluster.

    Reads no texts: the way to see at little cost that nearly all articles are where they belong.
    """
    found: set[str] = set()
    for some in _lots(articles, PAGE):
        answer = lookup.client.search(
            index=lookup.both,
            query={"bool": {"filter": [_near([Text(article) for article in some])]}},
            source_includes=["minhash_bands", "content_hash", "duplicate_of"],
            size=2 * MANY,
            track_total_hits=2 * MANY + 1,
        )
        if answer["hits"]["total"]["value"] > 2 * MANY:
            found.update(article.id for article in some)
            continue
        clusters = defaultdict(set)
        for hit in answer["hits"]["hits"]:
            for key in (hit["_source"]["content_hash"], *hit["_source"].get("minhash_bands", ())):
                clusters[key].add(hit["_source"].get("duplicate_of", hit["_id"]))
        for article in some:
            own = article.duplicate_of or article.id
            if any(clusters[key] - {own} for key in (article.content_hash, *article.minhash_bands)):
                found.add(article.id)
    return found


def _near(texts: Iterable[Text]) -> dict[str, Any]:
    texts = list(texts)
    bands = sorted({band for text in texts for band in text.bands})
    hashes = sorted({text.content_hash for text in texts})
    shared = [{"terms": {"minhash_bands": bands}}, {"terms": {"content_hash": hashes}}]
    return {"bool": {"should": shared, "minimum_should_match": 1}}


def _points(field: str, value: str, boost: float) -> dict[str, Any]:
    return {"constant_score": {"filter": {"term": {field: value}}, "boost": boost}}


def _whole(response: Mapping[str, Any]) -> None:
    """Raise where one search of several failed: half an answer would make survivors of copies."""
    if "error" in response:
        raise SearchError(f"Elasticsearch could not answer a search for copies: {response['error']}")


def _lots(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
