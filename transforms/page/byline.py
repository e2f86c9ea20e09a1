"""Find the byline that a page shows: for the many pages that declare no author, or declare their publisher as one."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from newsdex.tables import load_table
from newsdex.transforms.page.blocks import HEADINGS, Block, Suspicion, element_names, is_prose, suspicion
from newsdex.transforms.page.declared.metadata import squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

MAX_BYLINE_CHARS = 120
"""A longer element is a box about the author, or the whole page."""

MAX_MARKS = 200
"""How many marked elements of a page are looked at: a bound for hostile pages."""

MAX_PARTS = 40
"""How many parts of a marked element's text are read: a bound for hostile pages."""

NEAR = 8
"""How many blocks around the text's beginning and end may hold a line such as "By Jane Doe"."""

MAX_ABOVE = 6
"""How far up from a marked element its surroundings are looked at: teasers and boxes nest that deep."""

MAX_SIGNED = 4
"""How many lines above the first paragraph may come before the one with the author's name."""

_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’-]+(?: [^\W\d_][\w.'’-]*){1,3}")
_BETWEEN_NAMES = re.compile(r"\s*[/,&]\s*|\s+and\s+")

_NOT_A_NAME = re.compile(r"autho?r(?:ity|ize|is)|avatar|image|photo|bio\b|desc|follow|social|more-", re.IGNORECASE)


def _lines() -> re.Pattern[str]:
    rows = load_table(__file__, "phrases.toml")["byline"]
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows), re.IGNORECASE)


_LINE = _lines()


def shown(marked: Sequence[HtmlElement], blocks: Sequence[Block], kept: Sequence[Block]) -> tuple[str, ...]:
    """Return the bylines that a page shows, as written: marked elements first, else lines that begin with "By".

    Args:
        marked: The elements that are marked as the author's.
        blocks: All its blocks.
        kept: Those that are its text.
    """
    marks = sorted(_of_article(marked), key=lambda mark: not _is_link_or_property(mark))
    groups: dict[tuple[object, ...], list[str]] = {}
    for mark in marks:
        groups.setdefault((_grandparent(mark), mark.tag, mark.get("class")), []).append(_spaced(mark))
    return (*(" ; ".join(dict.fromkeys(names)) for names in groups.values()), *_written(blocks, kept), *_signed(kept))


def _is_link_or_property(mark: HtmlElement) -> bool:
    """Tell whether an element is marked by meaning, and so holds one name and nothing else."""
    return "author" in {mark.get("rel"), mark.get("itemprop")}


def _grandparent(element: HtmlElement) -> HtmlElement | None:
    parent = element.getparent()
    return parent.getparent() if parent is not None else None


def _of_article(marked: Sequence[HtmlElement]) -> list[HtmlElement]:
    """Return those marked elements that are short, and of the article and not of a teaser."""
    found: list[HtmlElement] = []
    for element in marked[:MAX_MARKS]:
        if _NOT_A_NAME.search(element_names(element)):
            continue
        text = _spaced(element)
        if 2 < len(text) <= MAX_BYLINE_CHARS and not _is_aside(element):
            found.append(element)
    return found


def _spaced(element: HtmlElement) -> str:
    """Return an element's text with a blank between its parts, which often stand in boxes of their own."""
    return squeeze(" ".join(islice(element.itertext(), MAX_PARTS)))


def _is_aside(element: HtmlElement) -> bool:
    """Tell whether an element stands in a list of other articles, the readers' comments or the frame of the page."""
    around = element
    for _ in range(MAX_ABOVE * 3):
        above = around.getparent()
        if above is None or above.tag in {"body", "main"}:
            return False
        around = above
        kind = suspicion(around, element_names(around))
        if kind is not None and kind[0] is not Suspicion.SOFT and kind[1] not in _HARMLESS:
            return True
    return False


_HARMLESS = frozenset({"form", "footer", "address", "hidden", "button", "social", "share", "header"})
"""Names that also stand around true bylines: a footer of the article, a `<address>`, a row with share buttons."""


def _written(blocks: Sequence[Block], kept: Sequence[Block]) -> list[str]:
    """Return the short lines around the text's beginning and end that begin like a byline."""
    if not kept:
        return []
    index = {id(block): place for place, block in enumerate(blocks)}
    first, last = index.get(id(kept[0]), 0), index.get(id(kept[-1]), len(blocks))
    places = (*blocks[max(0, first - NEAR) : first + 2][::-1], *blocks[max(first, last - 1) : last + 3])
    return [
        line
        for block in places
        if block.chars <= MAX_BYLINE_CHARS and block.element.tag not in HEADINGS
        for line in block.text.split("\n")
        if _LINE.match(line.strip())
    ][:1]


def _signed(kept: Sequence[Block]) -> list[str]:
    """Return the line in bold above the first paragraph that is names and nothing else."""
    for block in kept[:MAX_SIGNED]:
        if is_prose(block):
            break
        children = block.element.getchildren()
        is_bold = (
            block.element.tag == "p"
            and not (block.element.text or "").strip()
            and bool(children)
            and all(child.tag in {"strong", "b"} and not (child.tail or "").strip() for child in children)
        )
        if is_bold and all(_NAME.fullmatch(name.strip()) for name in _BETWEEN_NAMES.split(block.text)):
            return [block.text]
    return []
