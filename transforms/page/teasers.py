"""Find teasers of other articles among an article's blocks: a headline that is a link, and a line or two below it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsdex.transforms.page.blocks import HEADINGS, Block, is_prose

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MIN_TEASERS = 3
"""So many in a row are a list of other articles; one or two may be the author's own cross-references."""

MAX_TEASER_BLOCKS = 4
"""Blocks that one teaser has below its headline: section, date, author and one paragraph."""

MOSTLY_LINK = 0.9

Run = list[int]


def without_teasers(blocks: list[Block], site: str | None) -> list[Block]:
    """Return the blocks without runs of teasers, unless there is more prose in them than elsewhere.

    Args:
        blocks: The article's blocks, in order.
        site: The page's own host: a list of links to other sites is an article's own ("The ten best hotels").
    """
    starts = [place for place, block in enumerate(blocks) if _is_headline(block, site)]
    if len(starts) < MIN_TEASERS:
        return blocks
    dropped: set[int] = set()
    run: list[Run] = []
    for place, following in zip(starts, [*starts[1:], len(blocks)], strict=True):
        teaser = _teaser(blocks, place, following)
        if teaser is not None:
            run.append(teaser)
        if teaser is None or place + len(teaser) != following:
            dropped.update(_long_enough(run))
            run = []
    dropped.update(_long_enough(run))
    kept = [block for place, block in enumerate(blocks) if place not in dropped]
    inside = sum(blocks[place].chars for place in dropped if is_prose(blocks[place]))
    return kept if sum(block.chars for block in kept if is_prose(block)) > inside else blocks


def _long_enough(run: list[Run]) -> set[int]:
    return {place for teaser in run for place in teaser} if len(run) >= MIN_TEASERS else set()


def _teaser(blocks: list[Block], place: int, following: int) -> Run | None:
    """Return the places of one teaser's blocks; `None` where more than a teaser follows the headline."""
    prose = [other for other in range(place + 1, following) if is_prose(blocks[other])]
    if len(prose) > 1 and following < len(blocks):
        return None
    end = following if following < len(blocks) else (prose[0] + 1 if prose else place + 1)
    return list(range(place, end)) if 1 < end - place <= MAX_TEASER_BLOCKS else None


def is_linked_heading(block: Block) -> bool:
    """Tell whether a block is a heading that is a link."""
    return block.link_density >= MOSTLY_LINK and _in_heading(block.element)


def _is_headline(block: Block, site: str | None) -> bool:
    if not is_linked_heading(block):
        return False
    link = next(block.element.iter("a"), None)
    if link is None:
        link = next(block.element.iterancestors("a"), None)
    host = urlsplit((link.get("href") or "")[:500]).netloc if link is not None else ""
    return not host or host == site


def _in_heading(element: HtmlElement) -> bool:
    parent = element.getparent()
    return element.tag in HEADINGS or (parent is not None and parent.tag in HEADINGS)
