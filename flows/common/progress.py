"""Where a run says how far it is, for whoever is looking: a terminal's bars, or nobody."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Progress(Protocol):
    """What a run reports to while it works."""

    def step(self, what: str, done: int, total: int | None, unit: str) -> None:
        """Of a one-off piece of work, `done` out of `total` (`None`: unknown) bytes or seconds are over."""

    def expect(self, articles: int) -> None:
        """So many more articles were found in the inputs."""

    def advance(self, articles: int) -> None:
        """So many more articles are accounted for."""

    def close(self) -> None:
        """Report nothing more: a terminal is left as it was."""


class Silent:
    """Reports to nobody."""

    def step(self, what: str, done: int, total: int | None, unit: str) -> None:
        """Do nothing."""

    def expect(self, articles: int) -> None:
        """Do nothing."""

    def advance(self, articles: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


current: ContextVar[Progress] = ContextVar("progress", default=Silent())  # noqa: B039  # it has no state
"""The command line sets this around a flow: a flow's parameters must be plain data."""
