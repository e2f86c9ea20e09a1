"""Support for deployed runs, which nobody watches: progress in Prefect's UI, a limit on writers, a time-out."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from prefect import get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.concurrency.sync import concurrency

from newsdex.errors import NewsdexError
from newsdex.flows.common import progress
from newsdex.flows.common.flow_context import is_deployed
from newsdex.flows.common.prefect_names import PROGRESS, WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from newsdex.flows.common.progress import Progress

TURN_TIMEOUT_S = 330.0
"""A turn is a partition long, some seconds; that of a run that was killed comes back after 300 s. Past this something
is wrong with the limit, and a run goes on without."""

SHOWN_EVERY_S = 3.0
"""How often progress is sent to Prefect: a request takes 20 ms of the server, and a person looks again no sooner."""


class RunTimeoutError(NewsdexError):
    """A run took longer than it may; the message is one sentence."""


@contextmanager
def write_slot() -> Iterator[None]:
    """Take a turn at writing to Elasticsearch; a run at a terminal need not take turns.

    A server that is away, or that has no such limit, does not stop a run: the turns spare the cluster, no more.
    """
    if not is_deployed():
        yield
        return
    turn = concurrency(WRITERS, occupy=1, strict=False, timeout_seconds=TURN_TIMEOUT_S)
    held = False
    try:
        turn.__enter__()
        held = True
    except Exception as error:  # noqa: BLE001  # whatever it is, writing matters more
        get_run_logger().warning("No turn at writing could be had (%s): writing without one.", error)
    try:
        yield
    finally:
        if held:
            with suppress(Exception):  # a turn that is not given back runs out
                turn.__exit__(None, None, None)


def progress_of_run(noun: str = "articles") -> Progress:
    """Return where the present run says how far it is: a terminal, else Prefect, else nobody."""
    told = progress.current.get()
    return Artifact(noun) if isinstance(told, progress.Silent) and is_deployed() else told


@contextmanager
def time_limit(hours: float) -> Iterator[None]:
    """End the block after so long, wherever it waits.

    Prefect's own time-out does not interrupt a call that blocks in a task; a signal to the main thread does, and what
    the block has opened is closed on the way out.

    Raises:
        RunTimeoutError: the time is over.
    """
    if not is_deployed() or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise RunTimeoutError(
            f"The run took longer than {hours:g} hours (NEWSDEX_RUN_HOURS) and was ended: what was done is kept, a "
            "retry goes on from there."
        )

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, hours * 3600)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


class Artifact:
    """Progress as an artifact of the flow run, which the Prefect UI draws as a bar."""

    def __init__(self, noun: str) -> None:
        """Count `noun`."""
        self._noun = noun
        self._expected = self._done = 0
        self._begun = self._shown = time.monotonic()
        self._id: UUID | None = None
        self._lock = threading.Lock()

    def step(self, what: str, done: int, total: int | None, unit: str) -> None:
        """Do nothing: a download is not what the run is about."""

    def expect(self, articles: int) -> None:
        """Make the bar so much longer."""
        with self._lock:
            self._expected += articles

    def advance(self, articles: int) -> None:
        """Move the bar on, and send it now and then."""
        with self._lock:
            self._done += articles
            if time.monotonic() - self._shown > SHOWN_EVERY_S:
                with suppress(Exception):  # a server that is away must not end the run
                    self._show()

    def close(self) -> None:
        """Show where it ended."""
        with self._lock, suppress(Exception):
            self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        share = 100 * self._done / self._expected if self._expected else 100.0
        if self._id is None:
            told = f"{self._noun} done, of those found so far"
            made = create_progress_artifact(progress=min(share, 100.0), key=PROGRESS, description=told)
            self._id = made  # type: ignore[assignment]  # it is made at once outside of an event loop
            return
        rate = self._done / (time.monotonic() - self._begun)
        told = f"{self._done:,} of {self._expected:,} {self._noun} found so far, {rate:.1f} a second"
        update_progress_artifact(artifact_id=self._id, progress=min(share, 100.0), description=told)
