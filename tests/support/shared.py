"""One server for all processes of a test session: the first one that asks starts it, the last one to leave ends it."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

LEAVE_S = 1_200
"""How long the process that started a server waits for the others to be done with it: longer than any suite takes."""


def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder that all processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@contextmanager
def shared(
    folder: Path, name: str, started: Callable[[], AbstractContextManager[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Yield what `started` tells of a server, started by the first process of the session that comes here.

    Args:
        folder: what the session's processes share.
        name: of the server.
        started: starts it, tells as JSON how to reach it, and ends it at the end of the block.
    """
    note, lock = folder / f"{name}.json", FileLock(folder / f"{name}.lock")
    own = None
    with lock:
        if not note.exists():
            own = started()
            _write(note, {"told": own.__enter__(), "users": 0})
        told: dict[str, Any] = _count(note, 1)["told"]
    try:
        yield told
    finally:
        with lock:
            _count(note, -1)
        if own is not None:
            try:
                _wait_until_unused(note, lock)
            finally:
                own.__exit__(None, None, None)


def _wait_until_unused(note: Path, lock: FileLock) -> None:
    deadline = time.monotonic() + LEAVE_S
    while time.monotonic() < deadline:
        with lock:
            if _read(note)["users"] == 0:
                note.unlink()  # who comes now starts another one
                return
        time.sleep(0.1)


def _count(note: Path, more: int) -> dict[str, Any]:
    state = _read(note)
    state["users"] += more
    _write(note, state)
    return state


def _read(note: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return state


def _write(note: Path, state: dict[str, Any]) -> None:
    note.touch(mode=0o600)  # it may hold a generated password
    note.write_text(json.dumps(state), encoding="utf-8")
