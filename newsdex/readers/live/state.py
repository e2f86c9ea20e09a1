"""What is remembered of earlier fetches: what each address said of its version, and what is fetched but not indexed.

One SQLite file, so that a run that is killed, or two at a time, leave it whole.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsdex.private_files import FILE_MODE, make_private
from newsdex.readers.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE = "fetched.sqlite"

ROBOTS_S = 24 * 3600
"""Seconds that a robots.txt is remembered: what RFC 9309 (2.4) allows at most."""

ASKED_AT_ONCE = 500
"""Addresses in one query: SQLite takes 999 in its oldest form."""

BUSY_S = 30
"""Seconds to wait for another run that is writing: it writes for milliseconds."""

TABLES = """
create table if not exists address (
    url text primary key, mark text, etag text, last_modified text, fetched_at text);
create table if not exists pending (path text, location text, primary key (path, location));
create table if not exists robots (origin text primary key, body blob, at real);
create table if not exists wait (host text primary key, until real);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an address said when it was fetched last."""

    url: str
    mark: str = ""
    """For a page: a digest of what the feed said of it."""
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the page only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


class FetchState:
    """The memory of fetching, in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open it, and make it where it is not there."""
        make_private(folder)
        self._path = folder / FILE
        self._path.touch(mode=FILE_MODE)
        with closing(self._open()) as base:
            base.executescript(TABLES)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)

    def known(self, url: str) -> Known | None:
        """Return what is remembered of an address."""
        query = "select url, mark, etag, last_modified, fetched_at from address where url = ?"
        with closing(self._open()) as base:
            row = base.execute(query, (url,)).fetchone()
        if row is None:
            return None
        return Known(url=row[0], mark=row[1], etag=row[2], last_modified=row[3], fetched_at=row[4])

    def marks(self, urls: Sequence[str]) -> dict[str, str]:
        """Return the marks of those of these addresses that are remembered."""
        found: dict[str, str] = {}
        with closing(self._open()) as base:
            for start in range(0, len(urls), ASKED_AT_ONCE):
                some = urls[start : start + ASKED_AT_ONCE]
                places = ",".join("?" * len(some))
                found.update(base.execute(f"select url, mark from address where url in ({places})", some))  # noqa: S608
        return found

    def keep(self, known: Iterable[Known], place: str | None = None, locations: Iterable[str] = ()) -> None:
        """Remember addresses and, in the same step, that the file at `place`, of `locations`, is to be indexed."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [(one.url, one.mark, one.etag, one.last_modified, one.fetched_at or now) for one in known]
        with closing(self._open()) as base:
            base.execute("begin immediate")
            base.executemany("insert or replace into address values (?, ?, ?, ?, ?)", rows)
            if place is not None:
                base.executemany("insert or ignore into pending values (?, ?)", [(place, each) for each in locations])
            base.execute("commit")

    def pending(self, locations: Sequence[str]) -> list[str]:
        """Return where the archive files of these locations lie that no run has indexed to its end, oldest first."""
        with closing(self._open()) as base:
            rows = base.execute("select path, location from pending order by rowid").fetchall()
        return list(dict.fromkeys(path for path, location in rows if location in locations))

    def confirm(self, uris: Iterable[str]) -> None:
        """Forget that these files (by their URIs) are to be indexed: it is done."""
        done = set(uris)
        with closing(self._open()) as base:
            paths = [path for (path,) in base.execute("select distinct path from pending") if uri_of(path) in done]
            base.executemany("delete from pending where path = ?", [(path,) for path in paths])

    def robots(self, origin: str) -> bytes | None:
        """Return the robots.txt of a site as it was fetched lately, `None` where it is to be fetched."""
        with closing(self._open()) as base:
            row = base.execute("select body, at from robots where origin = ?", (origin,)).fetchone()
        return row[0] if row and time.time() - row[1] < ROBOTS_S else None

    def keep_robots(self, origin: str, body: bytes) -> None:
        """Remember the robots.txt of a site."""
        with closing(self._open()) as base:
            base.execute("insert or replace into robots values (?, ?, ?)", (origin, body, time.time()))

    def wait_until(self, host: str) -> float:
        """Since when (seconds since 1970) a host may be asked again; 0 if at any time."""
        with closing(self._open()) as base:
            row = base.execute("select until from wait where host = ?", (host,)).fetchone()
        return float(row[0]) if row else 0.0

    def keep_wait(self, host: str, until: float) -> None:
        """Remember that a host asked not to be asked before a moment."""
        with closing(self._open()) as base:
            base.execute("insert or replace into wait values (?, ?)", (host, until))
