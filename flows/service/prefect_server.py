"""The Prefect server that a run reports to: the user's own, or a temporary one that lives as long as the command.

Prefect would start a temporary server by itself, but only when the first flow begins, in our process group (Ctrl-C
would end it before the run can say how it ended) and with its chatter on our terminal. So it is started here: early,
beside other work, in a session of its own, with its output in a log file.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsdex.errors import NewsdexError
from newsdex.flows.service.api_password import environment as environment_of
from newsdex.flows.service.api_password import new_password
from newsdex.flows.service.prefect_app import PARENT_VARIABLE
from newsdex.private_files import close_home, make_private
from newsdex.retry import PREFECT_START, PREFECT_START_S, poll

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP_TIMEOUT_S = 10
"""The server closes within a second; past this it is killed."""

DELIVERY_TIMEOUT_S = 5
"""The last log lines and events of a run take a tenth of a second."""

TEMPORARY = {
    # The two private ones are what Prefect sets for its own temporary server: no UI, no schedules.
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    # Nobody watches it: keeping and handing on its events took a third of what it spends on a task. Runs, tasks, logs
    # and artifacts are kept as ever, for a lasting server over the same folder to show.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
}
"""The environment of the temporary server."""


class PrefectServerError(NewsdexError):
    """The temporary Prefect server did not start; the message is one sentence."""


def configure(home: Path, *, quiet: bool) -> None:
    """Set Prefect's environment for this process and its children. Must run before `prefect` is first imported.

    What the user has set stays as it is. Nothing is sent to Prefect's makers.

    Args:
        home: Prefect's own folder (database, results) is made below it.
        quiet: keep Prefect's own log lines off the terminal; they still reach the Prefect UI.
    """
    make_private(home / "prefect")
    close_home(home)
    defaults = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(PREFECT_START_S),
        "PREFECT_CLI_PROMPT": "false",
    }
    if quiet:
        defaults["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Lend a Prefect API for the length of the block: the configured one, or a temporary server on loopback.

    Yields:
        The API's address.

    Raises:
        PrefectServerError: the temporary server did not come up.
    """
    configured = configured_api()
    if configured:
        yield configured
        return
    password = new_password()
    process, address = _spawn(home, password)
    try:
        _wait_until_healthy(process, address, home)
        with _pointed_at(address, password):
            yield address
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _pointed_at(address: str, password: str) -> Iterator[None]:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415  # after `configure`

    # The heartbeat tells a lasting server that a run died; ending its thread costs each run a second.
    with pointed_at(address, password), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            yield
        finally:
            _deliver()


@contextmanager
def pointed_at(address: str, password: str | None = None) -> Iterator[None]:
    """Have this process talk to the Prefect API at `address` for the length of the block.

    Args:
        address: of the API.
        password: what it asks for, as `user:password`; `None` where the user's own settings say.
    """
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings  # noqa: PLC0415  # after `configure`

    with temporary_settings({PREFECT_API_URL: address, **({PREFECT_API_AUTH_STRING: password} if password else {})}):
        yield


def _deliver() -> None:
    """Send what still waits to be sent: at exit Prefect would try for a minute to reach a server that is gone."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415  # after `configure`
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=DELIVERY_TIMEOUT_S)


def configured_api() -> str | None:
    """Return the Prefect API that the user has configured (environment or profile), if any."""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415  # after `configure`; takes most of a second

    address: str | None = PREFECT_API_URL.value()
    return address


def _spawn(home: Path, password: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "newsdex.flows.service.prefect_app:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"),
    ]
    environment = {**os.environ, **TEMPORARY, **environment_of(password), PARENT_VARIABLE: str(os.getpid())}
    with _log_file(home).open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    return process, f"http://127.0.0.1:{port}/api"


def _log_file(home: Path) -> Path:
    return home / "prefect-server.log"


def _wait_until_healthy(process: subprocess.Popen[bytes], address: str, home: Path) -> None:
    import httpx  # noqa: PLC0415  # a command that starts no server need not wait for the import

    def look() -> bool | None:
        if process.poll() is not None:
            raise PrefectServerError(
                f"The temporary Prefect server ended at its start (exit code {process.returncode}): "
                f"see {_log_file(home)}, or set PREFECT_API_URL to a server of yours."
            )
        try:
            return httpx.get(f"{address}/health", timeout=5).status_code == httpx.codes.OK or None
        except httpx.TransportError:
            return None

    if poll(PREFECT_START, look):
        return
    process.kill()
    raise PrefectServerError(
        f"The temporary Prefect server did not answer within {PREFECT_START_S} s: see {_log_file(home)}, "
        "or set PREFECT_API_URL to a server of yours."
    )
