"""Takes out of the article's element what is not its running text: labels, bylines and dates above, offers below."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsdex.tables import load_table
from newsdex.transforms.page.blocks import HEADINGS, Block, is_prose, words
from newsdex.transforms.page.container import elements_within, subtree_sums
from newsdex.transforms.page.teasers import without_teasers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from newsdex.transforms.page.declared.facts import Facts

MAX_LABEL_CHARS = 80
"""A label, byline or date line is shorter than this; a paragraph usually is not."""

MAX_OFFER_CHARS = 450
"""How long a paragraph at the end may be and still be dropped for how it begins (an offer, a note on the author)."""

MAX_OFFERS = 8
"""How many blocks at the end may be dropped for their wording: the rest is kept, whatever it says."""

LINKED_SENTENCE = 40
"""Characters outside of links with which a sentence that is mostly a link is still a sentence of the text."""

MOSTLY_DIGITS = 0.25
"""A short line with this share of digits is a line of dates, though it may end in a full stop ("2 min.")."""

MAX_ABOVE_TITLE = 8
"""How many short blocks above the title, inside of the article's element, may be left out with it."""

CORE_SHARE = 0.7
"""The share of the prose that the core element must hold: below it there is no one core."""

_CELLS = frozenset({"td", "th", "dt", "dd"})
"""Elements of a table, whose dates are its content."""

_ENDS = frozenset(".!?\uff01\uff1f。")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\Z")
_PLACEHOLDER = re.compile(r"\$\$\w{2,40}\$\$|%%\w{2,40}%%|\{\{[^{}]{1,60}\}\}")
"""What a program was to put something in the place of: "$$ARTICLEAD$$"."""
_MARKUP = re.compile(r"<[a-z!/][^<]*>|\[/?\w+[^\]]*=[^\]]*\]", re.IGNORECASE)
_DATE = re.compile(r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}年")
_ONLY_DATE = re.compile(
    r"(?=.*(?:\d{4}|\d:\d\d))[\d\s.,:/|–-]{6,30}(?:uhr|h|kl\.)?|(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:\s?\d{1,2}[:時]\d\d分?)?",
    re.IGNORECASE,
)
"""A line of digits alone, or a date in Japanese or Chinese: it stands above the link to another article."""

_SENTENCE_END = re.compile(r"[.!?…。\uff01\uff1f:;\"”»']\s*\Z")


def _phrases(group: str) -> re.Pattern[str]:
    rows = load_table(__file__, "phrases.toml")[group]
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows), re.IGNORECASE)


_LABEL, _OFFER, _MORE = _phrases("label"), _phrases("offer"), _phrases("more")
_CREDIT = _phrases("credit")
_EMBED = re.compile(_phrases("embed").pattern)
"""Searched for in lower case: ignoring case, it takes three times as long."""


_FILLER = re.compile(
    r"\b(?:lorem|ipsum|dolore?|amet|consectetur|adipisci(?:ng)?|elit|eiusmod|tempor|incididunt|labore|aliquam?|enim|minim"
    r"|veniam|quis|nostrud|exercitation|ullamco|laboris|nisi|aliquip|commodo|consequat|duis|aute|irure|reprehenderit"
    r"|voluptate|velit|esse|cillum|fugiat|nulla|pariatur|excepteur|sint|occaecat|cupidatat|proident|sunt|culpa|officia"
    r"|deserunt|mollit|anim|laborum|vestibulum|pellentesque|vivamus|curabitur|maecenas|phasellus|magna|sed|eget|nec)\b",
    re.IGNORECASE,
)
"""Words of the Latin-like text that printers and programs fill pages with, but for the short ones of true Latin."""

FILLER_SHARE = 0.4
"""A paragraph with this share of such words is filler: Lorem ipsum has 0.75, its source in Cicero 0.29, Caesar 0.02."""


def without_filler(text: str) -> str:
    """Return a text without its paragraphs of Lorem ipsum, which some paywalls show instead of the article's."""
    if "dolor" not in text and "pellentesque" not in text:
        return text
    return "\n\n".join(paragraph for paragraph in text.split("\n\n") if not _is_filler(paragraph))


def _is_filler(paragraph: str) -> bool:
    count = len(words(paragraph).split())
    return len(_FILLER.findall(paragraph)) >= max(4, FILLER_SHARE * count)


def trim(blocks: list[Block], facts: Facts) -> list[Block]:
    """Return the blocks that are running text, in order."""
    kept = _once(block for block in blocks if not block.suspects and not _is_noise(block))
    kept = without_teasers(kept, urlsplit(facts.canonical_url).netloc if facts.canonical_url else None)
    core = _core(kept)
    kept = [block for block, after in pairwise([*kept, None]) if block and not _is_link_line(block, after, core)]
    return _tail(_lead(kept, core, facts), core)


