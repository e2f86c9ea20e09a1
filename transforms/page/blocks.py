"""Cuts a page's tree into text blocks, each with what tells text from boilerplate: links, place, suspicious names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

_NAMES = load_table(__file__, "boilerplate.toml")

SKIPPED = frozenset(_NAMES["elements"]["skipped"])
"""Elements whose content is never running text."""

INLINE = frozenset(_NAMES["elements"]["inline"])
"""Elements that do not end a block. Unknown elements do."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(slots=True)
class Block:
    """A run of text between two block boundaries."""

    text: str
    """Whitespace squeezed; a line break that `<br>` makes is kept."""
    element: HtmlElement
    """The block element that the text stands in."""
    chars: int = 0
    """Length of the text, in characters of an alphabet (`length`)."""
    link_chars: int = 0
    """How much of the length is inside links."""
    suspects: tuple[HtmlElement, ...] = ()
    """The elements around it whose names are those of boilerplate, outermost first."""
    weight: float = 0.0

    @property
    def link_density(self) -> float:
        """Share of the text that is inside links, 0 to 1."""
        return self.link_chars / self.chars if self.chars else 0.0


WIDE_CHARS = 2.3
"""How many characters of an alphabet one of Chinese, Japanese or Korean stands for, so that a bound means as much text:
news sentences of NTREX-128 are 2.9 times shorter in Chinese than in English, 2.2 in Japanese and 1.8 in Korean."""

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def length(text: str) -> int:
    """Return how long a text is, in characters of an alphabet, whatever its script."""
    if text.isascii() or not _WIDE.search(text):
        return len(text)
    return round(len(text) + (WIDE_CHARS - 1) * sum(map(len, _WIDE.findall(text))))


MAX_BLOCKS = 30_000
"""Where the walk stops, so that a hostile page ends in bounded time: the largest of 981 real pages has 2,737."""

MAX_NAME_CHARS = 300
"""How much of a class is looked at: style systems that name every property write long ones, but the telling name is
among the first."""

NAMES_KEPT = 16_384
"""How many names' verdicts are remembered: a site uses the same few hundred on all its pages."""

LONG_ENOUGH = 80
"""Characters of plain text from which a block is taken for prose. Shorter ones are mostly labels and link texts."""


def is_prose(block: Block) -> bool:
    """Return whether a block is a paragraph of running text by its own looks."""
    return block.chars - block.link_chars >= LONG_ENOUGH


_WORDS = re.compile(r"\w+")


def words(text: str) -> str:
    """Return the words of a text, casefolded: what is compared where two texts may differ in punctuation."""
    return " ".join(_WORDS.findall(text.casefold()))


_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_PARAGRAPHS = re.compile(r"\n{2,}")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PAYWALLED = re.compile(r"paywall(?:ed)?[-_]*(?:content|text|body|article)|(?:content|text|body|article)[-_]*paywall")
_ROLES = frozenset(_NAMES["elements"]["roles"])


class Suspicion(IntEnum):
    """How surely an element is boilerplate, by its name."""

    SOFT = 1
    """It often is: freed if it holds most of the page's prose."""
    HARD = 2
    """It nearly always is: freed if there is next to no prose elsewhere."""
    FIRM = 3
    """It is never the article: freed only if there is no prose elsewhere."""


Reason = tuple[Suspicion, str]
"""How surely an element is suspect, and for which name."""


_WORD_START = r"(?:^|[\s_-])"


def _suspicious_names(level: Suspicion) -> tuple[re.Pattern[str], ...]:
    """Return what finds the names of one level: anywhere, and at the start of a word.

    They are two patterns, since a regex all of whose branches begin with a letter skips what cannot begin one.
    """
    named = [p for group in _NAMES["names"] if group["level"] == level.name.lower() for p in group["patterns"]]
    starting = [pattern.removeprefix(_WORD_START) for pattern in named if pattern.startswith(_WORD_START)]
    anywhere = [pattern for pattern in named if not pattern.startswith(_WORD_START)]
    both = ("|".join(anywhere), f"{_WORD_START}(?:{'|'.join(starting)})" if starting else "")
    return tuple(re.compile(pattern) for pattern in both if pattern)


