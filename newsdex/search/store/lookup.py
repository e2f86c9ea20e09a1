"""Reading stored articles back: by id from all places that one can lie in, or all that a query finds, by pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.store.documents import from_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Article

PAGE = 500
"""Documents read in one request: some megabytes at most of ordinary articles."""

TRACE_FIELDS = (
    "content_hash",
    "copies",
    "copy_count",
    "copy_sources",
    "duplicate_of",
    "ingested_at",
    "input_uri",
    "modified_at",
    "pipeline_version",
    "published_at",
    "run_id",
    "similarity",
    "source",
    "story_id",
    "superseded_hashes",
    "word_count",
)
"""What says which version of an article is stored and where it stands, without the text."""

PLACES = 10
"""Places that one article is found in at most: more than two are the trace of several kills."""

KEEP_ALIVE = "2m"
"""How long Elasticsearch keeps a view open for the next page; each page takes well under a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as it is stored, with what is needed to write it only if nobody changed it since."""

    article: Article
    """Whole, or a trace: then with an empty body and only the fields of `TRACE_FIELDS`."""
    index: str
    """Alias of the index that it lies in."""
    seq_no: int
    primary_term: int


class ArticleLookup:
    """What articles lie in: the index of the articles themselves, or one for each year or month, and the copies."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self.client = client
        self.names = names
        self.both = [names.articles, names.copies]
        self._spread = False
        """`articles` points to several indices, and cannot be asked by id."""

    def refresh(self) -> None:
        """Have searches find all that was written up to now."""
        self.client.indices.refresh(index=self.both)

    def get(self, ids: Iterable[str], *, whole: bool) -> dict[str, list[StoredArticle]]:
        """Return the stored articles with these ids; one that is moved, or whose move was cut off, is in two places.

        Args:
            ids: of articles.
            whole: read the whole documents, else traces.

        Returns:
            By id where it lies, what was written latest first.
        """
        wanted = list(dict.fromkeys(ids))
        found: defaultdict[str, list[StoredArticle]] = defaultdict(list)
        fields = None if whole else TRACE_FIELDS
        for start in range(0, len(wanted), PAGE):
            for hit in self._with_ids(wanted[start : start + PAGE], fields):
                found[hit["_id"]].append(self.held(hit))
        for places in found.values():
            if len(places) > 1:
                places.sort(key=self._age)
        return dict(found)

    def _age(self, held: StoredArticle) -> tuple[float, bool]:
        written = held.article.ingested_at
        return (-written.timestamp() if written else 0.0, held.index == self.names.copies)

    def _with_ids(self, ids: Sequence[str], fields: Sequence[str] | None) -> Iterable[Mapping[str, Any]]:
        if not self._spread:
            docs = [{"_index": index, "_id": article_id} for article_id in ids for index in self.both]
            answers = self.client.mget(docs=docs, source_includes=fields)["docs"]
            error = next((each["error"] for each in answers if "error" in each), None)
            if error is None:
                return (each for each in answers if each["found"])
            if "more than one ind" not in error["reason"]:
                raise SearchError(f"Elasticsearch could not read stored articles: {error['reason']}")
            self._spread = True
        self.refresh()  # what was just written is found by its id, but by searches only then
        source: Any = True if fields is None else list(fields)
        found: list[Mapping[str, Any]] = self.client.search(
            index=self.both,
            query={"ids": {"values": list(ids)}},
            size=PLACES * PAGE,
            source=source,
            seq_no_primary_term=True,
            allow_partial_search_results=False,
            track_total_hits=False,
        )["hits"]["hits"]
        return found

    def held(self, hit: Mapping[str, Any]) -> StoredArticle:
        """Return a search hit or an item of a multi-get as an article."""
        # A trace lacks the fields that every article has.
        source = {"body": "", "input_uri": "", "content_hash": "", "pipeline_version": "", **hit["_source"]}
        return StoredArticle(
            article=from_source(hit["_id"], source),
            index=self.names.alias_of(hit["_index"]) or self.names.articles,
            seq_no=hit["_seq_no"],
            primary_term=hit["_primary_term"],
        )

    def pages(
        self, query: Mapping[str, Any], *, fields: Sequence[str] | None = None, index: Sequence[str] | None = None
    ) -> Iterator[list[StoredArticle]]:
        """Yield all stored articles that a query finds, `PAGE` at a time, from one point in time.

        Args:
            query: in Elasticsearch's query language.
            fields: read only these; `None` means whole documents.
            index: aliases or indices to search; `None` means all that articles lie in.
        """
        source: Any = True if fields is None else list(fields)
        view = self.client.open_point_in_time(index=index or self.both, keep_alive=KEEP_ALIVE)["id"]
        after: Any = None
        try:
            while True:
                answer = self.client.search(
                    pit={"id": view, "keep_alive": KEEP_ALIVE},
                    query=query,
                    size=PAGE,
                    sort=["_shard_doc"],
                    search_after=after,
                    source=source,
                    seq_no_primary_term=True,
                    allow_partial_search_results=False,
                    track_total_hits=False,
                )
                hits = answer["hits"]["hits"]
                if hits:
                    yield [self.held(hit) for hit in hits]
                if len(hits) < PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            self.client.close_point_in_time(id=view)
