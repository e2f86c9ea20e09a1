"""How a report, facets, hits and an inspected article look on a terminal."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.columns import Columns
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from newsdex.flows.common.console import out
from newsdex.search.query.spelling import said
from newsdex.transforms.article import Article, EntityType, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsdex.commands.doctor import Check
    from newsdex.commands.inspect_inputs import Inspected
    from newsdex.flows.runs.report import Report
    from newsdex.search.results.facets import Facets, FacetValue
    from newsdex.search.results.highlights import Passage
    from newsdex.search.results.hits import Hit, SearchResults

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

FIELD_OF = {"published": "published_at", "address": "canonical_url"}
"""Rows of an inspected article that are called otherwise than the article's field."""

MATCH_STYLE = "bold yellow"

WHITESPACE = re.compile(r"\s+")

FACET_TITLES = {
    "person": "People",
    "organization": "Organisations",
    "place": "Places",
    "source": "Sources",
    "language": "Languages",
    "agency": "Agencies",
    "month": "Published",
    "date_mentioned": "Dates named",
}

BY_TIME = frozenset({"month"})
"""Facets in order of time: the latest values are shown."""

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
        return "python -m flows"
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
        out.print(f"  [dim]… and {hidden:,} more: `{command()} rejected` lists them all[/]")


def facets(found: Facets, size: int) -> None:
    """Print the most frequent values of each facet, side by side."""
    noun = "article" if found.total == 1 else "articles"
    out.print(f"\n[bold]{found.total:,} {noun}[/]")
    for note in found.notes:
        out.print(f"[yellow]{escape(note)}[/]", soft_wrap=True)
    tables = [
        _facet(title, values[-size:] if name in BY_TIME else values[:size])
        for name, title in FACET_TITLES.items()
        if (values := getattr(found, name))
    ]
    out.print(Columns(tables, padding=(1, 4)))
    if found.undated:
        out.print(f"[dim]{found.undated:,} without a publication date[/]")


def _facet(title: str, values: Sequence[FacetValue]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
    table.add_column("value", overflow="ellipsis", no_wrap=True, min_width=len(title) - 4, max_width=28)
    table.add_column("count", justify="right", style="dim")
    for value in values:
        table.add_row(escape(value.value), f"{value.count:,}")
    return table


def hits(found: SearchResults) -> None:
    """Print the articles that a search found, with what matched."""
    noun = "article" if found.total == 1 else "articles"
    out.print(f"\n[bold]{found.total:,} {noun}[/] [dim]in {found.took_ms} ms[/]")
    for note in (*found.notes, *([said(found.corrected)] if found.corrected else [])):
        out.print(f"[yellow]{escape(note)}[/]", soft_wrap=True)
    for hit in found.hits:
        out.print()
        _hit(hit)


def _hit(hit: Hit) -> None:
    when = f"{hit.published_at:%Y-%m-%d}" if hit.published_at else "no date"
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
    table.add_column("found in", style="dim")
    for name, value in _facts(article):
        if value:
            table.add_row(name, value, escape(item.provenance.get(FIELD_OF.get(name, name), "")))
    table.add_row("text", "", escape(item.provenance.get("body", "")))
    if item.field_map:
        table.add_row(
            "fields taken", escape(", ".join(f"{ours} ← {theirs}" for ours, theirs in item.field_map.items()))
        )
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
    for kind in EntityType:
        yield kind.value, Text(", ".join(getattr(article.entities, kind.value)), ENTITY_COLOURS[kind])
    yield "also written", escape(", ".join(article.entities.aliases))
    yield (
        "dates in the text",
        escape(", ".join(f"{mention.iso or '?'} “{mention.text}”" for mention in article.dates_mentioned)),
    )
    yield "cleaned by", escape(", ".join(article.cleaned))
    yield "words", f"{article.word_count:,}{', paywalled' if article.paywalled else ''}"
    yield "id", article.id


def _body(article: Article) -> Text:
    """Return the text, with the entities coloured where they stand."""
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
    """Print what the doctor found."""
    for check in found:
        mark = "[green]ok [/]" if check.ok else "[red]bad[/]"
        out.print(f"{mark} [bold]{check.name}[/]  {escape(check.finding)}", soft_wrap=True)


def what_next() -> None:
    """Print what a newcomer can type after the demonstration."""
    name = command()
    out.print("\n[bold]What next?[/]")
    for typed, why in (
        (f'{name} search "river" --language en', "search; see search --help for the filters"),
        (f"{name} facets --size 20", "who, what and where is in the index"),
        (f"{name} inspect samples/articles/text", "why an article came out as it did"),
        (f"{name} ingest FOLDER", "index your own articles"),
        (f"{name} node stop", "stop Elasticsearch; the index stays"),
    ):
        out.print(f"  {typed:<52} [dim]{why}[/]", soft_wrap=True)


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


def _with(value: str | None, provenance: str | None) -> str:
    return f"{value} ({provenance})" if value and provenance else value or ""
