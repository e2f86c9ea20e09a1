"""Retry what may work in a moment: one table of policies for the whole program, and the functions that follow it.

Whoever retries anything names a policy of this table, so that how long Newsdex waits for what is read in one place.
[tenacity](https://tenacity.readthedocs.io) does the waiting. It is imported by the first call and not before: that
takes 60 ms (25 ms where asyncio is there already), which a search need not pay.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import tenacity

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When to try again, and when to give up; whichever of `attempts` and `seconds` is reached first ends it."""

    first_pause: float
    """Seconds before the second attempt; each further pause is twice as long."""
    longest_pause: float
    """Seconds at most between two attempts."""
    attempts: int | None = None
    """Attempts in all, the first included."""
    seconds: float | None = None
    """Seconds after which no further attempt begins."""
    jitter: float = 0.25
    """Share by which a pause is made longer or shorter at random, so that many who wait do not come back together."""

    def pause(self, attempt: int) -> float:
        """Return the seconds to wait after the `attempt`-th attempt (from 1)."""
        return self.nominal_pause(attempt) * random.uniform(1 - self.jitter, 1 + self.jitter)

    def nominal_pause(self, attempt: int) -> float:
        """Return the same without chance."""
        # 2 ** 60 is past every longest pause; the power of an attempt in the thousands would be past a float.
        return min(self.first_pause * 2.0 ** min(attempt - 1, 60), self.longest_pause)

    @property
    def nominal_pauses(self) -> list[float]:
        """All pauses of a policy that counts its attempts, without chance."""
        return [self.nominal_pause(attempt) for attempt in range(1, self.attempts or 1)]


ELASTICSEARCH = RetryPolicy(first_pause=1, longest_pause=60, attempts=8)
"""Two minutes, for a person who waits: a node that is restarted answers after 8 to 14 s, a small cluster within one
minute."""

ELASTICSEARCH_UNATTENDED = RetryPolicy(first_pause=1, longest_pause=60, attempts=20)
"""Fourteen minutes, for runs with nobody there: enough for an upgrade of a cluster or a reboot of its machine."""

BULK_LINE = RetryPolicy(first_pause=0.5, longest_pause=30, attempts=9)
"""A line of a bulk request that the node is too busy for: about two minutes, a node's restart included."""

BULK_UNANSWERED = RetryPolicy(first_pause=0.5, longest_pause=30, attempts=2)
"""The same where nobody answers at all, and the caller can start the node again or wait more patiently."""

CONFLICT = RetryPolicy(first_pause=0.1, longest_pause=2.5, attempts=12, jitter=1)
"""An article that another process changed meanwhile. Eight threads that took in 60 articles of six clusters at once,
five at a time, on a busy machine, stayed below these attempts in each of 18 seeded tries. The whole pause is left to
chance, so that those who met once do not meet again."""

WRITE_BLOCK = RetryPolicy(first_pause=0.5, longest_pause=0.5, seconds=60, jitter=0)
"""A write while a rebuild blocks writing: twice as long as a block may stay before others clear it."""

FETCH = RetryPolicy(first_pause=2, longest_pause=2, attempts=2)
"""A page or feed whose server failed or did not answer; in the next run it is asked again anyway."""

DOWNLOAD = RetryPolicy(first_pause=1, longest_pause=1, attempts=2)
"""The archive of Elasticsearch: a fault that passes is gone by the second attempt, a lasting one stays."""

PREFECT_START_S = 120
"""Seconds for a Prefect server: a cold start took 16 s on two busy cores, and a laptop on battery may need several
times that."""

PREFECT_START = RetryPolicy(first_pause=0.2, longest_pause=0.2, seconds=PREFECT_START_S, jitter=0)
"""A Prefect server that we started, and what watches over it."""

NODE_START = RetryPolicy(first_pause=0.2, longest_pause=0.2, jitter=0)
"""An embedded Elasticsearch that starts; for how long is a setting of the node."""

RESTART = RetryPolicy(first_pause=1, longest_pause=30, jitter=0)
"""A process of `newsdex serve` that ended: later each time, so that a broken one does not take all the time."""

KIBANA_START = RetryPolicy(first_pause=2, longest_pause=2, jitter=0)
"""A Kibana that starts, which takes it half a minute to two; for how long is the user's choice (`--wait`)."""

KILLED_WORKER = RetryPolicy(first_pause=0, longest_pause=0, attempts=2)
"""A partition whose worker was killed: another partition may have been to blame; a second time, alone, it was this."""


def retry(
    policy: RetryPolicy,
    step: Callable[[], T],
    *,
    on: Callable[[BaseException], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Do a step, and again by `policy` while what it raises may pass; then let its last error through.

    Args:
        policy: when to try again and when to give up.
        step: what to do; it must be safe to do twice.
        on: tells whether an error may pass.
        sleep: waits that many seconds, less where the wait is cut short.
    """
    from tenacity import Retrying, retry_if_exception  # noqa: PLC0415  # see the top

    return Retrying(retry=retry_if_exception(on), reraise=True, sleep=sleep, **_when(policy))(step)


async def retry_async(
    policy: RetryPolicy, step: Callable[[], Awaitable[T]], *, on: Callable[[BaseException], bool]
) -> T:
    """Do the same with a coroutine, so that others go on while it waits."""
    from tenacity import AsyncRetrying, retry_if_exception  # noqa: PLC0415  # see the top

    async def once() -> T:  # tenacity awaits what is a coroutine function, not what returns a coroutine
        return await step()

    return await AsyncRetrying(retry=retry_if_exception(on), reraise=True, **_when(policy))(once)


def poll(policy: RetryPolicy, look: Callable[[], T | None], *, sleep: Callable[[float], None] = time.sleep) -> T | None:
    """Look again and again until there is something; return it, or `None` once the policy's time is over."""
    from tenacity import Retrying, retry_if_result  # noqa: PLC0415  # see the top

    polling = Retrying(
        retry=retry_if_result(lambda found: found is None),
        retry_error_callback=lambda _state: None,
        sleep=sleep,
        **_when(policy),
    )
    return polling(look)


def _when(policy: RetryPolicy) -> dict[str, Any]:
    """Return a policy in tenacity's terms."""
    from tenacity import stop_after_attempt, stop_any, stop_before_delay, stop_never  # noqa: PLC0415  # see the top

    stops: list[Any] = []
    if policy.attempts is not None:
        stops.append(stop_after_attempt(policy.attempts))
    if policy.seconds is not None:
        stops.append(stop_before_delay(policy.seconds))

    def wait(state: tenacity.RetryCallState) -> float:
        return policy.pause(state.attempt_number)

    return {"stop": stop_any(*stops) if stops else stop_never, "wait": wait}
