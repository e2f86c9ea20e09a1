"""Prepared partitions on disk or in a bucket, between the workers that clean and enrich and the writer that indexes.

A partition is staged as one zstd-compressed file of JSON lines, which appears only when it is whole, in a folder or
in a bucket (`files/blobs.py`): a killed run goes on from the files that are there. When a partition is indexed its
file gives way to a *receipt*: what became of each input, enough to tell on the next run, against the index alone, that
nothing changed. Neither is a source of truth: both may be deleted at any time, at the price of work.
"""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import zstandard

from newsdex.readers.files.blobs import blobs_at
from newsdex.transforms.article import Article, Rejection, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.flows.config.settings import Settings
    from newsdex.readers.files.blobs import Blobs
    from newsdex.readers.partition import Partition

COMPRESSION_LEVEL = 3
"""zstd's own default: a third of the space at under 1 % of the time that preparing an article takes."""


class Staged(msgspec.Struct, omit_defaults=True):
    """One line of a staged file: what became of one input so far."""

    article: Article | None = None
    rejection: Rejection | None = None


class Receipt(msgspec.Struct, omit_defaults=True):
    """One line of a receipt: what became of one input in the end."""

    input_uri: str
    article_id: str | None = None
    content_hash: str | None = None
    rejection: Rejection | None = None


class Prepared(msgspec.Struct):
    """What a worker hands back for a partition: the small summary that crosses the process border."""

    key: str
    label: str
    read: int
    """Inputs read: articles and rejections together."""
    seconds: dict[Stage, float]
    """Processor time by stage, in seconds."""
    languages: dict[str, int]
    without_model: dict[str, int]
    """Languages that no entity model covers, with their number of articles."""
    peak_memory_mb: float
    reused: bool = False
    """The partition was staged by an earlier run and only had to be picked up."""


def staging_area(settings: Settings) -> StagingArea:
    """Return where prepared partitions of the index wait for being indexed."""
    place = settings.staging
    return StagingArea(place / settings.index if isinstance(place, Path) else f"{place}/{settings.index}")


def staging_key(partition: Partition, version: str) -> str:
    """Return the key of a partition as a pipeline of this version prepares it."""
    return hashlib.blake2b(f"{partition.key} {version}".encode(), digest_size=16).hexdigest()


class StagingArea:
    """The staged partitions and receipts of one index."""

    def __init__(self, location: str | Path) -> None:
        """Use a folder, made when first written to, or an address such as `s3://bucket/prefix`."""
        self.location = str(location)
        self._blobs = blobs_at(location)

    def summary(self, key: str) -> Prepared | None:
        """Return the summary of a partition that an earlier run staged, or `None`."""
        try:
            first = next(_lines(self._blobs, _staged(key)))
        except (OSError, StopIteration, zstandard.ZstdError):
            return None
        summary = msgspec.json.decode(first, type=Prepared)
        summary.reused = True
        return summary

    @contextmanager
    def writing(self, key: str) -> Iterator[StagedWriter]:
        """Write the partition `key`; it appears, whole, when the block ends without an error."""
        writer = StagedWriter()
        yield writer
        self._blobs.write(_staged(key), writer.parts())

    def read(self, key: str) -> Iterator[Staged]:
        """Return the staged lines of a partition, lazily."""
        decoder = msgspec.json.Decoder(Staged)
        lines = _lines(self._blobs, _staged(key))
        next(lines)
        return (decoder.decode(line) for line in lines)

    def receipt(self, key: str) -> list[Receipt] | None:
        """Return what an earlier run wrote down about the partition `key`, or `None`."""
        decoder = msgspec.json.Decoder(Receipt)
        try:
            return [decoder.decode(line) for line in _lines(self._blobs, _receipt(key))]
        except (OSError, zstandard.ZstdError, msgspec.DecodeError):
            return None

    def replace_by_receipt(self, key: str, receipts: list[Receipt]) -> None:
        """Replace the staged partition `key` by its receipt."""
        data = b"\n".join(map(msgspec.json.encode, receipts))
        # The receipt first: killed in between, the partition has both, and the next run goes by the receipt.
        self._blobs.write(_receipt(key), [zstandard.compress(data, COMPRESSION_LEVEL)])
        self._blobs.remove(_staged(key))

    def forget(self, key: str) -> None:
        """Remove whatever is known about the partition `key`."""
        self._blobs.remove(_staged(key))
        self._blobs.remove(_receipt(key))


class StagedWriter:
    """Holds one staged partition, compressed, until it is whole."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lines: list[bytes] = []
        self._encoder = msgspec.json.Encoder()
        self._summary: Prepared | None = None
        self._compressor = zstandard.ZstdCompressor(COMPRESSION_LEVEL).compressobj()

    def write(self, item: Article | Rejection) -> None:
        """Add one article or rejection."""
        staged = Staged(article=item) if isinstance(item, Article) else Staged(rejection=item)
        # Frames may follow each other in a zstd file, so the lines are compressed as they come and the summary,
        # which is known last, goes into a frame of its own in front.
        self._lines.append(self._compressor.compress(self._encoder.encode(staged) + b"\n"))

    def summarise(self, summary: Prepared) -> None:
        """Set the summary; must be called once, before the block ends."""
        self._summary = summary

    def parts(self) -> list[bytes]:
        """Return the content of the file, once everything is written."""
        head = zstandard.compress(self._encoder.encode(self._summary) + b"\n", COMPRESSION_LEVEL)
        return [head, *self._lines, self._compressor.flush()]


def _staged(key: str) -> str:
    """Return the name of the partition `key` while it waits for being indexed."""
    return f"{key}.staged.zst"


def _receipt(key: str) -> str:
    """Return the name of its receipt."""
    return f"{key}.receipt.zst"


def _lines(blobs: Blobs, name: str) -> Iterator[bytes]:
    with (
        closing(blobs.open(name)) as file,
        zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader,
    ):
        rest = b""
        while chunk := reader.read(1 << 20):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line for line in whole if line)
        if rest:
            yield rest
