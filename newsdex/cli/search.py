"""The commands that read the index (`search`, `facets`, `copies` and the like); each calls one function."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003  # typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdex.cli.common import Index, Json, faults, print_json, reading
from newsdex.flows.common.console import err

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

Query = Annotated[
    str,
    typer.Argument(help='Words, "a phrase", -without, either | or, begin*, title:word; empty means every article.'),
]
Person = Annotated[list[str] | None, typer.Option("--person", help="Only articles that name this person.")]
Organization = Annotated[list[str] | None, typer.Option("--organization", help="… this organisation.")]
Place = Annotated[list[str] | None, typer.Option("--place", help="… this place.")]
SourceName = Annotated[list[str] | None, typer.Option("--source", help="Only articles of this paper.")]
Language = Annotated[list[str] | None, typer.Option("--language", help="Only articles in this language: en, de, …")]
Agency = Annotated[list[str] | None, typer.Option("--agency", help="Only articles that credit this news agency.")]
Country = Annotated[list[str] | None, typer.Option("--country", help="Only articles that name this country: US, FR, …")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Published then or later: 2018-01-23, 2018-01, 2018.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Published then or before.")]
Either = Annotated[bool, typer.Option("--either", help="One of several people, organisations or places is enough.")]
Copies = Annotated[bool, typer.Option("--copies", help="Show copies too that are kept beside their article.")]
Exact = Annotated[bool, typer.Option("--exact", help="Only the words as typed, even where they look misspelt.")]


class Order(StrEnum):
    """Order of hits."""

    RELEVANCE = "relevance"
    RECENT = "recent"
    NEWEST = "newest"
    OLDEST = "oldest"


def search(
    query: Query = "",
    *,
    person: Person = None,
    organization: Organization = None,
    place: Place = None,
    country: Country = None,
    source: SourceName = None,
    language: Language = None,
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    either: Either = False,
    copies: Copies = False,
    exact: Exact = False,
    sort: Annotated[Order, typer.Option(help="Best match; best match, newer ones first; by date.")] = Order.RELEVANCE,
    by_story: Annotated[bool, typer.Option("--by-story", help="Only the best article of each story.")] = False,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=100, help="Hits to show.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Hits to skip.")] = 0,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write all that match to FILE.jsonl, .csv or .parquet instead; - prints JSON Lines."
        ),
    ] = None,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Search the index; highlighted hits, best first."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import report as show  # noqa: PLC0415
        from newsdex.search.query.request import SearchRequest  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results import search as queries  # noqa: PLC0415

        request = SearchRequest(
            query=query,
            filters=_filters(
                person, organization, place, country, source, language, agency, since, until, either, copies
            ),
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


def facets(
    query: Query = "",
    *,
    person: Person = None,
    organization: Organization = None,
    place: Place = None,
    country: Country = None,
    source: SourceName = None,
    language: Language = None,
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    either: Either = False,
    copies: Copies = False,
    exact: Exact = False,
    widen: Annotated[
        bool, typer.Option("--widen", help="Count what a second paper, language or agency would add.")
    ] = False,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Values a facet.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Count people, organisations, places, sources, languages, agencies and dates."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import report as show  # noqa: PLC0415
        from newsdex.search.results.facets import facets as count  # noqa: PLC0415  # the client takes 0.2 s to import

        found = count(
            client,
            names,
            _filters(person, organization, place, country, source, language, agency, since, until, either, copies),
            query=query,
            size=size,
            widen=widen,
            exact=exact,
        )
        if as_json:
            print_json(found)
        else:
            show.facets(found, size)


def timeline(
    query: Query = "",
    *,
    person: Person = None,
    organization: Organization = None,
    place: Place = None,
    country: Country = None,
    source: SourceName = None,
    language: Language = None,
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    either: Either = False,
    copies: Copies = False,
    most: Annotated[int, typer.Option("--bars", min=1, max=1000, help="Bars at most: the interval fits them.")] = 62,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Count articles over time, by day, week, month, quarter or year, whichever fits."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show_search  # noqa: PLC0415
        from newsdex.search.results.timeline import timeline as count  # noqa: PLC0415  # the client takes 0.2 s to import

        chosen = _filters(person, organization, place, country, source, language, agency, since, until, either, copies)
        found = count(client, names, chosen, query=query, most=most)
        if as_json:
            print_json(found)
        else:
            show_search.timeline(found)


def like(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id or address.")],
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=100, help="Articles to show.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show articles like a given one, the likest first."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import report as show  # noqa: PLC0415
        from newsdex.search.errors import SearchError  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results.search import get  # noqa: PLC0415
        from newsdex.search.results.similar import more_like_this  # noqa: PLC0415

        given = get(client, names, article)
        if given is None:
            raise SearchError(
                f"There is no article {article[:200]!r}: `newsdex search --json` gives ids and addresses."
            )
        found = more_like_this(client, names, given.id, size=size)
        if as_json:
            print_json(found)
        else:
            show.hits(found)


def suggest(
    typed: Annotated[str, typer.Argument(metavar="TEXT", help="The beginning of a name.")],
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=100, help="Names to show.")] = 8,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show names that begin so: people, organisations, places, papers and agencies of the index."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as show_search  # noqa: PLC0415
        from newsdex.search.results.autocomplete import complete  # noqa: PLC0415  # the client takes 0.2 s to import

        found = complete(client, names, typed, size=size)
        if as_json:
            print_json(found)
        else:
            show_search.suggestions(found)


def copies(
    article: Annotated[str, typer.Argument(metavar="URL-OR-ID", help="Of an article, or of one of its copies.")],
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Copies to show, earliest first.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show an article's copies: who ran it when, how alike the texts are, and what differs."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import copies as show_copies  # noqa: PLC0415
        from newsdex.search.errors import SearchError  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results.copies import article_with_copies  # noqa: PLC0415

        found = article_with_copies(client, names, article, size=size)
        if found is None:
            raise SearchError(
                f"No article and no copy has the address or id {article!r}: check it, or look for the article with "
                "`newsdex search`."
            )
        compared = show_copies.compare(found)
        if as_json:
            print_json(compared)
        else:
            show_copies.show(compared)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (search, facets, timeline, like, suggest, copies):
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


def _filters(  # the filters of every command, in their order
    person: list[str] | None,
    organization: list[str] | None,
    place: list[str] | None,
    country: list[str] | None,
    source: list[str] | None,
    language: list[str] | None,
    agency: list[str] | None,
    since: str | None,
    until: str | None,
    either: bool,
    copies: bool,
) -> Any:  # noqa: ANN401  # newsdex.search.query.filters is imported late
    from newsdex.search.query.filters import Filters, first_day, last_day  # noqa: PLC0415

    return Filters(
        person=tuple(person or ()),
        organization=tuple(organization or ()),
        place=tuple(place or ()),
        country=tuple(country or ()),
        source=tuple(source or ()),
        language=tuple(language or ()),
        agency=tuple(agency or ()),
        since=first_day(since) if since else None,
        until=last_day(until) if until else None,
        either=either,
        copies=copies,
    )
