"""An answer of a web server, and the faults that one can be, each in a sentence."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.readers.errors import ReadError
from newsdex.readers.files.compression import MAX_RATIO, plain_chunks

if TYPE_CHECKING:
    from datetime import datetime

OK, NOT_MODIFIED = 200, 304

REDIRECTS = frozenset({301, 302, 303, 307, 308})

PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be another one soon."""

GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one address, after all redirects."""

    asked: str
    """The address that was asked for first."""
    url: str
    """The address that answered in the end."""
    status: int
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    """The body as it was sent, without the transfer's own encoding."""
    fetched_at: datetime
    address: str
    """Numeric address of the server."""
    content: bytes = b""
    """The body without its content encoding."""

    def header(self, name: str) -> str | None:
        """Return the value of a header, `None` where there is none."""
        return next((value for known, value in self.headers if known.lower() == name), None)

    @property
    def kind(self) -> str:
        """The media type in lower case, without parameters; empty where none is told."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def passing(self) -> bool:
        """Whether the server says that it may answer otherwise soon."""
        return self.status in PASSING


def plain(raw: bytes, encoding: str, url: str, max_bytes: int) -> bytes:
    """Return a body without its content encoding.

    Raises:
        ReadError: `unsupported-encoding`, `corrupt-compression`, `truncated`, `too-large` or `compression-bomb`.
    """
    if encoding in {"", "identity"} or (encoding in {"gzip", "x-gzip"} and not raw.startswith(GZIP_MAGIC)):
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise ReadError("unsupported-encoding", f"{url} was sent in the encoding {encoding}, which was not asked for.")
    content = bytearray()
    for chunk in plain_chunks(io.BytesIO(raw)):
        content += chunk
        if len(content) > max_bytes:
            if len(content) > MAX_RATIO * len(raw):
                told = f"{url} unpacks to over {MAX_RATIO} times its size, which no news does."
                raise ReadError("compression-bomb", told)
            raise too_large(url, max_bytes)
    return bytes(content)


def too_large(url: str, max_bytes: int) -> ReadError:
    """Return the fault of an answer over the limit."""
    return ReadError("too-large", f"{url} sends over {max_bytes:,} bytes, the limit: it was not read to its end.")


def refused(answer: Response) -> ReadError:
    """Return the fault of an answer that is neither a page nor a redirect."""
    url, status = answer.url, answer.status
    if status == 404:
        return ReadError("not-found", f"There is no page at {url} (404): check the address.")
    if status == 410:
        return ReadError("gone", f"The page at {url} was taken away for good (410): leave it out.")
    if status in {401, 402, 403, 451}:
        return ReadError("forbidden", f"{url} may not be read from here ({status}): ask its publisher for access.")
    if status == 429:
        wait = answer.header("retry-after")
        told = f", it says {wait}" if wait else ""
        return ReadError(
            "too-many-requests", f"The server of {url} asks for fewer requests (429{told}): run again later."
        )
    if status >= 500:
        return ReadError("server-error", f"The server of {url} could not answer ({status}): run again later.")
    return ReadError("http-status", f"{url} was answered with status {status}, which is no page.")
