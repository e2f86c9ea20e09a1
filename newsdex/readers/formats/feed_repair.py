"""Puts right what feeds get wrong, so that an XML parser takes them."""

from __future__ import annotations

import html
import re

DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>")
REFERENCE = re.compile(r"&(?:#\d{1,7};|#x[0-9a-f]{1,6};|([a-z][a-z0-9]{1,31});)?", re.IGNORECASE)
XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not allow, and that end the parsing where they stand."""


def repaired(text: str) -> str:
    """Return a feed as XML that a parser takes: no declaration, no forbidden characters, references that XML knows.

    CDATA sections stay as they are; one that is never closed is closed.
    """
    text = NOT_XML.sub("", DECLARATION.sub("", text, count=1))
    first, *sections = text.split("<![CDATA[")
    parts = [REFERENCE.sub(_reference, first)]
    for section in sections:
        inside, _, after = section.partition("]]>")
        parts += ["<![CDATA[", inside, "]]>", REFERENCE.sub(_reference, after)]
    return "".join(parts)


def _reference(match: re.Match[str]) -> str:
    """Return a reference that XML knows, the character for one that only HTML knows, else an escaped ampersand."""
    name = match[1]
    if name is None:
        return _numbered(match[0]) if len(match[0]) > 1 else "&amp;"
    if name in XML_ENTITIES:
        return match[0]
    character = html.unescape(match[0])
    return "&amp;" + match[0][1:] if character == match[0] else html.escape(character)


def _numbered(reference: str) -> str:
    """Return a reference by number, the replacement character for what XML does not allow, such as half a surrogate."""
    digits = reference[2:-1]
    code = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
    allowed = code in {0x9, 0xA, 0xD} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return reference if allowed else "\ufffd"
