"""Finds the article's running text among a page's blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.page_blocks import LONG_ENOUGH, Block, Blocks, is_prose
from transforms.page_trim import trim

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from transforms.page_metadata import DateCandidate, Facts

LINK_COST = 1.0
BLOCK_COST = 5.0
KNOWN = 0.3


def weigh(blocks: list[Block]) -> None:
    for block in blocks:
        plain = block.chars - block.link_chars
        block.weight = (plain if plain >= LONG_ENOUGH else 0.2 * plain) - LINK_COST * block.link_chars - BLOCK_COST
        if block.suspects:
            block.weight = min(0.0, block.weight) - 5


def release(blocks: list[Block], hard: set[HtmlElement]) -> None:
    free = sum(b.chars for b in blocks if is_prose(b) and not b.suspects)
    held: dict[HtmlElement, int] = {}
    for block in blocks:
        if block.suspects and is_prose(block):
            for n, element in enumerate(block.suspects):
                held[element] = held.get(element, 0) + block.chars
                break
    for element, chars in sorted(held.items(), key=lambda i: -i[1]):
        limit = 0.2 if element in hard else 1.0
        if free < limit * chars and (element not in hard or free < 150):
            for block in blocks:
                if element in block.suspects:
                    block.suspects = tuple(s for s in block.suspects if s is not element)
            release(blocks, hard)
            return


def container(blocks: list[Block], root: HtmlElement, bodies: list[HtmlElement], articles: list[HtmlElement]) -> HtmlElement:
    sums: dict[HtmlElement, float] = {}
    good: dict[HtmlElement, int] = {}
    for block in blocks:
        element = block.element
        g = block.chars if not block.suspects and is_prose(block) else 0
        while element is not None:
            sums[element] = sums.get(element, 0.0) + block.weight
            good[element] = good.get(element, 0) + g
            if element is root:
                break
            element = element.getparent()
    best = max(sums, key=lambda e: sums[e])
    known = [b for b in bodies if good.get(b, 0) > 0]
    ranked = sorted((a for a in articles if good.get(a, 0) > 0), key=lambda e: -good[e])
    outer = [a for a in ranked if not any(p is not a and p in ranked for p in a.iterancestors("article"))]
    if outer and (len(outer) == 1 or good[outer[0]] > 2 * good[outer[1]]):
        known.insert(0, outer[0])
    if known:
        top = max(reversed(known), key=lambda e: good[e])
        parent = top.getparent()
        twins = sum(1 for k in known if k.getparent() is parent and good[k] > 0)
        if parent is not None and twins > 1 or (parent is not None and parent.getparent() is not None and sum(1 for k in known if k.getparent() is not None and k.getparent().getparent() is parent.getparent() and k.tag != 'article') > 1):
            top = parent if twins > 1 else parent.getparent()
        if good[top] >= KNOWN * good[best]:
            best = top
    return best


def nested(blocks, best, articles):
    inner = {}
    for a in articles:
        if a is not best and best in a.iterancestors():
            inner[a] = 0
    if not inner: return blocks
    own = []
    inside = set()
    for a in inner: inside.update(a.iter())
    own = [b for b in blocks if b.element not in inside]
    if sum(b.chars for b in own if is_prose(b) and not b.suspects) >= 250:
        return own
    return blocks


def main_text(root: HtmlElement, facts: Facts) -> tuple[list[Block], list[Block]]:
    walk = Blocks(root)
    blocks = walk.found
    if not blocks:
        return [], []
    release(blocks, walk.hard)
    weigh(blocks)
    best = container(blocks, root, walk.bodies, walk.articles)
    inside = set(best.iter())
    chosen = [b for b in blocks if b.element in inside]
    chosen = nested(chosen, best, walk.articles)
    return blocks, trim(chosen, facts)


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
