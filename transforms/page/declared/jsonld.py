"""Finds what a page declares about its article in JSON-LD: one article among all that schema.org lets a page say."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLE_TYPES = frozenset(load_table(__file__, "metadata.toml")["types"]["article"])
"""schema.org types (casefolded) that are an article as a whole."""

PAGE_TYPES = frozenset(load_table(__file__, "metadata.toml")["types"]["page"])
"""Types that carry facts of the page where no article is declared."""

OTHER_TYPES = frozenset(load_table(__file__, "metadata.toml")["types"]["other"])
"""Types of pages that are no article, where none is declared beside them."""

_PARTS = frozenset(
    {"hasPart", "isPartOf", "liveBlogUpdate", "itemListElement", "comment", "review", "mentions", "citation", "about"}
)
"""Properties that lead to other things than this page's article."""

MAX_SCRIPT_CHARS = 2_000_000
_MAX_NODES = 2_000
"""How many JSON objects of one page are looked at: a bound for hostile pages."""

_OPENINGS = ("//<![CDATA[", "// <![CDATA[", "<![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<!--")
_CLOSINGS = ("//]]>", "// ]]>", "]]>", "/*]]>*/", "/* ]]> */", "-->", "//-->", ";")
"""What old systems wrap a script's text in."""

_TRAILING_COMMA = re.compile(r",(\s{0,200}[}\]])")
_LONE_FACT = re.compile(r'"(headline|datePublished|dateModified|articleBody|description)"\s*:\s*"((?:[^"\\]|\\.)*)"')


def loads(script: str) -> Any:  # noqa: ANN401  # JSON is of any type
    """Return the JSON of a script element; broken JSON gives the plain facts that can still be read out of it."""
    text = script[:MAX_SCRIPT_CHARS].strip()
    for opening in _OPENINGS:
        text = text.removeprefix(opening).lstrip()
    for closing in reversed(_CLOSINGS):
        text = text.removesuffix(closing).rstrip()
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text), html.unescape(text) if "&quot;" in text else None):
        if attempt:
            try:
                return json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
    facts: dict[str, Any] = {}
    for name, value in _LONE_FACT.findall(text):
        facts.setdefault(name, value.replace('\\"', '"').replace("\\n", "\n").replace("\\/", "/"))
    if facts:
        facts["@type"] = "Article"
    return facts


def article(scripts: list[str], url: str | None = None) -> dict[str, Any]:
    """Return the node that describes the page's article, or an empty dict.

    An article type goes before a page type; among several articles, one that names the page's own URL, then one
    with a text, then the first.
    """
    return article_among(nodes(scripts), url)


def nodes(scripts: list[str]) -> list[dict[str, Any]]:
    """Return the objects of a page's scripts that can be about the page itself."""
    return [node for script in scripts for node in _nodes(loads(script))]


def article_among(found: list[dict[str, Any]], url: str | None) -> dict[str, Any]:
    """Return which of a page's objects is its article, as `article` does."""
    best: dict[str, Any] = {}
    best_rank = 0
    for node in found:
        rank = _rank(node, url)
        if rank > best_rank:
            best, best_rank = node, rank
    return best


def list_kinds(found: list[dict[str, Any]]) -> set[str]:
    """Return the kinds of page without an article that a page's objects declare: a profile, a collection, a match."""
    return {kind for node in found for kind in types(node) & OTHER_TYPES}


def _rank(node: dict[str, Any], url: str | None) -> int:
    kinds = types(node)
    if kinds & ARTICLE_TYPES:
        rank = 8
    elif kinds & PAGE_TYPES:
        rank = 1
    else:
        return 0
    if rank > 1 and url and _same_page(node, url):
        rank += 4
    return rank + 2 * ("articleBody" in node) + ("headline" in node)


def _same_page(node: dict[str, Any], url: str) -> bool:
    return url.rstrip("/") in {name.split("#")[0].rstrip("/") for name in addresses(node)}


def addresses(node: dict[str, Any]) -> list[str]:
    """Return what a node names as its page: `mainEntityOfPage`, `url` and its own `@id`."""
    main = node.get("mainEntityOfPage")
    named = (
        main.get("@id") if isinstance(main, dict) else main,
        text(main),
        text(node.get("url")),
        text(node.get("@id")),
    )
    return [name for name in named if isinstance(name, str) and name]


def _nodes(data: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield the objects of a JSON-LD document that can be the page's own article, outer ones first."""
    queue = [data]
    for position in range(_MAX_NODES):
        if position >= len(queue):
            return
        item = queue[position]
        if isinstance(item, list):
            queue.extend(item[:_MAX_NODES])
        elif isinstance(item, dict):
            yield item
            queue.extend(value for key, value in item.items() if isinstance(value, dict | list) and key not in _PARTS)


def types(node: dict[str, Any]) -> set[str]:
    """Return the types of a node, without their namespace, casefolded."""
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].casefold() for name in names if isinstance(name, str)}


def text(value: Any) -> str | None:  # noqa: ANN401
    """Return the text of a value: itself, the name or URL of an object, the first of a list."""
    if isinstance(value, list):
        return next(filter(None, map(text, value[:10])), None) if not any(isinstance(v, list) for v in value) else None
    if isinstance(value, dict):
        for key in ("name", "@value", "url", "contentUrl"):
            if isinstance(found := value.get(key), str) and found.strip():
                return html.unescape(found).strip()
        return None
    return html.unescape(value).strip() or None if isinstance(value, str) else None


def texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return all texts of a value that may be a list, in order, without repeats."""
    values = value[:200] if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(found for item in values if (found := text(item))))


def truth(value: Any) -> bool | None:  # noqa: ANN401
    """Return a declared truth value, however it is spelled: `true`, `"True"`, `"https://schema.org/False"`."""
    if isinstance(value, bool):
        return value
    word = value.rsplit("/", 1)[-1].casefold() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)
