"""The search page, and the suggestions under its box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from search.completion import complete
from search.errors import SearchError
from search.look import look
from search.timeline import timeline
from web import wording
from web.charts import Chart, chart
from web.site import site_of, status_of
from web.view import PAGE_SIZE, SORTS, View

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from search.facets import Facets, FacetValue
    from search.filters import Filters
    from web.site import Site

FACET_VALUES = 8
"""Values of a facet at first: seven facets of eight fit a screen and a half."""

MORE_VALUES = 100
"""Values of a facet after "more"."""

WINDOW = 10_000
"""Hits that can be paged through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a facet on the page."""

    label: str
    count: int | None
    """`None` for a chosen value that is not among those counted."""
    chosen: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetList:
    """One facet on the page."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    more: str
    """Where more (or fewer) values are shown, `""` where these are all."""
    expanded: bool


def search_page(request: Request) -> Response:
    """Show what matches: hits, facets, timeline."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    try:
        asked = view.request()
        results, found = look(site.client, site.names, asked, facet_size=MORE_VALUES if view.more else FACET_VALUES + 1)
        overview, detail = _timelines(site, view, asked.filters)
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=view, sentence=str(error), title="Search")
    return site.page(
        "search.html",
        shown=view,
        results=results,
        facet_lists=_facet_lists(found, view),
        undated=found.undated,
        overview=overview,
        detail=detail,
        chips=_chips(view),
        sorts=SORTS,
        pages=-(-min(results.total, WINDOW) // PAGE_SIZE),
        page_size=PAGE_SIZE,
    )


def suggest(request: Request) -> Response:
    """Return names that begin as typed, as JSON: `label`, `kind`, `count`, `href`."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    try:
        found = complete(site.client, site.names, view.query)
    except SearchError as error:
        return JSONResponse({"fault": str(error)}, status_of(error))
    rows = [
        {
            "label": wording.facet_value(each.facet, each.value),
            "kind": wording.FACET_NAMES[each.facet],
            "count": each.count,
            "href": _with(view, each.facet, each.value).searching(each.rest).address(),
        }
        for each in found
    ]
    return JSONResponse(rows, headers={"cache-control": "private, max-age=60"})


def _with(view: View, facet: str, value: str) -> View:
    return view if view.has(facet, value) else view.toggled(facet, value)


def _timelines(site: Site, view: View, filters: Filters) -> tuple[Chart | None, Chart | None]:
    """Return all time with the chosen span in it, and that span alone where it can be shown more finely."""
    everything = replace(filters, since=None, until=None)
    whole = timeline(site.client, site.names, everything, query=view.query)
    if whole is None or len(whole.bars) < 2:
        return None, None
    overview = chart(whole, view, filters)
    if not (filters.since or filters.until):
        return overview, None
    within = timeline(site.client, site.names, filters, query=view.query)
    if within is None or within.interval == whole.interval or len(within.bars) < 2:
        return overview, None
    return overview, chart(within, view, filters)


def _facet_lists(found: Facets, view: View) -> list[FacetList]:
    lists = [_facet_list(facet, title, getattr(found, facet), view) for facet, title in wording.FACET_TITLES.items()]
    return [each for each in lists if each.choices]


def _facet_list(facet: str, title: str, values: tuple[FacetValue, ...], view: View) -> FacetList:
    expanded = view.more == facet
    shown = values if expanded else values[:FACET_VALUES]
    listed = {each.value.casefold() for each in shown}
    counts = {each.value.casefold(): each.count for each in values}
    missing = [each for each in view.chosen.get(facet, ()) if each.casefold() not in listed]
    rows = [(value, counts.get(value.casefold())) for value in missing] + [(each.value, each.count) for each in shown]
    more = view.showing_more("" if expanded else facet).address() if len(values) > FACET_VALUES else ""
    return FacetList(
        name=facet,
        title=title,
        choices=tuple(
            Choice(
                label=wording.facet_value(facet, value),
                count=count,
                chosen=view.has(facet, value),
                address=view.toggled(facet, value).address(),
            )
            for value, count in rows
        ),
        more=f"{more}#facet-{facet}" if more else "",
        expanded=expanded,
    )


def _chips(view: View) -> list[tuple[str, str, str]]:
    """Return the filters that are on: what kind, which value, and the address without it."""
    chips = [
        (wording.FACET_NAMES[facet], wording.facet_value(facet, value), view.toggled(facet, value).address())
        for facet, values in view.chosen.items()
        for value in values
    ]
    if view.since or view.until:
        span = f"{view.since or '…'} – {view.until or '…'}" if view.since != view.until else view.since
        chips.append(("published", span, view.during().address()))
    return chips
