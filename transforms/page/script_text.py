"""Read an article's text out of a page's scripts, for pages that draw it only in the browser.

Such a page carries its state as JSON in a script: `__NEXT_DATA__`, `self.__next_f.push([1,"…"])`,
`window.__INITIAL_STATE__ = {…}`. Names differ from system to system, so none is looked for: what counts is a string
that is a text, as HTML or as paragraphs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from newsdex.transforms.page.blocks import LONG_ENOUGH, length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_SCRIPT_CHARS = 2_000_000
"""How much of a page's scripts is read: a bound for hostile pages."""

MIN_STRING_CHARS = 40
"""A shorter string is a name or a label."""

MAX_DEPTH = 3
"""How deep JSON lies in strings of JSON: Next.js nests it twice."""

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)(?:"|\\?\Z|\n|\\)')
"""A string, or what begins like one and does not end: either way what was looked at is not looked at again."""

_PARAGRAPH = re.compile(r"</p>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。\uff01\uff1f؟।][\"”»’')\]]*\s*\Z")
_NOT_PROSE = re.compile(r"[{}]|=>|https?://\S+\Z|;\s*\Z|\\u|function\s*\(")


def framed(tree: HtmlElement) -> str | None:
    """Return the longest page that an `<iframe srcdoc>` holds, as HTML; `None` where there is none."""
    return (
        max((frame.get("srcdoc") or "" for frame in tree.iter("iframe")), key=len, default="")[:MAX_SCRIPT_CHARS]
        or None
    )


def fragments(tree: HtmlElement) -> str | None:
    """Return the longest text that the scripts hold, as HTML; `None` where they hold none."""
    markup: list[str] = []
    plain: list[str] = []
    left = MAX_SCRIPT_CHARS
    for script in tree.iter("script"):
        text = script.text or ""
        if left <= 0 or script.get("src") or "ld+json" in script.get("type", ""):
            continue
        for string in _strings(text[:left]):
            if _PARAGRAPH.search(string):
                markup.append(string)
            elif length(string) >= LONG_ENOUGH and _SENTENCE_END.search(string) and not _NOT_PROSE.search(string):
                plain.append(string)
        left -= len(text)
    best = max(markup, key=length, default="")
    paragraphs = list(dict.fromkeys(plain))
    if sum(map(length, paragraphs)) > length(best):
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return best or None


def _strings(script: str, depth: int = 1) -> Iterator[str]:
    """Yield the strings of a script, those inside of strings too."""
    for found in _STRING.finditer(script):
        if len(found[1]) < MIN_STRING_CHARS:
            continue
        try:
            string = json.loads(f'"{found[1]}"')
        except ValueError:
            continue
        if depth < MAX_DEPTH and '":' in string:
            yield from _strings(string, depth + 1)
        else:
            yield string
