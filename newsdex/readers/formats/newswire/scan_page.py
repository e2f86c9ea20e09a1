"""Pages of scanned papers: ALTO (versions 2 to 4) and PAGE XML, one text a page; METS, which lists them, is no text."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.errors import ReadError
from newsdex.readers.formats.newswire.tree import BREAK, every, local
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions

MARGINS = frozenset(("topmargin", "bottommargin", "leftmargin", "rightmargin"))
"""Where ALTO keeps running heads and page numbers."""

PAGE_LEFT_OUT = frozenset(("advertisement", "header", "footer", "page-number", "signature-mark"))
"""Types of PAGE's regions that are none of the page's articles."""

HYPHENATED = re.compile(r"(?<=[^\W\d_])(?:[-¬⸗=]\n(?=[^\W\d_A-Z])|[¬⸗]\n)")
"""A word cut at a line's end: a hyphen counts only before a small letter, the signs that are nothing else always do."""

INDEX = (
    "This is the index of a scanned issue (METS), no text: its pages are read from the ALTO files that it names, "
    "one text a page."
)

EMPTY = (
    "This scanned page has no text: no character was recognised on it (OCR), or it holds advertisements and running "
    "heads alone."
)


def alto_parts(root: _Element) -> list[Part]:
    """Return the pages of an ALTO document."""
    return [("page", partial(_article, page, _alto_text)) for page in every(root, "page")]


def page_parts(root: _Element) -> list[Part]:
    """Return the pages of a PAGE XML document."""
    return [("page", partial(_article, page, _page_text)) for page in every(root, "page")]


def mets_parts(_root: _Element) -> list[Part]:
    """Return the one part of a METS document, which says that it is no text."""
    return [("index", _refuse_index)]


def _refuse_index(_uri: str, _options: ReadOptions) -> RawArticle:
    raise ReadError("not-an-article", INDEX, sound=True)


def _article(page: _Element, make: Callable[[_Element], str], uri: str, options: ReadOptions) -> RawArticle:
    text = make(page)
    if not text.strip():
        raise ReadError("no-text", EMPTY, sound=True)
    return RawArticle(input_uri=uri, origin=Origin.TEXT, text=text, source=options.source, language=options.language)


def _alto_text(page: _Element) -> str:
    blocks = (_alto_block(block) for block in every(page, "textblock") if not _is_aside(block))
    return BREAK.join(block for block in blocks if block)


def _is_aside(block: _Element) -> bool:
    """Return whether a block of ALTO lies in a margin or in an advertisement."""
    return any(
        local(place) in MARGINS or (place.get("TYPE") or "").lower().startswith("advert")
        for place in (block, *block.iterancestors())
    )


def _alto_block(block: _Element) -> str:
    words: list[str] = []
    cut = whole = False
    for element in every(block, "string", "hyp"):
        if local(element) == "hyp":
            cut = not whole
            continue
        content = (element.get("CONTENT") or "").strip()
        part, full = element.get("SUBS_TYPE"), (element.get("SUBS_CONTENT") or "").strip()
        if part == "HypPart2" and whole:
            whole = False
            continue
        whole = part == "HypPart1" and bool(full)
        if cut and words:
            words[-1] += content
        elif content or full:
            words.append(full if whole else content)
        cut = False
    return " ".join(words)


def _page_text(page: _Element) -> str:
    regions: dict[str, _Element] = {}
    for number, region in enumerate(every(page, "textregion")):
        name = region.get("id") or ""
        regions[name if name and name not in regions else f" {number}"] = region
    listed = [reference.get("regionRef") or "" for reference in _in_order(page)]
    order = dict.fromkeys([*(name for name in listed if name in regions), *regions])
    shown = (regions[name] for name in order if (regions[name].get("type") or "") not in PAGE_LEFT_OUT)
    blocks = ("\n".join(filter(None, map(_line, _lines(region)))) for region in shown)
    return BREAK.join(" ".join(HYPHENATED.sub("", block).split()) for block in blocks if block)


def _in_order(page: _Element) -> Iterator[_Element]:
    """Yield the references of the reading order; groups keep theirs, members of one go by their index."""
    for order in every(page, "readingorder"):
        for group in every(order, "orderedgroup", "orderedgroupindexed", "unorderedgroup", "unorderedgroupindexed"):
            members = [child for child in group if local(child) in {"regionrefindexed", "regionref"}]
            yield from sorted(members, key=_index)


def _index(member: _Element) -> int:
    index = member.get("index") or ""
    return int(index) if index.isdecimal() else 0


def _lines(region: _Element) -> list[_Element]:
    """Return the lines of a region itself, or the region where its text is not kept by lines."""
    return [child for child in region if local(child) == "textline"] or [region]


def _line(line: _Element) -> str:
    """Return the text of a line: of several readings the first."""
    readings = (child for child in line if local(child) == "textequiv")
    for reading in sorted(readings, key=_index):
        for text in every(reading, "unicode"):
            return (text.text or "").strip()
    return ""
