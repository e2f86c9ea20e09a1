"""`newsdex serve` as a user has it: own home, own working directory, own index, a real server and a real worker."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from newsdex.flows.service.api_password import CLIENT_VARIABLE, authorization, stored_password

if TYPE_CHECKING:
    from support.node import ElasticsearchNode

ROOT = Path(__file__).resolve().parents[2]

WAIT_S = 240
"""A run takes about ten seconds to start and end on two idle cores, and several times that on busy ones."""


@dataclass
class Served:
    """A Newsdex that is served from `folder`."""

    folder: Path
    environment: dict[str, str]
    api: str = ""
    ui: str = ""
    open: str = ""
    """The link that opens the UI with its password."""

    def newsdex(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the `newsdex` command in the working directory."""
        return subprocess.run(
            [sys.executable, "-m", "newsdex", *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )

    def serve(self) -> dict[str, Any]:
        """Run `newsdex serve` and return what it says."""
        answer = self.newsdex("serve", "--json")
        assert answer.returncode == 0, answer.stderr
        told: dict[str, Any] = json.loads(answer.stdout)
        self.api, self.ui, self.open = told["api"], told["ui"], told["open"]
        return told

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """One request to the Prefect API, which may be away for a while where a test has killed it."""
        transport = httpx.HTTPTransport(trust_env=False, retries=8)  # half a second at first, doubled each time
        with httpx.Client(base_url=self.api, headers=self.authorization(), transport=transport, timeout=60) as client:
            answer = client.request(method, path, json=body or None)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        return answer.json() if answer.is_success else answer

    def authorization(self) -> dict[str, str]:
        """Return what the API asks for, from the file that only this user can read."""
        return authorization(stored_password(Path(self.environment["NEWSDEX_HOME"])))

    def client_environment(self) -> dict[str, str]:
        """Return the environment of a program that talks to the API, with its address and password."""
        password = stored_password(Path(self.environment["NEWSDEX_HOME"]))
        return {**self.environment, "PREFECT_API_URL": self.api, CLIENT_VARIABLE: password}

    def start(self, deployment: str, **parameters: Any) -> Any:
        """Start a run of a deployment; return its id, or the refusal."""
        found = self.ask("GET", f"/deployments/name/{deployment}")
        path = f"/deployments/{found['id']}/create_flow_run"
        made = self.ask("POST", path, parameters=parameters, state={"type": "SCHEDULED"})
        return made["id"] if isinstance(made, dict) else made

    def run(self, run_id: str) -> dict[str, Any]:
        """Return a flow run as the API has it."""
        found: dict[str, Any] = self.ask("GET", f"/flow_runs/{run_id}")
        return found

    def runs(self, flow: str, **chosen: Any) -> list[dict[str, Any]]:
        """Return the runs of a flow that began, the oldest first."""
        body = {"flows": {"name": {"any_": [flow]}}, "flow_runs": chosen, "sort": "EXPECTED_START_TIME_ASC"}
        found: list[dict[str, Any]] = self.ask("POST", "/flow_runs/filter", **body)
        return found

    def retry(self, run_id: str) -> None:
        """Press the Retry button."""
        self.ask("POST", f"/flow_runs/{run_id}/set_state", state={"type": "SCHEDULED", "name": "AwaitingRetry"})

    def wait(self, run_id: str, *states: str, seconds: float = WAIT_S) -> dict[str, Any]:
        """Wait until a run is in one of some states."""
        found: dict[str, Any] = {}

        def there() -> bool:
            answer = self.run(run_id)
            # A server over SQLite that is busy says so (503), and is asked again.
            found.update(answer if isinstance(answer, dict) else {})
            return found.get("state_type") in states

        until(there, f"run {run_id} to be {states}", seconds)
        return found


def until(holds: Callable[[], bool], what: str, seconds: float = WAIT_S) -> float:
    """Wait until something holds; return after how many seconds."""
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        if holds():
            return time.monotonic() - begin
        time.sleep(0.5)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def free_port() -> int:
    """Return a port on this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(node: ElasticsearchNode, home: Path, index: str) -> dict[str, str]:
    """Return the environment of a Newsdex of its own on a node."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSDEX_", "PREFECT_"))}
    own |= {
        "NEWSDEX_ELASTICSEARCH_URL": node.url,
        "NEWSDEX_HOME": str(home),
        "NEWSDEX_INDEX": index,
        "NEWSDEX_WORKERS": "1",
        # Else two of these that run at once may take each other's address over, when one restarts its server.
        "NEWSDEX_PREFECT_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }
    if node.username and node.password:
        own |= {"NEWSDEX_ELASTICSEARCH_USERNAME": node.username, "NEWSDEX_ELASTICSEARCH_PASSWORD": node.password}
    return own


@contextmanager
def served(folder: Path, environment: dict[str, str]) -> Iterator[Served]:
    """Serve a Newsdex for the length of the block."""
    one = Served(folder, environment)
    try:
        one.serve()
        yield one
    finally:
        one.newsdex("serve", "--stop")