_PATTERNS = tuple((pattern, level) for level in reversed(Suspicion) for pattern in _suspicious_names(level))
_POST = re.compile(r"(?:^|\s)(?:post-\d+|hentry|type-post|node-article)(?:$|\s)")
_POSTING = re.compile(r"twitter-(?:tweet|video)|instagram-media|tiktok-embed|bluesky-embed|mastodon-embed")
"""Quoted postings, as the networks' own embedding code marks them: part of the text, whatever stands around them."""

_HOLDERS = frozenset({"div", "section", "article", "main", "td", "span"})
_NEVER_BY_NAME = frozenset({"main", "article", "body", "html", "table", "tr", "tbody", "h1"})
_BODY = re.compile("|".join(_NAMES["body"]["patterns"]))
SLUG_HYPHENS = 5
"""An id with so many hyphens is a headline ("ten-outfits-that-promoted-the-film"), and names no kind of element."""

_ALWAYS_SUSPECT = frozenset(_NAMES["elements"]["suspect"])
"""Elements that are not running text, except on a page so broken (an unclosed one) that they hold all of it."""


class Blocks:
    """Walks a tree once and collects its blocks in document order."""

    def __init__(self, root: HtmlElement) -> None:
        self.found: list[Block] = []
        self._parts: list[str] = []
        self._link_chars = 0
        self._suspects: tuple[HtmlElement, ...] = ()
        self.reasons: dict[HtmlElement, Reason] = {}
        self.articles: list[HtmlElement] = []
        self.bodies: list[HtmlElement] = []
        self.bylines: list[HtmlElement] = []
        self._around_main = _around([*root.iter("main")][:3], itself=True)
        self._around_heading = _around(islice(root.iter("h1"), 1))
        self._walk(root, root, in_link=False)
        self._flush(root)

    def _flush(self, element: HtmlElement) -> None:
        if not self._parts:
            return
        text = "".join(self._parts)
        self._parts.clear()
        link_chars, self._link_chars = self._link_chars, 0
        if "\n" not in text:
            if line := " ".join(text.split()):
                self._add_block(line, element, min(len(line), link_chars))
            return
        lines = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()
        for paragraph in _PARAGRAPHS.split(lines) if lines else ():
            share = round(link_chars * len(paragraph) / len(lines))
            self._add_block(paragraph, element, min(len(paragraph), share))

    def _add_block(self, text: str, element: HtmlElement, link_chars: int) -> None:
        chars = length(text)
        share = link_chars if chars == len(text) else round(link_chars * chars / len(text))
        self.found.append(Block(text, element, chars, share, self._suspects))

    def _walk(self, element: HtmlElement, block: HtmlElement, *, in_link: bool) -> None:
        """Add the text inside `element`. libxml2 bounds the depth, so this recursion is bounded too."""
        self._add(element.text, in_link=in_link)
        for child in element:
            if len(self.found) >= MAX_BLOCKS:
                return
            tag = child.tag
            if tag == "br":
                self._parts.append("\n")
            elif tag == "a":
                if child.get("rel") == "author":
                    self.bylines.append(child)
                self._walk(child, block, in_link=not child.get("name") or child.get("href") is not None)
            elif tag in INLINE and not self._is_suspect_inline(child):
                self._walk(child, block, in_link=in_link)
            elif tag not in SKIPPED:
                self._block(child, block, in_link=in_link)
            self._add(child.tail, in_link=in_link)

    def _add(self, text: str | None, *, in_link: bool) -> None:
        if text:
            self._parts.append(text.replace("\n", " "))
            if in_link:
                self._link_chars += len(text.strip())

    def _is_suspect_inline(self, child: HtmlElement) -> bool:
        if child.tag != "span" or not child.keys():
            return False
        names = element_names(child)
        if "author" in names or "byline" in names:
            self.bylines.append(child)
        return bool(suspicion(child, names))

    def _block(self, child: HtmlElement, parent: HtmlElement, *, in_link: bool) -> None:
        self._flush(parent)
        outer = self._suspects
        attributes = child.keys()  # asking once for all names is quicker than for the value of each
        names = element_names(child) if attributes else ""
        tag = child.tag
        if "author" in names or "byline" in names:
            self.bylines.append(child)
        if tag == "article":
            self.articles.append(child)
        is_body = "itemprop" in attributes and child.get("itemprop") == "articleBody"
        if is_body or (tag in _HOLDERS and _names_a_body(names)):
            if not outer:
                self.bodies.append(child)
        elif tag == "blockquote" and _POSTING.search(names):
            self._suspects = ()
        elif kind := self._suspicion(child, names):
            self._suspects = (*outer, child)
            self.reasons[child] = kind
        self._walk(child, child, in_link=in_link)
        self._flush(child)
        self._suspects = outer

    def _suspicion(self, child: HtmlElement, names: str) -> Reason | None:
        kind = suspicion(child, names)
        if kind is None or child.tag in _ALWAYS_SUSPECT:
            return kind
        if child in self._around_main or (child in self._around_heading and kind[0] is Suspicion.HARD):
            return None  # what holds the page's heading or its <main> is a layout, however it is named
        return kind


