"""Collects what a page declares about itself (meta, JSON-LD, `<time>`, microdata) in one pass, before any choice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, cast

from lxml.etree import XPath, iterwalk

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Time:
    """A `<time>` element: its date, and the names that say which date it is."""

    written: str
    names: str
    """Class and itemprop, casefolded."""
    published: bool


@dataclass(slots=True)
class Raw:
    """What the pass over the tree collects."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    """Name, property, itemprop or http-equiv (casefolded) → contents."""
    itemprops: dict[str, list[str]] = field(default_factory=dict)
    """Microdata in the visible page: name (casefolded) → contents."""
    scripts: list[str] = field(default_factory=list)
    """JSON-LD, as written."""
    times: list[Time] = field(default_factory=list)
    """In document order."""
    headings: list[str] = field(default_factory=list)
    """Texts of the `<h1>` elements."""
    title: str | None = None
    """Text of `<title>`."""
    canonical: str | None = None
    language: str | None = None


MAX_FACT_CHARS = 5_000
"""A declared title, summary or name is cut here; the longest summary of 981 real pages has 3,131."""

MAX_OF_A_KIND = 50
"""How many values of one name are kept: a bound for hostile pages, far above what an article needs."""

MAX_STEPS = 400
"""How many elements' starts and ends of a heading or the like are read: a bound for hostile pages."""

_MARKED = XPath("//*[@itemprop and not(self::meta or self::time)]")
_ATTRIBUTES = ("property", "name", "itemprop", "http-equiv")
_ITEMPROPS = frozenset({"author", "datepublished", "datecreated"})
_PUBLISHED = re.compile(r"publi|entry-date|pubdate|dtreviewed")


def collect(tree: HtmlElement) -> Raw:
    """Read the head and the marked elements of a page."""
    raw = Raw(language=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    for element in tree.iter("meta", "link", "script", "time", "abbr", "h1", "title"):
        _COLLECTORS[element.tag](raw, element)
    for element in cast("list[HtmlElement]", _MARKED(tree)):
        _itemprop(raw, element)
    return raw


def squeeze(text: str) -> str:
    """Return a text on one line, cut at `MAX_FACT_CHARS`."""
    return " ".join(text[:MAX_FACT_CHARS].split())


def _add(values: dict[str, list[str]], name: str, value: str) -> None:
    held = values.setdefault(name.casefold().strip(), [])
    if len(held) < MAX_OF_A_KIND:
        held.append(value)


def _meta(raw: Raw, element: HtmlElement) -> None:
    if content := element.get("content", "").strip()[:MAX_FACT_CHARS]:
        for attribute in _ATTRIBUTES:
            if name := element.get(attribute):
                _add(raw.meta, name, content)


def _itemprop(raw: Raw, element: HtmlElement) -> None:
    name = element.get("itemprop", "").casefold()
    if name not in _ITEMPROPS or len(raw.itemprops.get(name, ())) >= MAX_OF_A_KIND:
        return
    written = element.get("content") or element.get("datetime") or text_of(element)
    if written:
        _add(raw.itemprops, name, squeeze(written))


def text_of(element: HtmlElement) -> str:
    """Return the text of a small element; of a large one only its beginning."""
    parts: list[str] = []
    for event, child in islice(iterwalk(element, events=("start", "end")), MAX_STEPS):
        part = child.text if event == "start" else child.tail if child is not element else None
        if part:
            parts.append(part)
    return squeeze("".join(parts))


def _script(raw: Raw, element: HtmlElement) -> None:
    if element.text and "ld+json" in element.get("type", "") and len(raw.scripts) < MAX_OF_A_KIND:
        raw.scripts.append(element.text)


def _time(raw: Raw, element: HtmlElement) -> None:
    if len(raw.times) >= MAX_OF_A_KIND:
        return
    names = f"{element.get('class', '')} {element.get('itemprop', '')}".casefold()
    published = element.get("pubdate") is not None or _PUBLISHED.search(names) is not None
    if element.tag == "abbr" and not published:
        return
    if written := element.get("datetime") or element.get("title") or text_of(element)[:100]:
        raw.times.append(Time(written.strip(), names, published))


def _link(raw: Raw, element: HtmlElement) -> None:
    if raw.canonical is None and element.get("rel", "").casefold() == "canonical":
        raw.canonical = element.get("href")


def _heading(raw: Raw, element: HtmlElement) -> None:
    if len(raw.headings) < MAX_OF_A_KIND and (text := text_of(element)):
        raw.headings.append(text)


def _title(raw: Raw, element: HtmlElement) -> None:
    raw.title = raw.title or text_of(element) or None


_COLLECTORS = {
    "meta": _meta, "link": _link, "script": _script, "time": _time, "abbr": _time, "h1": _heading, "title": _title,
}  # fmt: skip
