"""How runs, one run and the quarantine look on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from newsdex.cli.views.report import COLOURS, REASONS, command, short_uri
from newsdex.flows.common.console import out
from newsdex.search.ledger.excluded import LEFT_OUT
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from newsdex.search.ledger.excluded import LeftOut
    from newsdex.search.ledger.quarantine_records import QuarantineRecord, ReasonInQuarantine
    from newsdex.search.ledger.run_records import RecordPage, RunRecord

STATES = {"done": "green", "running": "cyan", "interrupted": "yellow", "failed": "red"}

PARTITIONS_SHOWN = 30
"""Partitions listed without `--all`: 15,000 articles, and what fits a screen."""

INPUTS_NAMED = 2
"""Locations named in the list of runs; the run itself shows all."""


def runs(found: RecordPage[RunRecord]) -> None:
    """Print the latest runs, one a line."""
    if not found.records:
        out.print(f"There has been no run yet: `{command()} ingest FOLDER` makes one.")
        return
    # Two lines a run: in a table of 80 columns there would be no room for the ids.
    for one in found.records:
        took = "" if one.seconds is None else f"{one.seconds:,.1f} s"
        head = f"[bold]{one.run_id}[/]  {_moment(one.started_at)} UTC  {_state(one.status)}  {took}"
        out.print(f"{head}  [dim]{escape(_inputs(one.inputs))}[/]", soft_wrap=True)
        results = ", ".join(f"{one.counts[name]:,} {name}" for name in Result if one.counts.get(name))
        out.print(f"    {one.counts.get('read', 0):,} read" + (f" = {results}" if results else ""), soft_wrap=True)
    if found.total > len(found.records):
        out.print(f"[dim]{found.total:,} in all: `--limit` lists more.[/]")
    out.print(f"[dim]What a run did not index, and why: {command()} runs show ID (or its beginning, or last)[/]")


def run(found: RunRecord, partitions: Iterable[RunRecord], *, everything: bool) -> None:
    """One run without its single inputs."""
    out.print(f"[bold]Run {found.run_id}[/]")
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    seconds = "" if found.seconds is None else f"{found.seconds:,.1f} s"
    stages = ", ".join(f"{name} {value:,.1f}" for name, value in found.stage_seconds.items() if value >= 0.05)
    for name, value in (
        ("state", _state(found.status)),
        ("what was wrong", escape(found.error or "")),
        ("started", f"{_moment(found.started_at)} UTC"),
        ("took", seconds),
        ("processor seconds", stages),
        ("inputs", escape("\n".join(short_uri(each) for each in found.inputs))),
        ("versions", ", ".join(f"{name} {value}" for name, value in sorted(found.versions.items()))),
        ("pipeline", escape(found.pipeline_version or "")),
        ("settings", escape(_settings(found.settings))),
    ):
        if value:
            facts.add_row(name, value)
    out.print(facts)
    _counts(found)
    _partitions(list(partitions), everything=everything)


def left_out(
    found: RunRecord, inputs: Iterable[LeftOut], *, result: str | None = None, reason: str | None = None
) -> None:
    """Print the inputs of a run that were not indexed, and why."""
    out.print("\n[bold]Not indexed, and why[/]")
    shown = 0
    for each in inputs:
        shown += 1
        out.print(_headline(each.result, each.reason, each.input_uri))
        survivor = f" It is kept under {each.duplicate_of}." if each.duplicate_of else ""
        out.print(f"    [dim]{escape(each.detail + survivor)}[/]", soft_wrap=True)
    expected = _expected(found, result, reason)
    if expected > shown:
        again = f"{command()} runs show {found.run_id}"
        out.print(f"  [dim]… and {expected - shown:,} more: `{again} --all` lists them all, `--json` as data[/]")
    if not shown:
        out.print(
            "  none" if not expected else "  [dim]An older version recorded this run: it kept only the counts.[/]"
        )
    elif any(found.counts.get(name) for name in (Result.REJECTED, Result.FILTERED)):
        out.print(f"[dim]Once what is wrong is fixed: {command()} replay --reason REASON[/]")


def reasons(found: Sequence[ReasonInQuarantine]) -> None:
    """Print the quarantine by reason, with an example each and what to type next."""
    if not found:
        out.print("Nothing lies in the quarantine.")
        return
    total = sum(each.count for each in found)
    out.print(f"[bold]{total:,} input{'' if total == 1 else 's'} in the quarantine[/]")
    for each in found:
        colour = COLOURS[Result(each.result)]
        out.print(f"\n[bold]{each.count:,}[/] [{colour}]{each.result}[/]: [{colour}]{escape(each.reason)}[/]")
        out.print(f"  such as {escape(short_uri(each.example.input_uri))}", soft_wrap=True)
        out.print(f"    [dim]{escape(each.example.detail)}[/]", soft_wrap=True)
        out.print(f"  [dim]list them: {command()} quarantine --reason {escape(each.reason)}[/]")
        out.print(f"  [dim]once fixed: {command()} replay --reason {escape(each.reason)}[/]")


def quarantined_inputs(
    found: Iterable[QuarantineRecord], counted: Sequence[ReasonInQuarantine], reason: str | None
) -> None:
    """Print the quarantine input by input."""
    shown = 0
    for each in found:
        shown += 1
        out.print(_headline(each.result, each.reason, each.input_uri))
        out.print(f"    [dim]{escape(each.detail)}[/]", soft_wrap=True)
    total = sum(each.count for each in counted if reason in (None, each.reason))
    chosen = f" --reason {reason}" if reason else ""
    if not shown:
        out.print(f"Nothing lies in the quarantine{f' for the reason {reason}' if reason else ''}.")
        return
    if total > shown:
        more = f"`{command()} quarantine{chosen} --all` lists them all, `--json` as data"
        out.print(f"  [dim]… and {total - shown:,} more: {more}[/]")
    out.print(f"[dim]Once what is wrong is fixed: {command()} replay{chosen}[/]")


def _counts(found: RunRecord) -> None:
    out.print(f"\n[bold]{found.counts.get('read', 0):,} inputs read[/]")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    for result in Result:
        why = ", ".join(
            f"{REASONS.get(code, code.replace('-', ' '))} ({count:,})"
            for code, count in found.reasons.get(result, {}).items()
        )
        table.add_row(f"{found.counts.get(result, 0):,}", Text(result.value, COLOURS[result]), escape(why))
    out.print(table)


def _partitions(partitions: Sequence[RunRecord], *, everything: bool) -> None:
    shown = partitions if everything else partitions[:PARTITIONS_SHOWN]
    if not shown:
        return
    out.print()
    table = Table(box=None, pad_edge=False)
    table.add_column("partition", overflow="fold")
    for name in ("read", *Result):
        table.add_column(name, justify="right", no_wrap=True)
    for each in shown:
        counts = [f"{each.counts[name]:,}" if each.counts.get(name) else "" for name in ("read", *Result)]
        table.add_row(escape(each.label or ""), *counts)
    out.print(table)
    if len(partitions) > len(shown):
        out.print(f"  [dim]… and {len(partitions) - len(shown):,} more: `--all` lists them[/]")


def _expected(found: RunRecord, result: str | None, reason: str | None) -> int:
    """Return how many inputs of a run were left out, of one result or reason where these are given."""
    return sum(
        count
        for each in LEFT_OUT
        if result in (None, each.value)
        for code, count in found.reasons.get(each, {}).items()
        if reason in (None, code)
    )


def _headline(result: str, reason: str, uri: str) -> Text:
    colour = COLOURS[Result(result)]
    return Text.assemble("  ", (result, colour), " ", (reason, f"bold {colour}"), f"  {short_uri(uri)}")


def _settings(told: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in told.items())


def _inputs(inputs: Sequence[str]) -> str:
    named = ", ".join(short_uri(each) for each in inputs[:INPUTS_NAMED])
    return named if len(inputs) <= INPUTS_NAMED else f"{named} and {len(inputs) - INPUTS_NAMED} more"


def _state(status: str) -> str:
    return f"[{STATES.get(status, 'red')}]{escape(status)}[/]"


def _moment(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}" if when else ""
