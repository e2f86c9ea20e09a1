"""Tells pages and records that are no article, with a reason: error pages, bot checks, consent walls, section fronts….

Precision goes before recall: an article that is left out is lost, a notice that gets through is one odd document. So a
notice must be short enough to be nothing but a notice, and must speak to its reader. Of the 19,977 articles of
Article-Bias-Prediction none is left out.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsdex.tables import load_table
from newsdex.transforms.page.declared.jsonld import ARTICLE_TYPES

if TYPE_CHECKING:
    from newsdex.transforms.page.extract import Page

MAX_NOTICE_CHARS = 700
"""A body longer than this is not a notice, whatever it says, unless two wordings or the title say the same: notices are
a few lines long, while an article that quotes one goes on."""

MAX_WALL_CHARS = 2_000
"""With two kinds of wording of one notice, or with a title that says the same, a body may be as long as this."""

FRONT_LINK_DENSITY = 0.55
"""A section's page with this share of its text in links, and little running text, is a list. Alone it is no sign: of
981 pages with articles 122 are above it. So the address must be a section's, too."""

HOME_LINK_DENSITY = 0.35
"""The same for a site's first page, whose address says already what it is."""

MAX_SECTION_DEPTH = 3
"""How deep a section's address goes at most ("/news/world/europe")."""

MAX_FRONT_PROSE_SHARE = 0.25
"""The running text of a section front is at most this share of the page's text."""

MIN_GALLERY_CHARS = 120
"""A gallery or video with less text than this is pictures only."""

MIN_LINKED_HEADINGS = 8
"""So many headings that are links, and no paragraph of any length, are a list of teasers."""

MAX_TEASER_CHARS = 200
"""A paragraph longer than this is no teaser's. Of 1,116 pages with articles none has so many linked headings and no
longer paragraph; one has paragraphs of 214 characters at most."""

MIN_CONFIDENCE = 0.15
"""Below this a page's text is not its article. Of 1,116 pages of three benchmarks 3 are below: a line of links, a
waiting page and a site's front; none has an article that was found."""

MIN_PAGE_PROSE = 250
"""But only where the page has paragraphs that were not taken: a short report may be all that there is."""

MIN_LISTED = 3
"""So many linked headings on a page with an author's or a tag's address are what it lists."""

LIST_LINK_DENSITY = 0.3
"""Or this share of its text in links."""

MIN_LIST_DEPTH = 2
"""An author's or a tag's address has that word and a name behind it: "/tag/ferry"."""

MAX_NAME_HYPHENS = 3
"""A name in an address has no more hyphens than this; an article's, under "/archive/", has its headline."""

_OTHER_REASONS = frozenset({"page-too-deep", "page-too-large", "filler-text"})
"""What says better than "empty" why a page has no text."""

_MEDIA_KINDS = frozenset(
    {"imagegallery", "mediagallery", "videogallery", "videoobject", "video.other", "video", "gallery"}
)
_HOME_NAMES = frozenset({"index.html", "index.htm", "index.php", "home", "home.html"})
_SECTION_NAME = re.compile(r"[^\W\d_]{1,20}(?:[-_][^\W\d_]{1,20})?", re.IGNORECASE)
"""One or two words, no number: an article's address has more."""
_ARTICLE_KINDS = ARTICLE_TYPES | {"article"}
_NEWS_KINDS = ARTICLE_TYPES - {"article"}
"""What only an article declares itself to be: many systems have `og:type` "article" on every page."""
_SPACES = re.compile(r"\s+")
_SITE_NAME = re.compile(r"\s+[|·•»\u2013\u2014-]\s+[^|·•»\u2013\u2014-]{1,40}\Z")
_SITE_IN_FRONT = re.compile(r"\A[^|·•»:\u2013\u2014]{2,40}(?::|\s[|·•»\u2013\u2014-])\s+")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})

Reason = tuple[str, str]
"""A short stable code, and one sentence for a person."""


