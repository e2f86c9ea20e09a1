"""Cache the inputs of a source by interval, so that many intervals over one big file scan it once.

A cache is a folder: pieces of packed inputs as the readers' spool holds them, and a list of which piece belongs to
which interval. It appears under its name only when it is whole. The name is made from what was listed and how it was
cut; an interval's pieces are named by their content, so that one in which nothing changed is known again.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import xxhash

from newsdex.private_files import make_private, open_private
from newsdex.readers import spool
from newsdex.readers.partition import Partition, Slice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import RawArticle, Rejection

    Input = RawArticle | Rejection

MEMORY_BYTES = 256 << 20
"""Inputs that wait in memory for their piece to be full; above this the largest piece is closed before it is."""

LIST = "cache.json"


class CachedPiece(msgspec.Struct, frozen=True):
    """Some inputs of one interval, in the order in which they were read."""

    digest: str
    count: int
    size: int
    uri: str
    """The file of the first of them."""

    @property
    def name(self) -> str:
        """Its file."""
        return f"{self.digest}.zst"


class IntervalCache(msgspec.Struct):
    """The content of one cache folder."""

    pieces: dict[str, list[CachedPiece]]
    """Interval, or whatever inputs were sorted by → its pieces."""
    left_out: dict[str, int]
    """Why inputs belong to no interval → how many."""

    def count(self, place: str) -> int:
        """Return how many inputs lie in one place."""
        return sum(piece.count for piece in self.pieces.get(place, ()))

    def digest(self, place: str) -> str:
        """Return a digest that names the content of one place."""
        told = " ".join(piece.digest for piece in self.pieces.get(place, ()))
        return xxhash.xxh3_128_hexdigest(told.encode())

    def partitions(self, place: str, options: ReadOptions) -> list[Partition]:
        """Return the inputs of one place as partitions."""
        found: list[Partition] = []
        before = 0
        for piece in self.pieces.get(place, ()):
            key = xxhash.xxh3_128(options.fingerprint())
            key.update(piece.digest.encode())
            found.append(
                Partition(
                    key=key.hexdigest(),
                    label=f"{place} {before + 1:,} to {before + piece.count:,}",
                    slices=(Slice(uri=piece.uri, format="spooled"),),
                    size_bytes=piece.size,
                    expected=piece.count,
                    spool=piece.name,
                )
            )
            before += piece.count
        return found


class IntervalCaches:
    """The folder of all caches of an index."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made when first written to."""
        self._folder = folder

    def find(self, name: str) -> IntervalCache | None:
        """Return a cache that is there with all of its pieces; its time is set, so that maintenance leaves it alone."""
        place = self._folder / name
        try:
            cache = msgspec.json.decode((place / LIST).read_bytes(), type=IntervalCache)
            os.utime(place)
        except (OSError, msgspec.DecodeError):
            return None
        there = all((place / piece.name).is_file() for pieces in cache.pieces.values() for piece in pieces)
        return cache if there else None

    def fill(self, name: str, placed: Iterable[tuple[Input, str | None]], options: ReadOptions) -> IntervalCache:
        """Sort inputs into a new cache.

        Args:
            name: of the cache; what was there under it is replaced.
            placed: inputs in the order in which they are read, each with its place, `None` for one that is not
                wanted. A place in brackets, such as `(no date)`, keeps nothing but the count.
            options: say how many inputs go into a piece.
        """
        partial = self._folder / f".{name}.{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        make_private(partial)
        try:
            cache = _sort(placed, replace(options, spool_folder=str(partial)))
            with open_private(partial / LIST) as file:
                file.write(msgspec.json.encode(cache))
            # A cache that is there under its name is whole: a backfill that is killed leaves a folder with a dot.
            final = self._folder / name
            shutil.rmtree(final, ignore_errors=True)
            partial.replace(final)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return cache

    def materialise(self, name: str, partitions: Iterable[Partition], options: ReadOptions) -> bool:
        """Put the pieces of partitions into the spool, which forgets them once they are indexed.

        Tell whether all of them were there.
        """
        target = spool.folder(options)
        make_private(target)
        for partition in partitions:
            piece = self._folder / name / str(partition.spool)
            if not piece.is_file():
                return False
            place = target / str(partition.spool)
            if not place.exists():
                shutil.copy(piece, f"{place}.{os.getpid()}.partial")
                os.replace(f"{place}.{os.getpid()}.partial", place)  # noqa: PTH105  # beside its source
        return True


def _sort(placed: Iterable[tuple[Input, str | None]], options: ReadOptions) -> IntervalCache:
    cache = IntervalCache(pieces={}, left_out={})
    waiting: dict[str, list[bytes]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    first: dict[str, str] = {}

    counts: dict[str, int] = defaultdict(int)
    held = 0

    def close(place: str) -> None:
        nonlocal held
        data = b"".join(waiting.pop(place))
        piece = CachedPiece(xxhash.xxh3_128_hexdigest(data), counts.pop(place), len(data), first.pop(place))
        spool.write(options, piece.name, data)
        cache.pieces.setdefault(place, []).append(piece)
        held -= sizes.pop(place)

    for item, place in placed:
        if place is None:
            continue
        if place.startswith("("):
            cache.left_out[place] = cache.left_out.get(place, 0) + 1
            continue
        packed = spool.encode(item)
        first.setdefault(place, item.input_uri.partition("#")[0])
        waiting[place].append(packed)
        counts[place] += 1
        sizes[place] += len(packed)
        held += len(packed)
        # A piece is as large as a partition may be. Many intervals at once would hold as many pieces in memory, so past
        # a bound the largest of them is closed early: that leaves the fewest small pieces.
        if counts[place] >= options.partition_articles or sizes[place] >= options.partition_bytes:
            close(place)
        elif held > MEMORY_BYTES:
            close(max(sizes, key=sizes.__getitem__))
    for place in list(waiting):
        close(place)
    return cache
