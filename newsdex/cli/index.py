"""The commands that put one index in the place of another: `rebuild` and `rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from newsdex.cli.common import Index, Json, faults, print_json
from newsdex.flows.common.console import Bars, out
from newsdex.flows.config import settings


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(rebuild)
    app.command()(rollback)


def rebuild(
    *,
    mapping_only: Annotated[
        bool, typer.Option("--mapping-only", help="Copy the articles as they are; run no transforms.")
    ] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Then read again what was fetched from the network, from the archive.")
    ] = False,
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Delete what a rebuild left that was cut off, instead of going on with it."),
    ] = False,
    index: Index = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes, instead of one a core.")] = None,
    as_json: Json = False,
) -> None:
    """Put a new index with today's mapping and transforms in the place of the present one, without downtime."""
    from newsdex.commands.run_local import run_rebuild  # noqa: PLC0415  # Prefect takes seconds to import

    with faults():
        chosen = settings.load(index=index, workers=workers)
        if discard:
            _discard(chosen)
            return
        with Bars() as bars:
            done = run_rebuild(chosen, bars, mapping_only=mapping_only, archive=archive)
        if as_json:
            print_json(done)
            return
        for alias, count in done.documents.items():
            out.print(f"{count:>12,} documents in {done.indices[alias]} [dim](was {done.former[alias]})[/]")
        out.print(
            f"[dim]{done.read:,} read = {done.written:,} written, {done.newer:,} written before; {done.anew:,} "
            f"articles made anew. {done.seconds:.1f} s; writers were held out for {done.held_seconds:.1f} s.[/]"
        )
        if done.moved:
            out.print(f"[dim]{done.moved:,} articles were moved to the index of their period.[/]")
        if done.kept:
            out.print(f"[yellow]{done.kept:,} articles stayed as they were: today's transforms failed on them.[/]")
        out.print("[dim]`newsdex rollback` goes back to the former index.[/]")
        if done.archive is not None:
            from newsdex.cli.views import report as show  # noqa: PLC0415

            show.report(done.archive)


def rollback(
    *,
    to: Annotated[
        int | None, typer.Option(min=1, help="Number of the index to go to, instead of the former one.")
    ] = None,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Go back to the index that was there before the last rebuild."""
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the client takes 0.2 s to import
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415
    from newsdex.search.rebuild.rollback import rollback as go_back  # noqa: PLC0415

    with faults():
        chosen = settings.load(index=index)
        with Bars() as bars:
            client = open_client(chosen, bars)
        with client:
            done = go_back(client, IndexNames(chosen.index), to=to)
        if as_json:
            print_json(done)
            return
        for alias, name in done.indices.items():
            out.print(f"{alias} is {name} again [dim](was {done.left.get(alias, 'none')})[/]")
        for alias in sorted(done.left.keys() - done.indices.keys()):
            out.print(f"{alias} is not searched any more [dim](was {done.left[alias]})[/]")
        if done.written_since:
            out.print(
                f"[yellow]{done.written_since:,} documents were written since the rebuild and are only in the index "
                "that was left: run your sources again, which index what is missing.[/]"
            )
        if done.outdated:
            out.print("[yellow]Its mapping is not today's: it can be searched, but not written to by this version.[/]")


def _discard(chosen: settings.Settings) -> None:
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the client takes 0.2 s to import
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415
    from newsdex.search.rebuild.lease import discard_unfinished  # noqa: PLC0415

    with Bars() as bars:
        client = open_client(chosen, bars, start=False)
    with client:
        gone = discard_unfinished(client, IndexNames(chosen.index))
    out.print(f"Deleted: {', '.join(gone)}." if gone else "There is no unfinished rebuild.")
