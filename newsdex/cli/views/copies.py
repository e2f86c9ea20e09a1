"""An article's copies on the terminal: how alike they are, and what differs, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from newsdex.flows.common.console import out
from newsdex.transforms.text.diff import Differences, differences

if TYPE_CHECKING:
    from newsdex.search.results.copies import ArticleWithCopies
    from newsdex.transforms.article import Article

STYLES = {"same": "", "removed": "red strike", "added": "green"}
SIGNS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
"""Around what differs, as `git diff --word-diff` writes it: colours alone are lost in a file or on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of an article first."""

    id: str
    title: str | None
    source: str | None
    url: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Told):
    """A copy beside the article that it repeats."""

    similarity: float | None
    title_changes: Differences
    changes: Differences | None
    """From the article's text to the copy's; `None` where the copy's text is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCopies(Told):
    """An article and its copies, each compared with it."""

    total: int
    """Copies in all."""
    copies: tuple[Compared, ...]


def compare(found: ArticleWithCopies) -> ComparedCopies:
    """Compare each copy's title and text with the article's."""
    first = found.survivor
    copies = tuple(_compared(first, copy) for copy in found.copies)
    return ComparedCopies(**_told(first), total=found.total, copies=copies)


def _compared(first: Article, copy: Article) -> Compared:
    return Compared(
        **_told(copy),
        similarity=copy.similarity,
        title_changes=differences(first.title or "", copy.title or ""),
        changes=differences(first.body, copy.body) if copy.body else None,
    )


def _told(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source.name,
        "url": article.url,
        "published_at": article.published_at,
    }


def show(found: ComparedCopies) -> None:
    """Print the article, then each copy with what differs."""
    out.print(Text(found.title or "(no title)", "bold"))
    _facts(found)
    if not found.copies:
        out.print("\nIt has no copies.")
        return
    noun = "copy" if found.total == 1 else "copies"
    shown = "" if len(found.copies) == found.total else f", of which {len(found.copies)} are shown"
    out.print(f"\n[bold]{found.total:,} {noun}[/]{shown}")
    for copy in found.copies:
        out.print()
        alike = "alike to an unknown degree" if copy.similarity is None else f"{copy.similarity:.0%} alike"
        out.print(f"[bold]{alike}[/]", end=" · ")
        _facts(copy)
        _changes(copy)


def _facts(told: Told) -> None:
    when = f"{told.published_at:%Y-%m-%d %H:%M}" if told.published_at else "no date"
    out.print(f"{escape(told.source or 'unknown source')} · {when} · [dim]id {told.id}[/]", soft_wrap=True)
    if told.url:
        out.print(f"  [dim]{escape(told.url)}[/]", soft_wrap=True)


def _changes(copy: Compared) -> None:
    if not copy.title_changes.equal:
        _print(copy.title_changes, "Title: ")
    if copy.changes is None:
        out.print("  [dim]Its text is not kept (duplicates: drop).[/]")
    elif copy.changes.equal:
        out.print("  [dim]The texts do not differ.[/]")
    else:
        noun = "word" if copy.changes.removed == 1 else "words"
        out.print(f"  [dim]{copy.changes.removed:,} {noun} taken out, {copy.changes.added:,} put in[/]")
        _print(copy.changes)


def _print(changes: Differences, head: str = "") -> None:
    for block in changes.blocks:
        if block.folded:
            count = len(block.paragraphs)
            out.print(f"  [dim]… {count} equal paragraph{'s' if count > 1 else ''} …[/]")
            continue
        for paragraph in block.paragraphs:
            line = Text(f"  {head}")
            for change in paragraph:
                before, after = SIGNS[change.kind]
                line.append(f"{before}{change.text}{after}", STYLES[change.kind])
            out.print(line)
    if changes.cut:
        out.print("  [dim]The texts are very long: only their beginnings were compared.[/]")
