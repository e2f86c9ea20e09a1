"""The process of the embedded node: started apart from its parent, recognised again, ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from functools import cache
from typing import TYPE_CHECKING

import psutil

from newsdex.search.node.config import HOST
from newsdex.search.node.provisioning import NodeError, Unit
from newsdex.tables import load_table

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.search.node.account import NodeAccount
    from newsdex.search.node.config import Layout
    from newsdex.search.node.provisioning import StepProgress

FIRST_PORTS = range(9250, 9300)
"""Ports tried in this order where none is asked for or remembered; apart from Elasticsearch's usual 9200 to 9299."""

STOP_SECONDS = 20.0
"""How long a node may take to close before it is killed; it usually takes one to two seconds."""

_POLL_SECONDS = 0.1
# Elasticsearch's own log glues the exception's name to the words before it.
_EXCEPTION = re.compile(r"(?:java|org|com)\.[\w$.]+(?:Exception|Error): .+|^(?:ERROR|Error)\b.+", re.MULTILINE)
_MAX_QUOTE = 300


class DiedError(Exception):
    """The node died at its start; `log` is everything it said."""

    def __init__(self, log: str) -> None:
        super().__init__("the node died")
        self.log = log


def is_node(pid: int, layout: Layout) -> bool:
    """Tell whether a process is this home's node: a number alone may have gone to another process since."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _is_server(process.cmdline(), layout)
    except (psutil.Error, ValueError):
        return False


def find_node(layout: Layout) -> int | None:
    """Return the process of this home's node by looking at every process: for when its number got lost."""
    for process in psutil.process_iter(["cmdline"]):
        if _is_server(process.info["cmdline"] or [], layout):
            return int(process.pid)
    return None


def _is_server(command: list[str], layout: Layout) -> bool:
    # The launcher passes the marker on to short-lived Javas that only check the options; the server has a main module.
    return layout.marker in command and any("org.elasticsearch.bootstrap.Elasticsearch" in word for word in command)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of this machine now."""
    with socket.socket() as probe:
        # As Elasticsearch does it: a port whose last connections are just closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def free_port(remembered: int | None) -> int:
    """Return a free port: the remembered one if it can be had, so that the node's address stays."""
    candidates: list[int] = [remembered] if remembered else []
    candidates.extend(FIRST_PORTS)
    for port in candidates:
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def holder_of(port: int) -> str:
    """Return who listens on a port, for a sentence: "python3 (process 12)" where this user may know it."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            local = connection.laddr
            if local and local.port == port and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"


def launch(
    layout: Layout, *, distribution: Path, java: Path, account: NodeAccount, timeout: float, progress: StepProgress
) -> int:
    """Start the node in a session of its own, wait until it has started, and return its process id.

    Raises:
        DiedError: it died.
        NodeError: it was not up in time.
    """
    pid_file = layout.temporary / "node.pid"
    pid_file.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        # Whatever the user's own is: the paths may have any letter in them.
        "LC_ALL": "C.UTF-8",
        "HOME": str(layout.home),
        "ES_JAVA_HOME": str(java),
        "ES_PATH_CONF": str(layout.config),
        "ES_TMPDIR": str(layout.temporary),
        # The launcher's own short-lived Javas: the optimising compiler would cost two seconds and never pay.
        "CLI_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
    }
    switch = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.switched else {}
    with layout.console.open("wb") as console:
        launcher = subprocess.Popen(
            [distribution / "bin" / "elasticsearch", "-d", "-p", pid_file],
            env=environment,
            cwd=layout.temporary,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            **switch,  # type: ignore[call-overload]
        )
    try:
        _await_launcher(launcher, layout, timeout, progress)
        return int(pid_file.read_text(encoding="ascii"))
    except BaseException:
        # Also after Ctrl-C: no half-started node stays behind. Launcher and node share the session's process group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait()
        raise


def _await_launcher(launcher: subprocess.Popen[bytes], layout: Layout, timeout: float, progress: StepProgress) -> None:
    """Wait for the launcher: it ends with 0 once the node answers, and with another code if the node died."""
    begun = time.monotonic()
    while True:
        elapsed = time.monotonic() - begun
        try:
            code = launcher.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            progress("Starting Elasticsearch", int(elapsed), None, Unit.SECONDS)
            if elapsed > timeout:
                raise NodeError(
                    f"Elasticsearch did not start within {timeout:.0f} seconds: the machine is busy or slow, "
                    f"so allow it more time and try again; its log is {layout.console}."
                ) from None
            continue
        if code != 0:
            raise DiedError(layout.console.read_text(encoding="utf-8", errors="replace"))
        progress("Starting Elasticsearch", int(elapsed), int(elapsed), Unit.SECONDS)
        return


def explain_death(log: str, **facts: object) -> str:
    """Return one sentence for a node that died at its start, from what it said.

    Args:
        log: everything it said.
        facts: `home`, `data`, `port`, `heap` and `console`, to be named in the sentence.
    """
    for pattern, sentence in _faults():
        found = pattern.search(log)
        if found:
            return sentence.format(*(group or "" for group in found.groups()), **facts)
    quoted = _EXCEPTION.search(log)
    words = " ".join(quoted[0].split()) if quoted else "it said nothing"
    words = words if len(words) <= _MAX_QUOTE else f"{words[: _MAX_QUOTE - 1]}…"
    return f"Elasticsearch died while it started ({words}): see {facts['console']} for the whole log."


@cache
def _faults() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = load_table(__file__, "node_faults.toml")["fault"]
    return tuple((re.compile(row["pattern"]), row["sentence"]) for row in rows)


def end(pid: int) -> bool:
    """End a process: asked at first, killed after `STOP_SECONDS`. Return whether it had to be killed.

    Raises:
        NodeError: it belongs to another user.
    """
    try:
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
            return True
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        raise NodeError(
            f"The node (process {pid}) belongs to another user and cannot be stopped from here: "
            "work as the user that started it."
        ) from None
    return False
