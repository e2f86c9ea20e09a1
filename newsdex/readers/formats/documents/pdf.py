"""PDF with a text layer: one article a file. A scan without text is rejected, and told that it needs OCR.

Read by pypdfium2: of 200 made pages of two columns it reads 817 a second on one core and pypdf 196, both in the right
order. The dates and authors that a PDF declares are those of the file, often of who printed it: they are not taken for
the article's.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import IO, TYPE_CHECKING

import pypdfium2

from newsdex.readers.errors import ReadError
from newsdex.readers.files.whole import read_bounded, too_large
from newsdex.transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions

MIN_CHARS = 40
"""Below this a file has no text layer worth the name: a scanner's stamp or a page number has less."""

MIN_PAGES = 3
"""Pages from which on a line that recurs is a running head; of two pages, both may begin alike by chance."""

HYPHEN = re.compile(r"(?:[\x02\ufffe\u00ad]\n?|(?<=[^\W\d_])-\n)(?=[^\W\d_])")
"""A word cut at the end of a line; PDFium writes U+FFFE or 0x02 for such a hyphen and its line end."""

DIGITS = re.compile(r"\d+")

LOCK = threading.Lock()
"""PDFium must be used by one thread at a time."""


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the file as one article.

    Raises:
        ReadError: `encrypted-pdf`, `damaged-pdf`, `scanned-pdf` or `too-large`.
    """
    data = read_bounded(file, options.max_feed_bytes)
    with LOCK:
        pages = _pages(data, options.max_article_bytes)
    text = HYPHEN.sub("", "\n".join(_without_running_heads(pages)))
    text = re.sub(r"[\x02\ufffe]", "-", text).strip()
    if len(text) < MIN_CHARS:
        told = f"Its {len(pages)} pages have no text, as of a scan: run OCR over it (ocrmypdf does), and read it again."
        raise ReadError("scanned-pdf", told)
    yield RawArticle(input_uri=uri, origin=Origin.TEXT, text=text, source=options.source, language=options.language)


def _pages(data: bytes, most: int) -> list[list[str]]:
    """Return the lines of each page, in the order in which they were set."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            told = "This PDF is encrypted: save a copy without its password."
            raise ReadError("encrypted-pdf", told) from error
        raise ReadError("damaged-pdf", f"This PDF is damaged ({error}): fetch it again.") from error
    pages, size = [], 0
    try:
        for number in range(len(document)):
            lines = _lines(document, number)
            size += sum(map(len, lines))
            if size > most:
                raise too_large(most)
            pages.append(lines)
    finally:
        document.close()
    return pages


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[str]:
    """Return the lines of one page."""
    try:
        page = document[number]
        layer = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        told = f"Page {number + 1} of this PDF is damaged ({error}): fetch it again."
        raise ReadError("damaged-pdf", told) from error
    text = str(layer.get_text_range()).replace("\r\n", "\n").replace("\r", "\n")
    layer.close()
    page.close()
    return text.split("\n")


def _without_running_heads(pages: list[list[str]]) -> Iterator[str]:
    """Yield each page's text without first and last lines that most pages share but for their numbers."""
    stripped = [[line for line in lines if line.strip()] for lines in pages]
    ends = [(DIGITS.sub("#", lines[0]), DIGITS.sub("#", lines[-1])) for lines in stripped if lines]
    heads, feet = Counter(head for head, _ in ends), Counter(foot for _, foot in ends)
    least = len(pages) // 2 + 1 if len(pages) >= MIN_PAGES else len(pages) + 1
    for lines in stripped:
        first, last = 0, len(lines)
        if lines and heads[DIGITS.sub("#", lines[0])] >= least:
            first = 1
        if last > first and feet[DIGITS.sub("#", lines[-1])] >= least:
            last -= 1
        yield "\n".join(lines[first:last])
