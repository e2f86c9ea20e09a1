"""The table of formats. To add one: write a module with a `read` like the others', and add its line here."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, cast

from newsdex.readers.errors import ReadError
from newsdex.readers.files import compression
from newsdex.readers.formats.documents import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection


class Reader(Protocol):
    """What a format's module calls `read`."""

    def __call__(
        self, file: IO[bytes], uri: str, options: ReadOptions, first: int = 1, /
    ) -> Iterator[RawArticle | Rejection]:
        """Yield every input of `file` (decompressed), lazily and in order; `first` is the number of the first line.

        A broken input is yielded as a rejection. A `ReadError` ends the file: the caller makes it a rejection.
        """


class Cutting(StrEnum):
    """How a file of a format becomes partitions."""

    NEVER = "never"
    """One small file, one article: many files make a partition."""
    LINES = "lines"
    """Between lines: a part is read from the file itself."""
    SPOOL = "spool"
    """A file of many articles is read when it is listed, and its articles wait in the spool folder."""


@dataclass(frozen=True, slots=True)
class Format:
    """One input format."""

    name: str
    module: str
    suffixes: tuple[str, ...]
    cutting: Cutting
    seeks: bool = False
    """Its reader jumps about in the file, so the file must be a plain one."""
    needs: str = ""
    """The extra to install for it, if it is not part of the ordinary installation."""
    pages: bool = False
    """Its articles are whole web pages."""

    @property
    def read(self) -> Reader:
        """The format's reader, imported at its first use."""
        try:
            return cast("Reader", importlib.import_module(f"newsdex.readers.formats.{self.module}").read)
        except ImportError as error:
            told = (
                f"Reading {self.name} needs a package that is not installed: run pip install 'newsdex[{self.needs}]'."
            )
            raise ReadError("unsupported-format", told) from error


FORMATS = {
    known.name: known
    for known in (
        Format("text", "plain_text", (".txt", ".text", ".md"), Cutting.NEVER),
        Format("html", "html", (".html", ".htm", ".xhtml"), Cutting.NEVER, pages=True),
        Format("jsonl", "jsonl", (".jsonl", ".ndjson"), Cutting.LINES),
        Format("json", "json_document", (".json",), Cutting.SPOOL, seeks=True),
        Format("csv", "csv_table", (".csv", ".tsv"), Cutting.SPOOL),
        Format("parquet", "parquet", (".parquet",), Cutting.SPOOL, seeks=True, needs="parquet"),
        Format("feed", "feed", (".rss", ".atom", ".rdf"), Cutting.SPOOL),
        Format("xml", "newswire.xml_document", (".xml", ".nitf", ".newsml"), Cutting.SPOOL),
        Format("warc", "warc", (".warc", ".arc"), Cutting.SPOOL),
        Format("wire", "newswire.control_codes", (".anpa", ".iptc"), Cutting.NEVER),
        Format("mail", "documents.mail", (".eml",), Cutting.SPOOL),
        Format("mbox", "documents.mbox", (".mbox", ".mbx"), Cutting.SPOOL),
        Format("pdf", "documents.pdf", (".pdf",), Cutting.SPOOL, needs="documents"),
        Format("nexis", "documents.nexis", (), Cutting.SPOOL),
        Format("zip", "archive_zip", (".zip",), Cutting.SPOOL, seeks=True),
        Format("tar", "archive_tar", (".tar", ".tgz", ".tbz2", ".txz"), Cutting.SPOOL),
    )
}
"""Every format by its name."""

_BY_SUFFIX = {suffix: known for known in FORMATS.values() for suffix in known.suffixes}

_SIGNS = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (rb"\s{0,16}%PDF-\d", "pdf"),
        (rb"PK\x03\x04", "zip"),
        (rb"PAR1", "parquet"),
        (rb"WARC/\d|filedesc://", "warc"),
        (rb".{257}ustar", "tar"),
        (
            rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)[\s>]",
            "html",
        ),
        (
            (
                rb"(?:\xef\xbb\xbf)?\s*<(?s:.{0,2000}?)<?\b(?:nitf|NewsML|newsItem|newsMessage|packageItem|conceptItem"
                rb"|knowledgeItem|planningItem|RBNews)[\s>]"
            ),
            "xml",
        ),
        (rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|rdf)[\s>]", "feed"),
        (recognise.WIRE, "wire"),
        (rb"(?:\xef\xbb\xbf)?\s*\{[^\n]+\}[ \t\r]*\n\s*\{", "jsonl"),
        (rb"(?:\xef\xbb\xbf)?\s*[\[{]\s*[\"{}\]]", "json"),
    )
)
"""How files of each format begin, for files that the user names and whose own name tells nothing."""

SURE = frozenset({"xml", "wire", "mail", "mbox", "nexis"})
"""Formats that a file's beginning tells beyond doubt: such files are read wherever they lie, whatever their name."""

SIGN_BYTES = 64 << 10
"""How much of a file is looked at for its sign: a first line of JSON is seldom longer."""


def by_name(name: str) -> Format | None:
    """Return the format that a file's name tells, `None` if it tells none; endings of compression are passed over."""
    lowered = name.lower()
    for suffix in compression.SUFFIXES:
        lowered = lowered.removesuffix(suffix)
    for suffix in (lowered[dot:] for dot in range(len(lowered)) if lowered[dot] == "."):
        if suffix in _BY_SUFFIX:
            return _BY_SUFFIX[suffix]
    return None


def by_content(head: bytes) -> Format | None:
    """Return the format that a file's beginning tells (decompressed), `None` if it tells none."""
    for sign, name in _SIGNS:
        if sign.match(head[:SIGN_BYTES]):
            return FORMATS.get(name)
    told = recognise.kind(head)
    return FORMATS[told] if told else None


def by_option(name: str) -> Format:
    """Return the format of that name.

    Raises:
        ReadError: `unknown-format`, with the names that there are.
    """
    if name not in FORMATS:
        raise ReadError("unknown-format", f"There is no format {name}: choose one of {', '.join(sorted(FORMATS))}.")
    return FORMATS[name]
