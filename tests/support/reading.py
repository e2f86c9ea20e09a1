"""Everything that a location holds, listed and read as a run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.transforms.article import RawArticle, Rejection


def inputs(location: Path | str, options: ReadOptions | None = None) -> list[RawArticle | Rejection]:
    """Return every input of a location, in order; what was listed must be what is read."""
    options = options or ReadOptions()
    found: list[RawArticle | Rejection] = []
    for item in partitions([str(location)], options):
        if isinstance(item, Partition):
            items = list(read(item, options))
            assert len(items) == item.expected
            found += items
        else:
            found.append(item)
    return found
