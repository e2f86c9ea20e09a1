"""Wires of the days of teleprinters: IPTC 7901 and ANPA 1312, with control characters around header, text and time."""

from __future__ import annotations

import re
from functools import partial
from typing import IO, TYPE_CHECKING

from newsdex.readers.errors import ReadError, attempt
from newsdex.readers.files.encoding import decode
from newsdex.readers.files.whole import read_bounded
from newsdex.readers.formats.documents.recognise import WIRE
from newsdex.readers.formats.newswire import status
from newsdex.readers.formats.newswire.nitf import BY
from newsdex.readers.formats.newswire.tree import BREAK, distinct
from newsdex.readers.uris import with_part
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import Rejection

SIGN = re.compile(WIRE)

MESSAGE = re.compile(rb"\x01(?P<head>[^\x01\x02]{0,2000})\x02(?P<text>[^\x01\x03]*)(?P<tail>\x03[^\x01]{0,200})?")

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

GMT = re.compile(r"(\d\d)(\d\d)(\d\d)(?: (GMT|UTC))? ([A-Z][a-zä]{2}) (\d\d)")
"""IPTC 7901's time: day, hour, minute, zone, month, year ("131137 GMT Nov 13")."""

AP_TIME = re.compile(r"(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)(GMT|E[DS]T)?")
"""ANPA's: month, day, year, hour and minute ("05-09-17 0056GMT")."""

MONTHS = {
    name: month
    for month, names in enumerate(
        ("Jan", "Feb", "Mar Mär Mrz", "Apr", "May Mai", "Jun", "Jul", "Aug", "Sep", "Oct Okt", "Nov", "Dec Dez"), 1
    )
    for name in names.split()
}
"""Short names of months, English and German: dpa writes both."""

OFFSETS = {"GMT": "+00:00", "UTC": "+00:00", "EDT": "-04:00", "EST": "-05:00", None: ""}

PIVOT = 70
"""Two-digit years from here on are of the twentieth century: the formats are of 1979."""

NOTEBOOK = re.compile(r"^#+ .*?notebook\s*$|^\* \* \* \*\s*$", re.IGNORECASE | re.MULTILINE)
"""Where dpa's notes for editors begin: they say themselves that they are not for publication."""

NOTE = re.compile(r"\(?(?:Eds\b|EDITOR|AP Photo|AP Video|Associated Press$|The Associated Press$|With |For )")
"""Lines of an ANPA heading that are for editors, or name the agency."""

TYPED = str.maketrans({"`": "“", "_": "—"})

SERVICE = re.compile(r"\b(dpa|afp|apa|ansa|efe|reuters|ap)\b", re.IGNORECASE)


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the article of each message of a file.

    Raises:
        ReadError: `no-articles`, where there is no message in it.
    """
    data = read_bounded(file, options.max_article_bytes)
    messages = list(MESSAGE.finditer(data))
    if not messages:
        raise ReadError("no-articles", "It begins like a wire message, and has no text: fetch it again.", data)
    for number, message in enumerate(messages, 1):
        place = uri if len(messages) == 1 else with_part(uri, "message", number)
        yield attempt(partial(_article, message, place, options), place, message.group)


def _article(message: re.Match[bytes], uri: str, options: ReadOptions) -> RawArticle:
    head, text, tail = (_plain(message[part] or b"") for part in ("head", "text", "tail"))
    status.refuse_empty(text)
    make = _anpa if text.lstrip().startswith("^") else _iptc
    title, authors, body = make(text)
    status.refuse_empty(body)
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    slug = lines[-1].strip("/ ") if len(lines) > 1 and make is _iptc else None
    service = SERVICE.search(lines[0] if lines else "") if make is _iptc else re.search("AP", tail)
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=body,
        title=title,
        authors=authors,
        source=(service.group() if service else None) or options.source,
        keywords=distinct(slug.split("/")) if slug else (),
        published=_moment(tail),
        language=options.language,
    )


def _plain(data: bytes) -> str:
    """Return a part of a message as text, in the encoding that its bytes tell."""
    raw = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", b" ", data)
    return CONTROL.sub(" ", decode(raw)).replace("\r\n", "\n").replace("\r", "\n") if raw.strip() else ""


def _iptc(text: str) -> tuple[str | None, tuple[str, ...], str]:
    """Return headline, authors and text: the headline ends with "=", bylines and urgency in it are none of it."""
    heading, sign, body = text.partition(" =\n")
    if not sign:
        heading, _, body = text.partition("\n")
    lines = [line.strip() for line in heading.splitlines() if line.strip()]
    by = [BY.sub("", line) for line in lines if BY.match(line)]
    title = [line for line in lines if not BY.match(line) and (len(lines) == 1 or not line.isupper())]
    notes = NOTEBOOK.search(body)
    return " ".join(title) or None, _names(by), _blocks(body[: notes.start()] if notes else body)


def _anpa(text: str) -> tuple[str | None, tuple[str, ...], str]:
    """Return headline, authors and text: lines that begin with "^" are the heading, the first of them the slug."""
    lines = [line.strip() for line in text.splitlines()]
    count = next((n for n, line in enumerate(lines) if line and not line.startswith("^")), len(lines))
    heading = [line.strip("^<= ") for line in lines[:count] if line.strip("^<= ")]
    by = [BY.sub("", line) for line in heading if BY.match(line)]
    rest = [line for line in heading[1:] if not BY.match(line) and not NOTE.match(line)]
    title = rest[0] if rest else heading[0] if heading else None
    body = "\n".join(line.lstrip("^").rstrip("<") if line.startswith("^") else line for line in lines[count:])
    typed = body.replace("''", "”").translate(TYPED).replace("““", "“")
    return title, _names(by), _blocks(typed.rstrip("< "))


def _names(by: list[str]) -> tuple[str, ...]:
    """Return the names of bylines, without the paper after a comma, and names in capitals as names are written."""
    names = (name for line in by for name in re.split(r" and | und ", line.split(",")[0]))
    return distinct(re.sub(r"\b[A-Z]{2,}\b", lambda word: word.group().title(), name.strip()) for name in names)


def _blocks(text: str) -> str:
    """Return a text in paragraphs: lines are as long as the printer's were."""
    blocks = re.split(r"\n\s*\n|\n(?=[ \t]{2,}\S)", text)
    return BREAK.join(" ".join(block.split()) for block in blocks if block.strip(" \n—_"))


def _moment(tail: str) -> str | None:
    """Return when a message was sent."""
    if match := GMT.search(tail):
        day, hour, minute, zone, name, year = match.groups()
        month = MONTHS.get(name, 0)
    elif match := AP_TIME.search(tail):
        number, day, year, hour, minute, zone = match.groups()
        month = int(number)
    else:
        return None
    century = "19" if int(year) >= PIVOT else "20"
    return f"{century}{year}-{month:02}-{day}T{hour}:{minute}:00{OFFSETS.get(zone, '')}" if month else None
