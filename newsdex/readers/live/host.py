"""One host at a time and with pauses; what its robots.txt and its Retry-After say is kept to."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from protego import Protego

from newsdex.readers.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from newsdex.readers.live.state import FetchState

MAX_CRAWL_DELAY_S = 30.0
"""A longer Crawl-delay counts as this: a feed of 30 pages takes a quarter of an hour then."""

MAX_WAIT_S = 30.0
"""A shorter Retry-After is waited for; for a longer one the run does not wait: the host is left alone until then."""

MAX_RETRY_AFTER_S = 7 * 24 * 3600.0
"""A longer Retry-After is a mistake."""

MAX_ROBOTS_BYTES = 512 << 10
"""How much of a robots.txt is read; RFC 9309 (2.5) asks for at least 500 KiB."""


class HostThrottle:
    """What is known of one host, and whose turn it is."""

    def __init__(self, name: str, delay_s: float, state: FetchState) -> None:
        """Ask a host (with its port) at most every `delay_s` seconds."""
        self.name, self._delay, self._state = name, delay_s, state
        self._lock, self._next = asyncio.Lock(), 0.0
        self.robots_lock = asyncio.Lock()
        self._rules: dict[str, Protego | ReadError] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the host may be asked again, and keep others from asking meanwhile.

        Raises:
            ReadError: `asked-to-wait`, where it must not be asked for longer than a run waits.
        """
        async with self._lock:
            left = self._state.wait_until(self.name) - time.time()
            if left > MAX_WAIT_S:
                until = datetime.fromtimestamp(time.time() + left, UTC)
                raise ReadError(
                    "asked-to-wait",
                    f"{self.name} asked not to be asked before {until:%Y-%m-%d %H:%M} UTC: run again then.",
                )
            await asyncio.sleep(max(left, self._next - time.monotonic(), 0))
            try:
                yield
            finally:
                self._next = time.monotonic() + self._delay

    def back_off(self, retry_after: str | None) -> bool:
        """Keep to a Retry-After (seconds or a date); return whether it is so near that a run waits for it."""
        seconds = _seconds(retry_after)
        if seconds is None:
            return True
        self._state.keep_wait(self.name, time.time() + seconds)
        return seconds <= MAX_WAIT_S

    def learn(self, origin: str, rules: Protego | ReadError, agent: str) -> None:
        """Take the rules of a site, or the fault that keeps us from knowing them."""
        self._rules[origin] = rules
        if isinstance(rules, Protego):
            asked = rules.crawl_delay(agent) or 0.0
            self._delay = max(self._delay, min(float(asked), MAX_CRAWL_DELAY_S))

    def knows(self, origin: str) -> bool:
        """Return whether the rules of a site are known."""
        return origin in self._rules

    def check(self, origin: str, url: str, agent: str) -> None:
        """Raise `ReadError` (`robots-disallowed` or `robots-unreachable`) where an address must not be fetched."""
        rules = self._rules[origin]
        if isinstance(rules, ReadError):
            raise rules
        if not rules.can_fetch(url, agent):
            raise ReadError("robots-disallowed", f"{origin}/robots.txt does not let {agent} fetch {url}.")


def rules_of(status: int, body: bytes, origin: str) -> Protego | ReadError:
    """Return the rules that the answer to the request for robots.txt makes (RFC 9309, 2.3.1)."""
    if status == 200:
        return Protego.parse(body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace"))
    if 400 <= status < 500 and status != 429:
        return Protego.parse("")
    told = f"{origin}/robots.txt was answered with status {status}: what may be fetched is not known; run again later."
    return ReadError("robots-unreachable", told)


def _seconds(retry_after: str | None) -> float | None:
    """Return how long to wait, `None` where nothing sensible is said."""
    if not retry_after:
        return None
    text = retry_after.strip()
    try:
        seconds = float(text) if text.isdigit() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)
