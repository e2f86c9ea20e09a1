"""The `newsdex` command. It reads the command line, calls one function of ours, and shows what comes back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from newsdex.cli import index as index_cli
from newsdex.cli import ledger as ledger_cli
from newsdex.cli import roles as roles_cli
from newsdex.cli import search as search_cli
from newsdex.cli.common import EXIT_FAILED, EXIT_REJECTED, Index, Json, faults, print_json
from newsdex.cli.kibana import kibana_app
from newsdex.flows.common.console import Bars, err, out
from newsdex.flows.config import settings
from newsdex.flows.config.choices import Duplicates, RunnerKind  # noqa: TC001  # typer reads the annotations at run time
from newsdex.flows.prepare.gc_tuning import relax_gc
from newsdex.readers.fetch_options import Pages  # likewise

WEB_PORT = 8260
"""No well-known service uses it."""

app = typer.Typer(
    name="newsdex",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn news articles into a clean, de-duplicated, faceted, searchable Elasticsearch index.",
    epilog="Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some inputs were rejected; 130 interrupted.",
)
node_app = typer.Typer(no_args_is_help=True, help="The Elasticsearch that Newsdex keeps for you.")
app.add_typer(node_app, name="node")
app.add_typer(kibana_app, name="kibana")

FieldMap = Annotated[
    list[str] | None, typer.Option("--map", metavar="OURS=THEIRS", help="For records: body=story_text, and the like.")
]
InputFormat = Annotated[
    str | None, typer.Option("--format", help="Format of the inputs, where their names do not tell: csv, feed, html, …")
]
LanguageHint = Annotated[
    str | None, typer.Option("--language", help="Language of articles that declare none: en, de, …")
]
FetchPages = Annotated[
    Pages | None,
    typer.Option("--pages", help="Of live feeds: fetch the pages that they link to.", case_sensitive=False),
]


@app.command()
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


@app.command()
def demo() -> None:
    """Show the whole way on the sample articles: ingest them, count the facets, search."""
    from newsdex.cli.demo import run_demo  # noqa: PLC0415  # Prefect takes seconds to import

    with faults(), Bars() as bars:
        run_demo(settings.load(elasticsearch_url=None), bars)


@app.command()
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
        from newsdex.cli.views import report as show  # noqa: PLC0415

        options: dict[str, Any] = {"input_format": input_format, "language": language, "pages": pages}
        for item in inspected(settings.load(), paths, limit=limit, field_map=_field_map(field_map), **options):
            rejected |= item.rejection is not None and item.rejection.result == "rejected"
            if as_json:
                print_json(item, line=True)
            else:
                show.inspected(item)
    if rejected:
        raise typer.Exit(EXIT_REJECTED)


@app.command()
def sources(*, index: Index = None, as_json: Json = False) -> None:
    """List the sources of newsdex.toml with their last run."""
    from newsdex.cli.sources import list_sources  # noqa: PLC0415  # the client takes 0.2 s to import

    with faults():
        list_sources(settings.load(index=index), as_json=as_json)


search_cli.register(app)
ledger_cli.register(app)


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
def replay(
    *,
    reason: Annotated[str | None, typer.Option(help="Only inputs left out for this reason, such as no-body.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many inputs at most, the oldest first.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Read inputs again that lie in the quarantine, after what was wrong with them has been mended."""
    from newsdex.commands.run_local import run_replay  # noqa: PLC0415  # Prefect takes seconds to import

    with faults():
        with Bars() as bars:
            done = run_replay(settings.load(), bars, reason=reason, at_most=limit)
        if done is None:
            out.print("Nothing to do: no such input lies in the quarantine.")
        elif as_json:
            print_json(done)
        else:
            from newsdex.cli.views import report as show  # noqa: PLC0415

            show.report(done)
    if done is not None and done.total.counts["rejected"]:
        raise typer.Exit(EXIT_REJECTED)


index_cli.register(app)
roles_cli.register(app)


@app.command()
def init() -> None:
    """Write .env for docker compose, with generated secrets; one that is there is checked and never changed."""
    from newsdex.commands.init_env import init_env  # noqa: PLC0415  # only here

    with faults():
        made = init_env(Path.cwd())
        out.print(f"{made.path} {'is written; keep it to yourself.' if made.created else 'is there and complete.'}")
        for sentence in made.ports_taken:
            err.print(f"[yellow]{sentence}[/]")


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


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Check this machine and the settings, and say what to mend."""
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
