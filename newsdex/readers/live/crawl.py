"""From an address to the answers in the archive: a page, or a feed and the pages that its entries link to."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from newsdex.readers.errors import ReadError, filtered, rejected
from newsdex.readers.fetch_options import Pages
from newsdex.readers.live import entries as live_entries
from newsdex.readers.live.response import NOT_MODIFIED
from newsdex.readers.live.state import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsdex.readers.discover import FoundFile
    from newsdex.readers.live.archive import Archive
    from newsdex.readers.live.entries import Entry
    from newsdex.readers.live.fetch import Fetcher
    from newsdex.readers.live.response import Response
    from newsdex.readers.live.state import FetchState
    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import Rejection

    Emit = Callable[[FoundFile | Rejection], None]

AT_ONCE = 16
"""Requests in flight over all hosts; each host has one at a time."""

MAX_SITEMAP_DEPTH = 2
"""An index of sitemaps may name indexes (the protocol allows one level; some papers have two)."""

MAX_ENTRIES = 100_000
"""Entries of one feed: a sitemap may have 50,000 by its protocol."""

CHECK_S = 5.0
"""Seconds between two looks at whether the archive file at hand is due."""


class Crawl:
    """One run's fetching."""

    def __init__(self, options: ReadOptions, fetcher: Fetcher, archive: Archive, state: FetchState, emit: Emit) -> None:
        """Fetch with `fetcher` into `archive`; every file of it that is closed, and every fault, goes to `emit`."""
        self._options, self._fetcher, self._archive, self._state = options, fetcher, archive, state
        self._emit = emit
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._met: set[str] = set()

    async def run(self, locations: Sequence[str]) -> None:
        """Fetch all locations, each at its hosts' pace.

        Raises:
            OSError: the archive cannot be written.
        """
        over = asyncio.Event()
        try:
            await asyncio.gather(self._all(locations, over), self._close_when_due(over))
        finally:
            self._closed(await self._archive.close())

    async def _all(self, locations: Sequence[str], over: asyncio.Event) -> None:
        try:
            await asyncio.gather(*(self._location(location, location, 0) for location in locations))
        finally:
            over.set()

    async def _close_when_due(self, over: asyncio.Event) -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), CHECK_S)
            if self._archive.is_due():
                self._closed(await self._archive.close())

    def _closed(self, found: FoundFile | Rejection | None) -> None:
        if found is not None:
            self._emit(found)

    async def _location(self, url: str, location: str, depth: int) -> None:
        """Fetch what the user named, or a sitemap that it names."""
        with self._told(url):
            known = None if self._options.fetch.refresh else self._state.known(url)
            async with self._slots:
                answer = await self._fetcher.get(url, self._options.max_feed_bytes, known.headers() if known else None)
            if answer.status == NOT_MODIFIED:
                when = known.fetched_at if known else "it was fetched"
                told = f"{url} has not changed since it was fetched at {when}; --force reads it again."
                raise ReadError("not-modified", told, sound=True)
            await self._archived(answer, url, location, depth)

    @contextmanager
    def _told(self, url: str) -> Iterator[list[str]]:
        """Emit the fault of an address, if there is one, and put its reason into the list that is handed out."""
        reasons: list[str] = []
        try:
            yield reasons
        except ReadError as error:
            reasons.append(error.reason)
            self._emit(error.at(url))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  # hostile answers find faults in every parser; the run must go on
            reasons.append("unreadable-content")
            told = f"The reader gave up on {url} ({type(error).__name__}: {error}): check whether it is sound."
            self._emit(rejected(url, "unreadable-content", told))

    async def _archived(self, answer: Response, url: str, location: str, depth: int) -> None:
        if live_entries.is_page(answer):
            if len(answer.content) > self._options.max_article_bytes:
                raise ReadError("too-large", f"{url} is over {self._options.max_article_bytes:,} bytes, the limit.")
            self._closed(await self._archive.add(answer, location, [_version(answer)]))
        elif live_entries.is_feed(answer):
            await self._feed(answer, url, location, depth)
        else:
            kind = answer.kind or "of no kind that it tells"
            told = f"{url} is {kind}, neither a feed nor a page: say what with --format."
            raise ReadError("not-a-page", told, answer.content[:2_000])

    async def _feed(self, answer: Response, url: str, location: str, depth: int) -> None:
        """Archive a feed and the pages of its entries that are new or have changed."""
        entries = await asyncio.to_thread(self._entries, answer)
        fresh = self._fresh([(entry, _link(answer, entry)) for entry in entries])
        if not fresh:
            await self._archive.remember(_version(answer))
            told = f"{url} has no entry that was not read before; --force reads them again."
            raise ReadError("nothing-new", told, sound=True)
        sitemaps = [link for entry, link in fresh if entry.is_sitemap and link]
        followed = [(entry, link) for entry, link in fresh if link and self._is_followed(entry)]
        elsewhere = {entry.number for entry, _ in followed}
        inline = [(entry, link) for entry, link in fresh if not entry.is_sitemap and entry.number not in elsewhere]
        marks = [Known(url=link, mark=entry.mark) for entry, link in inline if link]
        self._closed(await self._archive.add(answer, location, marks, entries=[entry.number for entry, _ in inline]))
        limit = self._options.limit
        most = min(self._options.fetch.max_pages, limit or self._options.fetch.max_pages)
        if sitemaps and depth >= MAX_SITEMAP_DEPTH:
            self._emit(filtered(url, "too-deep", f"{url} is the {depth + 1}th sitemap of sitemaps in a row: left out."))
        else:
            await asyncio.gather(*(self._location(link, location, depth + 1) for link in sitemaps[:most]))
        done = await asyncio.gather(*(self._page(entry, link, location) for entry, link in followed[:most]))
        if len(followed) > most and most != limit:
            more = len(followed) - most
            told = f"{url} has {more:,} pages beyond the {most:,} that one run fetches: run again for the rest."
            self._emit(filtered(url, "more-pages", told))
        elif all(done) and not sitemaps and len(followed) <= most:
            # Only now: an entry whose page could not be fetched is to be found again in the next run.
            await self._archive.remember(_version(answer))

    def _entries(self, answer: Response) -> list[Entry]:
        entries: list[Entry] = []
        for entry in live_entries.entries(answer.content, self._options):
            if len(entries) >= MAX_ENTRIES:
                raise ReadError("too-large", f"{answer.url} has over {MAX_ENTRIES:,} entries: it was not read.")
            entries.append(entry)
        return entries

    def _fresh(self, entries: Sequence[tuple[Entry, str | None]]) -> list[tuple[Entry, str | None]]:
        """Leave out the entries that were read before and say the same, and those that were met in this run."""
        links = [link for entry, link in entries if link and not entry.is_sitemap]
        marks = {} if self._options.fetch.refresh else self._state.marks(links)
        fresh = []
        for entry, link in entries:
            known = link is not None and not entry.is_sitemap and marks.get(link) == entry.mark
            if not known and link not in self._met:
                fresh.append((entry, link))
            if link:
                self._met.add(link)
        return fresh

    def _is_followed(self, entry: Entry) -> bool:
        """Return whether an entry's page is to be fetched."""
        pages = self._options.fetch.pages
        return not entry.is_sitemap and (pages is Pages.ALWAYS or (pages is Pages.MISSING and not entry.full))

    async def _page(self, entry: Entry, link: str, location: str) -> bool:
        """Fetch the page of an entry; return whether that is settled, for good or ill."""
        with self._told(link) as reasons:
            async with self._slots:
                answer = await self._fetcher.get(link, self._options.max_article_bytes)
            if not live_entries.is_page(answer):
                kind = answer.kind or "of no kind that it tells"
                raise ReadError("not-a-page", f"{link} is {kind}, no web page.", sound=True)
            known = Known(url=link, mark=entry.mark)
            self._closed(await self._archive.add(answer, location, [known], feed_date=entry.published))
        return all(reason in SETTLED for reason in reasons)


SETTLED = frozenset(
    {"not-a-page", "not-found", "gone", "forbidden", "robots-disallowed", "private-address", "bad-address"}
)
"""Faults of a page that the next run would meet again."""


def _version(answer: Response) -> Known:
    """Return what to ask for the next time."""
    return Known(url=answer.asked, etag=answer.header("etag"), last_modified=answer.header("last-modified"))


def _link(answer: Response, entry: Entry) -> str | None:
    """Return the whole address that an entry links to; entries may name it from where their feed lies."""
    if not entry.url:
        return None
    try:
        link = urljoin(answer.url, entry.url.strip()).partition("#")[0]
    except ValueError:
        return None
    return link if link.startswith(("http://", "https://")) else None
