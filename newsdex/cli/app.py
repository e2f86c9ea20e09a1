"""The `newsdex` command. It reads the command line, calls one function of ours, and shows what comes back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from newsdex.cli import article as article_cli
from newsdex.cli import index as index_cli
from newsdex.cli import ingest as ingest_cli
from newsdex.cli import ledger as ledger_cli
from newsdex.cli import search as search_cli
from newsdex.cli.common import EXIT_FAILED, Index, Json, faults, print_json
from newsdex.cli.kibana import kibana_app
from newsdex.cli.node import node_app
from newsdex.flows.common.console import Bars, err, out
from newsdex.flows.config import settings
from newsdex.flows.prepare.gc_tuning import relax_gc

WEB_PORT = 8260
"""No well-known service uses it."""

app = typer.Typer(
    name="newsdex",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn news articles into a clean, de-duplicated, faceted, searchable Elasticsearch index.",
    epilog="Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some inputs were rejected; 130 interrupted.",
)
app.add_typer(node_app, name="node")
app.add_typer(kibana_app, name="kibana")

ingest_cli.register(app)
search_cli.register(app)
article_cli.register(app)
ledger_cli.register(app)
index_cli.register(app)


@app.command()
def web(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = WEB_PORT,
    index: Index = None,
) -> None:
    """Serve the search page on this machine until Ctrl-C."""
    from newsdex.commands.web import serve  # noqa: PLC0415  # only where a page is asked for

    with faults():
        serve(settings.load(index=index), port)


@app.command()
def serve(
    *,
    stop: Annotated[bool, typer.Option("--stop", help="End what an earlier `newsdex serve` started.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until Ctrl-C or SIGTERM, then end it: for containers and services.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run Prefect with its UI, a worker and the deployments in the background; safe to run twice."""
    from newsdex.cli.views.service import show_service  # noqa: PLC0415
    from newsdex.flows.service import serve as service  # noqa: PLC0415  # only here

    with faults():
        if stop:
            ended = service.stop(settings.load())
            out.print("Prefect and its worker are stopped." if ended else "Prefect was not running.")
            return
        told = service.told_to_end() if wait else None
        with Bars() as bars:
            running = service.serve(settings.load(), bars)
        if as_json:
            print_json(running)
        else:
            show_service(running)
        if told is not None:
            service.wait(settings.load(), told)


@app.command()
def init() -> None:
    """Write .env for docker compose, with generated secrets; one that is there is checked and never changed."""
    from newsdex.commands.init_env import init_env  # noqa: PLC0415  # only here

    with faults():
        made = init_env(Path.cwd())
        out.print(f"{made.path} {'is written; keep it to yourself.' if made.created else 'is there and complete.'}")
        for sentence in made.ports_taken:
            err.print(f"[yellow]{sentence}[/]")


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Check this machine and the settings, and say what to fix."""
    from newsdex.commands import doctor as checks  # noqa: PLC0415

    with faults():
        found = checks.examine(settings.load())
        if as_json:
            print_json(found)
        else:
            from newsdex.cli.views import report as show  # noqa: PLC0415

            show.checks(found)
    if not all(check.ok for check in found):
        raise typer.Exit(EXIT_FAILED)


@app.callback(invoke_without_command=True)
def main_options(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False
) -> None:
    """Options of the program itself."""
    if show_version:
        out.print(f"newsdex {version('newsdex')}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    relax_gc()
    app()
