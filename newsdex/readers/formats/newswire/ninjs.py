"""ninjs and AP's media API: which of their records are articles. The fields themselves are in `records/fields.toml`."""

from __future__ import annotations

from typing import Any

from newsdex.readers.formats.newswire import status

MARKS = frozenset(("pubstatus", "versioncreated", "renditions", "firstcreated", "associations"))
"""Keys of which a ninjs record has one, and no other record of news that we know."""

TEXTS = frozenset(("text", "advisory", "article", "story"))
"""Types of what is to be read; all others are pictures, videos, graphics and packages."""

MEDIA = frozenset(("picture", "video", "audio", "graphic", "composite", "package", "planning", "event", "component"))
"""Types that may carry a caption as their body, and are no articles all the same."""

MAX_WRAPPERS = 4
"""How deep AP's answers have their item: `data.items[].item`."""


def is_wrapped(document: dict[str, Any]) -> bool:
    """Return whether a document of AP's API wraps one item."""
    inner = unwrapped(document)
    return inner is not document and bool(MARKS & inner.keys())


def unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    """Return the item that a record of AP's API wraps, or the record itself."""
    for _ in range(MAX_WRAPPERS):
        inner = record.get("item", record.get("data"))
        if not isinstance(inner, dict) or MARKS & record.keys():
            break
        record = inner
    return record


def refuse_no_article(record: dict[str, Any]) -> None:
    """Refuse what is no article: a picture or package, a withdrawn item, one whose text lies elsewhere.

    Raises:
        ReadError: `not-an-article`, `withdrawn` or `no-text`, all filtered.
    """
    if not MARKS & record.keys() or not isinstance(record.get("type"), str):
        return
    told = record.get("pubstatus")
    status.refuse_withdrawn(told if isinstance(told, str) else None)
    kind = record["type"]
    bodies = [value for key, value in record.items() if key.startswith(("body", "bodies")) and value]
    if kind not in TEXTS and (kind in MEDIA or not bodies):
        status.refuse_kind(kind)
    if not bodies and "renditions" in record:
        status.refuse_empty("", "This record says where its text is to be had, and")
