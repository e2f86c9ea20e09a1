"""Prepared partitions on disk, between the workers that clean and enrich and the writer that indexes.

A partition is staged as one zstd-compressed file of JSON lines, written under a temporary name and renamed when it is
whole: a file that is there is complete, and a killed run goes on from the files that are there. When a partition is
indexed its file gives way to a *receipt*: what became of each input, enough to tell on the next run, against the index
alone, that nothing changed. Neither is a source of truth: both may be deleted at any time, at the price of work.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import zstandard

from transforms.article import Article, Rejection, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


class StagingArea:
    """The folder of staged partitions and receipts of one index."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made when first written to."""
        self.folder = folder

    def staged(self, key: str) -> Path:
        """Where the partition `key` lies while it waits for being indexed."""
        return self.folder / f"{key}.staged.zst"

    def summary(self, key: str) -> Prepared | None:
        """The summary of a partition that an earlier run staged, or `None`."""
        lines = _lines(self.staged(key))
        try:
            first = next(lines)
        except (OSError, StopIteration, zstandard.ZstdError):
            return None
        summary = msgspec.json.decode(first, type=Prepared)
        summary.reused = True
        return summary

    @contextmanager
    def writing(self, key: str) -> Iterator[StagedWriter]:
        """Write the partition `key`; it appears, whole, when the block ends without an error."""
        writer = StagedWriter(self.staged(key))
        try:
            yield writer
            writer.finish()
        except OSError as error:
            writer.abandon()
            # What fails in the middle of a file, such as a full disk, does not say in which.
            if error.errno and not error.filename:
                error.filename = str(self.folder)
            raise
        except BaseException:
            writer.abandon()
            raise

    def read(self, key: str) -> Iterator[Staged]:
        """The staged lines of a partition, lazily."""
        decoder = msgspec.json.Decoder(Staged)
        lines = _lines(self.staged(key))
        next(lines)
        return (decoder.decode(line) for line in lines)

    def receipt(self, key: str) -> list[Receipt] | None:
        """What an earlier run wrote down about the partition `key`, or `None`."""
        decoder = msgspec.json.Decoder(Receipt)
        try:
            return [decoder.decode(line) for line in _lines(self._receipt_path(key))]
        except (OSError, zstandard.ZstdError, msgspec.DecodeError):
            return None

    def settle(self, key: str, receipts: list[Receipt]) -> None:
        """Replace the staged partition `key` by its receipt."""
        path = self._receipt_path(key)
        with _replacing(path) as partial:
            data = b"\n".join(map(msgspec.json.encode, receipts))
            partial.write_bytes(zstandard.compress(data, COMPRESSION_LEVEL))
        self.staged(key).unlink(missing_ok=True)

    def forget(self, key: str) -> None:
        """Remove whatever is known about the partition `key`."""
        self.staged(key).unlink(missing_ok=True)
        self._receipt_path(key).unlink(missing_ok=True)

    def _receipt_path(self, key: str) -> Path:
        return self.folder / f"{key}.receipt.zst"


class StagedWriter:
    """Writes one staged partition: lines first into a spool, then the summary in front of them."""

    def __init__(self, path: Path) -> None:
        """Write to `path` once finished."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        self._lines: deque[bytes] = deque()
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

    def finish(self) -> None:
        """Make the file appear under its name."""
        head = zstandard.compress(self._encoder.encode(self._summary) + b"\n", COMPRESSION_LEVEL)
        self._lines.append(self._compressor.flush())
        with self._partial.open("wb") as file:
            file.write(head)
            file.writelines(self._lines)
        self._partial.replace(self._path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._lines.clear()
        self._partial.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[bytes]:
    with (
        path.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader,
    ):
        rest = b""
        while chunk := reader.read(1 << 20):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line for line in whole if line)
        if rest:
            yield rest


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
