"""`newsdex serve`: a Prefect server with its UI, a worker, and the deployments, running until they are told to stop."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from newsdex.flows.config.source_schedule import scheduled_sources
from newsdex.flows.service import prefect_server, supervisor
from newsdex.flows.service.api_password import authorization, open_link, stored_password
from newsdex.flows.service.prefect_server import PrefectServerError
from newsdex.private_files import make_private
from newsdex.retry import PREFECT_START, PREFECT_START_S, poll

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings

MIN_FREE_MB = 500
"""Prefect's database grew by 111 MB in a day of tests; when its disk is full no run can end."""

CLOCK_TOLERANCE_S = 60.0
"""Schedules, heartbeats and tokens bear a minute; clocks that are kept by NTP differ by milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What runs."""

    api: str
    ui: str | None
    """`None` where the server is the user's own: it knows best where its UI is."""
    open: str | None
    """The link that opens the UI without asking for its password, for an hour."""
    deployments: tuple[str, ...]
    removed: tuple[str, ...]
    """Deployments of sources that are no longer configured."""
    started: bool
    """Whether this call started it."""
    folder: str
    """The working directory of the runs."""


def serve(settings: Settings, progress: Progress) -> Service:
    """Have server, worker and deployments running, whatever of them runs already.

    Raises:
        SettingsError: a source cannot be operated.
        PrefectServerError: the server does not come up, is of another version, or another clock.
    """
    prefect_server.configure(settings.home, quiet=True)
    sources = scheduled_sources()
    _require_space(settings.home)
    with _locked(settings.home):
        configured = prefect_server.configured_api()
        if configured:
            check_server(configured)
        state, started = _supervised(settings, configured, progress)
        _wait(settings.home, state, progress)
        password = stored_password(settings.home) if state.own_server else None
        with prefect_server.pointed_at(state.api, password):
            check_server(state.api)
            from newsdex.flows.service.register import register  # noqa: PLC0415  # Prefect reads its environment when imported

            progress.step("Registering the deployments", 0, None, "seconds")
            done = register(
                settings, sources, Path(state.folder), own=state.own_server, fresh=started and state.own_server
            )
    return Service(
        api=state.api,
        ui=state.api.removesuffix("/api") if state.own_server else None,
        open=open_link(state.api.removesuffix("/api"), password) if password else None,
        deployments=done.deployments,
        removed=done.removed,
        started=started,
        folder=state.folder,
    )


def stop(settings: Settings) -> bool:
    """End worker and server of this home; tell whether any ran."""
    with _locked(settings.home):
        state = supervisor.read_state(settings.home)
        if state is None:
            return False
        ran = supervisor.end(state.supervisor, timeout=3 * supervisor.STOP_TIMEOUT_S)
        # Only where the supervisor was killed are there any left.
        left = [supervisor.end(each) for each in state.processes.values()]
        supervisor.state_file(settings.home).unlink(missing_ok=True)
        return ran or any(left)


def told_to_end() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on, instead of ending this process."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


def wait(settings: Settings, told: threading.Event) -> None:
    """Stay until `told` is set, then end worker and server: for service managers.

    Raises:
        PrefectServerError: the supervisor ended by itself.
    """
    while not told.wait(1.0):
        if running(settings) is None:
            raise PrefectServerError(
                f"The supervisor of Prefect's processes has ended: see {settings.home}/prefect/supervisor.log."
            )
    stop(settings)


def running(settings: Settings) -> supervisor.ServiceState | None:
    """Return what the supervisor of this home wrote down, if it runs."""
    state = supervisor.read_state(settings.home)
    return state if state is not None and state.supervisor.process() is not None else None


def check_server(api: str) -> None:
    """Look whether a server answers, is of our version, and has our time.

    Raises:
        PrefectServerError: one of these is not so.
    """
    import httpx  # noqa: PLC0415  # a command that needs no server need not wait for the import
    import prefect  # noqa: PLC0415  # seconds to import

    try:
        answer = httpx.get(f"{api}/admin/version", timeout=10, headers=_authorization())
    except httpx.HTTPError as error:
        raise PrefectServerError(
            f"No Prefect server answers at {api} ({type(error).__name__}): start it, or correct PREFECT_API_URL, or "
            "unset it to have `newsdex serve` start one."
        ) from None
    if answer.status_code in {401, 403}:
        raise PrefectServerError(
            f"The Prefect server at {api} refuses us (HTTP {answer.status_code}): set PREFECT_API_AUTH_STRING or "
            "PREFECT_API_KEY to what it expects."
        )
    if answer.status_code != httpx.codes.OK:
        raise PrefectServerError(
            f"What answers at {api} is no Prefect server (HTTP {answer.status_code}): PREFECT_API_URL ends in /api."
        )
    _same_version(api, str(answer.json()), prefect.__version__)
    _same_time(api, answer)


