"""What the values of records say: text, paragraphs, dates, names, whatever they are wrapped in."""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from newsdex.readers.records.field_names import table

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = (100_000_000, 4_000_000_000)
"""A number between these is a time in seconds since 1970: from 1973 to 2096; 20180101 lies below."""

MAX_LITERAL_CHARS = 10_000
"""A list of authors or keywords that is written out in one string is shorter."""

KEYWORD_ENDS = re.compile(r"[,;|]")
"""What separates keywords in one string."""


def text_of(value: Any) -> str | None:  # noqa: ANN401  # a record holds anything
    """Return a value as text: the telling part of an object, the first of a list; `None` if there is nothing."""
    if isinstance(value, str):
        text = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        return text if text.strip() and text.strip().lower() not in table().absent else None
    if isinstance(value, dict):
        told = (text_of(value.get(name)) for name in table().inside if not isinstance(value.get(name), dict | list))
        return next((text for text in told if text), None)
    if isinstance(value, list | tuple):
        return next((text for text in map(text_of, value[:1]) if text), None)
    if isinstance(value, bytes):
        return text_of(value.decode("utf-8", "replace"))
    if value is None or isinstance(value, bool) or value != value:  # noqa: PLR0124  # NaN
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def paragraphs_of(value: Any) -> str | None:  # noqa: ANN401
    """Return a body: text, or a list of paragraphs joined by blank lines."""
    if isinstance(value, list | tuple):
        return "\n\n".join(text for text in map(text_of, value) if text) or None
    if isinstance(value, dict | int | float | bool | date):
        return None
    return text_of(value)


def date_of(value: Any) -> str | None:  # noqa: ANN401
    """Return a date as declared; seconds or milliseconds since 1970 are written out, which only here can be told."""
    if isinstance(value, dict):
        value = next((value[name] for name in table().inside if name in value), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        for scale in (1, 1_000):
            if SECONDS[0] * scale <= value <= SECONDS[1] * scale:
                return datetime.fromtimestamp(value / scale, UTC).isoformat()
    return text_of(value)


def names_in(value: Any, *, split: bool) -> Iterator[str]:  # noqa: ANN401
    """Yield the names in a list, an object or a string; `split` says that commas separate them."""
    if isinstance(value, str) and value.startswith("[") and len(value) <= MAX_LITERAL_CHARS:
        value = _literal(value)
    if isinstance(value, list | tuple):
        for part in value:
            yield from names_in(part, split=split) if isinstance(part, list) else filter(None, [_name(part)])
    elif isinstance(value, str) and split:
        yield from (text for part in KEYWORD_ENDS.split(value) if (text := text_of(part.strip())))
    else:
        yield from filter(None, [_name(value)])


def _name(value: Any) -> str | None:  # noqa: ANN401
    """Return a person's or a topic's name."""
    if isinstance(value, dict) and not value.get("name"):
        parts = [
            text_of(value.get(key)) for pair in (("firstName", "lastName"), ("first_name", "last_name")) for key in pair
        ]
        if any(parts):
            return " ".join(part for part in parts if part)
    return text_of(value)


def _literal(value: str) -> Any:  # noqa: ANN401
    """Return the list that a string spells out, as data frames are often saved, else the string."""
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def is_address(text: str) -> bool:
    """Tell whether a text is a web address."""
    return text.startswith(("http://", "https://", "//", "www."))


def moment_of(text: str | None) -> datetime | None:
    """Return an ISO 8601 moment in UTC, `None` for anything else."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # the first or last day of the calendar, elsewhere
        return None
