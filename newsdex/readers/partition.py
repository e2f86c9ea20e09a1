"""What travels to a worker: which bytes of which files to read, under a key made from their content.

Everything here is frozen, small and picklable; nothing opens a file.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # msgspec reads the field types at run time
from dataclasses import dataclass, field

import xxhash

from newsdex import versions
from newsdex.readers.fetch_options import FetchOptions

PARTITION_ARTICLES = 500
"""Articles in a partition: at 10 to 20 ms of work each, five to ten seconds, long against the start of a task."""

PARTITION_BYTES = 4 << 20
"""Bytes in a partition, before compression: 650 articles of 6.4 kB, the mean of 20,000 news articles in JSON Lines."""

MAX_ARTICLE_BYTES = 10 << 20
"""Above this no single article is read: of 20,000, the mean has 6.4 kB and the longest 56 kB."""

MAX_FEED_BYTES = 64 << 20
"""Above this a feed is not read: feeds are parsed as a whole, and the largest of 47 real ones has 0.8 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read, the same for every location of a run."""

    field_map: Mapping[str, str] = field(default_factory=dict)
    """For records: our field name → the input's own name (`{"body": "story_text"}`), instead of the usual names."""
    format: str | None = None
    """Name of a format in `registry.FORMATS`: every file is read as that, whatever its name says."""
    limit: int | None = None
    """Read at most so many inputs in all, the first ones."""
    source: str | None = None
    """Name of the paper, for articles that declare none."""
    language: str | None = None
    """Language hint, for articles that declare none."""
    partition_articles: int = PARTITION_ARTICLES
    partition_bytes: int = PARTITION_BYTES
    max_article_bytes: int = MAX_ARTICLE_BYTES
    max_feed_bytes: int = MAX_FEED_BYTES
    spool_folder: str | None = None
    """Where parts of inputs that cannot be entered in the middle are kept until they are read; `None`: the user's
    cache folder. Workers on other machines may lack it: they cut the input anew."""

    fetch: FetchOptions = field(default_factory=FetchOptions)
    """How addresses of the web are fetched."""

    def fingerprint(self) -> bytes:
        """Return a digest of the options that decide what is read from given bytes; sizes of partitions do not."""
        told = (sorted(self.field_map.items()), self.source, self.language, self.max_article_bytes, self.max_feed_bytes)
        return xxhash.xxh3_128_digest(repr((versions.READERS, told)).encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some whole inputs of one file, in the file's order."""

    uri: str
    """The file that the inputs are named by."""
    format: str
    """Name of a format in `registry.FORMATS`, or `spooled` for articles that were cut out when listing."""
    start: int = 0
    """First byte: of the file as it lies there or, in a spooled partition, of the spool after decompression."""
    stop: int | None = None
    """One past the last byte; `None` for the whole file, which alone may be compressed."""
    first: int = 1
    """Number of the first line."""
    limit: int | None = None
    """Yield at most so many inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Some seconds of work for one worker."""

    key: str
    """Digest of the content covered, of where it lies and of the reading options, whatever the files' times say: the
    same articles read under the same names in the same way, the same key."""
    label: str
    """What a person reads in a list of tasks: "articles-20k.jsonl.gz 4,001 to 4,500"."""
    slices: tuple[Slice, ...]
    size_bytes: int
    """Bytes of content, as they lie in the files (before decompression) or in the spool (after it)."""
    expected: int | None
    """How many inputs are in it."""
    spool: str | None = None
    """Path of the file in the spool folder that holds the content, where the input cannot be entered in the middle."""
