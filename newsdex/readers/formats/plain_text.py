"""Plain text: one article a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.readers.files.encoding import decode
from newsdex.readers.files.whole import read_bounded
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle]:
    """Yield the file as one article; it declares nothing but its text."""
    text = decode(read_bounded(file, options.max_article_bytes))
    yield RawArticle(input_uri=uri, origin=Origin.TEXT, text=text, source=options.source, language=options.language)
