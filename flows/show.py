"""How a report, facets, hits and an inspected article look on a terminal."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.terminal import out
from transforms.article import Article, Rejection, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.report import Report
    from search.queries import Facets, Hit, SearchResults

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
    """How the user can call `newsdex` from here, as typed."""
    program = Path(sys.argv[0])
    if shutil.which("newsdex"):
        return "newsdex"
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)


def report(done: Report) -> None:
    """The ledger of a run, its reasons, what was rejected and what to know of it."""
    table = Table(title=f"{done.read:,} inputs read", title_justify="left", title_style="bold", box=None, pad_edge=False)
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
    out.print(f"\n[dim]{done.seconds:.1f} s, {done.rate:.0f} inputs a second; processor seconds: {stages or 'under 0.1'}[/]")
    if done.without_model:
        missing = ", ".join(f"{language} ({count:,})" for language, count in done.without_model.items())
        out.print(f"[dim]No entity model for: {missing}. NEWSDEX_ENTITY_MODELS names one for a language.[/]")
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
        out.print(f"  [dim]… and {hidden:,} more: `{command()} rejected` lists them all[/]")


def facets(found: Facets, size: int) -> None:
    """The most frequent values of each facet, side by side."""
    out.print(f"\n[bold]{found.total:,} articles[/]")
    tables = []
    for facet in found.facets:
        if not facet.values:
            continue
        table = Table(title=facet.title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
        table.add_column("value", overflow="ellipsis", no_wrap=True, max_width=28)
        table.add_column("count", justify="right", style="dim")
        for value in facet.values[:size]:
            table.add_row(escape(str(value.value)), f"{value.count:,}")
        tables.append(table)
    out.print(Columns(tables, padding=(1, 4)))


def hits(found: SearchResults) -> None:
    """The articles that a search found, with what matched."""
    noun = "article" if found.total == 1 else "articles"
    out.print(f"\n[bold]{found.total:,} {noun}[/] [dim]in {found.took_ms} ms[/]")
    for note in found.notes:
        out.print(f"[yellow]{escape(note)}[/]")
    for hit in found.hits:
        out.print()
        _hit(hit)


def _hit(hit: Hit) -> None:
    article = hit.article
    when = f"{article.published_at:%Y-%m-%d}" if article.published_at else "no date"
    where = article.source.name or article.source.domain or "unknown source"
    out.print(marked(hit.title_highlight or article.title or article.body[:80], base="bold"))
    out.print(f"[dim]{escape(where)} · {when} · {article.language}"
              f"{f' · also in {article.copy_count} other places' if article.copy_count else ''}"
              f"{' · paywalled' if article.paywalled else ''}[/]")
    for fragment in hit.fragments:
        out.print(Text("  … ", "dim") + marked(fragment) + Text(" …", "dim"))
    if article.url:
        out.print(f"  [dim]{escape(article.url)}[/]", soft_wrap=True)
