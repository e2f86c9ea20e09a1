"""Listing: from locations to partitions."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import xxhash

from newsdex.readers import spool
from newsdex.readers.discover import FoundFile, find_files
from newsdex.readers.live.source import fetched, is_live
from newsdex.readers.partition import Partition
from newsdex.readers.split import Piece, piece_name, split_file
from newsdex.readers.uris import name_of
from newsdex.transforms.article import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsdex.readers.partition import ReadOptions


def partitions(locations: Sequence[str], options: ReadOptions) -> Iterator[Partition | Rejection]:
    """Yield the partitions of all locations, lazily and always in the same order; what cannot be read, as a rejection.

    A location is a path, a folder (with everything below it), a pattern, or a URL that fsspec knows. Files are read
    once while they are listed, to count and to hash, and those that cannot be entered in the middle are spooled.
    """
    group: list[Piece] = []
    for item in _limited(_pieces(locations, options), options.limit):
        if isinstance(item, Rejection):
            yield item
            continue
        if group and (item.data is not None or not _fits(group, item, options)):
            yield _partition(group, options)
            group = []
        group.append(item)
        if item.data is not None:
            spool.write(options, piece_name(item), item.data)
        if item.data is not None or _closes(item, options):
            yield _partition(group, options)
            group = []
    if group:
        yield _partition(group, options)


def _pieces(locations: Sequence[str], options: ReadOptions) -> Iterator[Piece | Rejection]:
    for live, some in groupby(locations, lambda location: is_live(location, options)):
        for found in fetched(list(some), options) if live else find_files(list(some)):
            if isinstance(found, FoundFile):
                yield from split_file(found, options)
            else:
                yield found


def _limited(items: Iterator[Piece | Rejection], limit: int | None) -> Iterator[Piece | Rejection]:
    """Yield pieces and rejections until `limit` inputs are named; the last piece is cut short."""
    if limit is None:
        yield from items
        return
    left = limit
    while left > 0 and (item := next(items, None)) is not None:
        if isinstance(item, Piece) and item.count > left:
            item = replace(item, slice=replace(item.slice, limit=left), count=left)
        left -= item.count if isinstance(item, Piece) else 1
        yield item


def _fits(group: list[Piece], piece: Piece, options: ReadOptions) -> bool:
    """Tell whether a piece still belongs in the partition at hand."""
    count = sum(one.count for one in group) + piece.count
    weight = sum(one.weight for one in group) + piece.weight
    return count <= options.partition_articles and weight <= options.partition_bytes


def _closes(piece: Piece, options: ReadOptions) -> bool:
    """Tell whether a partition ends after this file: its content decides, once in as many files as a partition has.

    So a file that comes to a folder later changes the partition that it falls in, and not all that follow.
    """
    return piece.whole and int.from_bytes(piece.digest[:8], "big") % options.partition_articles == 0


def _partition(group: list[Piece], options: ReadOptions) -> Partition:
    """Return the partition of some pieces."""
    key = xxhash.xxh3_128(options.fingerprint())
    for piece in group:
        place = (piece.slice.uri, piece.slice.format, piece.slice.first, piece.slice.limit, piece.before)
        key.update(repr(place).encode("utf-8", "surrogateescape"))
        key.update(piece.digest)
    last = group[-1]
    return Partition(
        key=key.hexdigest(),
        label=_label(group),
        slices=tuple(piece.slice for piece in group),
        size_bytes=sum(piece.size for piece in group),
        expected=sum(piece.count for piece in group),
        spool=piece_name(last) if last.data is not None else None,
    )


def _label(group: list[Piece]) -> str:
    """Return what a person reads in a list of tasks."""
    first, last = group[0], group[-1]
    name = name_of(first.slice.uri)
    if len(group) > 1:
        return f"{name} … {name_of(last.slice.uri)} ({len(group):,} parts)"
    return name if first.whole else f"{name} {first.before + 1:,} to {first.before + first.count:,}"
