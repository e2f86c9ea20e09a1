"""Turns the bytes of a web page into one lxml tree: finds the encoding, bounds what a hostile page can cost."""

from __future__ import annotations

import re

import lxml.html
from charset_normalizer import from_bytes
from lxml import etree
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, read_bom

MAX_PAGE_CHARS = 10_000_000
"""The largest page that is parsed. The largest of 981 real pages has 1.6 MB, scripts included."""

_SNIFFED_BYTES = 50_000
"""How much of a page is looked at where its encoding must be told from its letters (charset-normalizer is slow)."""

_STATEFUL = frozenset({"iso2022_jp", "iso2022_kr", "hz", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32"})
"""Encodings whose bytes look like ASCII or UTF-8 though they are not: a declaration of one is believed."""

MAX_TAG_CHARS = 20_000
"""A start tag longer than this loses its long values, or all its attributes: libxml2's time grows with the square of
their number, and a few real pages keep whole applications in one value."""

_LONG_TAG = re.compile(r"<([a-zA-Z][^\s<>/]{0,40}+)[^<>]{20000,}+")
_LONG_VALUE = re.compile(r"\"[^\"<>]{1000,}\"|'[^'<>]{1000,}'")
_ONE_CLASS = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
"""Makes every element an `HtmlElement` without asking Python for the class of each (forms and inputs have their own in
lxml.html, which nothing here needs): parsing and walking a page takes a tenth less time."""

_NUL = "\x00"
_ASCII, _REPLACED = "\x7f", "\ufffd"


def decode(html: bytes, content_type: str | None = None) -> str:
    """Return the text of a page: by byte order mark, as UTF-8 if it is valid UTF-8, as declared, else by its letters.

    Valid UTF-8 goes before the declaration, since pages that say `iso-8859-1` and send UTF-8 are common, while text in
    another encoding that happens to be valid UTF-8 is not.
    """
    if read_bom(html)[0] is None and html_body_declared_encoding(html) not in _STATEFUL:
        try:
            return html.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        encoding, text = html_to_unicode(content_type, html, auto_detect_fun=_sniff)
    except LookupError:  # it declares a codec that is none of text, such as base64
        return html.decode(_sniff(html), "replace")
    if encoding == "utf-8" and not any(char > _ASCII and char != _REPLACED for char in set(text)):
        return html.decode(_sniff(html), "replace")  # it is declared to be UTF-8, and no letter of it is
    return str(text)


def _sniff(html: bytes) -> str:
    best = from_bytes(html[:_SNIFFED_BYTES]).best()
    return best.encoding if best else "cp1252"


def parse(html: str) -> tuple[lxml.html.HtmlElement | None, bool]:
    """Return the tree of a page, without comments, `None` if there is nothing to parse; and whether it was cut.

    libxml2's own bounds stay on: it stops at a depth of 256 elements and keeps what came before.
    """
    text = _LONG_TAG.sub(_shorter_tag, html[:MAX_PAGE_CHARS].replace(_NUL, ""))
    data = text.encode("utf-8", "replace")  # lone surrogates are no characters
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=False, no_network=True
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = lxml.html.document_fromstring(data, parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None, False
    return tree, any(fault.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for fault in parser.error_log)


def _shorter_tag(found: re.Match[str]) -> str:
    tag = _LONG_VALUE.sub('""', found[0])
    return tag if len(tag) <= MAX_TAG_CHARS else f"<{found[1]}"


def body(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """Return the `<body>`, or the whole tree where there is none."""
    found = tree.find("body")
    return tree if found is None else found
