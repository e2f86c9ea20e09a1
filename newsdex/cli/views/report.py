"""How the report of a run, and what to type next, look on a terminal."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from newsdex.flows.common.console import out
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.commands.doctor import Check
    from newsdex.flows.runs.report import Report

COLOURS = {
    Result.INDEXED: "green",
    Result.UNCHANGED: "cyan",
    Result.DUPLICATE: "blue",
    Result.FILTERED: "yellow",
    Result.REJECTED: "red",
}

PROBLEMS_SHOWN = 12
"""Rejected inputs listed after a run: what fits a screen together with the rest."""

REASONS = {
    "new": "new in the index",
    "updated": "newer version of an article that was there",
    "same-content": "already in the index",
    "same-input": "already in the index, input not changed",
    "exact-copy": "the same text as another article",
    "near-copy": "nearly the same text as another article",
    "older-version": "older version of an article at the same address",
    "same-article": "the same article twice in the input",
}
"""What the most frequent reason codes mean; the others read well as they are."""


def command() -> str:
    """Return how the user can call `newsdex` from here, as typed."""
    program = Path(sys.argv[0])
    if shutil.which("newsdex"):
        return "newsdex"
    if program.name == "__main__.py":
        return "python -m newsdex"
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)


def report(done: Report) -> None:
    """Print the ledger of a run, its reasons, what was rejected and what to know of it."""
    table = Table(
        title=f"{done.read:,} inputs read", title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    table.add_column("", justify="right")
    table.add_column("")
    table.add_column("why", style="dim")
    for result in Result:
        reasons = [each for each in done.reasons if each.result is result]
        why = ", ".join(_reason(each.reason, each.count, single=len(reasons) == 1) for each in reasons)
        table.add_row(f"{done.count(result):,}", Text(result.value, COLOURS[result]), why)
    out.print()
    out.print(table)
    _problems(done)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in done.stage_seconds.items() if seconds >= 0.05)
    out.print(
        f"\n[dim]{done.seconds:.1f} s, {done.rate:.0f} inputs a second; processor seconds: {stages or 'under 0.1'}[/]"
    )
    if done.without_model:
        missing = ", ".join(f"{language} ({count:,})" for language, count in done.without_model.items())
        out.print(f"[dim]No entity model for: {missing}. NEWSDEX_ENTITY_MODELS names one for a language.[/]")
    for sentence in done.coverage:
        out.print(f"[yellow]{escape(sentence)}[/]", soft_wrap=True)
    if done.reused:
        out.print(f"[dim]{done.reused} partitions had been prepared by an interrupted run and were picked up.[/]")


def _reason(code: str, count: int, *, single: bool) -> str:
    words = REASONS.get(code, code.replace("-", " "))
    return words if single else f"{words} ({count:,})"


def _problems(done: Report) -> None:
    if not done.problems:
        return
    out.print("\n[bold]Rejected[/]")
    for problem in done.problems[:PROBLEMS_SHOWN]:
        out.print(f"  [red]{problem.reason}[/]  {escape(short_uri(problem.input_uri))}")
        out.print(f"    [dim]{escape(problem.detail)}[/]", soft_wrap=True)
    hidden = done.count(Result.REJECTED) - min(len(done.problems), PROBLEMS_SHOWN)
    if hidden > 0:
        out.print(f"  [dim]… and {hidden:,} more: `{command()} quarantine` lists them all[/]")


def checks(found: Sequence[Check]) -> None:
    """Print what the doctor found."""
    for check in found:
        mark = "[green]ok [/]" if check.ok else "[red]bad[/]"
        out.print(f"{mark} [bold]{check.name}[/]  {escape(check.finding)}", soft_wrap=True)


def what_next(home: Path, index: str) -> None:
    """Print what a newcomer can type after the demonstration, whose samples lie in a home and an index of their own."""
    name = command()
    out.print("\n[bold]What next?[/]")
    for typed, why in (
        (f"{name} ingest FOLDER", "index your own articles; the samples stay apart from them"),
        (f"{name} inspect samples/articles/text", "why an article came out as it did"),
        (f"{name} demo --web", "look through the samples in your browser"),
        (f"{name} demo --remove", "remove the samples and their Elasticsearch"),
    ):
        out.print(f"  {typed:<52} [dim]{why}[/]", soft_wrap=True)
    variables = f"NEWSDEX_HOME={shlex.quote(str(home))} NEWSDEX_INDEX={index}"
    out.print(f"[dim]Or ask for the samples here: {variables} {name} search river[/]", soft_wrap=True)


def next_steps(done: Report) -> None:
    """Print what a person may want to do after a run."""
    if done.count(Result.INDEXED) or done.count(Result.UNCHANGED):
        out.print(f"[dim]Search it: {command()} search WORDS; count it: {command()} facets[/]")


def short_uri(uri: str) -> str:
    """Return an input's name as a person would say it: a path from here, where it lies below."""
    if not uri.startswith("file://"):
        return uri
    path, hash_sign, fragment = unquote(uri.removeprefix("file://")).partition("#")
    if Path(path).is_relative_to(Path.cwd()):
        path = str(Path(path).relative_to(Path.cwd()))
    return f"{path}{hash_sign}{fragment}"
