"""What an item's status means: a usable one is an article, one that was withdrawn is none."""

from __future__ import annotations

from newsdex.readers.errors import ReadError

WITHDRAWN = frozenset(("canceled", "cancelled", "withheld", "killed", "kill", "embargoed-withheld", "retracted"))
"""Statuses of NITF, NewsML and ninjs that take an item out."""


NO_TEXT = " has no text: it is a headline, a picture or a notice alone."


def refuse_withdrawn(status: str | None) -> None:
    """Refuse an item that its agency has withdrawn.

    Raises:
        ReadError: `withdrawn`, filtered.
    """
    plain = (status or "").rpartition(":")[2].strip().lower()
    if plain in WITHDRAWN:
        raise ReadError("withdrawn", f"The agency withdrew this item (its status is “{plain}”).", sound=True)


def refuse_empty(text: str, what: str = "This item") -> None:
    """Refuse an item without text.

    Raises:
        ReadError: `no-text`, filtered.
    """
    if not text.strip():
        raise ReadError("no-text", f"{what}{NO_TEXT}", sound=True)


def refuse_kind(kind: str) -> None:
    """Refuse an item that is no text.

    Raises:
        ReadError: `not-an-article`, filtered.
    """
    raise ReadError("not-an-article", f"This is a {kind} item, no article.", sound=True)