def _same_version(api: str, theirs: str, ours: str) -> None:
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        raise PrefectServerError(
            f"The Prefect server at {api} is version {theirs}, this Newsdex works with version {ours}: "
            f"start a server of that version (pip install prefect=={ours}), or unset PREFECT_API_URL."
        )


def _same_time(api: str, answer: httpx.Response) -> None:
    told = answer.headers.get("date")
    if told is None:
        return
    ahead = time.time() - parsedate_to_datetime(told).timestamp()
    if abs(ahead) > CLOCK_TOLERANCE_S:
        raise PrefectServerError(
            f"The clock of this machine is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} that of "
            f"the Prefect server at {api}: set both by NTP, else schedules fire at the wrong time and runs that live "
            "are taken for dead."
        )


def _authorization() -> dict[str, str]:
    from prefect.settings import get_current_settings  # noqa: PLC0415  # seconds to import

    api = get_current_settings().api
    if api.key is not None:
        return {"Authorization": f"Bearer {api.key.get_secret_value()}"}
    if api.auth_string is not None:
        return authorization(api.auth_string.get_secret_value())
    return {}


def _require_space(home: Path) -> None:
    from newsdex.search.node.provisioning import require_space  # noqa: PLC0415  # only here

    require_space(home, MIN_FREE_MB * 1_000_000, "Prefect's database and results")


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    path = home / "prefect" / "serve.lock"
    make_private(path.parent)
    lock = FileLock(path, timeout=2 * PREFECT_START_S)
    try:
        lock.acquire()
    except Timeout:
        raise PrefectServerError(
            f"Another `newsdex serve` has been at work in {home} for {2 * PREFECT_START_S} s: wait for it, or end it."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _supervised(settings: Settings, configured: str | None, progress: Progress) -> tuple[supervisor.ServiceState, bool]:
    """Return the state of the supervisor that runs, started if need be."""
    state = supervisor.read_state(settings.home)
    if state is not None:
        wanted = configured or state.api
        wanted_kind = state.own_server == (configured is None) and state.protected == state.own_server
        if state.supervisor.process() is not None and wanted_kind and wanted == state.api:
            return state, False
        # The supervisor was killed and left something running, is for another server, or of a version without password.
        for each in (state.supervisor, *state.processes.values()):
            supervisor.end(each)
    port = _free_port(settings.prefect_port)
    command = [
        sys.executable,
        "-m",
        "newsdex.flows.service.supervisor",
        str(settings.home),
        str(port),
        *([configured] if configured else []),
    ]
    progress.step("Starting Prefect", 0, None, "seconds")
    with (settings.home / "prefect" / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=supervisor.own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def look() -> supervisor.ServiceState | bool | None:
        state = supervisor.read_state(settings.home)
        if state is not None and state.supervisor.pid == process.pid:
            return state
        return None if process.poll() is None else False

    started = poll(PREFECT_START, look)
    if isinstance(started, supervisor.ServiceState):
        return started, True
    raise PrefectServerError(
        f"The supervisor of Prefect's processes did not start: see {settings.home}/prefect/supervisor.log."
    )


def _wait(home: Path, state: supervisor.ServiceState, progress: Progress) -> None:
    """Wait until the server answers."""
    import httpx  # noqa: PLC0415  # only here

    begin = time.monotonic()

    def look() -> bool | None:
        try:
            answer = httpx.get(f"{state.api}/health", timeout=5)
        except httpx.TransportError:
            progress.step("Starting Prefect", int(time.monotonic() - begin), None, "seconds")
            return None
        return answer.status_code == httpx.codes.OK or not state.own_server or None

    if poll(PREFECT_START, look):
        return
    raise PrefectServerError(
        f"The Prefect server did not answer within {PREFECT_START_S} s: see {home}/prefect/server.log."
    )


def _free_port(wanted: int) -> int:
    """`wanted`, or a free one where that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((supervisor.HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PrefectServerError(f"No port is free on {supervisor.HOST}: end some programs and try again.")
