"""Collects the facts that a page declares about its article, each with its provenance, in one pass over the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from transforms import page_jsonld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement


class Provenance(StrEnum):
    """Where in a page a fact was found. The order is the order of trust."""

    JSON_LD = "json-ld"
    MICRODATA = "microdata"
    OPENGRAPH = "opengraph"
    META = "meta"
    TIME = "time"
    LINK = "link"
    URL = "url"
    VISIBLE = "visible"
    MARKUP = "markup"
    """Somewhere in the markup, found by htmldate's heuristics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCandidate:
    """A date that a page names, as written, with where it stands."""

    text: str
    provenance: Provenance
    modified: bool = False
    """It is said to be the date of a change, not of the publication."""
    by_name: bool = True
    """It is marked as a publication date, not only as some date."""


@dataclass(slots=True)
class Raw:
    """What one pass over the tree collects, before any choice is made."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    """Name, property, itemprop or http-equiv (casefolded) → contents."""
    itemprops: dict[str, list[str]] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    times: list[tuple[str, bool, str]] = field(default_factory=list)
    """(date, marked as publication date, class) of `<time>` elements, in document order."""
    headings: list[str] = field(default_factory=list)
    title: str | None = None
    canonical: str | None = None
    language: str | None = None
    author_links: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page declares. `provenance` tells for each fact that was found where."""

    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    canonical_url: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    language: str | None = None
    is_accessible_for_free: bool | None = None
    dates: tuple[DateCandidate, ...] = ()
    provenance: dict[str, Provenance] = field(default_factory=dict)
    declared_body: str | None = None
    """JSON-LD's `articleBody`: used to check the main text, not as the text itself."""
    kinds: frozenset[str] = frozenset()
    """Declared kinds of the page, casefolded: JSON-LD types and `og:type`."""
    headings: tuple[str, ...] = ()
    """Texts of the `<h1>` elements."""
    page_title: str | None = None
    """The `<title>` as it is, with the name of the site."""


MAX_FACT_CHARS = 5_000
"""A declared title, summary or name is cut here; the longest real summaries stay under 2,000."""

_MAX_OF_A_KIND = 50
_ATTRIBUTES = ("property", "name", "itemprop", "http-equiv")


