"""One file of the archive while it is written.

A page is a response record, as any crawler writes it. The record of a feed says which of its entries are to be read
from it (`Newsdex-Entries`): the others were fetched as pages, or were read before. A page's record says what date its
feed gave (`Newsdex-Feed-Date`). Other programs pass over headers that they do not know.
"""

from __future__ import annotations

import io
import secrets
import tempfile
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsdex.readers.formats.warc import ENTRIES, FEED_DATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import IO

    from newsdex.readers.live.response import Response
    from newsdex.readers.live.state import Known

MAX_RECORDS = 200
MAX_BYTES = 64 << 20
"""A file is full with so many records or bytes."""

DROPPED = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
"""Headers of the transfer, which the archived body is without."""

COPIED_BYTES = 1 << 20
"""How much of a file that is whole is read at once."""


class Part:
    """A file that is not in the archive yet, nor anywhere else by a name."""

    def __init__(self, folder: Path, agent: str) -> None:
        """Write in `folder` what `agent` fetched."""
        now = datetime.now(UTC)
        title = f"newsdex-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.warc.gz"
        self.name = f"{now:%Y-%m-%d}/{title}"
        self.opened = time.monotonic()
        self.known: list[Known] = []
        """What is to be remembered with it."""
        self.locations: set[str] = set()
        """The addresses that the user gave, which led to what is in it."""
        self.readable = False
        """Whether there is something to read in it."""
        self._records = 0
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed when it is in its place
        self._writer = WARCWriter(self.file, gzip=True, warc_version="1.1")
        info = {"software": agent, "format": "WARC File Format 1.1", "robots": "obey"}
        self._writer.write_record(self._writer.create_warcinfo_record(title, info))

    def write(self, answer: Response, entries: Iterable[int] | None, feed_date: str | None) -> None:
        """Add one answer: of a feed with the entries that are to be read from it, of a page with its feed's date."""
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
        self._records += 1
        self.readable |= headers.get(ENTRIES) != ""

    def is_full(self) -> bool:
        """Return whether nothing more is to come into it."""
        return self._records >= MAX_RECORDS or self.file.tell() >= MAX_BYTES

    def content(self) -> Iterator[bytes]:
        """Return all that is in it."""
        self.file.seek(0)
        return iter(lambda: self.file.read(COPIED_BYTES), b"")


def _http_headers(answer: Response) -> StatusAndHeaders:
    """Return the head of an answer as HTTP/1.1 would have sent it."""
    encoded = answer.content is not answer.raw and answer.content != answer.raw
    dropped = DROPPED if encoded else DROPPED | {"content-encoding"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in dropped]
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    return StatusAndHeaders(status, [*kept, ("Content-Length", str(len(answer.raw)))], protocol="HTTP/1.1")
