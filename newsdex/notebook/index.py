"""`newsdex.Index`: search an index, count its facets, and export a result, as the command line does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.progress import Silent
from newsdex.flows.config import settings
from newsdex.search.errors import SearchError
from newsdex.search.export import export
from newsdex.search.indices.naming import IndexNames
from newsdex.search.query.filters import make_filters
from newsdex.search.query.request import SORTS, SearchRequest, Sort
from newsdex.search.results.copies import article_with_copies
from newsdex.search.results.facets import facets
from newsdex.search.results.search import get_or_fail, search
from newsdex.search.results.similar import more_like_this

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from types import TracebackType

    from newsdex.search.results.copies import ArticleWithCopies
    from newsdex.search.results.facets import Facets
    from newsdex.search.results.hits import SearchResults
    from newsdex.transforms.article import Article


class Index:
    """One index, which is only read.

    Filters are given by name (`newsdex.search.query.facet_table` has them), each a value or a list: `person`,
    `organization`, `place`, `country`, `date_mentioned`, `source`, `agency`, `author`, `section`, `keyword`,
    `language`; and `since` and `until` (date of publication), `either`, `copies`.
    """

    def __init__(self, url: str | None = None, *, name: str | None = None) -> None:
        """Connect to an index.

        Args:
            url: address of the Elasticsearch; without it the one of the settings, else the one that Newsdex keeps.
            name: the index (alias), where it is another than in the settings.

        Raises:
            NewsdexError: the settings are wrong, or no Elasticsearch answers; the message is one sentence.
        """
        chosen = settings.load(elasticsearch_url=url, index=name)
        self._names = IndexNames(chosen.index)
        self._client = open_client(chosen, Silent(), start=False)

    def search(
        self,
        query: str = "",
        *,
        size: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        exact: bool = False,
        by_story: bool = False,
        **filters: Any,  # noqa: ANN401  # `make_filters` checks them
    ) -> SearchResults:
        """Return the articles that match, the best first: `.total`, `.hits`, `.next_offset`.

        Raises:
            NewsdexError: the question cannot be asked, or there is no index; the message is one sentence.
        """
        request = SearchRequest(
            query=query,
            filters=make_filters(**filters),
            size=size,
            offset=offset,
            sort=_sort(sort),
            exact=exact,
            by_story=by_story,
        )
        return search(self._client, self._names, request)

    def facets(
        self,
        query: str = "",
        *,
        size: int = 10,
        over: str | Sequence[str] = (),
        **filters: Any,  # noqa: ANN401  # as above
    ) -> Facets:
        """Return the most frequent values of each facet, or of those of `over`: `.of("person")`, `.to_dict()`.

        Raises:
            NewsdexError: as in `search`.
        """
        wanted = [over] if isinstance(over, str) else over
        return facets(self._client, self._names, make_filters(**filters), query=query, size=size, over=wanted)

    def export(
        self,
        path: str | PathLike[str],
        query: str = "",
        *,
        sort: Sort = "relevance",
        **filters: Any,  # noqa: ANN401  # as above
    ) -> int:
        """Write all that match to a file (`.jsonl`, `.csv`, `.parquet` …) and return how many they are.

        Raises:
            NewsdexError: as in `search`, or the file's name says no format.
            OSError: the file cannot be written.
        """
        request = SearchRequest(query=query, filters=make_filters(**filters), sort=_sort(sort))
        return export.export_file(self._client, self._names, request, Path(path)).total

    def get(self, article: str) -> Article:
        """Return an article or copy by its id or address.

        Raises:
            NewsdexError: there is none.
        """
        return get_or_fail(self._client, self._names, article)

    def copies(self, article: str, *, size: int = 20) -> ArticleWithCopies:
        """Return an article, by its id or address or a copy's, with up to `size` copies.

        Raises:
            NewsdexError: there is none.
        """
        return article_with_copies(self._client, self._names, article, size=size)

    def like(self, article: str, *, size: int = 10) -> SearchResults:
        """Return the articles that are most like one, by its id or address.

        Raises:
            NewsdexError: there is none.
        """
        return more_like_this(self._client, self._names, self.get(article).id, size=size)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        """Return itself: `with newsdex.Index() as index:` closes the connection at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()


def _sort(sort: str) -> Any:  # noqa: ANN401  # a Sort once it is checked
    if sort not in SORTS:
        raise SearchError(f"There is no order {sort[:40]!r}: choose from {', '.join(SORTS)}.")
    return sort