def collect(tree: HtmlElement) -> Raw:
    """Read head and marked elements of a page once."""
    raw = Raw(language=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    for element in tree.iter("meta", "link", "script", "time", "abbr", "h1", "title"):
        tag = element.tag
        if tag == "meta":
            _meta(raw, element)
        elif tag == "script":
            if "ld+json" in element.get("type", "") and element.text:
                raw.scripts.append(element.text)
        elif tag in ("time", "abbr"):
            _time(raw, element)
        elif tag == "link":
            if element.get("rel", "").casefold() == "canonical":
                raw.canonical = raw.canonical or element.get("href")
        elif tag == "h1":
            raw.headings.append(_squeeze(element.text_content()))
        elif raw.title is None:
            raw.title = _squeeze(element.text_content()) or None
    return raw


def _meta(raw: Raw, element: HtmlElement) -> None:
    content = element.get("content")
    if not content or not (content := content.strip()[:MAX_FACT_CHARS]):
        return
    for attribute in _ATTRIBUTES:
        if name := element.get(attribute):
            values = raw.meta.setdefault(name.casefold().strip(), [])
            if len(values) < _MAX_OF_A_KIND:
                values.append(content)


def _time(raw: Raw, element: HtmlElement) -> None:
    if len(raw.times) >= _MAX_OF_A_KIND:
        return
    names = f"{element.get('class', '')} {element.get('itemprop', '')}".casefold()
    written = element.get("datetime") or element.get("title") or _squeeze(element.text_content())[:100]
    named = element.get("pubdate") is not None or any(word in names for word in ("publi", "entry-date", "dtreviewed"))
    if written:
        raw.times.append((written, named, names))


def _squeeze(text: str) -> str:
    return " ".join(text[:MAX_FACT_CHARS].split())


# --- Choosing among what was collected ----------------------------------------------------------------------------

_META_FACTS: dict[str, tuple[tuple[Provenance, str], ...]] = {
    # fact → (provenance, name of the meta element), in the order of trust
    "title": (
        (Provenance.OPENGRAPH, "og:title"),
        (Provenance.META, "twitter:title"),
        (Provenance.META, "dc.title"),
        (Provenance.META, "parsely-title"),
        (Provenance.META, "headline"),
        (Provenance.META, "title"),
    ),
    "summary": (
        (Provenance.OPENGRAPH, "og:description"),
        (Provenance.META, "description"),
        (Provenance.META, "twitter:description"),
        (Provenance.META, "dc.description"),
    ),
    "source": (
        (Provenance.OPENGRAPH, "og:site_name"),
        (Provenance.META, "application-name"),
        (Provenance.META, "dc.publisher"),
        (Provenance.META, "citation_journal_title"),
    ),
    "section": (
        (Provenance.OPENGRAPH, "article:section"),
        (Provenance.META, "parsely-section"),
        (Provenance.META, "section"),
    ),
    "image_url": (
        (Provenance.OPENGRAPH, "og:image"),
        (Provenance.OPENGRAPH, "og:image:url"),
        (Provenance.META, "twitter:image"),
        (Provenance.META, "twitter:image:src"),
    ),
    "language": (
        (Provenance.OPENGRAPH, "og:locale"),
        (Provenance.META, "content-language"),
        (Provenance.META, "dc.language"),
    ),
    "canonical_url": ((Provenance.OPENGRAPH, "og:url"),),
}
_AUTHOR_NAMES = (
    "author", "article:author_name", "byl", "sailthru.author", "parsely-author", "dc.creator", "citation_author", "article:author"
)  # fmt: skip
_KEYWORD_NAMES = ("article:tag", "news_keywords", "keywords", "parsely-tags")
_JSON_FACTS = {
    "title": ("headline", "name"),
    "summary": ("description",),
    "source": ("publisher",),
    "section": ("articleSection",),
    "image_url": ("image", "thumbnailUrl"),
    "language": ("inLanguage",),
}


def choose(raw: Raw, url: str | None) -> Facts:
    """Return the facts of a page, each from the most trusted place that names it."""
    node = page_jsonld.article(raw.scripts, raw.canonical or url)
    chosen: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}

    def take(fact: str, value: Any, found_in: Provenance) -> None:  # noqa: ANN401
        if value and fact not in chosen:
            chosen[fact], provenance[fact] = value, found_in

    for fact, keys in _JSON_FACTS.items():
        for key in keys:
            take(fact, _clip(page_jsonld.text(node.get(key))), Provenance.JSON_LD)
    take("canonical_url", _web_address(raw.canonical, url), Provenance.LINK)
    for fact, names in _META_FACTS.items():
        for found_in, name in names:
            take(fact, next(iter(raw.meta.get(name, ())), None), found_in)
    take("authors", page_jsonld.texts(node.get("author")) or page_jsonld.texts(node.get("creator")), Provenance.JSON_LD)
    for name in _AUTHOR_NAMES:
        take("authors", tuple(v for v in raw.meta.get(name, ()) if "://" not in v), Provenance.META)
    take("keywords", _keywords(page_jsonld.texts(node.get("keywords"))), Provenance.JSON_LD)
    for name in _KEYWORD_NAMES:
        take("keywords", _keywords(raw.meta.get(name, ())), Provenance.META)
    take("title", next(filter(None, raw.headings), None), Provenance.VISIBLE)
    take("title", raw.title, Provenance.META)
    take("language", raw.language, Provenance.META)
    for fact in ("canonical_url", "image_url"):
        if fact in chosen:
            chosen[fact] = _web_address(chosen[fact], url)
            if chosen[fact] is None:
                del provenance[fact]
    _repair_title(raw, chosen, provenance)
    body = page_jsonld.text(node.get("articleBody"))
    return Facts(
        **chosen,
        is_accessible_for_free=page_jsonld.truth(node.get("isAccessibleForFree")),
        dates=tuple(_dates(raw, node)),
        provenance=provenance,
        declared_body=body,
        kinds=frozenset(page_jsonld.types(node) | {kind.casefold() for kind in raw.meta.get("og:type", ())}),
        headings=tuple(heading for heading in raw.headings if heading),
        page_title=raw.title,
    )


