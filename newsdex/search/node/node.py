"""The embedded Elasticsearch node: started when it is needed, found again by later commands, stopped on demand.

    node = start(NodeSettings(home=default_home(), cache=default_cache()))
    client = Elasticsearch(node.url, basic_auth=(node.username, node.password))

The node goes on running after the process that started it, bound to this machine only and guarded by a password.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
from filelock import FileLock, Timeout

from newsdex.private_files import make_private
from newsdex.retry import NODE_START, poll
from newsdex.search.node import process as node_process
from newsdex.search.node.account import default_cache, default_home
from newsdex.search.node.config import (
    FLOOD_BYTES,
    HOST,
    LOW_BYTES,
    USERNAME,
    Layout,
    NodeSettings,
    read_password,
    read_state,
)
from newsdex.search.node.launch import launch
from newsdex.search.node.provisioning import MEGABYTE, NodeError, StepProgress, Unit, free_bytes, no_progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "NodeError",
    "NodeSettings",
    "RunningNode",
    "StepProgress",
    "Unit",
    "default_cache",
    "default_home",
    "start",
    "status",
    "stop",
]

_ANSWER_SECONDS = 5.0
"""How long a running node may take to answer; it takes milliseconds, unless the machine is swamped."""

_RECOVERY_SECONDS = 30.0
"""How long a node just started may take to open its indices (they are red until then) before it is returned as it is;
the dictionaries that they need are loaded in that time, too, which takes ten seconds of one core."""

_LOCK_SLACK_SECONDS = 1_800.0
"""How long to wait, beside the start itself, for another process that is fetching the distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningNode:
    """A node whose process runs."""

    url: str
    username: str
    password: str = field(repr=False)
    pid: int
    version: str
    data_dir: Path
    started: bool = False
    """Whether this call started it."""
    health: str | None = None
    """`green`, `yellow` or `red`; `None`: the process runs, but does not answer."""
    disk_warning: str | None = None
    """One sentence where space is running out, else `None`."""


def start(settings: NodeSettings, progress: StepProgress | None = None) -> RunningNode:
    """Return the running node, having fetched and started it if need be.

    Called by several processes at the same moment, it starts one node; the others wait and return it.

    Raises:
        NodeError: whatever prevents it, in one sentence.
    """
    running = status(settings)
    if running and running.health:
        return running
    layout = _layout(settings)
    with _locked(layout, settings.start_timeout + _LOCK_SLACK_SECONDS):
        running = status(settings)
        if running is None:
            launch(settings, layout, progress or no_progress)
        ready = _await_answer(settings)
        return replace(ready, started=running is None)


def status(settings: NodeSettings) -> RunningNode | None:
    """Return the node of this home, `None` if its process does not run. Its `health` says whether it answers.

    A process number that is out of date, or has gone to another process, is seen through.

    Raises:
        NodeError: a node runs, but its password cannot be read.
    """
    layout = _layout(settings)
    state = read_state(layout)
    if state is None:
        return None
    pid = state.pid if node_process.is_node(state.pid, layout) else node_process.find_node(layout)
    if pid is None:
        return None
    node = RunningNode(
        url=f"http://{HOST}:{state.port}",
        username=USERNAME,
        password=read_password(layout),
        pid=pid,
        version=state.version,
        data_dir=layout.data,
        disk_warning=disk_warning(layout.home),
    )
    return replace(node, health=_health(node))


def stop(settings: NodeSettings) -> bool:
    """Stop the node of this home and return whether there was one: asked to close at first, killed if it does not.

    Raises:
        NodeError: it belongs to another user.
    """
    layout = _layout(settings)
    if read_state(layout) is None:
        return False
    with _locked(layout, settings.start_timeout):
        node = status(settings)
        if node is None:
            return False
        node_process.end(node.pid)
        return True


def disk_warning(home: Path, low: int = LOW_BYTES) -> str | None:
    """Return one sentence if less than `low` bytes are free on the disk of a node's home, else `None`."""
    free = free_bytes(home)
    if free >= low:
        return None
    return (
        f"Only {free // MEGABYTE:,} MB are free on the disk of {home}: below {FLOOD_BYTES // MEGABYTE:,} MB "
        "Elasticsearch makes its indices read-only, so free some space."
    )


def _layout(settings: NodeSettings) -> Layout:
    # Resolved, because the same home must always give the same marker on the node's command line.
    return Layout(home=settings.home.expanduser().resolve())


@contextmanager
def _locked(layout: Layout, timeout: float) -> Iterator[None]:
    try:
        make_private(layout.home)
        lock = FileLock(layout.lock, timeout=timeout)
        lock.acquire()
    except Timeout:
        raise NodeError(
            f"Another process has been starting or stopping the node in {layout.home} for {timeout:.0f} seconds: "
            "wait for it, or end it and try again."
        ) from None
    except OSError as error:
        raise NodeError(
            f"The node's home {layout.home} cannot be used ({error.strerror}): "
            "fix the folder's permissions or choose another home."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _await_answer(settings: NodeSettings) -> RunningNode:
    """Wait for a node whose process runs: just started, or by a process that was ended before it was up."""
    settled = time.monotonic() + _RECOVERY_SECONDS

    def look() -> RunningNode | None:
        node = _alive(settings)
        return node if node.health and (node.health != "red" or time.monotonic() > settled) else None

    node = poll(replace(NODE_START, seconds=settings.start_timeout), look) or _alive(settings)
    if node.health is None:
        raise NodeError(
            f"The node (process {node.pid}) runs but has not answered at {node.url} for "
            f"{settings.start_timeout:.0f} seconds: stop it and start it again."
        )
    return node


def _alive(settings: NodeSettings) -> RunningNode:
    """Return the node as it is now.

    Raises:
        NodeError: its process has ended.
    """
    node = status(settings)
    if node is None:
        raise NodeError(
            f"The node in {settings.home} stopped right after its start: "
            f"see {_layout(settings).logs / 'newsdex.log'} for the reason and start it again."
        )
    return node


def _health(node: RunningNode) -> str | None:
    try:
        # Without the environment's proxy: the node is on this machine.
        with httpx.Client(auth=(node.username, node.password), timeout=_ANSWER_SECONDS, trust_env=False) as client:
            answer = client.get(f"{node.url}/_cluster/health")
            answer.raise_for_status()
            return str(answer.json()["status"])
    except (httpx.HTTPError, ValueError, KeyError):
        return None
