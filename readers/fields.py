"""From a record with whatever field names to a `RawArticle`, by the table in fields.toml or the user's own mapping."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readers.errors import ReadError
from transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from readers.partition import ReadOptions

MAX_DEPTH = 3
"""How deep names go into nested objects: the deepest in the table has two parts, a wrapper adds one."""

SECONDS = (100_000_000, 4_000_000_000)
"""A number between these is a time in seconds since 1970: from 1973 to 2096; 20180101 lies below."""

MAX_FIELDS_TOLD = 12
"""How many field names a sentence lists."""

MAX_LITERAL_CHARS = 10_000
"""A list of authors or keywords that is written out in one string is shorter."""

FULL_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL)
"""How a whole page begins, as against a text with some tags in it."""

_SQUASH = re.compile(r"[^0-9a-z]+")
_KEYWORD_ENDS = re.compile(r"[,;|]")


def article(record: Mapping[str, Any], uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a record declares.

    Raises:
        ReadError: `no-body` when no field is known as the body, `empty-body` when the one that is has nothing in it.
    """
    found = _Record(record, options.field_map)
    body, page = found.take("body"), found.take("html")
    if body is None and page is None:
        raise found.no_body()
    if body is not None and FULL_PAGE.match(body):
        body, page = None, body
        found.names["html"] = found.names.pop("body")
    elif body is not None:
        page = None
        found.names.pop("html", None)
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=body,
        html=page,
        title=found.take("title"),
        summary=found.take("summary"),
        url=found.take("url"),
        canonical_url=found.take("canonical_url"),
        source=found.take("source") or options.source,
        authors=found.take_list("authors"),
        section=found.take("section"),
        keywords=found.take_list("keywords"),
        image_url=found.take("image_url"),
        published=found.take("published"),
        modified=found.take("modified"),
        language=found.take("language") or options.language,
        content_type=found.take("content_type"),
        fetched_at=_moment(found.take("fetched_at")),
        field_map=found.names,
    )


def has_body(record: Mapping[str, Any], options: ReadOptions) -> bool:
    """Tell whether a record has a body or a page: whether it is an article at all."""
    found = _Record(record, options.field_map)
    return found.take("body") is not None or found.take("html") is not None


