"""What came back for an address: a page, or a feed and what each of its entries says."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xxhash

from newsdex.readers.errors import ReadError
from newsdex.readers.files.compression import codec_of, plain_chunks
from newsdex.readers.files.encoding import decode
from newsdex.readers.formats import feed
from newsdex.readers.formats.warc import HTML_TYPES
from newsdex.readers.records.mapping import FULL_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.live.response import Response
    from newsdex.readers.partition import ReadOptions

FULL_TEXT_WORDS = 250
"""An entry with so many words carries its article: of the entries of 47 real feeds, teasers end at 140 words."""

SNIFFED_CHARS = 2_000
"""How much of an answer is looked at to tell what it is."""

_TAG = re.compile(r"<[^>]{0,2000}>")
_XML = re.compile(r"\s*(?:<\?xml|<!--|<rss|<feed|<rdf:|<urlset|<sitemapindex|<channel)", re.IGNORECASE)
_JSON_FEED = re.compile(r"\s*\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed."""

    number: int
    """Its place, from 1."""
    url: str | None
    """The page that it links to."""
    published: str | None
    mark: str
    """Digest of what it says: another one means that it has changed."""
    full: bool
    """It carries the text of its article."""
    is_sitemap: bool = False
    """What it links to is another sitemap."""


def is_page(answer: Response) -> bool:
    """Return whether a web page came back."""
    head = _head(answer.content)
    return bool(FULL_PAGE.match(head)) or (answer.kind in HTML_TYPES and not _XML.match(head))


def is_feed(answer: Response) -> bool:
    """Return whether something came back that may be a feed or a sitemap."""
    head = _head(unpacked(answer.content, len(answer.content) + SNIFFED_CHARS))
    return bool(_XML.match(head)) or (bool(_JSON_FEED.match(head)) and "jsonfeed.org" in head)


def unpacked(content: bytes, max_bytes: int) -> bytes:
    """Return a feed that is a compressed file (`sitemap.xml.gz`) as it is inside, at most `max_bytes` and a bit."""
    if codec_of(content[:16]) is None:
        return content
    found = bytearray()
    for chunk in plain_chunks(io.BytesIO(content)):
        found += chunk
        if len(found) > max_bytes:
            break
    return bytes(found)


def entries(content: bytes, options: ReadOptions) -> Iterator[Entry]:
    """Yield the entries of a feed or sitemap, in its order.

    Raises:
        ReadError: it is none, it is broken, or it has no entries.
    """
    content = unpacked(content, options.max_feed_bytes)
    if len(content) > options.max_feed_bytes:
        raise ReadError("too-large", f"The feed has over {options.max_feed_bytes:,} bytes, the limit.")
    if _JSON_FEED.match(_head(content)):
        yield from _of_json(content)
        return
    for number, (said, is_sitemap) in enumerate(feed.declared(content, options), 1):
        yield Entry(
            number=number,
            url=said.url,
            published=said.published,
            mark=_mark(said.url, said.title, said.text, said.published, said.modified),
            full=_is_full(said.text),
            is_sitemap=is_sitemap,
        )


def _of_json(content: bytes) -> Iterator[Entry]:
    """Yield the entries of a JSON Feed (version 1.1)."""
    try:
        items = json.loads(decode(content), strict=False).get("items", [])
    except (ValueError, RecursionError, AttributeError) as error:
        raise ReadError("invalid-json", f"The JSON feed is broken ({error}): nothing of it was read.") from error
    for number, item in enumerate(items if isinstance(items, list) else (), 1):
        if isinstance(item, dict):
            text = _text(item, "content_text") or _text(item, "content_html")
            url = _text(item, "url") or _text(item, "external_url")
            yield Entry(
                number=number,
                url=url if url and url.startswith(("http://", "https://")) else None,
                published=_text(item, "date_published"),
                mark=_mark(
                    url, _text(item, "title"), text, _text(item, "date_published"), _text(item, "date_modified")
                ),
                full=_is_full(text),
            )


def _text(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _is_full(text: str | None) -> bool:
    return text is not None and len(_TAG.sub(" ", text).split()) >= FULL_TEXT_WORDS


def _mark(*said: str | None) -> str:
    return xxhash.xxh3_128_hexdigest(repr(said).encode("utf-8", "surrogateescape"))


def _head(content: bytes) -> str:
    """Return the beginning of an answer, legible whatever its encoding is."""
    return content[: 4 * SNIFFED_CHARS].replace(b"\0", b"").decode("latin-1").lstrip("ÿþï»¿")[:SNIFFED_CHARS]
