"""How a report, facets, hits and an inspected article look on a terminal."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.columns import Columns
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.terminal import out
from transforms.article import Article, EntityType, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flows.doctor import Check
    from flows.inspect import Inspected
    from flows.report import Report
    from search.queries import Facets, Hit, SearchResults

COLOURS = {
    Result.INDEXED: "green",
    Result.UNCHANGED: "cyan",
    Result.DUPLICATE: "blue",
    Result.FILTERED: "yellow",
    Result.REJECTED: "red",
}

ENTITY_COLOURS = {EntityType.PERSON: "green", EntityType.ORGANIZATION: "magenta", EntityType.PLACE: "cyan"}

GERUNDS = {
    Stage.READ: "reading",
    Stage.CLEAN: "cleaning",
    Stage.ENRICH: "enriching",
    Stage.DEDUPLICATE: "comparing",
    Stage.INDEX: "indexing",
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


def marked(text: str, base: str = "") -> Text:
    """A highlighted text: what matched stands out, and nothing in it is taken for markup."""
    shown = Text(style=base)
    for position, part in enumerate(text.replace(HIGHLIGHT_END, HIGHLIGHT_START).split(HIGHLIGHT_START)):
        shown.append(part, "bold yellow" if position % 2 else None)
    return shown


def inspected(item: Inspected) -> None:
    """One input as it would be indexed."""
    out.rule(f"[dim]{escape(short_uri(item.input_uri))}[/]", align="left")
    if item.rejection is not None:
        _rejected(item.rejection)
        return
    if item.article is None:
        return
    article = item.article
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column("field", style="dim", no_wrap=True)
    table.add_column("value")
    for name, value in _facts(article):
        if value:
            table.add_row(name, value)
    if item.field_map:
        table.add_row("fields taken", escape(", ".join(f"{ours} ← {theirs}" for ours, theirs in item.field_map.items())))
    out.print(table)
    out.print()
    out.print(_body(article), soft_wrap=True)
    out.print()


def _facts(article: Article) -> Iterator[tuple[str, str | Text]]:
    yield "title", Text(article.title or "", "bold")
    yield "source", escape(_with(article.source.name or article.source.domain, article.source.provenance))
    yield "authors", escape(", ".join(article.authors))
    if article.published_at and article.published_at_precision and article.published_at_source:
        when = article.published_at.isoformat(" ", "minutes")
        yield "published", f"{when} (to the {article.published_at_precision}, from {article.published_at_source})"
    yield "language", f"{article.language} ({article.language_confidence:.2f})"
    yield "address", escape(article.canonical_url or article.url or "")
    yield "section", escape(article.section or "")
    yield "agencies", escape(", ".join(article.agencies))
    for kind in ("person", "organization", "place"):
        yield kind, Text(", ".join(getattr(article.entities, kind)), ENTITY_COLOURS[kind])
    yield "also written", escape(", ".join(article.entities.aliases))
    yield "dates in the text", escape(", ".join(f"{mention.iso or '?'} “{mention.text}”" for mention in article.dates_mentioned))
    yield "cleaned by", escape(", ".join(article.cleaned))
    yield "words", f"{article.word_count:,}{', paywalled' if article.paywalled else ''}"
    yield "id", article.id


def _body(article: Article) -> Text:
    """The text, with the entities coloured where they stand."""
    body = Text(article.body)
    for mention in article.mentions:
        body.stylize(ENTITY_COLOURS[mention.type], mention.start, mention.end)
    return body


def _rejected(rejection: Rejection) -> None:
    colour = COLOURS[rejection.result]
    out.print(f"[{colour}]{rejection.result}[/] while {GERUNDS[rejection.stage]}: [{colour}]{rejection.reason}[/]")
    out.print(escape(rejection.detail), soft_wrap=True)
    out.print()


def checks(found: Sequence[Check]) -> None:
    """What the doctor found."""
    for check in found:
        mark = "[green]ok [/]" if check.ok else "[red]bad[/]"
        out.print(f"{mark} [bold]{check.name}[/]  {escape(check.finding)}", soft_wrap=True)


def what_next() -> None:
    """What a newcomer can type after the demonstration."""
    name = command()
    out.print("\n[bold]What next?[/]")
    for typed, why in (
        (f"{name} search \"council\" --language en", "search; see search --help for the filters"),
        (f"{name} facets --size 20", "who, what and where is in the index"),
        (f"{name} inspect samples/articles/text", "why an article came out as it did"),
        (f"{name} ingest FOLDER", "index your own articles"),
        (f"{name} node stop", "stop Elasticsearch; the index stays"),
    ):
        out.print(f"  {typed:<52} [dim]{why}[/]", soft_wrap=True)


def next_steps(done: Report) -> None:
    """What a person may want to do after a run."""
    if done.count(Result.INDEXED) or done.count(Result.UNCHANGED):
        out.print(f"[dim]Search it: {command()} search WORDS; count it: {command()} facets[/]")


def short_uri(uri: str) -> str:
    """An input's name as a person would say it: a path from here, where it lies below."""
    if not uri.startswith("file://"):
        return uri
    path, hash_sign, fragment = unquote(uri.removeprefix("file://")).partition("#")
    if Path(path).is_relative_to(Path.cwd()):
        path = str(Path(path).relative_to(Path.cwd()))
    return f"{path}{hash_sign}{fragment}"


def _with(value: str | None, provenance: str | None) -> str:
    return f"{value} ({provenance})" if value and provenance else value or ""
