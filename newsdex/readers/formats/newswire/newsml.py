"""NewsML 1.2: the texts of a document, each with the lines and metadata of the components around it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.formats.newswire import nitf, status
from newsdex.readers.formats.newswire.newsml_g2 import MARKUP
from newsdex.readers.formats.newswire.tree import (
    BREAK,
    LANGUAGE,
    distinct,
    every,
    first,
    line,
    local,
    moment,
    paragraphs,
    with_dateline,
)
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions


def parts(root: _Element) -> list[Part]:
    """Return the articles of a document: one for each component that has a headline of its own and a text."""
    found: list[Part] = []
    for item in every(root, "newsitem"):
        components = [one for one in every(item, "newscomponent") if _lines(one) is not None and _text(one)]
        # A component within one that has a headline too is the article; the outer one only holds it.
        outer = {above for one in components for above in one.iterancestors()}
        inner = [one for one in components if one not in outer]
        found += (("item", partial(article, item, component)) for component in inner or [item])
    return found


def article(item: _Element, component: _Element, uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a component holds.

    Raises:
        ReadError: `withdrawn` or `no-text`, both filtered.
    """
    management = first(item, "newsmanagement")
    status.refuse_withdrawn(_formal(first(management, "status")))
    text = _text(component)
    status.refuse_empty(text)
    own = _lines(component)
    lines = own if own is not None else first(item, "newslines")
    created = moment(line(first(management, "firstcreated")))
    revised = moment(line(first(management, "thisrevisioncreated")))
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=with_dateline(_dateline(lines), text),
        title=line(first(lines, "headline")) or line(first(item, "hedline", "hl1")),
        summary=line(first(lines, "subheadline")),
        source=_source(item) or options.source,
        authors=distinct(nitf.BY.sub("", told) for one in every(lines, "byline") if (told := line(one)))
        or nitf.bylines(component),
        section=line(first(lines, "slugline")),
        keywords=distinct([*(line(one) for one in every(lines, "keywordline")), *_subjects(item)]),
        published=created or revised or moment(line(first(item, "dateid"))),
        modified=revised if created and revised != created else None,
        language=_formal(first(component, "language")) or _formal(first(item, "language")) or options.language,
    )


def _lines(component: _Element) -> _Element | None:
    """Return a component's own lines, where they have a headline."""
    own = next((child for child in component if local(child) == "newslines"), None)
    return own if own is not None and line(first(own, "headline")) else None


def _text(component: _Element) -> str:
    found = []
    for content in every(component, "datacontent"):
        inner = first(content, "body.content")
        if inner is None and len(content):
            inner = first(content, "body")
            inner = content if inner is None else inner
        raw = content.text or ""
        if inner is not None:
            found.append(paragraphs(inner))
        elif MARKUP.search(raw):
            found.append(raw.strip())
        else:
            found.append(BREAK.join(part.strip() for part in raw.split("\n\n") if part.strip()))
    # One text in several forms counts once.
    return max(found, key=len, default="")


def _dateline(lines: _Element | None) -> str | None:
    """Return a dateline that names a place; some agencies write the date alone."""
    told = line(first(lines, "dateline"))
    return told if told and not told[0].isdigit() else None


def _formal(element: _Element | None) -> str | None:
    return element.get("FormalName") if element is not None else None


def _source(item: _Element) -> str | None:
    for name in ("provider", "source"):
        party = first(item, "administrativemetadata", name, "party")
        if told := _formal(party):
            return told
    return line(first(item, "creditline")) or line(first(item, "providerid"))


def _subjects(item: _Element) -> list[str | None]:
    """Return what the item's own topics are called, in English where there are several languages."""
    found: list[str | None] = []
    for topic in every(item, "topic"):
        names = [one for one in every(topic, "description") if one.get("Variant", "Name") == "Name"]
        english = [one for one in names if (one.get(LANGUAGE) or "").startswith("en")]
        found.append(next((text for one in [*english, *names] if (text := line(one))), None))
    return found
