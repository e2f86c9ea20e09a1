"""What a person looks at, as the address has it: every state of the search page is a link that can be copied."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from newsdex.search.errors import SearchError
from newsdex.search.query.facet_table import BY_NAME
from newsdex.search.query.filters import Filters, make_filters
from newsdex.search.query.request import MAX_DEPTH, SearchRequest, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

PAGE_SIZE = 10
"""Hits a page: as many as the facets beside them are long; twice as many take twice the time."""

SORTS = {"relevance": "Best match", "recent": "Best recent", "newest": "Newest", "oldest": "Oldest"}
"""Order of hits → what it is called."""

SWITCHES = ("either", "doubtful", "copies", "story", "exact")
"""Parameters that are on (`1`) or off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One state of the search page."""

    query: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet → values."""
    since: str = ""
    """As typed: `2018`, `2018-01`, `2018-01-23`."""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1
    more: str = ""
    """The facet of which more values are shown."""
    on: frozenset[str] = frozenset()
    """Which of `SWITCHES` are on: one of several people or places is enough, doubtful texts only, copies count, one hit
    a story, words as typed only."""

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> View:
        """Return the view of an address's parameters; those that mean nothing are left out."""
        pairs = [(name, value.strip()) for name, value in parameters]
        last = dict(pairs)
        chosen = {
            facet: tuple(dict.fromkeys(value for name, value in pairs if name == facet and value)) for facet in BY_NAME
        }
        page = last.get("page", "1")
        sort, more = last.get("sort", ""), last.get("more", "")
        return cls(
            query=last.get("q", ""),
            chosen={facet: values for facet, values in chosen.items() if values},
            since=last.get("since", ""),
            until=last.get("until", ""),
            sort=cast("Sort", sort) if sort in SORTS else "relevance",
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 and int(page) else 1,
            more=more if more in BY_NAME else "",
            on=frozenset(name for name in SWITCHES if last.get(name) == "1"),
        )

    def filters(self) -> Filters:
        """Return the filters of the search layer.

        Raises:
            SearchError: a date or a value is none; the sentence says so.
        """
        return make_filters(
            **self.chosen,
            since=self.since,
            until=self.until,
            either="either" in self.on,
            doubtful="doubtful" in self.on,
            copies="copies" in self.on,
        )

    def request(self) -> SearchRequest:
        """Return the question for the search layer.

        Raises:
            SearchError: it cannot be asked; the sentence says why.
        """
        offset = (self.page - 1) * PAGE_SIZE
        if offset + PAGE_SIZE > MAX_DEPTH:
            raise SearchError(f"Hits can be paged through up to number {MAX_DEPTH:,}: narrow the search instead.")
        return SearchRequest(
            query=self.query,
            filters=self.filters(),
            size=PAGE_SIZE,
            offset=offset,
            sort=self.sort,
            exact="exact" in self.on,
            by_story="story" in self.on,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is searched for: every article is shown."""
        return not (self.query or self.chosen or self.since or self.until)

    def has(self, facet: str, value: str) -> bool:
        """Tell whether a value is chosen, in whatever case."""
        stored = BY_NAME[facet].stored
        return stored(value).casefold() in {stored(each).casefold() for each in self.chosen.get(facet, ())}

    def parameters(self) -> list[tuple[str, str]]:
        """Return the address's parameters, without those that say nothing."""
        pairs = [("q", self.query)]
        pairs += [(facet, value) for facet, values in self.chosen.items() for value in values]
        pairs += [("since", self.since), ("until", self.until)]
        pairs += [("sort", self.sort if self.sort != "relevance" else "")]
        pairs += [(name, "1") for name in SWITCHES if name in self.on]
        pairs += [("page", str(self.page) if self.page > 1 else ""), ("more", self.more)]
        return [(name, value) for name, value in pairs if value]

    def address(self, path: str = "/") -> str:
        """Return the address of this view, or of another page that goes back to it."""
        encoded = "&".join(_encoded(name, value) for name, value in self.parameters())
        return f"{path}?{encoded}" if encoded else path

    def at_page(self, page: int) -> View:
        """Return another page of the same hits."""
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> View:
        """Return the same hits in another order."""
        return replace(self, sort=cast("Sort", sort), page=1)

    def showing_more(self, facet: str) -> View:
        """Return the view with more values of one facet, or of none."""
        return replace(self, more=facet)

    def toggled(self, facet: str, value: str) -> View:
        """Return the view with a value chosen, or no longer chosen."""
        old, stored = self.chosen.get(facet, ()), BY_NAME[facet].stored
        kept = tuple(each for each in old if stored(each).casefold() != stored(value).casefold())
        new = kept if len(kept) < len(old) else (*old, value)
        chosen = {each: new if each == facet else self.chosen.get(each, ()) for each in BY_NAME}
        return replace(self, chosen={each: values for each, values in chosen.items() if values}, page=1)

    def during(self, first: date | None = None, last: date | None = None) -> View:
        """Return the view of another span of publication, or of all time."""
        return replace(self, since=first.isoformat() if first else "", until=last.isoformat() if last else "", page=1)

    def switched(self, name: str) -> View:
        """Return the view with one of `SWITCHES` on instead of off, or off instead of on."""
        return replace(self, on=self.on ^ {name}, page=1)

    def searching(self, query: str) -> View:
        """Return the view with other words and the same filters."""
        return replace(self, query=query, on=self.on - {"exact"}, page=1)


@lru_cache(maxsize=4_096)
def _encoded(name: str, value: str) -> str:
    """Return a parameter as an address has it; a page has some hundred addresses with the same few parameters."""
    return urlencode(((name, value),))
