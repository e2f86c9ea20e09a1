"""XML trees of newswires: parsed without loading anything, and what readers ask of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from newsdex.readers.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.etree import _Element

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle

    Part = tuple[str, Callable[[str, ReadOptions], RawArticle]]
    """An item of a document: what it is called in an address, and what makes its article."""

UNDECLARED = 26
"""libxml2's number for an entity that only a DTD declares, such as `&nbsp;`: no reason to refuse a document."""

BLOCKS = frozenset(
    ("p", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "pre", "blockquote", "bq", "div", "block", "lead",
     "dd", "dt", "body.content", "section", "article", "caption", "inlinedata", "datacontent", "content")
)  # fmt: skip
"""Elements that begin and end a paragraph."""

LEFT_OUT = frozenset(
    ("script", "style", "media", "figure", "head", "header", "nav", "time", "byline", "dateline", "tagline", "img",
     "iframe")
)  # fmt: skip
"""Elements whose text is none of the article's."""

COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d:?\d\d)?)?")
"""A moment as agencies write it: "20131020T192751+1100"."""

BREAK = "\n\n"

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
"""The attribute `xml:lang`."""

WORD = re.compile(r"[^\W\d_]{3,}")
HEAD_CHARS = 80
"""Within so many characters a text names the place itself, where it does: agencies write "ROME, Oct. 11 (ANSA) -"."""


def parsed(data: bytes) -> _Element:
    """Return the root of a document. No DTD is loaded, no entity expanded, nothing fetched, depth limited to 256.

    Raises:
        ReadError: `broken-xml`, with the line where it breaks.
    """
    encoding = None if b"\0" in data[:4] or not is_utf8(data) else "utf-8"
    try:
        return _parse(data, encoding, recover=False)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) != UNDECLARED:
            line = f" in line {error.lineno:,}" if error.lineno else ""
            told = f"It stops being XML{line} ({(error.msg or '').split(', line')[0]}): fetch it again."
            raise ReadError("broken-xml", told, data) from None
    return _parse(data, encoding, recover=True)


def is_utf8(data: bytes) -> bool:
    """Return whether a document is UTF-8, whatever it declares: gateways recode it and leave the declaration."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(data: bytes, encoding: str | None, *, recover: bool) -> _Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_pis=True,
        encoding=encoding,
    )
    root = etree.fromstring(data.lstrip(), parser)
    if root is None:
        raise ReadError("broken-xml", "It is no XML that can be read: fetch it again.", data)
    return root


def local(element: _Element) -> str:
    """Return an element's name in lower case, without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def every(element: _Element | None, *names: str) -> Iterator[_Element]:
    """Yield the elements of these names (lower case) below an element, in order; below `None` there are none."""
    below = element.iter() if element is not None else ()
    return (one for one in below if local(one) in names and one is not element)


def first(element: _Element | None, *path: str) -> _Element | None:
    """Return the first element on a path of names, each somewhere below the one before, or `None`."""
    for name in path:
        element = next(every(element, name), None)
    return element


def line(element: _Element | None) -> str | None:
    """Return all text of an element in one line, or `None` if it has none."""
    return " ".join("".join(map(str, element.itertext())).split()) or None if element is not None else None


def moment(written: str | None) -> str | None:
    """Return a moment as ISO 8601; what is not in the compact form is returned as it is written."""
    match = COMPACT.fullmatch(written.strip()) if written else None
    if match is None:
        return written.strip() if written and written.strip()[:1].isdigit() else None
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    colon = f"{zone[:3]}:{zone[-2:]}" if zone and zone != "Z" else zone or ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{colon}"


def paragraphs(element: _Element) -> str:
    """Return the text below an element, a blank line between paragraphs; line breaks of `pre` and `br` are kept."""
    parts: list[str] = []
    _gather(element, parts, kept=False)
    blocks = re.split(r"\n{2,}", re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(parts)))
    return BREAK.join(block.strip() for block in blocks if block.strip())


def _gather(top: _Element, parts: list[str], *, kept: bool) -> None:
    """Add the text below an element; without recursion, for documents of any depth."""
    todo: list[tuple[_Element | str, bool]] = [(top, kept)]
    while todo:
        item, keep = todo.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        name = local(item)
        inside: list[tuple[_Element | str, bool]] = []
        if name == "br":
            inside.append(("\n", keep))
        elif name and (name not in LEFT_OUT or item is top):
            keep = keep or name == "pre"
            edge = BREAK if name in BLOCKS else " " if name in {"td", "th"} else ""
            inside.append((edge + _white(item.text, keep), keep))
            for child in item:
                inside.append((child, keep))
                inside.append((_white(child.tail, keep), keep))
            inside.append((edge, keep))
        todo.extend(reversed(inside))


def _white(text: str | None, keep: bool) -> str:
    """Return a text with its white space, or each stretch of it as one blank."""
    if not text:
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n") if keep else re.sub(r"\s+", " ", text)


def distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return the values that there are, each once, in order."""
    return tuple(dict.fromkeys(value for value in values if value))


def with_dateline(dateline: str | None, body: str) -> str:
    """Return a text that begins with its dateline, where it does not do so already."""
    words = WORD.findall((dateline or "").casefold())
    if not words or not dateline or any(word in body[:HEAD_CHARS].casefold() for word in words):
        return body
    return f"{dateline.rstrip(' -–—')} – {body}"  # as wires write it
