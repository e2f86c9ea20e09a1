"""Downloads of press databases as text: "3 of 200 DOCUMENTS", "BYLINE: …", "LOAD-DATE: …"."""

from __future__ import annotations

import re
from functools import partial
from typing import IO, TYPE_CHECKING

from newsdex.readers.errors import ReadError, attempt, rejected
from newsdex.readers.files.encoding import decode
from newsdex.readers.files.whole import read_bounded
from newsdex.readers.formats.documents.recognise import DOCUMENT
from newsdex.readers.uris import with_part
from newsdex.transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions

HEAD_KEYS = frozenset({"BYLINE", "SECTION", "LENGTH", "DATELINE", "HIGHLIGHT", "SERIES", "BODY"})
"""Keys above the text."""

TAIL_KEYS = frozenset({
    "LOAD-DATE", "LANGUAGE", "GRAPHIC", "PUBLICATION-TYPE", "JOURNAL-CODE", "DOCUMENT-TYPE", "SUBJECT", "COMPANY",
    "ORGANIZATION", "TICKER", "INDUSTRY", "PERSON", "GEOGRAPHIC", "CITY", "STATE", "COUNTRY", "NOTES", "ISSN", "URL",
})  # fmt: skip
"""Keys below the text: the first of them ends it."""

KEY = re.compile(r"([A-Z][A-Z-]{2,24}): ?(.*)", re.DOTALL)

COVER_RANGE = re.compile(r"^(?:Download Request: )?Selected Items: (\d{1,6})-(\d{1,6})\s*$", re.MULTILINE)

MAX_LISTED = 500
"""Documents of one download: the databases give no more at once, so that a longer list is no list."""

YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")

CENTRED = re.compile(r"[ \t]{8,}\S")
"""Sources, dates and copyright lines are centred; titles and text are not."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield one article a document; one that the cover lists and that is not there is rejected.

    Raises:
        ReadError: `no-articles` when no line marks a document.
    """
    text = decode(read_bounded(file, options.max_feed_bytes)).replace("\r\n", "\n")
    marks = list(DOCUMENT.finditer(text))
    if not marks:
        told = "No line such as '1 of 10 DOCUMENTS' marks an article: say with --format text that it is one article."
        raise ReadError("no-articles", told, text)
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for place, (mark, end) in enumerate(zip(marks, ends, strict=True), 1):
        part, where = text[mark.end() : end], with_part(uri, "document", place)
        yield attempt(partial(_document, part, where, options), where, partial(str, part))
    yield from _missing(text[: marks[0].start()], {int(mark["number"] or mark["other_number"]) for mark in marks}, uri)


def _missing(cover: str, found: set[int], uri: str) -> Iterator[Rejection]:
    """Yield a rejection for each document that the cover lists and the file lacks."""
    listed = COVER_RANGE.search(cover)
    if listed is None or int(listed[2]) - int(listed[1]) >= MAX_LISTED:
        return
    for number in range(int(listed[1]), int(listed[2]) + 1):
        if number not in found:
            told = f"The cover lists document {number}, and it is not in the file: download it again."
            yield rejected(with_part(uri, "listed", number), "missing-document", told)


def _document(part: str, place: str, options: ReadOptions) -> RawArticle:
    """Return the article of one document.

    Raises:
        ReadError: `no-text`, where there are only facts about it.
    """
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", part) if block.strip()]
    first = next((at for at, block in enumerate(blocks) if _key(block, HEAD_KEYS)), len(blocks))
    source, published, title = _masthead(blocks[:first])
    facts: dict[str, str] = {}
    while first < len(blocks) and (known := _key(blocks[first], HEAD_KEYS)):
        facts[known[0]] = known[1]
        first += 1
    last = next((at for at in range(first, len(blocks)) if _ends(blocks[at])), len(blocks))
    body = "\n\n".join(blocks[first:last])
    if facts.get("BODY"):
        body = f"{facts['BODY']}\n\n{body}".strip()
    if not body:
        raise ReadError("no-text", "This document has facts and no text: download it with its full text.", part)
    facts |= dict(filter(None, (_key(block, TAIL_KEYS) for block in blocks[last:])))
    byline = facts.get("BYLINE")
    names = {"authors": "BYLINE", "section": "SECTION", "language": "LANGUAGE", "summary": "HIGHLIGHT", "url": "URL"}
    return RawArticle(
        input_uri=place,
        origin=Origin.RECORD,
        text=body,
        title=title,
        summary=facts.get("HIGHLIGHT"),
        url=facts.get("URL"),
        source=source or options.source,
        authors=(byline,) if byline else (),
        section=facts["SECTION"].partition(";")[0].strip() if facts.get("SECTION") else None,
        published=published,
        language=facts.get("LANGUAGE", "").partition(";")[0].strip().lower() or options.language,
        field_map={field: name for field, name in names.items() if facts.get(name)},
    )


def _masthead(blocks: list[str]) -> tuple[str | None, str | None, str | None]:
    """Return the paper, the day and the title of what stands above the keys."""
    at = next((at for at, block in enumerate(blocks) if at and CENTRED.match(block) and YEAR.search(block)), None)
    source = _line(blocks[0]) if blocks and CENTRED.match(blocks[0]) else None
    published = None
    if at is not None:
        published = next(line.strip() for line in blocks[at].splitlines() if YEAR.search(line))
    rest = [block for block in blocks[at + 1 if at is not None else 0 :] if not CENTRED.match(block)]
    return source, published, _line(rest[0]) if rest else None


def _key(block: str, known: frozenset[str]) -> tuple[str, str] | None:
    """Return a key and its value, if the block begins with one of these keys."""
    found = KEY.fullmatch(block.strip())
    return (found[1], _line(found[2])) if found and found[1] in known else None


def _ends(block: str) -> bool:
    """Tell whether a block is no more of the text: a key, or the centred line of the copyright."""
    return _key(block, TAIL_KEYS) is not None or (CENTRED.match(block) is not None and "opyright" in block)


def _line(text: str) -> str:
    return " ".join(text.split())
