"""What was fetched, kept as WARC: a folder a day, read again by the ordinary reader of web archives.

A file is written on this machine, under no name, and appears in the archive (a folder or a bucket) when it is whole.
Only then is what it holds remembered as fetched: a kill before that leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from newsdex.readers.discover import find_files
from newsdex.readers.files.blobs import blobs_at
from newsdex.readers.live.archive_writer import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from newsdex.readers.discover import FoundFile
    from newsdex.readers.fetch_options import FetchOptions
    from newsdex.readers.live.response import Response
    from newsdex.readers.live.state import FetchState, Known
    from newsdex.transforms.article import Rejection

T = TypeVar("T")
R = TypeVar("R")

MAX_AGE_S = 60.0
"""A file that is not full goes on to be indexed after so many seconds: a crawl is not waited for."""


class Archive:
    """Writes one file after the other; what is added is remembered once the file that holds it is in its place."""

    def __init__(self, options: FetchOptions, state: FetchState) -> None:
        """Write where the options say, and remember it in `state`."""
        self._place, self._folder, self._agent = blobs_at(options.archived), options.remembered, options.user_agent
        self._state = state
        self._part: Part | None = None
        # One thread: what is remembered with a file may rest on what lies in those before it.
        self._storing = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._fault: OSError | None = None

    async def add(
        self,
        answer: Response,
        location: str,
        known: Iterable[Known] = (),
        *,
        entries: Iterable[int] | None = None,
        feed_date: str | None = None,
    ) -> FoundFile | Rejection | None:
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
        if self._part is None:
            self._part = Part(self._folder, self._agent)
        self._part.write(answer, entries, feed_date)
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
        """Return whether the file at hand has been open for long enough."""
        return self._part is not None and time.monotonic() - self._part.opened > MAX_AGE_S

    async def close(self) -> FoundFile | Rejection | None:
        """Put the file at hand in its place and remember what it holds; return it if there is something to read in it.

        Raises:
            OSError: the archive cannot be written; nothing is remembered from here on.
        """
        part, self._part = self._part, None
        return await self._in_turn(self._store, part)

    async def _in_turn(self, step: Callable[[T], R], what: T) -> R:
        """Do a step after those before it, to its end even where nobody waits for it any more."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._storing, step, what))

    def _store(self, part: Part | None) -> FoundFile | Rejection | None:
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
        return next(find_files([place])) if place else None

    def _keep(self, known: Iterable[Known], place: str | None = None, locations: Iterable[str] = ()) -> None:
        if self._fault is not None:
            raise self._fault
        self._state.keep(known, place, locations)
