"""Plain text: one article a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from newsdex.readers.files.encoding import decode
from newsdex.readers.files.whole import read_bounded
from newsdex.readers.formats.documents import recognise
from newsdex.readers.formats.newswire import control_codes
from newsdex.readers.registry import FORMATS
from newsdex.transforms.article import Origin, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import Rejection


def read(file: IO[bytes], uri: str, options: ReadOptions, _first: int = 1) -> Iterator[RawArticle | Rejection]:
    """Yield the file as one article; it declares nothing but its text. Old wires have control characters in theirs."""
    data = read_bounded(file, options.max_article_bytes)
    if control_codes.SIGN.match(data):
        yield from control_codes.read(io.BytesIO(data), uri, options)
        return
    kind = recognise.kind(data) if options.format is None else None
    if kind is not None:  # inside of an archive; elsewhere the listing tells
        yield from FORMATS[kind].read(io.BytesIO(data), uri, options)
        return
    text = decode(data)
    yield RawArticle(input_uri=uri, origin=Origin.TEXT, text=text, source=options.source, language=options.language)
