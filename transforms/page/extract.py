"""A web page becomes an article's text and the facts that the page declares about it, each with its provenance.

The page is parsed once, by lxml. beautifulsoup4 would build a second tree, of Python objects: on the 181 pages of the
extraction benchmark that alone takes longer than everything here (`benchmarks/extraction.py` prints both).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import htmldate

from newsdex.transforms.dates import url_date
from newsdex.transforms.dates.candidate import DateCandidate, Provenance
from newsdex.transforms.page import byline, dateline, main_text, teasers
from newsdex.transforms.page import tree as page_tree
from newsdex.transforms.page.blocks import length
from newsdex.transforms.page.decide import decide
from newsdex.transforms.page.declared import facts as declared
from newsdex.transforms.page.declared import metadata
from newsdex.transforms.page.declared.title import plain_name
from newsdex.transforms.page.trim import without_filler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

    from newsdex.transforms.page.declared.facts import Facts, Found
    from newsdex.transforms.page.main_text import MainText

__all__ = ["Page", "extract"]

MAX_SEARCHED_CHARS = 500_000
"""No date is searched for in the markup of a page with more text than this: no article has it, and it takes seconds."""

_ADDRESS = re.compile(r"www\.|://|@")
"""What a name has that is a site's: "Deutsche Welle (www.dw.com)"."""

_NO_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says: text and declared facts. Strings are as found, with their whitespace squeezed."""

    body: str = ""
    """The running text, paragraphs separated by a blank line; without title, byline, captions and lists of links."""
    confidence: float = 0.0
    """How likely `body` is the page's article: the F1 to be expected, 0 to 1."""
    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    """Raw: may hold "By", titles and places."""
    bylines: tuple[str, ...] = ()
    """What the page shows as its byline, as written."""
    source: str | None = None
    """The paper's name as the page gives it."""
    canonical_url: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    language: str | None = None
    """Declared: a hint."""
    dates: tuple[DateCandidate, ...] = ()
    """Candidates for the publication date: what `published.find` takes."""
    is_accessible_for_free: bool | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    """Name of a field above → where its value was found, for every field that has one."""
    others: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
    """Name of a field above → what else was found for it, and where, the more trusted first."""
    kinds: frozenset[str] = frozenset()
    """Declared kinds of the page, casefolded: schema.org types and `og:type` ("newsarticle", "website"…)."""
    link_density: float = 0.0
    """Share of the whole page's text that is inside links, 0 to 1: high on a section front."""
    page_chars: int = 0
    """Characters of text on the whole page, boilerplate included."""
    linked_headings: int = 0
    """How many headings are links: one for each teaser of a section front."""
    longest_paragraph: int = 0
    """Characters of the longest paragraph of `body`."""
    page_prose: int = 0
    """Characters of the page's paragraphs that are no boilerplate by their name."""
    password_fields: int = 0
    """How many password fields the page has: one or more on a login page."""
    why_not: str | None = None
    """Why `body` is empty: `not-html`, `page-too-large`, `page-too-deep`, `filler-text` or `no-main-text`."""


def extract(
    html: bytes | str, *, url: str | None = None, content_type: str | None = None, latest: datetime | None = None
) -> Page:
    """Return the main text and the declared facts of a page.

    Args:
        html: The page; bytes when its encoding is still to be found out.
        url: Where the page was fetched: makes relative addresses absolute.
        content_type: The HTTP header's value, which may name the encoding.
        latest: When the page was fetched, or another latest moment that a date on it can be true.

    Returns:
        The page. Where there is no main text, `body` is empty and `why_not` says why. Never raises.
    """
    if len(html) > page_tree.MAX_PAGE_CHARS:
        return Page(why_not="page-too-large")
    tree, cut = page_tree.parse(page_tree.decode(html, content_type) if isinstance(html, bytes) else html)
    if tree is None:
        return Page(why_not="not-html")
    facts = declared.choose(metadata.collect(tree), url)
    root = page_tree.body(tree)
    passwords = sum(1 for field in root.iter("input") if field.get("type", "").casefold() == "password")
    main = main_text.find(root, facts)
    chosen = decide(main, facts, tree)
    text = without_filler(chosen.text)
    return Page(
        body=text,
        confidence=chosen.confidence,
        title=facts.title,
        summary=facts.summary,
        authors=facts.authors,
        bylines=facts.bylines
        if _names_a_person(facts)
        else facts.bylines + byline.shown(main.bylines, main.blocks, main.kept),
        source=facts.source,
        canonical_url=facts.canonical_url,
        section=facts.section,
        keywords=facts.keywords,
        image_url=facts.image_url,
        language=facts.language,
        dates=_dates(facts, main, tree, url, latest),
        is_accessible_for_free=facts.is_accessible_for_free,
        provenance=facts.provenance | ({"body": chosen.provenance} if text else {}),
        others=facts.others,
        kinds=facts.kinds,
        link_density=main.link_density,
        page_chars=main.page_chars,
        page_prose=chosen.page_prose,
        linked_headings=sum(map(teasers.is_linked_heading, main.blocks)),
        longest_paragraph=max(map(length, text.split("\n\n"))),
        password_fields=passwords,
        why_not=None if text else "filler-text" if chosen.text else "page-too-deep" if cut else "no-main-text",
    )


def _names_a_person(facts: Facts) -> bool:
    """Tell whether a page declares an author that is not its paper, so that no byline has to be looked for."""
    paper = plain_name(facts.source or "")
    return any(
        " " in name.strip() and not _ADDRESS.search(name) and not (paper and plain_name(name).startswith(paper))
        for name in facts.authors
    )


def _dates(
    facts: Facts, main: MainText, tree: HtmlElement, url: str | None, latest: datetime | None
) -> tuple[DateCandidate, ...]:
    """Return the declared dates and the shown one; where there is neither, what htmldate finds in the markup."""
    dates = facts.dates + dateline.visible(main.blocks, main.kept, facts, latest)
    if (url and url_date.find(url)) or any(date.by_name and not date.modified for date in dates):
        return dates
    if main.page_chars > MAX_SEARCHED_CHARS or any(date.provenance is Provenance.VISIBLE for date in dates):
        return dates
    # Last of all, since htmldate changes the tree.
    found = htmldate.find_date(tree, extensive_search=False, original_date=True, max_date=latest or _NO_LATEST)
    if found is None or found.endswith("-01-01"):  # what a lone year, such as that of a copyright, is made into
        return dates
    return (*dates, DateCandidate(text=found, provenance=Provenance.MARKUP, by_name=False))
