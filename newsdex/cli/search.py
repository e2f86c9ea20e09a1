"""The commands that ask the index as a whole: `search`, `facets`, `timeline` and `suggest`; each calls one function."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdex.cli.common import Index, Json, faults, print_json, reading
from newsdex.cli.options import Exact, Query, with_filters
from newsdex.flows.common.console import err

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames


class Order(StrEnum):
    """Order of hits."""

    RELEVANCE = "relevance"
    RECENT = "recent"
    NEWEST = "newest"
    OLDEST = "oldest"


@with_filters
def search(
    query: Query = "",
    *,
    filters: dict[str, Any],
    exact: Exact = False,
    sort: Annotated[Order, typer.Option(help="Best match; best match, newer ones first; by date.")] = Order.RELEVANCE,
    by_story: Annotated[bool, typer.Option("--by-story", help="Only the best article of each story.")] = False,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Hits to show.")] = 10,
    offset: Annotated[
        int, typer.Option(min=0, help="Hits to skip; --json names the next offset, null after the last.")
    ] = 0,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write all that match to FILE.jsonl, .csv or .parquet instead, or as citations to .bib, .ris or "
            ".csljson; - prints JSON Lines.",
        ),
    ] = None,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Search the index; highlighted hits, best first."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show  # noqa: PLC0415
        from newsdex.search.query.filters import make_filters  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.query.request import SearchRequest  # noqa: PLC0415
        from newsdex.search.results import search as queries  # noqa: PLC0415

        request = SearchRequest(
            query=query,
            filters=make_filters(**filters),
            size=size,
            offset=0 if export else offset,
            sort=sort.value,
            exact=exact,
            by_story=by_story,
        )
        if export:
            _export(client, names, request, export)
            return
        found = queries.search(client, names, request)
        if as_json:
            print_json(found)
        else:
            show.hits(found)


@with_filters
def facets(
    query: Query = "",
    *,
    filters: dict[str, Any],
    over: Annotated[
        list[str] | None,
        typer.Option(metavar="FACET", help="Count only this one: person, country, month, …; may be repeated."),
    ] = None,
    exact: Exact = False,
    widen: Annotated[
        bool, typer.Option("--widen", help="Count what a second paper, language or agency would add.")
    ] = False,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Values a facet.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Count who, what, where, when and in which papers: the values of every facet."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show  # noqa: PLC0415
        from newsdex.search.query.filters import make_filters  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results.facets import facets as count  # noqa: PLC0415

        chosen, wanted = make_filters(**filters), tuple(over or ())
        found = count(client, names, chosen, query=query, size=size, widen=widen, exact=exact, over=wanted)
        if as_json:
            print_json(found.to_dict(wanted))
        else:
            show.facets(found, size, wanted)


@with_filters
def timeline(
    query: Query = "",
    *,
    filters: dict[str, Any],
    most: Annotated[int, typer.Option("--bars", min=1, max=1000, help="Bars at most: the interval fits them.")] = 62,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Count articles by date of publication, by day, week, month, quarter or year, whichever fits."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show  # noqa: PLC0415
        from newsdex.search.query.filters import make_filters  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results.timeline import timeline as count  # noqa: PLC0415

        found = count(client, names, make_filters(**filters), query=query, most=most)
        if as_json:
            print_json(found)
        else:
            show.timeline(found)


def suggest(
    typed: Annotated[str, typer.Argument(metavar="TEXT", help="The beginning of a name.")],
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=100, help="Names to show.")] = 8,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Suggest names of the index that begin so: people, organisations, places, papers, agencies, authors."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show  # noqa: PLC0415
        from newsdex.search.results.autocomplete import complete  # noqa: PLC0415  # the client takes 0.2 s to import

        found = complete(client, names, typed, size=size)
        if as_json:
            print_json(found)
        else:
            show.suggestions(found)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (search, facets, timeline, suggest):
        app.command()(command)


def _export(client: Elasticsearch, names: IndexNames, request: Any, path: Path) -> None:  # noqa: ANN401  # imported late
    from newsdex.search.export import export  # noqa: PLC0415

    if str(path) == "-":
        made = export.export(client, names, request, export.ExportFormat.JSONL)
        export.export_to(made, sys.stdout.buffer)
    else:
        made = export.export_file(client, names, request, path)
        err.print(f"{made.total:,} article{'' if made.total == 1 else 's'} written to {path}.")
    for note in made.notes:
        err.print(note, markup=False)