@cache
def _notices(where: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = load_table(__file__, "not_article.toml")["notice"]
    flags = (
        0 if where == "body" else re.IGNORECASE
    )  # bodies are searched in lower case, which takes a third of the time
    return tuple((row["reason"], re.compile(row["pattern"], flags)) for row in rows if row["where"] == where)


@cache
def _sentences() -> dict[str, str]:
    return {row["reason"]: row["text"] for row in load_table(__file__, "not_article.toml")["sentence"]}


def rejection_reason(
    page: Page | None = None, *, title: str | None, body: str, url: str | None = None
) -> Reason | None:
    """Return why this is no article, or `None` if it is one, or may be.

    Args:
        page: The page that it was extracted from, if it comes from one.
        title: The title, as declared or found.
        body: The cleaned text.
        url: Its address.
    """
    if found := _notice(title or "", body):
        return found, _sentences()[found]
    return _reason_of_page(page, title or "", body, url or page.canonical_url) if page else None


def _reason_of_page(page: Page, title: str, body: str, url: str | None) -> Reason | None:
    """Return what the build of a page tells."""
    kind = _kind_of_page(page, title, body, url)
    return (kind, _sentences()[kind]) if kind else None


def _kind_of_page(page: Page, title: str, body: str, url: str | None) -> str | None:
    short = len(body) < MIN_GALLERY_CHARS
    if _is_gallery(page, body):
        return "gallery-without-text"
    if page.password_fields and short and page.page_chars < MAX_WALL_CHARS:
        return "login-page"
    if _is_list_of_teasers(page) or _is_front(page, body, url):
        return "section-front"
    if kind := _about_the_site(page, title, url) or _list_by_address(page, body, url) or _declared_list(page):
        return kind
    if body and page.confidence < MIN_CONFIDENCE and page.page_prose >= MIN_PAGE_PROSE:
        return "no-article-text"
    is_empty = not body and page.page_chars < MIN_GALLERY_CHARS and page.why_not not in _OTHER_REASONS
    return "empty-page" if is_empty else None


def _notice(title: str, body: str) -> str | None:
    """Return the kind of notice that a text is."""
    if len(body) > MAX_WALL_CHARS:
        return None
    text = _plain(body)
    lower = text.lower()
    said = [kind for kind, pattern in _notices("body") if pattern.search(lower)]
    titled = _titled("title", title)
    if titled and (titled in said or len(text) <= MAX_NOTICE_CHARS):
        return titled
    if said and (len(text) <= MAX_NOTICE_CHARS or said.count(said[0]) > 1):
        return said[0]
    return None


def _titled(where: str, title: str) -> str | None:
    """Return the kind of page that a whole title names, the site's name before or behind it aside."""
    headline = _plain(title[:200])
    forms = {_SITE_NAME.sub("", headline).strip(" .!")}
    behind = _SITE_IN_FRONT.sub("", headline).strip(" .!")
    if where == "site-title" or " " in behind:  # "Referee: Forbidden" is news
        forms.add(behind)
    return next((kind for kind, pattern in _notices(where) if any(map(pattern.fullmatch, forms))), None)


def _about_the_site(page: Page, title: str, url: str | None) -> str | None:
    """Return the reason of a page that tells of its site: by title and address, or one of them and no other claim."""
    if page.kinds & _NEWS_KINDS:
        return None
    titled = _titled("site-title", title)
    segments = _segments(url)
    last = segments[-1].rpartition(".")[0] or segments[-1] if segments else ""
    addressed = next((kind for kind, pattern in _notices("address") if pattern.fullmatch(last)), None)
    if titled and addressed:
        return titled
    return None if page.kinds & _ARTICLE_KINDS else titled or addressed


def _list_by_address(page: Page, body: str, url: str | None) -> str | None:
    """Return the reason of a list of articles: one part of its address says whose or of what, and it is of links."""
    if page.kinds & _ARTICLE_KINDS:
        return None
    if page.linked_headings < MIN_LISTED and page.link_density < LIST_LINK_DENSITY and len(body) > MAX_NOTICE_CHARS:
        return None
    segments = _segments(url)
    while segments and (segments[-1].isdecimal() or segments[-1] in {"page", "seite", "p"}):  # "…/tag/ferry/page/2"
        segments.pop()
    if len(segments) < MIN_LIST_DEPTH or segments[-1].count("-") > MAX_NAME_HYPHENS:
        return None
    rows = (*_notices("author-address"), *_notices("list-address"))
    return next((kind for kind, pattern in rows if pattern.fullmatch(segments[-2])), None)


def _declared_list(page: Page) -> str | None:
    """Return the reason of a page that declares itself a profile, a list or a match, and no article."""
    if page.kinds & _ARTICLE_KINDS:
        return None
    if page.kinds & {"profilepage", "profile"}:
        return "author-page"
    if page.kinds & {"aboutpage", "contactpage"}:
        return "about-the-site"
    short = page.longest_paragraph <= MAX_TEASER_CHARS
    if page.kinds & {"collectionpage", "searchresultspage"} and (short or page.linked_headings >= MIN_LINKED_HEADINGS):
        return "section-front"
    return "live-scores" if "sportsevent" in page.kinds and short else None


def _segments(url: str | None) -> list[str]:
    return [segment.casefold() for segment in urlsplit(url or "").path.split("/") if segment]


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.translate(_QUOTES)).strip()


def _is_gallery(page: Page, body: str) -> bool:
    return bool(page.kinds & _MEDIA_KINDS) and not page.kinds & _ARTICLE_KINDS and len(body) < MIN_GALLERY_CHARS


def _is_list_of_teasers(page: Page) -> bool:
    """Tell a list of articles by its build: headings that are links, with a line or two below each."""
    return (
        page.linked_headings >= MIN_LINKED_HEADINGS
        and page.longest_paragraph <= MAX_TEASER_CHARS
        and not page.kinds & _ARTICLE_KINDS
    )


def _is_front(page: Page, body: str, url: str | None) -> bool:
    """Tell a list of articles: declared to be no article, at a section's address, links for the most part."""
    if url is None or page.kinds & _ARTICLE_KINDS or len(body) >= MAX_FRONT_PROSE_SHARE * page.page_chars:
        return False
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.query or len(segments) > MAX_SECTION_DEPTH:
        return False
    if all(segment in _HOME_NAMES for segment in segments):
        return page.link_density >= HOME_LINK_DENSITY
    return page.link_density >= FRONT_LINK_DENSITY and all(_SECTION_NAME.fullmatch(segment) for segment in segments)
