"""The commands that take articles in (`ingest`, `demo`, `sources`), and `inspect`, which only shows what would be."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsdex.cli.common import EXIT_REJECTED, Index, Json, faults, print_json
from newsdex.cli.options import FetchPages, FieldMap, InputFormat, LanguageHint
from newsdex.flows.common.console import Bars, out
from newsdex.flows.config import settings
from newsdex.flows.config.choices import Duplicates, RunnerKind


def ingest(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH…", help="Files, folders, patterns or addresses.")
    ] = None,
    *,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Read this [[source]] of newsdex.toml; may be repeated.")
    ] = None,
    all_sources: Annotated[bool, typer.Option("--all-sources", help="Read every [[source]] of newsdex.toml.")] = False,
    input_format: InputFormat = None,
    language: LanguageHint = None,
    pages: FetchPages = None,
    force: Annotated[bool, typer.Option("--force", help="Read and index again what has not changed.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many inputs.")] = None,
    field_map: FieldMap = None,
    duplicates: Annotated[Duplicates | None, typer.Option(help="What becomes of copies.")] = None,
    index: Index = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes, instead of one a core.")] = None,
    runner: Annotated[RunnerKind | None, typer.Option(help="Who cleans and enriches.", case_sensitive=False)] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of the Dask scheduler or Ray cluster.")] = None,
    as_json: Json = False,
) -> None:
    """Read, clean, enrich, de-duplicate and index articles; account for every one."""
    from newsdex.commands.run_local import run_ingest  # noqa: PLC0415  # Prefect takes seconds to import

    with faults():
        chosen = settings.load(index=index, duplicates=duplicates, workers=workers, runner=runner, cluster=cluster)
        options: dict[str, Any] = {"force": force, "limit": limit, "field_map": _field_map(field_map)}
        options |= {"input_format": input_format, "language": language, "pages": pages}
        if source or all_sources or not paths:
            from newsdex.cli.sources import ingest_sources  # noqa: PLC0415

            if paths or not (source or all_sources):
                raise typer.BadParameter("Name either PATHs, or sources with --source or --all-sources.")
            raise typer.Exit(ingest_sources(chosen, source or [], options, as_json=as_json))
        with Bars() as bars:
            done = run_ingest(chosen, bars, paths, **options)
        if as_json:
            print_json(done)
        else:
            from newsdex.cli.views import report as show  # noqa: PLC0415

            show.report(done)
            show.next_steps(done)
    if done.total.counts["rejected"]:
        raise typer.Exit(EXIT_REJECTED)


def demo(
    *,
    web: Annotated[bool, typer.Option("--web", help="Serve the search page of the samples, until Ctrl-C.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the samples, their index and their home.")] = False,
) -> None:
    """Show the whole way on the sample articles, in an index and a home of their own: ingest, count, search."""
    from newsdex.cli import demo as demonstration  # noqa: PLC0415  # Prefect takes seconds to import

    with faults():
        chosen = demonstration.demo_settings()
        if web:
            from newsdex.commands.web import serve  # noqa: PLC0415  # only where a page is asked for

            serve(chosen, 0)
            return
        with Bars() as bars:
            if not remove:
                demonstration.run_demo(chosen, bars)
                return
            gone = demonstration.remove_demo(chosen, bars)
        out.print("The samples are removed." if gone else "There are no samples to remove.")


def inspect(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, patterns or addresses.")],
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many inputs.")] = None,
    field_map: FieldMap = None,
    input_format: InputFormat = None,
    language: LanguageHint = None,
    pages: FetchPages = None,
    as_json: Json = False,
) -> None:
    """Show each article as it would be indexed, and why; nothing is written, no Elasticsearch is needed."""
    from newsdex.commands.inspect_inputs import inspected  # noqa: PLC0415  # loads the models

    rejected = False
    with faults():
        from newsdex.cli.views import article as show  # noqa: PLC0415

        options: dict[str, Any] = {"input_format": input_format, "language": language, "pages": pages}
        for item in inspected(settings.load(), paths, limit=limit, field_map=_field_map(field_map), **options):
            rejected |= item.rejection is not None and item.rejection.result == "rejected"
            if as_json:
                print_json(item, line=True)
            else:
                show.inspected(item)
    if rejected:
        raise typer.Exit(EXIT_REJECTED)


def sources(*, index: Index = None, as_json: Json = False) -> None:
    """List the sources of newsdex.toml with their last run."""
    from newsdex.cli.sources import list_sources  # noqa: PLC0415  # the client takes 0.2 s to import

    with faults():
        list_sources(settings.load(index=index), as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (ingest, demo, inspect, sources):
        app.command()(command)


def _field_map(pairs: list[str] | None) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs or ():
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise typer.BadParameter(
                f"{pair!r} is not of the form ours=theirs, such as body=story_text.", param_hint="--map"
            )
        mapping[ours] = theirs
    return mapping
