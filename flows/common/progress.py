"""Report a run's progress to whoever is looking: a terminal's bars, Prefect, or nobody."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Progress(Protocol):
    """A receiver of a run's progress."""

    def step(self, what: str, done: int, total: int | None, unit: str) -> None:
        """Report that `done` of `total` (`None`: unknown) bytes or seconds of a one-off step are over."""

    def expect(self, articles: int) -> None:
        """Report that so many more articles were found in the inputs."""

    def advance(self, articles: int) -> None:
        """Report that so many more articles are accounted for."""

    def close(self) -> None:
        """Report nothing more: a terminal is left as it was."""


class Silent:
    """A receiver that drops everything."""

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