def _once(blocks: Iterable[Block]) -> list[Block]:
    """Leave out a paragraph that was there before: pages hold a text twice, for small and for large screens."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        if is_prose(block):
            if block.text in seen:
                continue
            seen.add(block.text)
        kept.append(block)
    return kept


def _is_noise(block: Block) -> bool:
    text = block.text
    if len(text) <= MAX_LABEL_CHARS and (
        _LABEL.fullmatch(text.strip(" :.…!»>|\u2013-*")) or (_CREDIT.fullmatch(text) and text[-1] not in _ENDS)
    ):
        return True
    if len(text) <= MAX_OFFER_CHARS and _EMBED.search(text.lower()):
        return True
    if _ONLY_DATE.fullmatch(text) and block.element.tag not in _CELLS:
        return True
    if text[0] in "$%{" and _PLACEHOLDER.fullmatch(text):
        return True
    return text[0] in "<[" and _MARKUP.match(text) is not None


def _core(blocks: list[Block]) -> frozenset[HtmlElement]:
    """Return the elements of the blocks in the smallest subtree that holds nearly all prose; empty without prose."""
    prose = [block for block in blocks if is_prose(block)]
    if not prose:
        return frozenset()
    root = prose[0].element.getroottree().getroot()
    held = subtree_sums(root, ((block.element, float(block.chars)) for block in prose))
    paragraphs = {block.element for block in prose}
    smallest = root
    while True:
        inner = [child for child in smallest if held.get(child, 0.0) >= CORE_SHARE * held[root]]
        if not inner or inner[0] in paragraphs:
            return frozenset(elements_within(blocks, [smallest]))
        smallest = inner[0]


def _is_link_line(block: Block, after: Block | None, core: frozenset[HtmlElement]) -> bool:
    """Tell whether a block is a link to elsewhere: more link than text, and neither prose nor a heading over prose."""
    if block.link_density <= 0.5 or is_prose(block):
        return False
    if block.element in core and block.chars - block.link_chars >= LINKED_SENTENCE and _SENTENCE_END.search(block.text):
        return False
    above_prose = after is not None and is_prose(after) and after.element.getparent() is block.element.getparent()
    return not (block.element.tag in HEADINGS and above_prose and block.element in core)


def _lead(blocks: list[Block], core: frozenset[HtmlElement], facts: Facts) -> list[Block]:
    """Drop title, summary, byline and dates above the first paragraph."""
    titles = {words(title) for title in (facts.title, facts.page_title, *facts.headings) if title}
    blocks = _below_the_title(blocks, titles)
    summary = words(facts.summary or "")
    kept: list[Block] = []
    for position, block in enumerate(blocks):
        plain = words(block.text)
        outside = block.element not in core
        if plain in titles or _ADDRESS.match(block.text) or (outside and len(plain) > 20 and plain in summary):
            continue
        if is_prose(block) and not (outside and block.element.tag in HEADINGS):
            return kept + blocks[position:]
        if outside and (block.chars < MAX_LABEL_CHARS or block.element.tag in HEADINGS):
            continue
        if block.chars < MAX_LABEL_CHARS and _is_line_of_facts(block.text):
            continue
        kept.append(block)
    # No paragraph at all: a few lines are better than none, but the title alone is no text.
    return kept or [block for block in blocks if words(block.text) not in titles]


def _below_the_title(blocks: list[Block], titles: set[str]) -> list[Block]:
    """Leave out what stands above the title: section, kicker, a first date line."""
    for position in range(min(len(blocks), MAX_ABOVE_TITLE), 0, -1):
        block = blocks[position - 1]
        if (block.element.tag in HEADINGS and words(block.text) in titles) and not any(
            map(is_prose, blocks[: position - 1])
        ):
            return blocks[position:]
    return blocks


def _is_line_of_facts(text: str) -> bool:
    return _DATE.search(text) is not None and (
        _SENTENCE_END.search(text) is None or sum(map(str.isdigit, text)) >= MOSTLY_DIGITS * len(text)
    )


def _tail(blocks: list[Block], core: frozenset[HtmlElement]) -> list[Block]:
    """Drop what follows the last paragraph: headings without text, lines outside the core, offers, legal lines."""
    end = _cut_at_more(blocks)
    offers = 0
    while end > 1 and offers < MAX_OFFERS:
        block = blocks[end - 1]
        if not is_prose(block) and (block.element.tag in HEADINGS or block.element not in core):
            end -= 1
        elif block.chars <= MAX_OFFER_CHARS and _OFFER.search(block.text):
            end -= 1
            offers += 1
        else:
            break
    return blocks[:end]


def _cut_at_more(blocks: list[Block]) -> int:
    """Return where a heading like "More stories" begins what is no longer this article; else the length."""
    last = len(blocks)
    for position in range(len(blocks) - 1, max(0, len(blocks) - 25), -1):
        block = blocks[position]
        if block.chars <= MAX_LABEL_CHARS and _MORE.match(block.text.strip()):
            last = position
    prose = sum(block.chars for block in blocks if is_prose(block))
    after = sum(block.chars for block in blocks[last:] if is_prose(block))
    return last if after <= 0.25 * prose else len(blocks)
