"""Finds the article's running text among a page's blocks: which element holds it, and which blocks of it are text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from newsdex.transforms.page.blocks import LONG_ENOUGH, Block, Blocks, Reason, Suspicion, is_prose
from newsdex.transforms.page.container import container, elements_within
from newsdex.transforms.page.trim import trim

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newsdex.transforms.page.declared.facts import Facts

LINK_COST = 1.0
"""What a character of link text costs an element, in characters of prose. From 0.5 to 3 the result is the same."""

BLOCK_COST = 5.0
"""What each block costs, so that of two elements with the same prose the one with fewer labels is chosen."""

SHORT_SHARE = 0.2
"""The share of its length that a block too short for prose counts: tables and lists are worth something."""

HARD_SHARE = 0.2
"""Boilerplate that is certain by its name is taken for text only if what else there is has less than this share of its
length: then it is the name that is wrong."""

ENOUGH_ELSEWHERE = 150
"""Characters of prose outside that are enough to leave certain boilerplate alone: a short article under 50 comments."""

MAX_RELEASES = 8
"""How many elements may be freed of their suspicion: wrong names nest two or three deep on real pages."""

SUBHEADINGS = frozenset({"h2", "h3", "h4"})
NEAR_PARAGRAPH = 6
"""So many blocks before a subheading a paragraph is looked for: a picture with caption and credit stands between."""

OWN_PROSE = 250
"""Characters of its own prose with which an `<article>` stands without the `<article>`s inside of it (other articles,
that the page goes on with)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """The running text of a page, and what the search for it saw on the way."""

    text: str
    """Paragraphs separated by a blank line."""
    blocks: list[Block] = field(default_factory=list)
    """All blocks of the page, in order."""
    kept: list[Block] = field(default_factory=list)
    """Those of them that are the text."""
    link_density: float = 0.0
    page_chars: int = 0
    bylines: list[HtmlElement] = field(default_factory=list)
    """Elements that are marked as the author's."""


def find(root: HtmlElement, facts: Facts) -> MainText:
    """Return the running text of a page; empty where there is none."""
    walk = Blocks(root)
    blocks = walk.found
    if not blocks:
        return MainText(text="")
    _release(blocks, walk.reasons)
    _release_subheadings(blocks)
    return replace(choose(blocks, root, facts, walk.bodies, walk.articles), bylines=walk.bylines)


def choose(
    blocks: list[Block],
    root: HtmlElement,
    facts: Facts,
    bodies: list[HtmlElement] | None = None,
    articles: list[HtmlElement] | None = None,
) -> MainText:
    """Return the running text among a page's blocks.

    Args:
        blocks: All of them, in order.
        root: What they stand in.
        facts: What the page declares.
        bodies: The elements that are named to hold an article's text.
        articles: The `<article>` elements.
    """
    _weigh(blocks)
    best = container(blocks, root, bodies or [], articles or [], facts)
    inside = elements_within(blocks, [best])
    chosen = [block for block in blocks if block.element in inside]
    kept = trim(_without_nested(chosen, best), facts)
    chars = sum(block.chars for block in blocks)
    return MainText(
        text="\n\n".join(block.text for block in kept),
        blocks=blocks,
        kept=kept,
        link_density=sum(block.link_chars for block in blocks) / chars,
        page_chars=chars,
    )


def _weigh(blocks: list[Block]) -> None:
    for block in blocks:
        plain = block.chars - block.link_chars
        worth = plain if plain >= LONG_ENOUGH else SHORT_SHARE * plain
        block.weight = worth - LINK_COST * block.link_chars - BLOCK_COST
        if block.suspects:
            block.weight = min(0.0, block.weight) - BLOCK_COST


def _release(blocks: list[Block], reasons: dict[HtmlElement, Reason]) -> None:
    """Free elements of a suspicion where otherwise hardly any prose would be left: names are not always true.

    Elements that are suspect for the same name are freed together, since a text may be cut into many of them.
    """
    for _ in range(MAX_RELEASES):
        free = 0
        held: dict[Reason, int] = {}
        for block in blocks:
            if not is_prose(block):
                continue
            if block.suspects:
                reason = reasons[block.suspects[0]]
                held[reason] = held.get(reason, 0) + block.chars
            else:
                free += block.chars
        wrong = [reason for reason, chars in held.items() if _is_wrong(chars, free, reason[0])]
        if not wrong:
            return
        largest = max(wrong, key=lambda reason: held[reason])
        for block in blocks:
            if block.suspects and reasons[block.suspects[0]] == largest:
                block.suspects = block.suspects[1:]


def _release_subheadings(blocks: list[Block]) -> None:
    """Free a heading of the suspicion of its own name ("widget-title") where it stands between paragraphs."""
    for position, block in enumerate(blocks):
        if block.element.tag not in SUBHEADINGS or block.suspects != (block.element,):
            continue
        before, after = blocks[max(0, position - NEAR_PARAGRAPH) : position], blocks[position + 1 : position + 2]
        if all(any(is_prose(other) and not other.suspects for other in around) for around in (before, after)):
            block.suspects = ()


def _is_wrong(chars: int, free: int, level: Suspicion) -> bool:
    if level is Suspicion.SOFT:
        return free < chars
    return free < HARD_SHARE * chars and (level is Suspicion.HARD or free < ENOUGH_ELSEWHERE)


def _without_nested(blocks: list[Block], best: HtmlElement) -> list[Block]:
    """Leave out the articles inside of the article, if it has enough text of its own."""
    inner = [article for article in best.iter("article") if article is not best]
    if not inner:
        return blocks
    inside = elements_within(blocks, inner)
    own = [block for block in blocks if block.element not in inside]
    own_prose = sum(block.chars for block in own if is_prose(block) and not block.suspects)
    prose = sum(block.chars for block in blocks if is_prose(block) and not block.suspects)
    needed = OWN_PROSE if best.tag == "article" else prose / 2
    return own if own_prose >= needed else blocks
