"""Keep a Prefect server and its worker running: started in the background by `newsdex serve`, ended by `--stop`.

What ends by itself, or is killed, is started again. The supervisor writes down which processes are its own, so that the
next `newsdex serve` finds them, also after the supervisor itself was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil

import newsdex
from newsdex.flows.common.prefect_names import POOL
from newsdex.flows.service.api_password import CLIENT_VARIABLE, authorization, stored_password
from newsdex.flows.service.api_password import environment as environment_of
from newsdex.flows.service.prefect_app import PARENT_VARIABLE
from newsdex.retry import RESTART

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOST = "127.0.0.1"

SOUND_AFTER_S = 60.0
"""A process that ran for so long was started well: the next pause is the first one again."""

STOP_TIMEOUT_S = 20.0
"""A worker that is asked to stop ends its runs first, which takes some seconds; past this it is killed."""

LOG_BYTES = 10_000_000
"""A log larger than this is put aside, once, when its process starts."""

HEARTBEAT_S = 30
"""A run says so often that it is alive; the least that Prefect allows."""


class ProcessRef(msgspec.Struct, frozen=True):
    """A process identified by pid and start time, so that a reused pid is not mistaken for it."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> ProcessRef:
        """Return the process that runs under `pid` now."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the process, or `None` once it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same else None


class ServiceState(msgspec.Struct):
    """What the supervisor wrote down."""

    supervisor: ProcessRef = msgspec.field(name="keeper")  # as homes of earlier versions have it
    api: str
    """Address of the Prefect API."""
    own_server: bool
    folder: str
    """Working directory: where `newsdex.toml` and relative locations are looked for."""
    processes: dict[str, ProcessRef] = msgspec.field(name="kept", default_factory=dict)
    protected: bool = False
    """Whether the server asks for a password; those of earlier versions did not."""


def state_file(home: Path) -> Path:
    """Return where the state lies."""
    return home / "prefect" / "service.json"


def read_state(home: Path) -> ServiceState | None:
    """Return what the last supervisor of this home wrote down, whether it still runs or not."""
    try:
        return msgspec.json.decode(state_file(home).read_bytes(), type=ServiceState)
    except (OSError, msgspec.DecodeError):
        return None


def write_state(home: Path, state: ServiceState) -> None:
    """Write the state down, whole or not at all."""
    path = state_file(home)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
    partial.replace(path)


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    """How often it ended before it had run for `SOUND_AFTER_S`, one after the other."""
    due: float = field(default_factory=time.monotonic)

    def ensure_running(self) -> bool:
        """Start the process if it does not run and the pause is over; tell whether that was done."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return False
            sound = now - self.started > SOUND_AFTER_S
            self.failures = 0 if sound else self.failures + 1
            self.due = now + RESTART.pause(self.failures + 1)
            self.process = None
        if now < self.due:
            return False
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            # A session of its own: a Ctrl-C in the terminal is not for it.
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started = now
        return True

    def stop(self) -> None:
        """End the process: asked first, killed if it does not."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def keep(home: Path, api: str | None, port: int, stop: threading.Event) -> None:
    """Keep the server (unless `api` names one) and the worker running until `stop` is set."""
    address = api or f"http://{HOST}:{port}/api"
    state = ServiceState(
        supervisor=ProcessRef.of(os.getpid()),
        api=address,
        own_server=api is None,
        folder=str(Path.cwd()),
        protected=api is None,
    )
    password = None if api else stored_password(home)
    children = [*([_server(home, port, password)] if password else []), _worker(home, address, password)]
    while not stop.is_set():
        for child in children:
            if child.ensure_running() and child.process is not None:
                state.processes[child.name] = ProcessRef.of(child.process.pid)
                write_state(home, state)
        stop.wait(0.5)
    worker = children.pop()
    worker.stop()
    _end_runs(address, password)
    for child in children:
        child.stop()


def end(reference: ProcessRef, timeout: float = STOP_TIMEOUT_S) -> bool:
    """End a process of ours, if it still runs; tell whether it did."""
    process = reference.process()
    if process is None:
        return False
    process.terminate()
    try:
        process.wait(timeout)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    return True


def own_environment() -> dict[str, str]:
    """Return an environment in which Python finds these very packages, and none of the working directory."""
    root = str(Path(newsdex.__file__).resolve().parent.parent)
    path = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # Runs are started as `python`, so that a worker on another machine finds its own.
    programs = [str(Path(sys.executable).parent), *filter(None, os.environ.get("PATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PATH": os.pathsep.join(dict.fromkeys(programs)),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONSAFEPATH": "1",
    }


def worker_environment(address: str, password: str | None) -> dict[str, str]:
    """Return the environment of the worker, which its runs inherit."""
    return {
        **own_environment(),
        "PREFECT_API_URL": address,
        **({CLIENT_VARIABLE: password} if password else {}),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S),
        # A run that is due starts 3 s later rather than 10.
        "PREFECT_WORKER_QUERY_SECONDS": "2",
    }


def _server(home: Path, port: int, password: str) -> Child:
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "newsdex.flows.service.prefect_app:create_app"),
        *("--host", HOST, "--port", str(port), "--log-level", "warning", "--lifespan", "on"),
    ]
    environment = {
        **own_environment(),
        **environment_of(password),
        PARENT_VARIABLE: str(os.getpid()),
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_UI_ENABLED": "1",
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_UI_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port}",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "0",
        # In memory, turns that runs hold would be held for ever by a server that was killed.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # What `maintenance` deletes leaves logs and artifacts behind; this service finds them.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
    }
    return Child("server", command, environment, home / "prefect" / "server.log")


def _worker(home: Path, address: str, password: str | None) -> Child:
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    return Child("worker", command, worker_environment(address, password), home / "prefect" / "worker.log")


def _end_runs(address: str, password: str | None) -> None:
    """Have the runs of the worker that was just ended shown as crashed: nobody else would say that they are."""
    import httpx  # noqa: PLC0415  # only at the end

    chosen = {
        "flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}},
        "work_pools": {"name": {"any_": [POOL]}},
    }
    state = {"type": "CRASHED", "message": "`newsdex serve --stop` ended it: retry it, and it goes on where it was."}
    given = password or os.environ.get(CLIENT_VARIABLE)
    headers = authorization(given) if given else {}
    try:
        with httpx.Client(base_url=address, headers=headers, timeout=10, trust_env=False) as client:
            found = client.post("/flow_runs/filter", json=chosen).raise_for_status().json()
            for run in found:
                client.post(f"/flow_runs/{run['id']}/set_state", json={"state": state, "force": True})
    except httpx.HTTPError:
        pass  # the automation for silent runs will find them


def main() -> None:
    """`python -m newsdex.flows.service.supervisor HOME PORT [API]`: keep until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home, port, *api = sys.argv[1:]
    keep(Path(home), api[0] if api else None, int(port), stop)


if __name__ == "__main__":
    main()
