"""Mails (RFC 5322, MIME): a mail is one article, and its attachments are inputs of their own. Nothing is fetched."""

from __future__ import annotations

import io
import re
from email import policy
from email.parser import BytesParser
from email.utils import parseaddr
from functools import partial
from typing import IO, TYPE_CHECKING, cast

from newsdex.readers.errors import ReadError, attempt, filtered
from newsdex.readers.files.encoding import decode
from newsdex.readers.files.whole import read_bounded
from newsdex.readers.formats.archive import member
from newsdex.readers.uris import with_part
from newsdex.transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from newsdex.readers.partition import ReadOptions

MAX_PARTS = 1_000
"""Attachments of one mail that are read: more is an attack."""

SIGNATURE = re.compile(r"^-- ?$.*\Z", re.MULTILINE | re.DOTALL)
"""From the line of two hyphens to the end (RFC 3676, 4.3)."""

ORIGINAL = re.compile(
    r"^-{2,} ?(?:Original Message|Urspr\w+ Nachricht|Message d'origine) ?-{2,}.*\Z",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
"""A reply's original below it, as Outlook has it, to the end."""

QUOTED = re.compile(
    r"(?:^[^\n>]{1,200}(?:wrote|schrieb|a écrit|escribió)[^\n]{0,80}:[ \t]*\n\s*)?(?:^>[^\n]*(?:\n|\Z))+",
    re.MULTILINE,
)
"""Lines with ">" in front, and the line that says whose they are."""

LISTS = ("List-Id", "List-Unsubscribe")
"""Fields of newsletters: their sender is a paper, no author."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the mail, then what its attachments hold."""
    yield from message(read_bounded(file, options.max_feed_bytes), uri, options)


def message(data: bytes, uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of one mail given as bytes."""
    mail = BytesParser(policy=policy.default).parsebytes(data.lstrip())
    yield attempt(partial(_article, mail, uri, options), uri, partial(bytes, data[:8000]))
    if mail.get_content_maintype() != "multipart":
        return
    for number, part in enumerate(mail.iter_attachments(), 1):
        if number > MAX_PARTS:
            yield filtered(uri, "too-many-attachments", f"Attachments after the first {MAX_PARTS:,} are not read.")
            return
        yield from _attachment(part, number, uri, options)


def _attachment(part: EmailMessage, number: int, uri: str, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield what an attachment holds; pictures and the like are filtered."""
    place = with_part(uri, "attachment", number)
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        yield attempt(partial(_article, cast("EmailMessage", inner), place, options), place)
        return
    name = part.get_filename() or ""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes) and name and part.get_content_maintype() not in {"image", "audio", "video"}:
        yield from member(io.BytesIO(content), name, place, options)
        return
    told = f"This attachment ({part.get_content_type()}) has no text to index."
    yield filtered(place, "no-text", told)


def _article(mail: EmailMessage, uri: str, options: ReadOptions) -> RawArticle:
    """Return the article that a mail is.

    Raises:
        ReadError: `no-text` where nothing is left without quoted replies and the signature.
    """
    body = mail.get_body(("plain", "html"))
    text = _text(cast("EmailMessage", body)) if body is not None else ""
    is_plain = body is None or body.get_content_subtype() == "plain"
    if is_plain:
        text = own_words(text)
    if not text.strip():
        raise ReadError("no-text", "This mail has no text of its own, but for quotations and a signature.", sound=True)
    name, address = parseaddr(str(mail.get("From", "")))
    newsletter = any(field in mail for field in LISTS)
    sender = name or address.rpartition("@")[2]
    return RawArticle(
        input_uri=uri,
        origin=Origin.RECORD,
        text=text,
        title=_field(mail, "Subject"),
        source=options.source or (sender if newsletter else None) or None,
        authors=(name,) if name and not newsletter else (),
        published=_field(mail, "Date"),
        language=_field(mail, "Content-Language") or options.language,
        field_map={"title": "Subject", "authors": "From", "published": "Date"},
    )


def _field(mail: EmailMessage, name: str) -> str | None:
    return " ".join(str(mail.get(name, "")).split()) or None


def _text(part: EmailMessage) -> str:
    """Return a part's text, its declared encoding believed where that can be true."""
    content = part.get_payload(decode=True)
    text = decode(content if isinstance(content, bytes) else b"", part.get_content_charset()).replace("\r\n", "\n")
    if part.get_param("format") == "flowed":
        gap = "" if str(part.get_param("delsp", "no")).lower() == "yes" else " "
        text = re.sub(r"(?<!^--)(?<!\n--) \n(?![>\n])", lambda _: gap, text)
    return text


def own_words(text: str) -> str:
    r"""Return a mail's text without quoted replies and the signature.

    >>> own_words("Agreed.\n\nOn Monday, Ana wrote:\n> Shall we?\n\n-- \nRui")
    'Agreed.'
    """
    text = SIGNATURE.sub("", ORIGINAL.sub("", text))
    return QUOTED.sub("", text).strip()
