"""What was fetched, kept as WARC: a folder a day, read again by the ordinary reader of web archives.

A file is written on this machine, under no name, and appears in the archive (a folder or a bucket) when it is whole.
Only then is what it holds remembered as fetched: a kill before that leaves nothing behind.

A page is a response record, as any crawler writes it. The record of a feed says which of its entries are to be read
from it (`Newsdex-Entries`): the others were fetched as pages, or were read before. A page's record says what date its
feed gave (`Newsdex-Feed-Date`). Other programs pass over headers that they do not know.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from readers.blobs import blobs_at
from readers.walk import walk
from readers.warc import ENTRIES, FEED_DATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import IO

    from readers.live_answer import Answer
    from readers.live_options import FetchOptions
    from readers.live_state import Known, State
    from readers.walk import Found
    from transforms.article import Rejection

T = TypeVar("T")
R = TypeVar("R")

MAX_RECORDS = 200
MAX_BYTES = 64 << 20
MAX_AGE_S = 60.0
"""A file is closed, and goes on to be indexed, after so many records, bytes or seconds: a crawl is not waited for."""

DROPPED = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
"""Headers of the transfer, which the archived body is without."""

COPIED_BYTES = 1 << 20
"""How much of a file that is whole is read at once."""


class Archive:
    """Writes one file after the other; what is added is remembered once the file that holds it is in its place."""

    def __init__(self, options: FetchOptions, state: State) -> None:
        """Write where the options say, and remember it in `state`."""
        self._place, self._folder, self._agent = blobs_at(options.archived), options.remembered, options.user_agent
        self._state = state
        self._part: _Part | None = None
        # One thread: what is remembered with a file may rest on what lies in those before it.
        self._storing = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._fault: OSError | None = None

    async def add(
        self,
        answer: Answer,
        location: str,
        known: Iterable[Known] = (),
        *,
        entries: Iterable[int] | None = None,
        feed_date: str | None = None,
    ) -> Found | Rejection | None:
        """Write one answer; return the file that it made full, which is in the archive now.

        Args:
            answer: what came back.
            location: the address that the user gave, which led to it.
            known: what is to be remembered with it.
            entries: of a feed, the numbers of the entries that are to be read from it.
            feed_date: of a page, the date that its feed gave.

        Raises:
            OSError: the archive cannot be written; nothing is remembered from here on.
        """
        headers = {"WARC-IP-Address": answer.address, "WARC-Date": f"{answer.fetched_at:%Y-%m-%dT%H:%M:%SZ}"}
        if entries is not None:
            headers[ENTRIES] = ",".join(map(str, entries))
        if feed_date:
            headers[FEED_DATE] = " ".join(feed_date.split())[:200].encode("ascii", "replace").decode("ascii")
        if self._part is None:
            self._part = _Part(self._folder, self._agent)
        self._part.write(answer, headers)
        self._part.known += known
        self._part.locations.add(location)
        return await self.close() if self._part.is_full() else None

    async def remember(self, known: Known) -> None:
        """Remember something once all that was added so far is safe."""
        if self._part is None:
            await self._in_turn(self._keep, [known])
        else:
            self._part.known.append(known)

    def is_due(self) -> bool:
        """Whether the file at hand has been open for long enough."""
        return self._part is not None and time.monotonic() - self._part.opened > MAX_AGE_S

    async def close(self) -> Found | Rejection | None:
        """Put the file at hand in its place and remember what it holds; return it if there is something to read in it.

        Raises:
            OSError: the archive cannot be written; nothing is remembered from here on.
        """
        part, self._part = self._part, None
        return await self._in_turn(self._store, part)

    async def _in_turn(self, step: Callable[[T], R], what: T) -> R:
        """Do a step after those before it, to its end even where nobody waits for it any more."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._storing, step, what))

    def _store(self, part: _Part | None) -> Found | Rejection | None:
        if part is None:
            return None
        with part.file:
            if self._fault is None:
                try:
                    self._place.write(part.name, part.content(), durable=True)
                except OSError as error:
                    self._fault = error
            place = f"{self._place.location}/{part.name}" if part.readable else None
            self._keep(part.known, place, part.locations)
        return next(walk([place])) if place else None

    def _keep(self, known: Iterable[Known], place: str | None = None, locations: Iterable[str] = ()) -> None:
        if self._fault is not None:
            raise self._fault
        self._state.keep(known, place, locations)


class _Part:
    """A file that is not in the archive yet."""

    def __init__(self, folder: Path, agent: str) -> None:
        now = datetime.now(UTC)
        title = f"newsdex-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.warc.gz"
        self.name = f"{now:%Y-%m-%d}/{title}"
        self.opened = time.monotonic()
        self.known: list[Known] = []
        self.locations: set[str] = set()
        self.readable = False
        self._records = 0
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed when it is in its place
        self._writer = WARCWriter(self.file, gzip=True, warc_version="1.1")
        info = {"software": agent, "format": "WARC File Format 1.1", "robots": "obey"}
        self._writer.write_record(self._writer.create_warcinfo_record(title, info))

    def write(self, answer: Answer, headers: dict[str, str]) -> None:
        """Add one answer, with these headers of WARC."""
        record = self._writer.create_warc_record(
            answer.url,
            "response",
            payload=io.BytesIO(answer.raw),
            length=len(answer.raw),
            http_headers=_http_headers(answer),
            warc_headers_dict=headers,
        )
        self._writer.write_record(record)
        self._records += 1
        self.readable |= headers.get(ENTRIES) != ""

    def is_full(self) -> bool:
        """Whether nothing more is to come into it."""
        return self._records >= MAX_RECORDS or self.file.tell() >= MAX_BYTES

    def content(self) -> Iterator[bytes]:
        """All that is in it."""
        self.file.seek(0)
        return iter(lambda: self.file.read(COPIED_BYTES), b"")


def _http_headers(answer: Answer) -> StatusAndHeaders:
    """Return the head of an answer as HTTP/1.1 would have sent it."""
    encoded = answer.content is not answer.raw and answer.content != answer.raw
    dropped = DROPPED if encoded else DROPPED | {"content-encoding"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in dropped]
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    return StatusAndHeaders(status, [*kept, ("Content-Length", str(len(answer.raw)))], protocol="HTTP/1.1")
