"""The worker processes of one machine: they keep their models loaded and outlive neither the run nor a Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from newsdex.flows.prepare.gc_tuning import relax_gc
from newsdex.flows.prepare.trail import Trail
from newsdex.flows.runners.errors import WorkerDiedError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.partition import Partition, ReadOptions
    from newsdex.transforms.article import Article


MOST_KILLERS = 3
"""Articles of one partition that workers may be killed over; where more are, it is not the articles."""


class Workers:
    """A pool of `slots` processes that prepare partitions."""

    def __init__(self, slots: int, recipe: Recipe, staging: str) -> None:
        """Start the pool."""
        self.slots, self._recipe, self._staging = slots, recipe, staging
        self._lock = threading.Lock()
        self._closed = False
        self._folder = TemporaryDirectory(prefix="newsdex-")
        self._pool = self._start(self.slots)

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; when an error is passing through, without waiting for their work."""
        with self._lock:
            self._closed = True
            _end(self._pool, wait=error is None)
        self._folder.cleanup()

    def prepare(self, partition: Partition, options: ReadOptions) -> Prepared:
        """Prepare a partition in a worker and wait for it.

        An article that two workers were killed over is rejected, and the others of its partition are prepared.

        Raises:
            WorkerDiedError: workers were killed, and no few articles are to blame: the machine is out of memory.
        """
        pool = self._pool
        try:
            return pool.submit(_prepare, partition, options, self._recipe, self._staging).result()
        except (BrokenProcessPool, CancelledError):
            if not self._replace(pool):
                raise
        # One process that is killed takes the pool and all its work with it. Which partition was to blame, and which
        # article of it, shows when each is tried again in a process of its own.
        return self._prepare_alone(partition, options)

    def _prepare_alone(self, partition: Partition, options: ReadOptions) -> Prepared:
        trail = Trail(str(Path(self._folder.name) / partition.key))
        while True:
            alone = self._start(1)
            try:
                return alone.submit(_prepare, partition, options, self._recipe, self._staging, trail).result()
            except BrokenProcessPool:
                killer = trail.found()
                if killer is None or killer in trail.killers or len(trail.killers) >= MOST_KILLERS:
                    raise WorkerDiedError(
                        f"A worker process was killed twice while it prepared {partition.label}, most likely for want "
                        "of memory: lower NEWSDEX_WORKERS or NEWSDEX_MAX_ARTICLE_MB and run again; what was done is "
                        "kept."
                    ) from None
                trail = trail.without(killer)
            finally:
                _end(alone, wait=False)

    def refresh(self, articles: list[Article]) -> tuple[list[Article], int]:
        """Make stored articles anew in a worker and wait for them (`newsdex.flows.prepare.refresh`).

        Raises:
            WorkerDiedError: a worker was killed (out of memory, as a rule).
        """
        try:
            return self._pool.submit(_refresh, articles, self._recipe).result()
        except BrokenProcessPool:
            raise WorkerDiedError(
                "A worker process was killed while it made stored articles anew, most likely for want of memory: lower "
                "NEWSDEX_WORKERS and run the same again: what is done stays done."
            ) from None

    def _start(self, count: int) -> ProcessPoolExecutor:
        # Spawned, not forked: a fork would copy the threads' locks and the memory of the flow.
        pool = ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
        )
        # The first process loads its models beside whatever comes next; the others start when there is work for them.
        pool.submit(_warm, self._recipe)
        return pool

    def _replace(self, broken: ProcessPoolExecutor) -> bool:
        """Put a new pool in the place of a broken one; `False` once the run is ending."""
        with self._lock:
            if self._closed:
                return False
            if self._pool is broken:
                _end(broken, wait=False)
                self._pool = self._start(self.slots)
            return True


def _end(pool: ProcessPoolExecutor, *, wait: bool) -> None:
    running = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=wait, cancel_futures=True)
    if not wait:
        for process in running:
            process.kill()


def _begin(parent: int) -> None:
    """Set up a worker: Ctrl-C is the parent's business, and a worker whose parent was killed ends itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))  # see `article_limit`
    relax_gc()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int, every_s: float = 2.0) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(every_s)
    os._exit(1)


# The models and what runs them are imported in the workers alone: the flow's own process is 50 MB smaller without.


def _prepare(
    partition: Partition, options: ReadOptions, recipe: Recipe, staging: str, trail: Trail | None = None
) -> Prepared:
    from newsdex.flows.prepare.prepare import prepare  # noqa: PLC0415

    _one_thread()
    return prepare(partition, options, recipe, staging, trail)


def _refresh(articles: list[Article], recipe: Recipe) -> tuple[list[Article], int]:
    from newsdex.flows.prepare.refresh import refresh  # noqa: PLC0415

    _one_thread()
    return refresh(articles, recipe)


def _warm(recipe: Recipe) -> None:
    from newsdex.flows.prepare.prepare import chain_for  # noqa: PLC0415

    _one_thread()
    chain_for(recipe)


@cache
def _one_thread() -> None:
    """There is a worker for each core: matrix products with threads of their own would get in each other's way."""
    threadpool_limits(1)  # of the libraries that are loaded by now
