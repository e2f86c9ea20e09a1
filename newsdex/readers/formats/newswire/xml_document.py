"""XML files: which kind one is, told by its root element, and the reader for it. The rest is a feed."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import IO, TYPE_CHECKING

from newsdex.readers.errors import ReadError, attempt
from newsdex.readers.files.whole import read_bounded
from newsdex.readers.formats import feed
from newsdex.readers.formats.newswire import newsml, newsml_g2, nitf, ritzau, scan_page
from newsdex.readers.formats.newswire.tree import parsed
from newsdex.readers.uris import with_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lxml.etree import _Element

    from newsdex.readers.formats.newswire.tree import Part
    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

    Parts = Callable[[_Element], list[Part]]

ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
"""The first element; declarations and comments begin otherwise."""

HEAD_BYTES = 64 << 10
"""How far the first element may lie: comments of a licence come before it now and then."""

COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)

KINDS: Mapping[str, Parts] = {
    "nitf": nitf.parts,
    "newsml": newsml.parts,
    **dict.fromkeys(newsml_g2.ROOTS, newsml_g2.parts),
    **dict.fromkeys(ritzau.ROOTS, ritzau.parts),
    "alto": scan_page.alto_parts,
    "pcgts": scan_page.page_parts,
    "mets": scan_page.mets_parts,
}
"""Root element, in lower case → what yields a document's items, each with the name of its part and its maker."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article or rejection for each item of a newswire document, or what a feed holds.

    Raises:
        ReadError: `broken-xml`, `too-large`, `no-articles`, and what the reader of feeds raises.
    """
    data = read_bounded(file, options.max_feed_bytes)
    parts = KINDS.get(root_name(data))
    if parts is None:
        yield from feed.read(io.BytesIO(data), uri, options)
        return
    found = parts(parsed(data))
    if not found:
        raise ReadError("no-articles", "This newswire document holds no item.", sound=True)
    for number, (name, make) in enumerate(found, 1):
        place = uri if len(found) == 1 else with_part(uri, name, number)
        yield attempt(partial(make, place, options), place)


def root_name(data: bytes) -> str:
    """Return the name of a document's first element, in lower case and without its prefix; "" if there is none."""
    head = data[:HEAD_BYTES]
    if b"\0" in head[:4]:
        head = head.replace(b"\0", b"")
    match = ROOT.search(COMMENT.sub(b"", head))
    return match[1].decode("ascii").lower() if match else ""
