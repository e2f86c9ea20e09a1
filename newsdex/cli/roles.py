"""The command `newsdex roles`: roles with the least that Newsdex needs, and API keys with them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path  # noqa: TC003  # typer reads the annotations at run time
from typing import Annotated

import typer

from newsdex.cli.common import Index, faults, print_json
from newsdex.flows.common.console import Bars, err, out
from newsdex.flows.config import settings
from newsdex.search.errors import SearchError
from newsdex.search.indices.naming import IndexNames
from newsdex.search.indices.roles import Kind, create_key, create_roles, role, role_name


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(roles)


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
