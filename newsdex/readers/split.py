"""Cutting one file into pieces of about a partition's size."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xxhash

from newsdex.readers import spool
from newsdex.readers.discover import FoundFile
from newsdex.readers.errors import ReadError, StoreError
from newsdex.readers.files.compression import CHUNK_BYTES, ChunkFile, codec_of, plain_chunks, plain_file
from newsdex.readers.files.encoding import SAMPLE_BYTES, utf8_chunks, wide_encoding
from newsdex.readers.files.lines import Line, LineRange, runs
from newsdex.readers.files.whole import too_large
from newsdex.readers.formats.documents import recognise
from newsdex.readers.formats.jsonl import too_long
from newsdex.readers.partition import Slice
from newsdex.readers.read import guarded, opened
from newsdex.readers.registry import FORMATS, SIGN_BYTES, SURE, Cutting, Format, by_content, by_name, by_option
from newsdex.readers.uris import WEB, open_uri
from newsdex.transforms.article import RawArticle, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import ReadOptions

PAGE_WEIGHT = 8
"""A web page counts as an eighth of its bytes: of 181 real ones, nine in ten are over ten times their article."""

FETCHED = frozenset({"feed", "html"})
"""Formats of what is fetched live and then lies in an archive file, which stays one whatever the user says it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some inputs of one file, about to become a partition or a part of one."""

    slice: Slice
    count: int
    """How many inputs."""
    weight: int
    """Bytes, as they count for the size of a partition."""
    size: int
    digest: bytes
    before: int = 0
    """How many inputs of the same file come before it."""
    data: bytes | None = None
    """What is to be spooled: the file cannot be entered where this piece begins."""
    whole: bool = False


def split_file(found: FoundFile, options: ReadOptions) -> Iterator[Piece | Rejection]:
    """Yield the pieces of a file in order; what is not to be read comes out as a rejection."""
    try:
        known = format_of(found, options)
        if isinstance(known, Rejection):
            yield known
        elif found.size == 0:
            raise ReadError("empty-file", "There is nothing in it: leave it out, or fetch it again.")
        elif known.cutting is Cutting.LINES:
            yield from _by_lines(found, known, options)
        elif known.cutting is Cutting.SPOOL:
            yield from _by_articles(found, known, options)
        else:
            yield _one(found, known, options)
    except ReadError as error:
        yield error.at(found.uri)
    except StoreError as error:
        raise error.fault from error
    except Exception as error:
        if not found.uri.startswith(WEB):
            raise
        from newsdex.readers.files.http import fault  # noqa: PLC0415  # few runs need it

        yield fault(found.uri, error).at(found.uri)


def format_of(found: FoundFile, options: ReadOptions) -> Format | Rejection:
    """Return a file's format: as the user says, as its name tells, else, if the user named the file, as it begins."""
    known = by_name(found.name)
    if options.format in FETCHED and known is not None and known.name == "warc":
        return known
    if options.format is not None:
        return by_option(options.format)
    if known is not None and known.name == "text":
        kind = recognise.kind(_beginning(found, recognise.SAMPLE, options))
        return FORMATS[kind] if kind else known
    if known is None:
        seen = by_content(_beginning(found, SIGN_BYTES, options))
        # In a folder lies much that is no news; agencies' systems name files as they like.
        known = seen if found.named or (seen is not None and seen.name in SURE) else None
    if known is not None:
        return known
    told = "Its name tells no format that can be read here: say which it is with --format, or leave it out."
    result = Result.REJECTED if found.named else Result.FILTERED
    return Rejection(input_uri=found.uri, stage=Stage.READ, reason="unknown-format", detail=told, result=result)


def _beginning(found: FoundFile, size: int, options: ReadOptions) -> bytes:
    """Return the first bytes of a file, decompressed."""
    with open_uri(found.uri, options.fetch) as raw, plain_file(raw) as file:
        return file.read(size)


def respool(part: Slice, name: str, options: ReadOptions) -> None:
    """Spool the piece `name` of a file once more, where this machine does not have it.

    Raises:
        ReadError: `changed-file` when the file no longer holds that piece.
    """
    found = FoundFile(part.uri, part.uri.rpartition("/")[2], None, named=True)
    for piece in split_file(found, options):
        if isinstance(piece, Piece) and piece.data is not None and piece_name(piece) == name:
            spool.write(options, name, piece.data)
            return
    raise ReadError("changed-file", "The file has changed since it was listed: run again to read it as it is now.")


def piece_name(piece: Piece) -> str:
    """Return the name of a piece in the spool folder: a digest of its content."""
    return f"{piece.digest.hex()}.zst"


