"""Which index an article belongs in: the one of all, or that of its year or month, which is made when one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.search.indices.manage import Period, make_of_period
from newsdex.search.indices.state import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.state import Indices
    from newsdex.transforms.article import Article

_UNITS = {Period.YEAR: "y", Period.MONTH: "M"}
"""As Elasticsearch writes them when it rounds."""


class Periods:
    """The indices of articles by the period of their publication.

    Args:
        client: the connection.
        indices: what `manage.ensure` returned; its settings say whether articles lie by year or month.
    """

    def __init__(self, client: Elasticsearch, indices: Indices) -> None:
        self._client, self._indices = client, indices
        self._known = set(indices.concrete)

    def alias_for(self, article: Article) -> str:
        """Return the alias that an article is written through; its index is made where it is missing.

        Articles without a date, and all where no period is chosen, belong behind the name of all.

        Raises:
            SearchError: the index cannot be made; the sentence names the fix.
        """
        names, period = self._indices.names, self._indices.settings.period
        if period is None or article.published_at is None:
            return names.articles
        alias = names.of_period(period.of(article.published_at))
        if alias not in self._known:
            make_of_period(self._client, self._indices, alias)
            self._known.add(alias)
        return alias

    def misplaced(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each index of articles that may hold what belongs in another, with the query that finds that."""
        names, chosen = self._indices.names, self._indices.settings.period
        for alias, index in resolve(self._client, names).items():
            if alias == names.articles and chosen is not None:
                yield index, {"exists": {"field": "published_at"}}
            elif names.is_of_period(alias):
                span = alias.removeprefix(names.of_period(""))
                period = Period.MONTH if "-" in span else Period.YEAR
                rounded = f"{span}||/{_UNITS[period]}"
                within = {"range": {"published_at": {"gte": rounded, "lte": rounded}}}
                yield index, {"bool": {"must_not": [within]}} if period is chosen else {"match_all": {}}
