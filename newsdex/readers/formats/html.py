"""HTML: one page a file, its encoding left to the parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.readers.files.encoding import refuse_binary
from newsdex.readers.files.whole import read_bounded
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle]:
    """Yield the page as it lies there: everything it declares is found when it is cleaned."""
    page = read_bounded(file, options.max_article_bytes)
    refuse_binary(page)
    yield RawArticle(input_uri=uri, origin=Origin.PAGE, html=page, source=options.source, language=options.language)