def _repair_title(raw: Raw, chosen: dict[str, Any], provenance: dict[str, Provenance]) -> None:
    """Put the page's heading in place of a declared title that is the same one, cut short or with the site's name.

    Declared titles are often cut to 110 characters (a rule of search engines) or end in " - The Paper".
    """
    title = chosen.get("title")
    if not title:
        return
    beginning = title.rstrip(" .…").casefold()
    for heading in raw.headings:
        found = heading.casefold()
        if found and found != title.casefold() and (
            (len(beginning) > 20 and found.startswith(beginning)) or (len(found) > 20 and title.casefold().startswith(found))
        ):
            chosen["title"], provenance["title"] = heading, Provenance.VISIBLE
            return


_TAGS = re.compile(r"<[^<>]{0,500}>")
_BREAKS = re.compile(r"\s*\n\s*|\s*<(?:/p|br\s*/?)>\s*", re.IGNORECASE)


def paragraphs(declared: str) -> str:
    """Return a declared text (`articleBody`), which may hold markup, as paragraphs separated by a blank line."""
    parts = (" ".join(_TAGS.sub(" ", part).split()) for part in _BREAKS.split(declared))
    return "\n\n".join(part for part in parts if part)


def _clip(text: str | None) -> str | None:
    return _squeeze(text) if text else None


def _keywords(values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    if len(values) == 1:
        values = values[0].replace(";", ",").split(",")
    return tuple(dict.fromkeys(word for value in values if (word := value.strip())))


def _web_address(address: str | None, base: str | None) -> str | None:
    """Return an absolute http(s) address, or `None` for anything else (`javascript:`, an empty or broken one)."""
    if not address:
        return None
    try:
        absolute = urljoin(base or "", address.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.netloc else None


# --- Dates --------------------------------------------------------------------------------------------------------

_DATE_NAMES = (
    (Provenance.OPENGRAPH, ("article:published_time", "og:published_time", "og:article:published_time", "bt:pubdate")),
    (
        Provenance.META,
        (
            "datepublished", "article.published", "date", "pubdate", "publishdate", "publish-date", "publish_date",
            "publication_date", "publicationdate", "dc.date.issued", "dcterms.date", "dcterms.issued", "dcterms.created",
            "dc.date.created", "dc.date", "dc.created", "sailthru.date", "parsely-pub-date", "ptime", "article.created",
            "article_date_original", "cxenseparse:recs:publishtime", "cxenseparse:pub-date", "citation_publication_date",
            "citation_date", "rnews:datepublished", "originalpublicationdate", "displaydate", "timestamp", "created",
            "datecreated", "releasedate", "date_published", "published-date", "published_date", "publisheddate",
            "content_create_date", "prism.publicationdate", "mediator_published_time", "shareaholic:article_published_time",
            "vr:published_time", "gentime", "bt:pubdate",
        ),
    ),
)  # fmt: skip
_MODIFIED_NAMES = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dc.date.modified",
    "dcterms.modified", "modified", "updated_time", "revised",
)  # fmt: skip


def _dates(raw: Raw, node: dict[str, Any]) -> Iterator[DateCandidate]:
    """Yield the dates that a page declares, the most trusted first."""
    for key in ("datePublished", "dateCreated", "uploadDate"):
        if found := page_jsonld.text(node.get(key)):
            yield DateCandidate(text=found, provenance=Provenance.JSON_LD)
    for provenance, names in _DATE_NAMES:
        for name in names:
            for found in raw.meta.get(name, ())[:2]:
                yield DateCandidate(text=found, provenance=provenance)
    for found, named, names in raw.times:
        modified = any(word in names for word in ("modif", "updat"))
        yield DateCandidate(text=found, provenance=Provenance.TIME, by_name=named, modified=modified)
    if found := page_jsonld.text(node.get("dateModified")):
        yield DateCandidate(text=found, provenance=Provenance.JSON_LD, modified=True)
    for name in _MODIFIED_NAMES:
        for found in raw.meta.get(name, ())[:1]:
            yield DateCandidate(text=found, provenance=Provenance.META, modified=True)
