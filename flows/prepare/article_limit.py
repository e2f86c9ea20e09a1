"""Limit the processor time of one article: past it the work on it is interrupted, and the worker goes on.

In the main thread of a process (worker processes, Ray) a timer of the operating system raises a signal, which also ends
a regular expression in the middle. Code in C that never asks for signals is ended with its process, by the system's own
limit of processor time: the run then finds out which article it was (`trail.py`). In other threads (the runner
`threads`, Dask) signals do not arrive: there a watching thread has Python raise the same error in the thread at its
next instruction, and C code is beyond reach.
"""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable  # noqa: TC003  # a dataclass names it
from dataclasses import dataclass, field
from functools import cache, partial
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

AGAIN_S = 1.0
"""Processor seconds after which the interruption is repeated: a library may have caught the first one as its own."""

KILL_FACTOR = 3
"""Times the limit after which the system ends the process: by then three interruptions and more were not heeded."""

LOOK_S = 0.25
"""How often the watching thread looks at the clocks of the others."""


class ArticleTimeout(BaseException):  # like KeyboardInterrupt: it interrupts, and is no error of the code
    """An article took too long. No `Exception`, so that no `except Exception` on its way takes it for its own."""


class article_limit:  # noqa: N801  # used as a function is
    """Interrupt the block with `ArticleTimeout` once it has used so many processor seconds; `None`: never.

    Once the block is left nothing interrupts any more, whatever arrived in that moment.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._stop: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        """Start the clock."""
        if self._seconds is None:
            return self
        if threading.current_thread() is threading.main_thread():
            self._stop = _start_timer(self._seconds)
        else:
            self._stop = _watch(self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the clock."""
        while True:
            try:
                self._stop()
            except ArticleTimeout:  # it arrived between the last instruction of the block and this one
                continue
            return


def _nothing() -> None:
    """Stop what was never started."""


_armed = False
"""Whether the timer's signal is to interrupt: one that arrives after the block was left must not."""


def _ring(_number: int, _frame: object) -> None:
    if _armed:
        raise ArticleTimeout


def _start_timer(seconds: float) -> Callable[[], None]:
    """Have the operating system count the processor time of this process; return what ends that."""
    global _armed  # noqa: PLW0603  # there is one timer a process
    if signal.getsignal(signal.SIGPROF) is not _ring:
        # It stays: with the default action a signal that arrives late would end the process.
        signal.signal(signal.SIGPROF, _ring)
    _armed = True
    _limit_process(ceil(time.process_time() + KILL_FACTOR * seconds + AGAIN_S))
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN_S)
    return _stop_timer


def _stop_timer() -> None:
    global _armed  # noqa: PLW0603  # see above
    _armed = False
    signal.setitimer(signal.ITIMER_PROF, 0)
    _limit_process(None)


def _limit_process(seconds: int | None) -> None:
    """Have the system end this process once it has used so many processor seconds in all; `None`: as many as before."""
    most = _most_seconds()
    resource.setrlimit(resource.RLIMIT_CPU, (most[0] if seconds is None else min(seconds, _finite(most[0])), most[1]))


@cache
def _most_seconds() -> tuple[int, int]:
    """Return the limits of processor time that this process began with."""
    return resource.getrlimit(resource.RLIMIT_CPU)


def _finite(limit: int) -> int:
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


@dataclass(slots=True)
class _Watched:
    """A thread whose time is counted."""

    thread: int
    clock: Callable[[], float]
    """Tells the seconds of processor time that it has used."""
    until: float
    fired: bool = False


@dataclass(slots=True)
class _Watch:
    """The watching thread of this process, started with the first thread that is watched."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: dict[int, _Watched] = field(default_factory=dict)
    started: bool = False

    def run(self) -> None:
        """Look at the clocks for as long as the process lives."""
        while True:
            time.sleep(LOOK_S)
            with self.lock:
                for each in self.threads.values():
                    if each.clock() >= each.until:
                        each.until += AGAIN_S
                        each.fired = True
                        _raise_in(each.thread, ArticleTimeout)


_watching = _Watch()


def _watch(seconds: float) -> Callable[[], None]:
    """Have the present thread watched; return what ends that."""
    me = threading.get_ident()
    clock = _clock_of(me)
    watched = _Watched(me, clock, clock() + seconds)
    with _watching.lock:
        if not _watching.started:
            _watching.started = True
            threading.Thread(target=_watching.run, name="article-limit", daemon=True).start()
        _watching.threads[me] = watched

    def stop() -> None:
        with _watching.lock:
            _watching.threads.pop(me, None)
            if watched.fired:
                # What was asked for and has not arrived yet is taken back.
                _raise_in(me, None)
                watched.fired = False

    return stop


def _clock_of(thread: int) -> Callable[[], float]:
    """Return a clock of a thread's processor time; of the time of day on systems that count none (macOS)."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    return partial(time.clock_gettime, time.pthread_getcpuclockid(thread))


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have Python raise an error in another thread at its next instruction; `None` takes that back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
