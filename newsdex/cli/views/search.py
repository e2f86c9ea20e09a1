"""How hits, facets, a timeline and suggestions look on a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from newsdex.flows.common.console import out
from newsdex.search.query.facet_table import BY_NAME
from newsdex.search.query.spelling import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsdex.search.results.autocomplete import Suggestion
    from newsdex.search.results.facets import Facets, FacetValue
    from newsdex.search.results.highlights import Passage
    from newsdex.search.results.hits import Hit, SearchResults
    from newsdex.search.results.timeline import Timeline

MATCH_STYLE = "bold yellow"

WHITESPACE = re.compile(r"\s+")

BY_TIME = {"month": "Published", "year": "Published, by year"}
"""What is counted in order of time: the latest values are shown."""

SHOWN = (*BY_NAME, "month")
"""Facets that are shown unless others are asked for."""

BAR = 50
"""Characters of the longest bar."""


def hits(found: SearchResults) -> None:
    """Print the articles that a search found, with what matched."""
    noun = "article" if found.total == 1 else "articles"
    out.print(f"\n[bold]{found.total:,} {noun}[/] [dim]in {found.took_ms} ms[/]")
    for note in (*found.notes, *([said(found.corrected)] if found.corrected else [])):
        out.print(f"[yellow]{escape(note)}[/]", soft_wrap=True)
    for hit in found.hits:
        out.print()
        _hit(hit)
    if found.next_offset:
        out.print(
            f"\n[dim]More: the same with --offset {found.next_offset}; all: --export FILE.jsonl, .csv, .parquet[/]"
        )


def _hit(hit: Hit) -> None:
    when = f"{hit.published_on:%Y-%m-%d}" if hit.published_on else "no date"
    parts = [hit.source.name or hit.source.domain or "unknown source", when, hit.language]
    if hit.copy_count:
        parts.append(f"also in {hit.copy_count} other place{'s' if hit.copy_count > 1 else ''}")
    if hit.duplicate_of:
        parts.append("a copy")
    if hit.story_count > 1:
        parts.append(f"{hit.story_count:,} articles of this story match")
    if hit.paywalled:
        parts.append("paywalled")
    out.print(_marked(hit.title_passage, "bold") if hit.title_passage else Text(hit.title or "(no title)", "bold"))
    out.print(f"[dim]{escape(' · '.join(parts))}[/]")
    for passage in hit.passages:
        out.print(Text("  … ", "dim") + _marked(passage) + Text(" …", "dim"))
    if hit.url:
        out.print(f"  [dim]{escape(hit.url)}[/]", soft_wrap=True)


def _marked(passage: Passage, base: str = "") -> Text:
    """Return a passage in which what matched stands out; nothing in it is taken for markup."""
    shown = Text(style=base)
    for segment in passage.segments:
        shown.append(WHITESPACE.sub(" ", segment.text), MATCH_STYLE if segment.matched else None)
    return shown


def facets(found: Facets, size: int, over: Sequence[str] = ()) -> None:
    """Print the most frequent values of each facet (or of those of `over`), side by side."""
    noun = "article" if found.total == 1 else "articles"
    out.print(f"\n[bold]{found.total:,} {noun}[/]")
    for note in found.notes:
        out.print(f"[yellow]{escape(note)}[/]", soft_wrap=True)
    tables = [_facet(name, found.of(name), size) for name in over or SHOWN if found.of(name)]
    out.print(Columns(tables, padding=(1, 4)))
    if found.undated:
        out.print(f"[dim]{found.undated:,} without a date of publication[/]")


def _facet(name: str, values: Sequence[FacetValue], size: int) -> Table:
    title = BY_TIME.get(name) or BY_NAME[name].title
    label: Callable[[str], str] = str if name in BY_TIME else BY_NAME[name].label
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
    table.add_column("value", overflow="ellipsis", no_wrap=True, min_width=len(title) - 2, max_width=28)
    table.add_column("count", justify="right", style="dim")
    for value in values[-size:] if name in BY_TIME else values[:size]:
        table.add_row(escape(label(value.value)), f"{value.count:,}")
    return table


def timeline(found: Timeline | None) -> None:
    """One line a bar: its first day, its articles, and a bar as long as there are many."""
    if found is None:
        out.print("No article that matches has a date.")
        return
    highest = max(bar.count for bar in found.bars) or 1
    out.print(f"[bold]By {found.interval}[/]")
    for bar in found.bars:
        drawn = "█" * max(round(bar.count / highest * BAR), 1 if bar.count else 0)
        out.print(f"{bar.first}  {bar.count:>7,}  [red]{drawn}[/]")


def suggestions(found: Sequence[Suggestion]) -> None:
    """One line a name: what it is, and in how many articles."""
    if not found:
        out.print("No name begins so.")
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for each in found:
        table.add_row(escape(each.value), f"[dim]{BY_NAME[each.facet].noun}[/]", f"{each.count:,}")
    out.print(table)
