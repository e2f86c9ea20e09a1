"""Tell what a `.txt` file really is: a mail, a mailbox or a download of a press database."""

from __future__ import annotations

import re

from newsdex.readers.errors import ReadError
from newsdex.readers.files.encoding import decode

SAMPLE = 16 << 10
"""Bytes that are looked at: the cover of a download of a press database has under 4 kB."""

WIRE = rb"[\x00\x16\r\n ]{0,16}\x01[^\x01\x02]{3,300}\x02"
"""How a wire with control characters begins: a start of heading, the heading, a start of text."""

DOCUMENT = re.compile(
    r"^[ \t\f]*(?:(?P<number>\d{1,6}) (?:of|von|de) (?P<total>\d{1,6}) (?:DOCUMENTS|DOKUMENTEN)"
    r"|Document (?P<other_number>\d{1,6}) (?:of|von|de) (?P<other_total>\d{1,6}))[ \t]*\r?$",
    re.MULTILINE,
)
"""The line above each document: "3 of 200 DOCUMENTS", "Document 3 of 200"."""

KEYED = re.compile(r"^(?:LENGTH|LOAD-DATE): ", re.MULTILINE)

FIELD = r"[A-Za-z][A-Za-z-]{0,60}: ?[^\n]*\n(?:[ \t][^\n]*\n)*"

MAIL = re.compile(rf"\s*(?:{FIELD}){{2,}}", re.ASCII)

MAIL_FIELDS = re.compile(
    r"^(?:Return-Path|Delivered-To|Received|Message-ID|MIME-Version|From|To|Subject|Date|X-[A-Za-z-]+):",
    re.MULTILINE | re.IGNORECASE,
)

SURE_FIELDS = re.compile(
    r"^(?:Return-Path|Delivered-To|Received|Message-ID|MIME-Version):", re.MULTILINE | re.IGNORECASE
)
"""Fields that mail programs write and people do not: a text that begins "Subject: …" may be a press release."""

ENVELOPE = re.compile(r"From \S+ .{0,40}\d\d:\d\d.{0,40}\d{4}[^\n]{0,20}\n[!-9;-~]{1,60}:")
"""How a mailbox begins: "From ana@paper.example Tue Mar  5 10:15:00 2024", then a field."""


def kind(head: bytes) -> str | None:
    """Return `nexis`, `mail` or `mbox` for a file that begins so, `None` for other text."""
    try:
        text = decode(head[:SAMPLE]).replace("\r\n", "\n").lstrip("\ufeff")
    except ReadError:  # no text: other signs tell what it is, or its reader says so
        return None
    if ENVELOPE.match(text):
        return "mbox"
    if DOCUMENT.search(text) and KEYED.search(text):
        return "nexis"
    fields = MAIL.match(text)
    if fields and SURE_FIELDS.search(fields[0]) and len(MAIL_FIELDS.findall(fields[0])) > 2:
        return "mail"
    return None
