"""What was fetched, kept as WARC: a folder a day, read again by the ordinary reader of web archives.

A page is a response record, as any crawler writes it. The record of a feed says which of its entries are to be read
from it (`Newsdex-Entries`): the others were fetched as pages, or were read before. A page's record says what date its
feed gave (`Newsdex-Feed-Date`). Other programs pass over headers that they do not know.
"""

from __future__ import annotations

import io
import os
import secrets
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from readers.uris import file_uri
from readers.walk import Found
from readers.warc import ENTRIES, FEED_DATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from readers.live_answer import Answer
    from readers.live_state import Known, State

MAX_RECORDS = 200
MAX_BYTES = 64 << 20
MAX_AGE_S = 60.0
"""A file is closed, and goes on to be indexed, after so many records, bytes or seconds: a crawl is not waited for."""

DROPPED = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
"""Headers of the transfer, which the archived body is without."""


class Archive:
    """Writes one file after the other; what is added is remembered once the file that holds it is closed."""

    def __init__(self, folder: Path, state: State, agent: str) -> None:
        """Write below `folder`."""
        self._folder, self._state, self._agent = folder, state, agent
        self._file: IO[bytes] | None = None
        self._path: Path
        self._known: list[Known] = []
        self._locations: set[str] = set()
        self._records, self._opened, self._readable = 0, 0.0, False

    def add(
        self,
        answer: Answer,
        location: str,
        known: Iterable[Known] = (),
        *,
        entries: Iterable[int] | None = None,
        feed_date: str | None = None,
    ) -> Found | None:
        """Write one answer; return a file that it made full, which is closed now.

        Args:
            answer: what came back.
            location: the address that the user gave, which led to it.
            known: what is to be remembered with it.
            entries: of a feed, the numbers of the entries that are to be read from it.
            feed_date: of a page, the date that its feed gave.
        """
        if self._file is None:
            self._open()
        if self._file is None:
            raise AssertionError
        headers = {"WARC-IP-Address": answer.address, "WARC-Date": f"{answer.fetched_at:%Y-%m-%dT%H:%M:%SZ}"}
        if entries is not None:
            headers[ENTRIES] = ",".join(map(str, entries))
        if feed_date:
            headers[FEED_DATE] = " ".join(feed_date.split())[:200].encode("ascii", "replace").decode("ascii")
        record = self._writer.create_warc_record(
            answer.url,
            "response",
            payload=io.BytesIO(answer.raw),
            length=len(answer.raw),
            http_headers=_http_headers(answer),
            warc_headers_dict=headers,
        )
        self._writer.write_record(record)
        self._known += known
        self._locations.add(location)
        self._records += 1
        self._readable |= headers.get(ENTRIES) != ""
        full = self._records >= MAX_RECORDS or self._file.tell() >= MAX_BYTES
        return self.close() if full else None

    def remember(self, known: Known) -> None:
        """Remember something once all that was added so far is safe."""
        if self._file is None:
            self._state.keep([known])
        else:
            self._known.append(known)

    def is_due(self) -> bool:
        """Whether the file at hand has been open for long enough."""
        return self._file is not None and time.monotonic() - self._opened > MAX_AGE_S

    def close(self) -> Found | None:
        """Close the file at hand and remember what it holds; return it if there is something to read in it."""
        if self._file is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        partial = self._path.with_name(self._path.name + ".part")
        partial.replace(self._path)
        readable = self._readable
        self._state.keep(self._known, self._path if readable else None, self._locations)
        self._known, self._locations, self._records, self._readable = [], set(), 0, False
        if not readable:
            return None
        return Found(file_uri(self._path), self._path.name, self._path.stat().st_size, named=False)

    def _open(self) -> None:
        now = datetime.now(UTC)
        folder = self._folder / f"{now:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"newsdex-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.warc.gz"
        self._file = self._path.with_name(self._path.name + ".part").open("wb")
        self._opened = time.monotonic()
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
        info = {"software": self._agent, "format": "WARC File Format 1.1", "robots": "obey"}
        self._writer.write_record(self._writer.create_warcinfo_record(self._path.name, info))


def _http_headers(answer: Answer) -> StatusAndHeaders:
    """Return the head of an answer as HTTP/1.1 would have sent it."""
    encoded = answer.content is not answer.raw and answer.content != answer.raw
    dropped = DROPPED if encoded else DROPPED | {"content-encoding"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in dropped]
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    return StatusAndHeaders(status, [*kept, ("Content-Length", str(len(answer.raw)))], protocol="HTTP/1.1")