def _one(found: FoundFile, known: Format, options: ReadOptions) -> Piece:
    """Return a file with a single article as a piece."""
    digest, size = _digest(found, options.max_article_bytes, options)
    weight = size // PAGE_WEIGHT if known.pages else size
    return Piece(
        slice=Slice(uri=found.uri, format=known.name), count=1, weight=weight, size=size, digest=digest, whole=True
    )


def _digest(found: FoundFile, max_bytes: int | None, options: ReadOptions) -> tuple[bytes, int]:
    """Return a digest of a file's bytes as they lie there, and how many they are; the store's own tag if it has one."""
    if max_bytes is not None and found.size is not None and found.size > max_bytes:
        raise too_large(max_bytes, found.size)
    if found.tag and found.size is not None:
        return found.tag.encode(), found.size
    digest, size = xxhash.xxh3_128(), 0
    with open_uri(found.uri, options.fetch) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise too_large(max_bytes)
    return digest.digest(), size


def _by_lines(found: FoundFile, known: Format, options: ReadOptions) -> Iterator[Piece | Rejection]:
    """Yield runs of lines. A file of one run is one piece, which is read from the file whatever its compression."""
    with open_uri(found.uri, options.fetch) as raw:
        file = io.BufferedReader(ChunkFile(iter(lambda: raw.read(CHUNK_BYTES), b"")), CHUNK_BYTES)
        head = file.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
        enters = codec_of(head) is None and wide_encoding(head) is None
        chunks = utf8_chunks(plain_chunks(file))
        before, waiting, alone = 0, None, True
        fault: ReadError | None = None
        parts = runs(chunks, options.max_article_bytes, options.partition_articles, options.partition_bytes)
        while True:
            try:
                part = next(parts, None)
            except ReadError as error:
                part, fault = None, error
            alone = alone and fault is None and (waiting is None or part is None) and not isinstance(part, Line)
            if waiting is not None:
                yield _run(found, known, waiting, before, whole=alone, enters=enters)
                before += waiting.count
                waiting = None
            if isinstance(part, Line):
                yield too_long(found.uri, part, options)
            elif part is None:
                break
            else:
                waiting = part
        if fault is not None:
            raise fault
        if alone and before == 0:
            raise ReadError("empty-file", "There is nothing in it: leave it out, or fetch it again.")


def _run(found: FoundFile, known: Format, run: LineRange, before: int, *, whole: bool, enters: bool) -> Piece:
    """Return a run of lines as a piece."""
    place = Slice(
        uri=found.uri,
        format=known.name,
        start=run.start if enters and not whole else 0,
        stop=run.stop if enters and not whole else None,
        first=run.first,
    )
    return Piece(
        slice=place,
        count=run.count,
        weight=len(run.data),
        size=run.stop - run.start,
        digest=xxhash.xxh3_128_digest(run.data),
        before=before,
        data=None if whole or enters else run.data,
        whole=whole,
    )


def _by_articles(found: FoundFile, known: Format, options: ReadOptions) -> Iterator[Piece | Rejection]:
    """Read a file's articles and yield them in batches to be spooled; a file of one batch is read again instead."""
    before, alone = 0, True
    batch: list[bytes] = []
    weight = 0
    with opened(known, found.uri, options) as file:
        for item in guarded(known.read(file, found.uri, options), found.uri):
            if len(batch) >= options.partition_articles or weight >= options.partition_bytes:
                alone = False
                yield _batch(found, batch, weight, before)
                before += len(batch)
                batch, weight = [], 0
            batch.append(spool.encode(item))
            page = isinstance(item, RawArticle) and item.html is not None
            weight += len(batch[-1]) // (PAGE_WEIGHT if page else 1)
    if not alone:
        yield _batch(found, batch, weight, before)
        return
    if not batch:
        raise ReadError("no-articles", "There is no article in it.", sound=True)
    digest, size = _digest(found, None, options)
    whole = Slice(uri=found.uri, format=known.name)
    yield Piece(slice=whole, count=len(batch), weight=weight, size=size, digest=digest, whole=True)


def _batch(found: FoundFile, batch: list[bytes], weight: int, before: int) -> Piece:
    """Return a batch of articles as a piece."""
    data = b"".join(batch)
    return Piece(
        slice=Slice(uri=found.uri, format="spooled"),
        count=len(batch),
        weight=weight,
        size=len(data),
        digest=xxhash.xxh3_128_digest(data),
        before=before,
        data=data,
    )
