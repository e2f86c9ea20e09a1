"""The search page, and the suggestions under its box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, StreamingResponse

from newsdex.search.errors import SearchError
from newsdex.search.export.export import ExportFormat, export
from newsdex.search.query.facet_table import BY_NAME, FACETS, Facet
from newsdex.search.query.request import MAX_DEPTH, MAX_STORY_DEPTH
from newsdex.search.results.autocomplete import complete
from newsdex.search.results.overview import first_page
from newsdex.search.results.timeline import timeline, timeline_of_months
from newsdex.web import wording
from newsdex.web.charts import Chart, chart
from newsdex.web.site import site_of, status_of
from newsdex.web.view import PAGE_SIZE, SORTS, View

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from newsdex.search.query.filters import Filters
    from newsdex.search.results.facets import Facets, FacetValue
    from newsdex.search.results.hits import SearchResults
    from newsdex.search.results.overview import Overview
    from newsdex.web.site import Site

FACET_VALUES = 8
"""Values of a facet at first: ten facets of eight fit two screens."""

MORE_VALUES = 100
"""Values of a facet after "more"."""

MEDIA_TYPES = {
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.BIBTEX: "application/x-bibtex; charset=utf-8",
    ExportFormat.RIS: "application/x-research-info-systems; charset=utf-8",
    ExportFormat.CSL_JSON: "application/vnd.citationstyles.csl+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetChoice:
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
    choices: tuple[FacetChoice, ...]
    more: str
    """Where more (or fewer) values are shown, `""` where these are all."""
    expanded: bool


def search_page(request: Request) -> Response:
    """Show what matches: hits, facets, timeline."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    try:
        asked = view.request()
        seen = first_page(site.client, site.names, asked, facet_size=MORE_VALUES if view.more else FACET_VALUES + 1)
        results, found = seen.results, seen.facets
        overview, detail = _timelines(site, view, asked.filters, results.query, found)
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
        pages=-(-_reachable(results) // PAGE_SIZE),
        page_size=PAGE_SIZE,
        switches=_switches(view, seen),
        downloads=[(form.name, view.at_page(1).showing_more("").address(f"/export/{form}")) for form in ExportFormat],
    )


def _reachable(results: SearchResults) -> int:
    """Return how many hits can be paged through."""
    if results.stories is not None:
        return min(results.stories, MAX_STORY_DEPTH)
    return min(results.total, MAX_DEPTH)


def export_results(request: Request) -> Response:
    """Send all that matches as a file."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    try:
        form = ExportFormat(request.path_params["form"])
    except ValueError:
        sentence = "A result can be had as jsonl, csv, parquet, bib, ris or csljson."
        return site.page("fault.html", 404, shown=view, sentence=sentence, title="Export")
    try:
        made = export(site.client, site.names, view.at_page(1).request(), form)
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=view, sentence=str(error), title="Export")
    # The name is ours alone: what was searched for may be anything.
    headers = {"content-disposition": f'attachment; filename="newsdex.{form}"', "cache-control": "no-store"}
    return StreamingResponse(made.chunks, media_type=MEDIA_TYPES[form], headers=headers)


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
            "kind": BY_NAME[each.facet].noun,
            "count": each.count,
            "href": _with(view, each.facet, each.value).searching(each.rest).address(),
        }
        for each in found
    ]
    return JSONResponse(rows, headers={"cache-control": "private, max-age=60"})


def _with(view: View, facet: str, value: str) -> View:
    return view if view.has(facet, value) else view.toggled(facet, value)


def _timelines(
    site: Site, view: View, filters: Filters, query: str, found: Facets
) -> tuple[Chart | None, Chart | None]:
    """Return all time with the chosen span in it, and that span alone where it can be shown more finely."""
    everything = replace(filters, since=None, until=None)
    whole = timeline_of_months(found.month)  # counted beyond the chosen span
    if whole is None and found.month:
        whole = timeline(site.client, site.names, everything, query=query)
    if whole is None or len(whole.bars) < 2:
        return None, None
    overview = chart(whole, view, filters)
    if not (filters.since or filters.until):
        return overview, None
    within = timeline(site.client, site.names, filters, query=query)
    if within is None or within.interval == whole.interval or len(within.bars) < 2:
        return overview, None
    return overview, chart(within, view, filters)


def _facet_lists(found: Facets, view: View) -> list[FacetList]:
    lists = [_facet_list(facet, found.of(facet.name), view) for facet in FACETS]
    return [each for each in lists if each.choices]


def _facet_list(facet: Facet, values: tuple[FacetValue, ...], view: View) -> FacetList:
    name, expanded = facet.name, view.more == facet.name
    shown = values if expanded else values[:FACET_VALUES]
    listed = {each.value.casefold() for each in shown}
    counts = {each.value.casefold(): each.count for each in values}
    chosen = [facet.stored(each) for each in view.chosen.get(name, ())]
    rows = [(value, counts.get(value.casefold())) for value in chosen if value.casefold() not in listed] + [
        (each.value, each.count) for each in shown
    ]
    more = view.showing_more("" if expanded else name).address() if len(values) > FACET_VALUES else ""
    return FacetList(
        name=name,
        title=facet.title,
        choices=tuple(
            FacetChoice(
                label=facet.label(value),
                count=count,
                chosen=view.has(name, value),
                address=view.toggled(name, value).address(),
            )
            for value, count in rows
        ),
        more=f"{more}#facet-{name}" if more else "",
        expanded=expanded,
    )


def _switches(view: View, seen: Overview) -> list[tuple[str, bool, str]]:
    """Return what can be switched here: what it is called, whether it is on, and the address with it switched."""
    several = any(len(view.chosen.get(facet.name, ())) > 1 for facet in FACETS if not facet.either)
    offered = (
        ("either", "any of them is enough", several),
        ("story", "one article a story", seen.has_stories),
        ("copies", "copies too", seen.has_copies),
        ("doubtful", "doubtful texts only", seen.has_doubtful),
    )
    return [
        (label, name in view.on, view.switched(name).address())
        for name, label, use in offered
        if use or name in view.on
    ]


def _chips(view: View) -> list[tuple[str, str, str]]:
    """Return the filters that are on: what kind, which value, and the address without it."""
    chips = [
        (BY_NAME[facet].noun, wording.facet_value(facet, value), view.toggled(facet, value).address())
        for facet, values in view.chosen.items()
        for value in values
    ]
    if view.since or view.until:
        span = f"{view.since or '…'} – {view.until or '…'}" if view.since != view.until else view.since
        chips.append(("published", span, view.during().address()))
    return chips
