"""NewsML-G2: news items alone, in packages and in messages. Concepts, plans and packages themselves are no articles."""

from __future__ import annotations

import html
import re
from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.formats.newswire import nitf, status
from newsdex.readers.formats.newswire.tree import (
    BREAK,
    LANGUAGE,
    distinct,
    every,
    first,
    line,
    local,
    moment,
    paragraphs,
    with_dateline,
)
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions


ITEMS = {
    "newsitem": "news",
    "packageitem": "package",
    "conceptitem": "concept",
    "knowledgeitem": "knowledge",
    "planningitem": "planning",
    "catalogitem": "catalogue",
}
"""Each kind of item, and what a person calls it."""

FRAGMENTS = ("contentset", "contentmeta", "groupset")
"""Parts of an item that are handed on alone."""

ROOTS = (*ITEMS, "newsmessage", *FRAGMENTS)

MARKUP = re.compile(r"</?[a-z][a-z0-9]*[\s>/]", re.IGNORECASE)


def parts(root: _Element) -> list[Part]:
    """Return the items of a document, in order."""
    alone = local(root) in {*ITEMS, *FRAGMENTS}
    items = [root] if alone else [one for one in every(root, *ITEMS) if not _is_inner(one)]
    return [("item", partial(_made, item)) for item in items]


def _is_inner(item: _Element) -> bool:
    """Return whether an item lies within another one."""
    return any(local(outer) in ITEMS for outer in item.iterancestors())


def _made(item: _Element, uri: str, options: ReadOptions) -> RawArticle:
    kind = "news" if local(item) == "contentset" else ITEMS.get(local(item), "fragment of an")
    if kind != "news":
        status.refuse_kind(kind)
    return article(item, uri, options)


def article(item: _Element, uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a news item holds.

    Raises:
        ReadError: `withdrawn`, `not-an-article` or `no-text`, all filtered.
    """
    about, content = first(item, "itemmeta"), first(item, "contentmeta")
    status.refuse_withdrawn(_code(first(about, "pubstatus")))
    kind = (_code(first(about, "itemclass")) or "").rpartition(":")[2].lower()
    text = body(item)
    if not text and kind not in {"", "text"}:
        status.refuse_kind(kind)
    status.refuse_empty(text)
    created = _moment(about, "firstcreated") or _moment(content, "contentcreated")
    version = _moment(about, "versioncreated")
    inner = first(item, "nitf")
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=with_dateline(_dateline(content, inner), text),
        title=_headline(content) or line(first(about, "title")) or (line(first(inner, "hedline", "hl1"))),
        summary=_described(content),
        url=_address(about),
        source=_source(item, about) or options.source,
        authors=_authors(content) or (nitf.bylines(inner) if inner is not None else ()),
        section=next(iter(_labels(content, "service")), None),
        keywords=distinct([*_texts(content, "keyword"), *_labels(content, "subject")]),
        published=created or version or (nitf.published(inner) if inner is not None else None),
        modified=version if created and version != created else None,
        language=_language(item, content) or options.language,
    )


def _dateline(content: _Element | None, inner: _Element | None) -> str | None:
    told = line(first(content, "dateline")) or (nitf.dateline(inner) if inner is not None else None)
    return told if told and not told[0].isdigit() else None


def body(item: _Element) -> str:
    """Return the text of a news item's contents, whatever they are in: NITF, XHTML, marked-up or plain text."""
    found = [text for content in every(item, "inlinexml", "inlinedata") if (text := _text(content))]
    # The same text in two renditions counts once: the longer one is the whole of it.
    return max(found, key=len, default="")


def _text(content: _Element) -> str:
    inner = first(content, "body.content") if first(content, "nitf") is not None else first(content, "body")
    if inner is not None or len(content):
        return paragraphs(inner if inner is not None else content)
    raw = content.text or ""
    if not MARKUP.search(raw):
        raw = html.unescape(raw) if "&lt;" in raw or "&amp;" in raw else raw
    if MARKUP.search(raw):
        return raw.strip()
    return BREAK.join(" ".join(part.split()) for part in re.split(r"\n\s*\n|\n[ \t]{2,}", raw) if part.strip())


def _code(element: _Element | None) -> str | None:
    return (element.get("qcode") or element.get("literal") or element.get("uri")) if element is not None else None


def _moment(element: _Element | None, name: str) -> str | None:
    return moment(line(first(element, name)))


def _headline(content: _Element | None) -> str | None:
    """Return the main headline: the one without a role, or of the main one."""
    for headline in sorted(
        every(content, "headline"), key=lambda one: one.get("role") is not None and "sub" in one.get("role", "").lower()
    ):
        if text := line(headline):
            return text
    return None


def _described(content: _Element | None) -> str | None:
    told = [one for one in every(content, "description") if "caption" not in one.get("role", "").lower()]
    return next((text for one in told if (text := line(one))), None)


def _authors(content: _Element | None) -> tuple[str, ...]:
    by = [nitf.BY.sub("", text) for one in every(content, "by") if (text := line(one))]
    people = (line(first(one, "name")) for one in every(content, "creator") if _is_person(one))
    return distinct(by or people)


def _is_person(creator: _Element) -> bool:
    kind = (creator.get("type") or creator.get("qcode") or "").lower()
    return "person" in kind or (first(creator, "name") is not None and "org" not in kind and not creator.get("literal"))


def _source(item: _Element, about: _Element | None) -> str | None:
    for element in (first(about, "provider"), first(item, "rightsinfo", "copyrightholder")):
        if element is not None:
            told = line(first(element, "name")) or element.get("literal") or element.get("qcode", "").rpartition(":")[2]
            if told:
                return str(told)
    return None


def _address(about: _Element | None) -> str | None:
    """Return the address of the article on the web, where a link says so."""
    for link in every(about, "link"):
        address = link.get("href", "")
        if address.startswith(("http://", "https://")) and "html" in (link.get("contenttype") or "html"):
            return str(address)
    return None


def _texts(content: _Element | None, name: str) -> Iterator[str]:
    return (text for one in every(content, name) if (text := line(one)))


def _labels(content: _Element | None, name: str) -> list[str]:
    """Return what subjects are called, in English where there are several languages; a bare code is no label."""
    found = []
    for one in every(content, name):
        labels = [label for label in one if local(label) == "name"]
        names = {(label.get(LANGUAGE) or "")[:2]: text for label in labels if (text := line(label))}
        if names:
            found.append(names.get("en") or next(iter(names.values())))
    return list(distinct(found))


def _language(item: _Element, content: _Element | None) -> str | None:
    told = first(content, "language")
    return (told.get("tag") if told is not None else None) or item.get(LANGUAGE) or item.get("lang")
