"""How one article looks on a terminal: as it would be indexed, or as the index has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from newsdex.cli.views.report import COLOURS, command, short_uri
from newsdex.flows.common.console import out
from newsdex.search.query.codes import country_name, language_name
from newsdex.transforms.article import Article, EntityType, Rejection, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsdex.commands.inspect_inputs import Inspected
    from newsdex.transforms.provenance import Others

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

COPIES_SHOWN = 5
"""Copies named with an article; `newsdex copies` has them all."""


def inspected(item: Inspected) -> None:
    """Print one input as it would be indexed."""
    out.rule(f"[dim]{escape(short_uri(item.input_uri))}[/]", align="left")
    if item.rejection is not None:
        _rejected(item.rejection)
    elif item.article is not None:
        further = [("text", escape(item.provenance.get("body", "")))]
        if item.field_map:
            taken = ", ".join(f"{ours} ← {theirs}" for ours, theirs in item.field_map.items())
            further.append(("fields taken", escape(taken)))
        _article(item.article, item.provenance, further)
        _others(item.others)


def indexed(article: Article) -> None:
    """Print one article of the index, with its copies and where it came from."""
    out.rule(f"[dim]{escape(article.url or article.id)}[/]", align="left")
    _article(article, {}, _history(article))
    if article.copy_count:
        out.print(f"[dim]How the copies differ: {command()} copies {article.id}[/]", soft_wrap=True)
    out.print(f"[dim]Articles like it: {command()} like {article.id}[/]", soft_wrap=True)


def _history(article: Article) -> Iterator[tuple[str, str]]:
    """Yield what the index knows of an article beside its text."""
    yield "country", escape(", ".join(country_name(code) for code in article.entities.country))
    yield "keywords", escape(", ".join(article.keywords))
    for number, copy in enumerate(article.copies[:COPIES_SHOWN]):
        when = f"{copy.published_at:%Y-%m-%d}" if copy.published_at else "no date"
        alike = f"{copy.similarity:.0%} alike"
        yield "" if number else "also in", escape(f"{copy.source or 'unknown source'}, {when}, {alike} ({copy.id})")
    if article.copy_count > min(len(article.copies), COPIES_SHOWN):
        yield "", f"… {article.copy_count:,} copies in all"
    if article.duplicate_of:
        alike = f", {article.similarity:.0%} alike" if article.similarity is not None else ""
        yield "a copy of", f"{article.duplicate_of}{alike}"
    yield "story", article.story_id or ""
    yield "read from", escape(short_uri(article.input_uri))
    if article.ingested_at:
        yield "indexed", f"{article.ingested_at:%Y-%m-%d %H:%M} UTC, by run {article.run_id or 'unknown'}"
    yield "pipeline", article.pipeline_version


def _article(article: Article, found_in: Mapping[str, str], further: Iterable[tuple[str, str]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column("field", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("found in", style="dim")
    for name, value in _facts(article):
        if value:
            table.add_row(name, value, escape(found_in.get(FIELD_OF.get(name, name), "")))
    for name, value in further:
        if value:
            table.add_row(name, value)
    out.print(table)
    out.print()
    out.print(_body(article), soft_wrap=True)
    out.print()


def _others(found: Mapping[str, Others]) -> None:
    """Print what else a page says of its fields, and why something else was taken."""
    if not found:
        return
    table = Table("field", "also found", "what decides", box=None, pad_edge=False, header_style="dim")
    for name, other in found.items():
        table.add_row(name, escape("\n".join(other.values)), escape(other.why))
    out.print(table)
    out.print()


def _facts(article: Article) -> Iterator[tuple[str, str | Text]]:
    yield "title", Text(article.title or "", "bold")
    yield "source", escape(_with(article.source.name or article.source.domain, article.source.provenance))
    yield "authors", escape(", ".join(article.authors))
    if article.published_at and article.published_at_precision and article.published_at_source:
        when = article.published_at.isoformat(" ", "minutes")
        yield "published", f"{when} (to the {article.published_at_precision}, from {article.published_at_source})"
    if article.published_on:
        yield "day", article.published_on.isoformat()
    if article.extraction_confidence is not None:
        yield "text from a page", f"right by {article.extraction_confidence:.0%}, as far as can be told"
    yield "language", f"{language_name(article.language)} ({article.language}, {article.language_confidence:.2f})"
    yield "address", escape(article.canonical_url or article.url or "")
    yield "section", escape(article.section or "")
    yield "agencies", escape(", ".join(article.agencies))
    for kind in EntityType:
        yield kind.value, Text(", ".join(getattr(article.entities, kind.value)), ENTITY_COLOURS[kind])
    yield "also written", escape(", ".join(article.entities.aliases))
    yield "quoted", escape(", ".join(article.speakers))
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


def _with(value: str | None, provenance: str | None) -> str:
    return f"{value} ({provenance})" if value and provenance else value or ""
