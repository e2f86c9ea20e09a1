"""What may work in a moment is tried again by one table of policies, and by nothing beside it."""

from __future__ import annotations

import ast
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from newsdex import retry as policies
from newsdex.retry import RetryPolicy, poll, retry, retry_async

ROOT = Path(__file__).parent.parent

QUICK = RetryPolicy(first_pause=0.001, longest_pause=0.001, attempts=3)

WAITS = {
    "flows/ingest_source.py": "spreads runs of one schedule over some seconds",
    "flows/backfills/child_runs.py": "asks after child runs for as long as they take",
    "flows/prepare/article_limit.py": "looks at the clocks of other threads",
    "newsdex/search/indices/write_block.py": "a loop that also clears the block of a rebuild that was killed",
    "newsdex/search/rebuild/checkpoint.py": "one heartbeat of another machine",
    "newsdex/kibana/client.py": "the pause of its policy, with a word to the user",
}
"""Modules that wait otherwise than through `newsdex.retry`, and what for."""


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, failures: int, error: type[Exception] = ConnectionError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self) -> str:
        """Fail, or answer."""
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("away")
        return "here"

    async def later(self) -> str:
        """Do the same as a coroutine."""
        return self()


def passing(error: BaseException) -> bool:
    """Return whether an error may pass."""
    return isinstance(error, ConnectionError)


def test_pauses_grow_with_jitter_up_to_a_limit() -> None:
    """Twice as long each time, a random quarter more or less, so that several writers do not come back together."""
    policy = RetryPolicy(first_pause=0.5, longest_pause=30.0)
    for attempt, middle in ((1, 0.5), (2, 1.0), (5, 8.0), (9, 30.0), (10_000, 30.0)):
        pauses = [policy.pause(attempt) for _ in range(200)]
        assert min(pauses) >= 0.75 * middle
        assert max(pauses) <= 1.25 * middle
        assert max(pauses) - min(pauses) > 0.2 * middle


def test_the_table_keeps_what_the_documents_promise() -> None:
    """Two minutes for a person who waits, fourteen for a run that nobody watches."""
    assert sum(policies.ELASTICSEARCH.nominal_pauses) == 123
    assert sum(policies.ELASTICSEARCH_UNATTENDED.nominal_pauses) == 843


def test_a_step_is_done_again_while_its_error_may_pass() -> None:
    """What comes after the failures is returned."""
    step = Flaky(2)
    assert retry(QUICK, step, on=passing) == "here"
    assert step.calls == 3


def test_the_last_error_comes_through_as_it_is() -> None:
    """Not wrapped in an error of the library's."""
    step = Flaky(9)
    with pytest.raises(ConnectionError, match="away"):
        retry(QUICK, step, on=passing)
    assert step.calls == 3


def test_an_error_that_will_not_pass_ends_it_at_once() -> None:
    """A refusal is told without waiting."""
    step = Flaky(9, ValueError)
    with pytest.raises(ValueError, match="away"):
        retry(QUICK, step, on=passing)
    assert step.calls == 1


def test_a_coroutine_is_retried_likewise() -> None:
    """Fetching waits without keeping others from it."""
    step = Flaky(2)
    assert asyncio.run(retry_async(QUICK, lambda: step.later(), on=passing)) == "here"  # noqa: PLW0108  # as fetching does
    assert step.calls == 3


def test_no_attempt_begins_after_the_time_is_over() -> None:
    """A policy of seconds gives up before it would pass them."""
    pauses: list[float] = []
    policy = RetryPolicy(first_pause=10, longest_pause=10, seconds=5, jitter=0)
    with pytest.raises(ConnectionError):
        retry(policy, Flaky(9), on=passing, sleep=pauses.append)
    assert pauses == []


def test_polling_returns_what_is_found_or_nothing() -> None:
    """Something that is there at the third look; and nothing that is there at none."""
    found = iter([None, None, "here"])
    assert poll(QUICK, lambda: next(found)) == "here"
    assert poll(QUICK, lambda: None) is None


def test_naming_a_policy_imports_no_library() -> None:
    """A search pays for no retry that it does not need."""
    code = "import sys, newsdex.retry; print('tenacity' in sys.modules, 'asyncio' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert told.stdout.split() == ["False", "False"]


def test_nothing_waits_by_itself() -> None:
    """Whoever sleeps, and is not named above with a reason, has a retry of its own: it belongs into the table."""
    found = set()
    for folder in ("flows", "newsdex", "transforms"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if any(parent.is_symlink() for parent in path.parents):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == WAITS.keys()
