"""Getting the embedded node to run: everything that a start needs is found or refused, then the node is launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.search.node import distribution, java
from newsdex.search.node import process as node_process
from newsdex.search.node.account import account
from newsdex.search.node.config import FLOOD_BYTES, NodeState, read_state, write_config, write_state
from newsdex.search.node.provisioning import NodeError, require_space

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.search.node.account import NodeAccount
    from newsdex.search.node.config import Layout, NodeSettings
    from newsdex.search.node.provisioning import StepProgress

_LAUNCHES = 3
"""A port that was free can be taken by the time the node binds it; then another one is tried, this often in all."""

_SPACE_NEEDED = FLOOD_BYTES // 10
"""Free bytes without which a start is not even tried: configuration, logs and an empty node take 40 MB."""


def launch(settings: NodeSettings, layout: Layout, progress: StepProgress) -> None:
    """Fetch what is missing, configure and launch the node, and remember its process; the caller holds the lock.

    Raises:
        NodeError: whatever prevents it, in one sentence.
    """
    state = read_state(layout)
    _refuse_newer_data(layout, state, distribution.PINNED.version)
    _refuse_taken_port(settings)
    require_space(layout.home, _SPACE_NEEDED, "The node")
    who = account()
    cache = settings.cache.expanduser().resolve()
    if who.switched:
        # That user must get to its own folders through this one; nobody else may list it.
        layout.home.chmod(0o711)
        who.require_way(layout.home, "the node's home")
    folder = distribution.install(cache, progress)
    who.require_reach(folder, "the distribution in")
    found = java.find(cache, progress, usable=who.can_reach)
    remembered = state.port if state else None
    for last in (*[False] * (_LAUNCHES - 1), True):
        port = settings.port or node_process.free_port(remembered)
        try:
            _launch_at(
                port,
                settings=settings,
                layout=layout,
                who=who,
                folder=folder,
                java_home=found.home,
                progress=progress,
            )
        except node_process.DiedError as error:
            if settings.port or last or node_process.is_free(port):
                raise NodeError(_reason(error, settings, layout, port)) from None
        except OSError as error:
            raise NodeError(
                f"The node's home {layout.home} cannot be written ({error.strerror or error}): "
                "free some space, fix the folder's permissions or choose another home."
            ) from error
        else:
            return


def _launch_at(
    port: int,
    *,
    settings: NodeSettings,
    layout: Layout,
    who: NodeAccount,
    folder: Path,
    java_home: Path,
    progress: StepProgress,
) -> None:
    write_config(
        layout,
        distribution=folder,
        account=who,
        port=port,
        heap_mb=settings.heap_mb,
        java_options=settings.java_options,
    )
    version = distribution.PINNED.version
    # Before the launch too: a node whose starter is killed meanwhile is found by its home, and its port by this.
    write_state(layout, NodeState(version=version, port=port))
    pid = node_process.launch(
        layout,
        distribution=folder,
        java=java_home,
        account=who,
        timeout=settings.start_timeout,
        progress=progress,
    )
    write_state(layout, NodeState(version=version, port=port, pid=pid))


def _reason(error: node_process.DiedError, settings: NodeSettings, layout: Layout, port: int) -> str:
    return node_process.explain_death(
        error.log, home=layout.home, data=layout.data, port=port, heap=settings.heap_mb, console=layout.console
    )


def _refuse_newer_data(layout: Layout, state: NodeState | None, version: str) -> None:
    if state and _numbers(state.version) > _numbers(version):
        raise NodeError(
            f"The data in {layout.data} was written by Elasticsearch {state.version}, which is newer than {version}: "
            "upgrade Newsdex, or choose another home for the node."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _refuse_taken_port(settings: NodeSettings) -> None:
    if settings.port is not None and not node_process.is_free(settings.port):
        raise NodeError(
            f"Port {settings.port} of this machine is taken by {node_process.holder_of(settings.port)}: "
            "choose another port for the node, or stop that program."
        )