def _around(marks: Iterable[HtmlElement], *, itself: bool = False) -> frozenset[HtmlElement]:
    """Return the elements around the given ones."""
    return frozenset(element for mark in marks for element in (*((mark,) if itself else ()), *mark.iterancestors()))


def element_names(element: HtmlElement) -> str:
    """Return class and id, casefolded, with a space between."""
    names, identifier = element.get("class", ""), element.get("id", "")
    if not names and not identifier:
        return ""
    named = "" if identifier.count("-") >= SLUG_HYPHENS else identifier[:MAX_NAME_CHARS]
    return f"{names[:MAX_NAME_CHARS]} {named}".casefold()


@lru_cache(maxsize=NAMES_KEPT)
def _names_a_body(names: str) -> bool:
    return bool(names) and _BODY.search(names) is not None


@lru_cache(maxsize=NAMES_KEPT)
def _suspicion_of_names(names: str) -> Reason | None:
    if _POST.search(names):
        return None
    for pattern, level in _PATTERNS:
        if found := pattern.search(names):
            return level, found[0].strip(" -_")
    return None


def suspicion(element: HtmlElement, names: str) -> Reason | None:
    """Return how surely an element is boilerplate, with the tag, name or role that says so; `None` if none does."""
    tag = element.tag
    if tag in _ALWAYS_SUSPECT:
        return Suspicion.FIRM, tag
    if tag == "form":  # some systems put the whole page into one
        return Suspicion.HARD, tag
    if names and tag not in _NEVER_BY_NAME and (reason := _suspicion_of_names(names)):
        return reason
    if "paywall" in names and (tag == "p" or _PAYWALLED.search(names)):
        return None  # the text, hidden until the reader signs in
    return _suspicion_of_attributes(element)


def _suspicion_of_attributes(element: HtmlElement) -> Reason | None:
    """Return whether an element is hidden, or has a role that is no article's."""
    attributes = element.keys()
    if not attributes:
        return None
    hidden = "hidden" in attributes or ("aria-hidden" in attributes and element.get("aria-hidden") == "true")
    if hidden or ("style" in attributes and _HIDDEN.search(element.get("style", ""))):
        return Suspicion.FIRM, "hidden"
    role = element.get("role", "") if "role" in attributes else ""
    return (Suspicion.HARD, role) if role in _ROLES else None
