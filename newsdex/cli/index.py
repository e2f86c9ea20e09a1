"""The commands for the index itself: `rebuild`, `rollback`, and `roles`, who may read and write it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from newsdex.cli.common import Index, Json, faults, print_json
from newsdex.flows.common.console import Bars, err, out
from newsdex.flows.config import settings
from newsdex.search.errors import SearchError
from newsdex.search.indices.naming import IndexNames
from newsdex.search.indices.roles import Kind, create_key, create_roles, role, role_name


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(rebuild)
    app.command()(rollback)
    app.command()(roles)


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
    from newsdex.search.rebuild.lease import discard_unfinished  # noqa: PLC0415

    with Bars() as bars:
        client = open_client(chosen, bars, start=False)
    with client:
        gone = discard_unfinished(client, IndexNames(chosen.index))
    out.print(f"Deleted: {', '.join(gone)}." if gone else "There is no unfinished rebuild.")


def roles(
    *,
    show: Annotated[bool, typer.Option("--show", help="Print the roles as JSON and create nothing.")] = False,
    key: Annotated[
        Kind | None, typer.Option("--key", help="Create an API key with this role, instead.", case_sensitive=False)
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="New file for the API key, mode 600; - prints it.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days after which the API key runs out.")] = None,
    index: Index = None,
) -> None:
    """Create a role for the pipeline and one that can only search, or an API key with one of them."""
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the client takes 0.2 s to import

    if (key is None) != (to is None):
        raise typer.BadParameter("Give --key and --to together: which role, and where the API key goes.")
    with faults():
        chosen = settings.load(index=index)
        names = IndexNames(chosen.index)
        if show:
            print_json({role_name(names, kind): role(names, kind) for kind in Kind})
            return
        if to is not None and to.exists():
            raise SearchError(f"The file {to} is there already: name one that is not, so that no key is lost.")
        with Bars() as bars:
            client = open_client(chosen, bars)
        with client:
            if key is None or to is None:
                for name, body in create_roles(client, names).items():
                    out.print(f"The role {name} is there: ", end="")
                    print_json(body)
                return
            made = create_key(client, names, key, days=days)
        if str(to) == "-":
            sys.stdout.write(made.encoded + "\n")
        else:
            _write_secret(to, made.encoded)
        err.print(f"The API key {made.name} (id {made.id}) is made; it is {'above' if str(to) == '-' else f'in {to}'}.")
        err.print(
            f"[dim]Give it to Newsdex as NEWSDEX_ELASTICSEARCH_API_KEY; `DELETE _security/api_key` with id "
            f"{made.id} takes it back.[/]"
        )


def _write_secret(path: Path, secret: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
