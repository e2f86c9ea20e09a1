"""The queue of Ritzau's news service: its items in one answer, their text as escaped markup."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from newsdex.readers.formats.newswire import status
from newsdex.readers.formats.newswire.tree import every, first, line, local
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions

ROOTS = ("xmlnewsqueuedresponse", "rbnews")

SOURCE = "Ritzau"


def parts(root: _Element) -> list[Part]:
    """Return the items of an answer."""
    items = [root] if local(root) == "rbnews" else every(root, "rbnews")
    return [("item", partial(_article, item)) for item in items]


def _article(item: _Element, uri: str, options: ReadOptions) -> RawArticle:
    content = first(item, "content")
    text = "".join(map(str, content.itertext())).strip() if content is not None else ""
    status.refuse_empty(text)
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=text,
        title=line(first(item, "headline")),
        summary=line(first(item, "subtitle")),
        source=options.source or SOURCE,
        section=line(first(item, "section")),
        published=line(first(item, "publishdate")),
        language=options.language or "da",
    )
