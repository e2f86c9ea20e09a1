"""NITF 3.x: one article a document, with its headline, byline, dateline, subjects and moments."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.formats.newswire import status
from newsdex.readers.formats.newswire.tree import (
    LANGUAGE,
    distinct,
    every,
    first,
    line,
    moment,
    paragraphs,
    with_dateline,
)
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions

BY = re.compile(r"^(?:by|von|por|par|di|av|af|door)\s+", re.IGNORECASE)
"""What stands before the names of a byline, in the agencies' languages."""

LABELS = ("tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type")
"""A subject's labels, the closest one first."""


def parts(root: _Element) -> list[Part]:
    """Return the one article of a document."""
    return [("item", partial(article, root))]


def article(root: _Element, uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a document holds.

    Raises:
        ReadError: `withdrawn` or `no-text`, both filtered.
    """
    data = first(root, "docdata")
    publication = first(root, "pubdata")
    issued = published(root)
    released = moment(_norm(data, "date.release"))
    status.refuse_withdrawn(data.get("management-status") if data is not None else None)
    content = first(root, "body.content")
    text = paragraphs(content) if content is not None else ""
    status.refuse_empty(text)
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=with_dateline(dateline(root), text),
        title=line(first(root, "hedline", "hl1")) or line(first(root, "hedline")) or line(first(root, "title")),
        summary=line(first(root, "abstract")),
        url=_address(publication),
        source=_source(data, publication) or options.source,
        authors=bylines(root),
        section=_section(root, publication),
        keywords=_keywords(root),
        published=issued,
        modified=released if released != issued else None,
        language=_language(root) or options.language,
    )


def published(root: _Element) -> str | None:
    """Return when a document was issued, as its most telling element says."""
    data, publication = first(root, "docdata"), first(root, "pubdata")
    told = (
        _norm(data, "date.issue"),
        _norm(data, "date.release"),
        publication.get("date.publication") if publication is not None else None,
        _norm(first(root, "body.head"), "story.date"),
        _norm(first(root, "dateline"), "story.date"),
    )
    return next(filter(None, map(moment, told)), None)


def bylines(root: _Element) -> tuple[str, ...]:
    """Return the authors: the persons of a byline, or its text without "By" and without what they do."""
    names: list[str | None] = []
    for byline in every(root, "byline"):
        people = [line(person) for person in every(byline, "person")]
        names += people or [_plain(byline)]
    return distinct(names)


def dateline(root: _Element) -> str | None:
    """Return where a story was filed: the places of its dateline, without the date."""
    found = first(root, "dateline")
    if found is None:
        return None
    place = first(found, "location")
    return line(place) if place is not None else re.sub(r"\s+", " ", found.text or "").strip(" ,") or None


def _plain(byline: _Element) -> str | None:
    told = " ".join("".join(_texts(byline)).split())
    return BY.sub("", told).strip(" ,") or None


def _texts(byline: _Element) -> list[str]:
    """Return a byline's own text, without the title of who wrote it."""
    found = [byline.text or ""]
    for child in byline:
        if "byttl" not in str(child.tag):
            found += map(str, child.itertext())
        found.append(child.tail or "")
    return found


def _norm(element: _Element | None, name: str) -> str | None:
    found = first(element, name)
    return (found.get("norm") or line(found)) if found is not None else None


def _source(data: _Element | None, publication: _Element | None) -> str | None:
    rights = first(data, "doc.copyright")
    identity = first(data, "doc-id")
    told = (
        publication.get("name") if publication is not None else None,
        rights.get("holder") if rights is not None else None,
        identity.get("regsrc") if identity is not None else None,
    )
    return next((one.strip() for one in told if one and one.strip()), None)


def _address(publication: _Element | None) -> str | None:
    told = publication.get("ex-ref") if publication is not None else None
    return told if told and told.startswith(("http://", "https://")) else None


def _section(root: _Element, publication: _Element | None) -> str | None:
    told = publication.get("position.section") if publication is not None else None
    subject = first(root, "tobject.subject")
    return told or (subject.get("tobject.subject.type") if subject is not None else None)


def _keywords(root: _Element) -> tuple[str, ...]:
    labels = [
        next(filter(None, (subject.get(label) for label in LABELS)), None) for subject in every(root, "tobject.subject")
    ]
    return distinct([*(keyword.get("key") for keyword in every(root, "keyword")), *labels])


def _language(root: _Element) -> str | None:
    body = first(root, "body")
    told = root.get("baselang") or root.get(LANGUAGE)
    return told or (body.get(LANGUAGE) if body is not None else None)
