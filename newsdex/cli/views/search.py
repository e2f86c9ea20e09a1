"""How a timeline and suggestions look on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from newsdex.flows.common.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.search.results.autocomplete import Suggestion
    from newsdex.search.results.timeline import Timeline

BAR = 50
"""Characters of the longest bar."""


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
        table.add_row(escape(each.value), f"[dim]{each.facet}[/]", f"{each.count:,}")
    out.print(table)
