"""From a record with whatever field names to a `RawArticle`, by the table in fields.toml or the user's own mapping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from newsdex.readers.errors import ReadError, encodable
from newsdex.readers.records.field_names import squash, table
from newsdex.readers.records.values import date_of, is_address, moment_of, names_in, paragraphs_of, text_of
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from newsdex.readers.partition import ReadOptions

MAX_DEPTH = 3
"""How deep names go into nested objects: the deepest in the table has two parts, a wrapper adds one."""

MAX_FIELDS_TOLD = 12
"""How many field names a sentence lists."""

FULL_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
"""How a whole page begins, as against a text with some tags in it."""


def record_to_article(record: Mapping[str, Any], uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a record declares.

    Raises:
        ReadError: `no-body` when no field is known as the body, `empty-body` when the one that is has nothing in it, or
            `too-large`.
    """
    found = _NamedFields(record, options.field_map)
    body, page = found.take("body"), found.take("html")
    if body is None and page is None:
        raise found.no_body()
    if max(len(body or ""), len(page or "")) > options.max_article_bytes:
        raise ReadError("too-large", f"Its body is over {options.max_article_bytes:,} characters, the limit.")
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
        fetched_at=moment_of(found.take("fetched_at")),
        field_map={name: encodable(path) for name, path in found.names.items()},
    )


def has_body(record: Mapping[str, Any], options: ReadOptions) -> bool:
    """Tell whether a record has a body or a page: whether it is an article at all."""
    found = _NamedFields(record, options.field_map)
    return found.take("body") is not None or found.take("html") is not None


def could_name(name: str, options: ReadOptions) -> bool:
    """Tell whether a column of that name may hold a field of an article, or an object that does."""
    known_names = table()
    known = {path.partition(".")[0] for paths in known_names.names.values() for path in paths} | known_names.wrappers
    chosen = {squash(path).partition(".")[0] for path in options.field_map.values()}
    return squash(name).partition(".")[0] in known | chosen


class _NamedFields:
    """One record, its fields found by name; `names` remembers which were used."""

    def __init__(self, record: Mapping[str, Any], chosen: Mapping[str, str]) -> None:
        self.record = record
        self.chosen = chosen
        self.names: dict[str, str] = {}
        self.index: dict[str, tuple[str, Any]] = {}
        wrapped: list[tuple[str, Mapping[str, Any]]] = []
        for path, value in _flat(record, ""):
            self.index.setdefault(squash(path), (path, value))
            if isinstance(value, dict) and squash(path) in table().wrappers:
                wrapped.append((path, value))
        wrapped += [("@graph", part) for part in _graph(record)]
        for path, inner in wrapped:
            for name, value in _flat(inner, ""):
                self.index.setdefault(squash(name), (f"{path}.{name}", value))

    def candidates(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield what may be the field `name`, best first; where the user chose, only that."""
        choice = self.chosen.get(name)
        if choice is not None:
            if choice in self.record:
                yield choice, self.record[choice]
            elif squash(choice) in self.index:
                yield self.index[squash(choice)]
            return
        for known in table().names[name]:
            if known in self.index:
                yield self.index[known]

    def take(self, name: str) -> str | None:
        """Return the field's value as text and note where it was, `None` if there is none."""
        kind = table().kinds[name]
        for path, value in self.candidates(name):
            text = (
                paragraphs_of(value) if kind == "paragraphs" else date_of(value) if kind == "date" else text_of(value)
            )
            if text is None or (kind == "address" and not is_address(text) and path not in self.chosen.values()):
                continue
            self.names[name] = path
            return text
        return None

    def take_list(self, name: str) -> tuple[str, ...]:
        """Return the field's values as a list and note where it was."""
        for path, value in self.candidates(name):
            values = tuple(dict.fromkeys(names_in(value, split=name == "keywords")))
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
        return ReadError(
            "no-body", f"No field is known as the body: say which with --map body=…. The fields are: {told}."
        )


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
