"""What an input says about its article: from its record, its page or both, the record first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.transforms.page.extract import Page, extract
from newsdex.transforms.text.markup import strip_markup
from newsdex.transforms.text.repair import repair

if TYPE_CHECKING:
    from datetime import datetime

    from newsdex.transforms.article import RawArticle
    from newsdex.transforms.dates.candidate import DateCandidate

MAX_LINE_CHARS = 1_000
"""Titles, names and the like are cut here: the longest real title of 20,000 articles has under 300 characters."""

WHY_NOT = {
    "page-too-large": "The page is larger than a page with one article can be.",
    "page-too-deep": "The page's elements lie in each other over 256 deep, which no article needs: it was not read on.",
    "filler-text": "The page shows filler (Lorem ipsum) where its article should be, as some paywalls do.",
    "not-html": "The page is no HTML that can be read.",
    "no-main-text": "The page has no running text: a gallery, a video, a list of links or an application.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFacts:
    """The facts that one input declares, as text on one line each; the body not yet cleaned."""

    body: str
    title: str | None
    summary: str | None
    url: str | None
    canonical_url: str | None
    site_name: str | None
    """The paper's name as its page gives it."""
    authors: tuple[str, ...]
    """Declared."""
    bylines: tuple[str, ...]
    """Shown on the page, as written."""
    section: str | None
    keywords: tuple[str, ...]
    image_url: str | None
    language: str | None
    paywalled: bool
    dates: tuple[DateCandidate, ...]
    page: Page | None
    why_not: tuple[str, str] | None
    """Reason code and sentence, where there is no text to go on with."""


def declared_facts(raw: RawArticle, latest: datetime | None = None) -> DeclaredFacts:
    """Read the page, where the input is one, and put its facts behind those of the record.

    Args:
        raw: the input.
        latest: the latest moment that a date on a page can be true, where it is not known when the page was fetched.
    """
    page = None
    if raw.html is not None:
        page = extract(raw.html, url=raw.url, content_type=raw.content_type, latest=raw.fetched_at or latest)
    found = page or Page()
    body = found.body if page else raw.text or ""
    return DeclaredFacts(
        body=body,
        title=_line(raw.title) or _line(found.title),
        summary=_line(raw.summary) or _line(found.summary),
        url=raw.url or found.canonical_url,
        canonical_url=raw.canonical_url or found.canonical_url,
        site_name=_line(found.source),
        authors=raw.authors or found.authors,
        bylines=found.bylines,
        section=_line(raw.section) or _line(found.section),
        keywords=tuple(filter(None, map(_line, raw.keywords or found.keywords))),
        image_url=raw.image_url or found.image_url,
        language=raw.language or found.language,
        paywalled=found.is_accessible_for_free is False,
        dates=found.dates,
        page=page,
        why_not=(found.why_not, WHY_NOT[found.why_not]) if found.why_not else None,
    )


def _line(text: str | None) -> str | None:
    """Return a declared fact on one line, repaired; `None` where nothing is left."""
    if not text:
        return None
    return " ".join(repair(strip_markup(text[:MAX_LINE_CHARS])).split()) or None
