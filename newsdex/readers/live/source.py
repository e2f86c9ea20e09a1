"""Addresses of feeds and pages: fetched when they are listed, archived, and read from the archive like any other.

So a partition never needs the network: a killed run goes on from the archive, and a backfill reads it again.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING

from newsdex.readers.discover import find_files
from newsdex.readers.files.blobs import blobs_at
from newsdex.readers.live.state import FILE, FetchState
from newsdex.readers.registry import by_name
from newsdex.readers.uris import WEB, uri_of
from newsdex.transforms.article import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence

    from newsdex.readers.discover import FoundFile
    from newsdex.readers.partition import ReadOptions

LIVE = frozenset({"feed", "xml", "html", "json", None})
"""Formats of what is fetched politely, page by page; files of all others are read whole, as from any file store."""

STOP_S = 10.0
"""Seconds that a crawl has to end when nobody wants the rest of it: it closes its file and its connections."""


def is_live(location: str, options: ReadOptions) -> bool:
    """Tell whether a location is the address of a feed or a page, rather than of a file with many articles."""
    if not location.startswith(WEB):
        return False
    if options.format is not None:
        return options.format in {"feed", "html"}
    known = by_name(location.partition("?")[0].partition("#")[0].rpartition("/")[2])
    return (known.name if known else None) in LIVE


def fetched(locations: Sequence[str], options: ReadOptions) -> Iterator[FoundFile | Rejection]:
    """Yield the archive files with what is new at these addresses, as they are closed, and each fault on the way.

    Files of an earlier run that was not indexed to its end come first (see `confirm`).

    Raises:
        OSError: the archive cannot be reached or written; what is not in it does not count as fetched.
    """
    urls = list(dict.fromkeys(location.partition("#")[0] for location in locations))
    blobs_at(options.fetch.archived).check()
    state = FetchState(options.fetch.remembered)
    for place in state.pending(urls):
        for found in find_files([place]):
            if isinstance(found, Rejection) and found.reason == "no-such-path":
                blobs_at(place.rsplit("/", 2)[0]).check(used=True)
                state.confirm([uri_of(place)])
            else:
                yield found
    yield from _beside(lambda emit: _crawl(urls, options, state, emit))


def confirm(uris: Iterable[str], options: ReadOptions) -> None:
    """Take note that these files were indexed to their end: they need not be listed again."""
    if (options.fetch.remembered / FILE).exists():
        FetchState(options.fetch.remembered).confirm(uris)


async def _crawl(
    urls: Sequence[str], options: ReadOptions, state: FetchState, emit: Callable[[FoundFile | Rejection], None]
) -> None:
    from newsdex.readers.live.archive import Archive  # noqa: PLC0415  # httpx takes 0.2 s to import, and few runs need it
    from newsdex.readers.live.crawl import Crawl  # noqa: PLC0415
    from newsdex.readers.live.fetch import Fetcher  # noqa: PLC0415

    async with Fetcher(options.fetch, state) as fetcher:
        archive = Archive(options.fetch, state)
        await Crawl(options, fetcher, archive, state, emit).run(urls)


def _beside(
    work: Callable[[Callable[[FoundFile | Rejection], None]], Coroutine[object, object, None]],
) -> Iterator[FoundFile | Rejection]:
    """Yield what a coroutine emits while it runs in a thread of its own; end it where nobody listens any more."""
    told: queue.SimpleQueue[FoundFile | Rejection | BaseException | None] = queue.SimpleQueue()
    begun: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = queue.SimpleQueue()

    async def main() -> None:
        task = asyncio.create_task(work(told.put))
        begun.put((asyncio.get_running_loop(), task))
        await task

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  # it is raised where the results are read
            told.put(error)
        else:
            told.put(None)

    thread = threading.Thread(target=run, name="fetching", daemon=True)
    thread.start()
    loop, task = begun.get()
    try:
        while (item := told.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        if thread.is_alive():
            _cancel(loop, task)
            thread.join(STOP_S)


def _cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.call_soon_threadsafe(task.cancel)
    except RuntimeError:
        return  # It has ended meanwhile.
