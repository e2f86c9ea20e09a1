"""`newsdex ingest --source …` and `newsdex sources`: configured sources, one run each, and how the last one went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rich.markup import escape
from rich.table import Table

from newsdex.cli.common import EXIT_FAILED, EXIT_REJECTED, print_json
from newsdex.cli.views import report as show
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.console import Bars, err, out
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.config.sources import by_name, configured
from newsdex.search.errors import SearchError
from newsdex.search.indices.manage import IndexNames
from newsdex.search.ledger.run_log import last_runs
from newsdex.search.node.node import NodeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsdex.flows.config.settings import Settings
    from newsdex.flows.config.sources import ConfiguredSource
    from newsdex.flows.runs.report import Report

NO_SOURCES = "newsdex.toml in this folder names no source: add a [[source]] with a name and a location."


class SourceRun(msgspec.Struct, frozen=True):
    """The last run of a source."""

    run_id: str
    status: str
    started_at: str
    finished_at: str | None
    counts: dict[str, int]
    error: str | None


class Listed(msgspec.Struct, frozen=True):
    """A source with its last run."""

    name: str
    locations: list[str]
    format: str | None
    mapping: dict[str, str]
    language: str | None
    licence: str | None
    publisher: str | None
    domain: str | None
    country: str | None
    pages: str | None
    schedule: str | None
    timezone: str | None
    select: str | None
    last_run: SourceRun | None
    last_run_unknown: str | None
    """Why it is not known whether there was a run; `None` where it is known."""


def ingest_sources(settings: Settings, names: Sequence[str], options: Mapping[str, Any], *, as_json: bool) -> int:
    """Run the sources of these names (all where none is given), one after the other; return the exit code.

    A source that fails does not keep the others from being read.

    Raises:
        SettingsError: newsdex.toml is wrong, or has no source of that name.
    """
    from newsdex.commands.run_local import run_ingest  # noqa: PLC0415  # Prefect takes seconds to import

    known = configured()
    chosen = [by_name(name, known) for name in dict.fromkeys(names)] or list(known)
    if not chosen:
        err.print(NO_SOURCES)
        return EXIT_FAILED
    reports: dict[str, Any] = {}
    code = 0
    for source in chosen:
        try:
            with Bars() as bars:
                done = run_ingest(settings, bars, [], source=source.name, **options)
        except Exception as error:
            said = error_sentence(error)
            if said is None:
                raise
            err.print(f"[bold red]newsdex:[/] source {escape(source.name)}: {escape(said)}", soft_wrap=True)
            reports[source.name] = {"error": said}
            code = EXIT_FAILED
            continue
        reports[source.name] = done
        if not as_json:
            _show(source, done)
        if done.total.counts["rejected"]:
            code = code or EXIT_REJECTED
    if as_json:
        print_json(reports)
    return code


def list_sources(settings: Settings, *, as_json: bool) -> None:
    """Print the sources with their last run.

    Raises:
        SettingsError: newsdex.toml is wrong.
    """
    found, unknown = listed(settings)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print(NO_SOURCES)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("source", "location", "format", "language", "licence", "last run"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(
            escape(one.name),
            escape("\n".join(one.locations)),
            one.format or "",
            one.language or "",
            escape(one.licence or ""),
            _last(one),
        )
    out.print(table)
    if unknown:
        out.print(f"[yellow]Last runs are not known: {escape(unknown)}[/]", soft_wrap=True)


def listed(settings: Settings) -> tuple[list[Listed], str | None]:
    """Return the sources with their last run, and why that is not known, where it is not."""
    known = configured()
    runs, unknown = _runs(settings, [source.declared_as for source in known]) if known else ({}, None)
    return [_listed(source, runs.get(source.declared_as), unknown) for source in known], unknown


def _listed(source: ConfiguredSource, run: Mapping[str, Any] | None, unknown: str | None) -> Listed:
    last = None
    if run is not None:
        last = SourceRun(
            run_id=run["run_id"],
            status=run["status"],
            started_at=run["started_at"],
            finished_at=run.get("finished_at"),
            counts=run.get("counts", {}),
            error=run.get("error"),
        )
    return Listed(
        name=source.name,
        locations=list(source.locations),
        format=source.format,
        mapping=dict(source.mapping),
        language=source.language,
        licence=source.licence,
        publisher=source.publisher,
        domain=source.domain,
        country=source.country,
        pages=source.pages,
        schedule=source.schedule,
        timezone=source.timezone,
        select=source.select,
        last_run=last,
        last_run_unknown=unknown,
    )


def _runs(settings: Settings, declared: Sequence[str]) -> tuple[dict[str, dict[str, Any]], str | None]:
    try:
        with Bars() as bars, open_client(settings, bars, start=False) as client:
            return last_runs(client, IndexNames(settings.index), declared), None
    except (NodeError, SearchError) as error:
        return {}, str(error)


def _last(one: Listed) -> str:
    if one.last_run is None:
        return "[dim]not known[/]" if one.last_run_unknown else "[dim]never[/]"
    run = one.last_run
    when = run.started_at[:16].replace("T", " ")
    counts = ", ".join(f"{count:,} {name}" for name, count in run.counts.items() if count and name != "read")
    colour = {"done": "green", "running": "cyan"}.get(run.status, "red")
    return f"[{colour}]{run.status}[/] {when} UTC" + (f"\n[dim]{counts}[/]" if counts else "")


def _show(source: ConfiguredSource, done: Report) -> None:
    out.rule(escape(source.name), align="left")
    show.report(done)
