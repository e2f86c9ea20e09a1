"""Reading a partition: every input in it comes out as an article or as a rejection."""

from __future__ import annotations

import io
import tempfile
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

from newsdex.readers import spool
from newsdex.readers.errors import ReadError, StoreError, rejected
from newsdex.readers.files import http as web_files
from newsdex.readers.files.compression import codec_of, plain_chunks, plain_file
from newsdex.readers.registry import FORMATS
from newsdex.readers.uris import WEB, local_path, open_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.readers.partition import Partition, ReadOptions, Slice
    from newsdex.readers.registry import Format
    from newsdex.transforms.article import RawArticle, Rejection

MEMORY_BYTES = 8 << 20
"""A file that must be unpacked before a reader can jump about in it lies on disk above this."""


def read(partition: Partition, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield every input of a partition, lazily and in order.

    A broken input is a rejection, and the rest goes on. Faults of a disk or a network that trying again may heal are
    raised as `OSError`.
    """
    for part in partition.slices:
        items = _spooled(partition.spool, part, options) if partition.spool else _from_file(part, options)
        yield from islice(guarded(items, part.uri), part.limit)


def release(partition: Partition, options: ReadOptions) -> None:
    """Remove what listing kept for this partition; to be called when it is done for good."""
    if partition.spool:
        (spool.folder(options) / partition.spool).unlink(missing_ok=True)


def guarded(items: Iterator[RawArticle | Rejection], uri: str) -> Iterator[RawArticle | Rejection]:
    """Yield `items`; a fault that ends them becomes the rejection of what is left of the file."""
    try:
        yield from items
    except ReadError as error:
        yield error.at(uri)
    except OSError as error:
        if not uri.startswith(WEB):
            raise
        yield web_files.fault(uri, error).at(uri)
    except StoreError as error:
        raise error.fault from error
    except Exception as error:  # noqa: BLE001  # hostile files find faults in every parser; the run must go on
        told = f"The reader gave up on it ({type(error).__name__}: {error}): check whether the file is sound."
        yield rejected(uri, "unreadable-content", told)


def opened(known: Format, uri: str, options: ReadOptions) -> IO[bytes]:
    """Open a whole file for its reader: decompressed, and able to jump where the reader does."""
    file = open_uri(uri, options.fetch)
    if not known.seeks:
        return cast("IO[bytes]", plain_file(file))
    return seekable(file) if local_path(uri) is None or codec_of(_head(file)) else file


def seekable(file: IO[bytes]) -> IO[bytes]:
    """Return the decompressed content of `file` as a file to jump about in."""
    copy = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # the caller closes it
    for chunk in plain_chunks(file):
        copy.write(chunk)
    copy.seek(0)
    return cast("IO[bytes]", copy)


def _skip(file: IO[bytes], count: int) -> None:
    """Go on to a place in a file, reading what is before it where the server gives no parts of files."""
    try:
        file.seek(count)
    except ValueError:
        while count > 0 and (data := file.read(min(count, MEMORY_BYTES))):
            count -= len(data)


def _head(file: IO[bytes]) -> bytes:
    head = file.read(16)
    file.seek(0)
    return head


def _from_file(part: Slice, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of a slice that lies in its own file."""
    known = FORMATS[part.format]
    if part.stop is None:
        with opened(known, part.uri, options) as file:
            yield from known.read(file, part.uri, options, part.first)
        return
    with open_uri(part.uri, options.fetch) as file:
        _skip(file, part.start)
        data = file.read(part.stop - part.start)
    yield from known.read(io.BytesIO(data), part.uri, options, part.first)


def _spooled(name: str, part: Slice, options: ReadOptions) -> Iterator[RawArticle | Rejection]:
    """Yield the inputs of a slice that waits in the spool folder; cut the file anew if it is not there."""
    place = spool.folder(options) / name
    if not place.exists():
        from newsdex.readers.split import respool  # noqa: PLC0415  # cutting needs reading too

        respool(part, name, options)
    with place.open("rb") as raw, plain_file(raw) as file:
        if part.format == "spooled":
            yield from spool.decode(file)
        else:
            yield from FORMATS[part.format].read(file, part.uri, options, part.first)