class _Record:
    """One record, its fields found by name; `names` remembers which were used."""

    def __init__(self, record: Mapping[str, Any], chosen: Mapping[str, str]) -> None:
        self.record = record
        self.chosen = chosen
        self.names: dict[str, str] = {}
        self.index: dict[str, tuple[str, Any]] = {}
        wrapped: list[tuple[str, Mapping[str, Any]]] = []
        for path, value in _flat(record, ""):
            self.index.setdefault(_squash(path), (path, value))
            if isinstance(value, dict) and _squash(path) in _table().wrappers:
                wrapped.append((path, value))
        wrapped += [("@graph", part) for part in _graph(record)]
        for path, inner in wrapped:
            for name, value in _flat(inner, ""):
                self.index.setdefault(_squash(name), (f"{path}.{name}", value))

    def candidates(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield what may be the field `name`, best first; where the user chose, only that."""
        choice = self.chosen.get(name)
        if choice is not None:
            if choice in self.record:
                yield choice, self.record[choice]
            elif _squash(choice) in self.index:
                yield self.index[_squash(choice)]
            return
        for known in _table().names[name]:
            if known in self.index:
                yield self.index[known]

    def take(self, name: str) -> str | None:
        """Return the field's value as text and note where it was, `None` if there is none."""
        kind = _table().kinds[name]
        for path, value in self.candidates(name):
            text = _paragraphs(value) if kind == "paragraphs" else _date(value) if kind == "date" else _text(value)
            if text is None or (kind == "address" and not _is_address(text) and path not in self.chosen.values()):
                continue
            self.names[name] = path
            return text
        return None

    def take_list(self, name: str) -> tuple[str, ...]:
        """Return the field's values as a list and note where it was."""
        for path, value in self.candidates(name):
            values = tuple(dict.fromkeys(_list(value, split=name == "keywords")))
            if values:
                self.names[name] = path
                return values
        return ()

    def no_body(self) -> ReadError:
        """Return the fault of a record without a body, with what to do about it."""
        told = ", ".join(list(self.record)[:MAX_FIELDS_TOLD]) or "none"
        more = len(self.record) - MAX_FIELDS_TOLD
        told += f" and {more} more" if more > 0 else ""
        empty = next((path for name in ("body", "html") for path, _ in self.candidates(name)), None)
        if empty is not None:
            return ReadError("empty-body", f"Its body, the field {empty}, is empty. The fields are: {told}.")
        if "body" in self.chosen:
            return ReadError("no-body", f"It has no field {self.chosen['body']}. The fields are: {told}.")
        return ReadError("no-body", f"No field is known as the body: say which with --map body=…. The fields are: {told}.")


class _Table:
    """fields.toml, made ready."""

    def __init__(self) -> None:
        table = tomllib.loads((Path(__file__).parent / "fields.toml").read_text(encoding="utf-8"))
        reading = table.pop("_reading")
        self.kinds = {name: entry["kind"] for name, entry in table.items()}
        self.names = {name: tuple(_squash(known) for known in entry["names"]) for name, entry in table.items()}
        self.wrappers = frozenset(_squash(name) for name in reading["wrappers"])
        self.inside: tuple[str, ...] = tuple(reading["inside"])
        self.absent = frozenset(reading["absent"])


@cache
def _table() -> _Table:
    return _Table()


@cache
def _squash(path: str) -> str:
    """Return a name as it is compared: lower case, letters and digits only, dots between the parts."""
    parts = path.split(".")
    return ".".join(_SQUASH.sub("", part.lower()) or part for part in parts)


def _flat(record: Mapping[str, Any], prefix: str, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield every field with its dotted path, outer ones first."""
    for name, value in record.items():
        yield f"{prefix}{name}", value
    if depth < MAX_DEPTH:
        for name, value in record.items():
            if isinstance(value, dict):
                yield from _flat(value, f"{prefix}{name}.", depth + 1)


def _graph(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the articles of a JSON-LD graph."""
    graph = record.get("@graph")
    for part in graph if isinstance(graph, list) else ():
        if isinstance(part, dict) and "Article" in str(part.get("@type", "")):
            yield part


def _text(value: Any) -> str | None:  # noqa: ANN401  # a record holds anything
    """Return a value as text: the telling part of an object, the first of a list; `None` if there is nothing."""
    if isinstance(value, str):
        text = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        return text if text.strip() and text.strip().lower() not in _table().absent else None
    if isinstance(value, dict):
        told = (_text(value.get(name)) for name in _table().inside if not isinstance(value.get(name), dict | list))
        return next((text for text in told if text), None)
    if isinstance(value, list | tuple):
        return next((text for text in map(_text, value[:1]) if text), None)
    if isinstance(value, bytes):
        return _text(value.decode("utf-8", "replace"))
    if value is None or isinstance(value, bool) or value != value:  # noqa: PLR0124  # NaN
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _paragraphs(value: Any) -> str | None:  # noqa: ANN401
    """Return a body: text, or a list of paragraphs joined by blank lines."""
    if isinstance(value, list | tuple):
        return "\n\n".join(text for text in map(_text, value) if text) or None
    if isinstance(value, dict | int | float | bool | date):
        return None
    return _text(value)


def _date(value: Any) -> str | None:  # noqa: ANN401
    """Return a date as declared; seconds or milliseconds since 1970 are written out, as nothing else tells that they are."""
    if isinstance(value, dict):
        value = next((value[name] for name in _table().inside if name in value), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        for scale in (1, 1_000):
            if SECONDS[0] * scale <= value <= SECONDS[1] * scale:
                return datetime.fromtimestamp(value / scale, UTC).isoformat()
    return _text(value)


def _list(value: Any, *, split: bool) -> Iterator[str]:  # noqa: ANN401
    """Yield the names in a list, an object or a string; `split` says that commas separate them."""
    if isinstance(value, str) and value.startswith("[") and len(value) <= MAX_LITERAL_CHARS:
        value = _literal(value)
    if isinstance(value, list | tuple):
        for part in value:
            yield from _list(part, split=split) if isinstance(part, list) else filter(None, [_name(part)])
    elif isinstance(value, str) and split:
        yield from (text for part in _KEYWORD_ENDS.split(value) if (text := _text(part.strip())))
    else:
        yield from filter(None, [_name(value)])


def _name(value: Any) -> str | None:  # noqa: ANN401
    """Return a person's or a topic's name."""
    if isinstance(value, dict) and not value.get("name"):
        parts = [_text(value.get(key)) for pair in (("firstName", "lastName"), ("first_name", "last_name")) for key in pair]
        if any(parts):
            return " ".join(part for part in parts if part)
    return _text(value)


def _literal(value: str) -> Any:  # noqa: ANN401
    """Return the list that a string spells out, as data frames are often saved, else the string."""
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "//", "www."))


def _moment(text: str | None) -> datetime | None:
    """Return an ISO 8601 moment in UTC, `None` for anything else."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
