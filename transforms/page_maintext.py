"""Finds the article's running text among a page's blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.page_blocks import HEADINGS, Block, Blocks

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from transforms.page_metadata import DateCandidate, Facts

LINK_COST = 3.0
BLOCK_COST = 5.0
LONG_ENOUGH = 80
SUSPECT_SHARE = 0.5


def weigh(blocks: list[Block]) -> None:
    for block in blocks:
        plain = block.chars - block.link_chars
        block.weight = (plain if block.chars >= LONG_ENOUGH else 0.2 * plain) - LINK_COST * block.link_chars - BLOCK_COST
        if block.suspect is not None:
            block.weight = min(0.0, block.weight) - 5


def release(blocks: list[Block]) -> None:
    total = 0
    held: dict[HtmlElement, int] = {}
    for block in blocks:
        if block.link_density < 0.3 and block.chars >= LONG_ENOUGH:
            total += block.chars
            if block.suspect is not None:
                held[block.suspect] = held.get(block.suspect, 0) + block.chars
    for element, chars in held.items():
        if chars > SUSPECT_SHARE * total:
            for block in blocks:
                if block.suspect is element:
                    block.suspect = None


def container(blocks: list[Block], root: HtmlElement, bodies: list[HtmlElement]) -> HtmlElement:
    sums: dict[HtmlElement, float] = {}
    good: dict[HtmlElement, int] = {}
    for block in blocks:
        element = block.element
        g = block.chars if block.suspect is None and block.chars >= LONG_ENOUGH and block.link_density < 0.4 else 0
        while element is not None:
            sums[element] = sums.get(element, 0.0) + block.weight
            good[element] = good.get(element, 0) + g
            if element is root:
                break
            element = element.getparent()
    best = max(sums, key=lambda e: sums[e])
    known = [b for b in bodies if good.get(b, 0) > 0]
    if known:
        top = max(known, key=lambda e: good[e])
        if good[top] >= 0.5 * good[best]:
            best = top
    return best


def main_text(root: HtmlElement, facts: Facts) -> tuple[list[Block], list[Block]]:
    walk = Blocks(root)
    blocks = walk.found
    if not blocks:
        return [], []
    release(blocks)
    weigh(blocks)
    best = container(blocks, root, walk.bodies)
    inside = set(best.iter())
    chosen = [b for b in blocks if b.element in inside]
    kept = []
    titles = {t.casefold() for t in (facts.title, facts.page_title, *facts.headings) if t}
    for b in chosen:
        if b.suspect is not None: continue
        if b.link_density > 0.5: continue
        if b.text.casefold() in titles and not any(k.chars>200 for k in kept): continue
        kept.append(b)
    while kept and (kept[-1].element.tag in HEADINGS):
        kept.pop()
    return blocks, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """The running text of a page, and what the search for it saw on the way."""

    text: str
    dates: tuple[DateCandidate, ...] = ()
    link_density: float = 0.0
    page_chars: int = 0
    password_fields: int = 0


def find(tree: HtmlElement, facts: Facts) -> MainText:
    """Return the running text of a page."""
    body = tree.find("body")
    root = tree if body is None else body
    passwords = len(root.xpath(".//input[@type='password']"))
    blocks, kept = main_text(root, facts)
    chars = sum(block.chars for block in blocks)
    return MainText(
        text="\n\n".join(block.text for block in kept),
        link_density=sum(block.link_chars for block in blocks) / chars if chars else 0.0,
        page_chars=chars,
        password_fields=passwords,
    )
