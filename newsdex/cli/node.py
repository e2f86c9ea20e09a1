"""`newsdex node`: the Elasticsearch that Newsdex keeps: start it, stop it, say where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from newsdex.cli.common import EXIT_FAILED, Json, faults, print_json
from newsdex.flows.common.console import Bars, out
from newsdex.flows.config import settings

node_app = typer.Typer(no_args_is_help=True, help="The Elasticsearch that Newsdex keeps for you.")


@node_app.command("start")
def node_start(*, as_json: Json = False) -> None:
    """Start Elasticsearch, fetching it first where it is missing; it goes on running."""
    from newsdex.search.node import node  # noqa: PLC0415

    with faults():
        with Bars() as bars:
            running = node.start(settings.load().node(), bars.step)
        _show_node(running, as_json=as_json)


@node_app.command("stop")
def node_stop() -> None:
    """Stop Elasticsearch; what it holds stays on disk."""
    from newsdex.search.node import node  # noqa: PLC0415

    with faults():
        out.print(
            "Elasticsearch is stopped." if node.stop(settings.load().node()) else "Elasticsearch was not running."
        )


@node_app.command("status")
def node_status(*, as_json: Json = False) -> None:
    """Say whether Elasticsearch runs, and where."""
    from newsdex.search.node import node  # noqa: PLC0415

    with faults():
        running = node.status(settings.load().node())
        if running is None:
            if as_json:
                out.print_json(data={"running": False})
            else:
                out.print("Elasticsearch is not running.")
            raise typer.Exit(EXIT_FAILED)
        _show_node(running, as_json=as_json)


def _show_node(running: Any, *, as_json: bool) -> None:  # noqa: ANN401  # newsdex.search.node.node is imported late
    if as_json:
        print_json(
            {
                "running": True,
                "url": running.url,
                "pid": running.pid,
                "version": running.version,
                "username": running.username,
                "data": str(running.data_dir),
            }
        )
        return
    out.print(f"Elasticsearch {running.version} runs at {running.url} (process {running.pid}).")
    out.print(f"[dim]User {running.username}; data and password lie in {Path(running.data_dir).parent}.[/]")
