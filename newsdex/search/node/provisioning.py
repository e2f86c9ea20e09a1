"""What fetching and running the embedded node share: one kind of error, and progress that a caller can draw."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from newsdex.search.errors import SearchError

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000


class NodeError(SearchError):
    """Why the embedded node could not be had; its text is one clear sentence: what, where, what to do."""


class Unit(StrEnum):
    """What the figures of a progress report count."""

    BYTES = "bytes"
    SECONDS = "seconds"


class StepProgress(Protocol):
    """What a caller gives in order to follow a long step; it may be called from another thread."""

    def __call__(self, what: str, done: int, total: int | None, unit: Unit) -> None:
        """Take note that `done` of `total` (`None`: unknown) units of the step `what` are over.

        Each step ends with a call where `done` equals `total`.
        """


def no_progress(what: str, done: int, total: int | None, unit: Unit) -> None:
    """Take no note of anything: the default `Progress`."""


def free_bytes(folder: Path) -> int:
    """Return how much an unprivileged process can still write to the disk of `folder` or of its nearest parent."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_space(folder: Path, needed: int, what: str) -> None:
    """Raise `NodeError` unless `needed` bytes are free for `what` on the disk of `folder`."""
    free = free_bytes(folder)
    if free < needed:
        raise NodeError(
            f"{what} needs {needed // MEGABYTE:,} MB in {folder}, but only {free // MEGABYTE:,} MB are free there: "
            "free some space or choose a folder on another disk."
        )
