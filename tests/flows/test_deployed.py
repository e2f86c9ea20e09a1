"""What keeps a server from being used, what `prefect.yaml` says, and time-outs that end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import prefect
import pytest
import yaml

from newsdex.flows.common.progress import Silent
from newsdex.flows.config.settings import Settings
from newsdex.flows.runs import deployed as operated
from newsdex.flows.runs.deployed import RunTimeoutError, time_limit
from newsdex.flows.service import deployments, serve
from newsdex.flows.service.prefect_server import PrefectServerError
from newsdex.flows.service.serve import check_server
from newsdex.flows.service.supervisor import Child, ProcessRef, end
from newsdex.search.node.provisioning import NodeError

ROOT = Path(__file__).resolve().parent.parent.parent


class Answer(BaseHTTPRequestHandler):
    """A server that says what a test wants it to say."""

    status, body, skew = 200, "", 0.0

    def do_GET(self) -> None:
        """Answer."""
        data = f'"{self.body}"'.encode()
        self.send_response_only(self.status)
        self.send_header("Date", formatdate(time.time() + self.skew, usegmt=True))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Do nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "skew", "words"),
    [
        (200, "3.4.1", 0.0, "is version 3.4.1"),
        (200, prefect.__version__, -600.0, "seconds ahead of"),
        (200, prefect.__version__, 600.0, "seconds behind"),
        (401, "", 0.0, "PREFECT_API_AUTH_STRING"),
        (404, "", 0.0, "no Prefect server"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_in_a_sentence(
    api: str, monkeypatch: pytest.MonkeyPatch, status: int, body: str, skew: float, words: str
) -> None:
    """Another version, another clock, refused, or something else that answers: each with the fix."""
    for name, value in (("status", status), ("body", body), ("skew", skew)):
        monkeypatch.setattr(Answer, name, value)
    with pytest.raises(PrefectServerError, match=words):
        check_server(api)


def test_a_sound_server_is_accepted(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our version, our time."""
    monkeypatch.setattr(Answer, "body", prefect.__version__)
    check_server(api)


def test_prefect_yaml_says_what_the_code_says() -> None:
    """Where this fails: run `.venv/bin/python -m newsdex.flows.service.deployments`."""
    assert (ROOT / "prefect.yaml").read_text(encoding="utf-8") == deployments.prefect_yaml()


def test_prefect_yaml_names_flows_that_are_there() -> None:
    """Every entrypoint is a flow in a file, under the name that the deployment gives it."""
    from prefect.flows import load_flow_from_entrypoint  # noqa: PLC0415  # seconds to import

    entries = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for entry, fixed in zip(entries, deployments.FIXED, strict=True):
        file, _, name = entry["entrypoint"].partition(":")
        assert (ROOT / file).is_file()
        assert load_flow_from_entrypoint(fixed.entrypoint).name == fixed.flow
        assert fixed.entrypoint.endswith(f".{name}")


def test_a_child_that_ends_is_started_again_after_a_pause(tmp_path: Path) -> None:
    """Not at once, so that one that cannot run does not take all the time; and a stop is a stop."""
    child = Child("true", ["sleep", "0"], {"PATH": "/usr/bin:/bin"}, tmp_path / "log")
    assert child.ensure_running()
    assert child.process is not None
    child.process.wait()
    assert not child.ensure_running()
    child.due = time.monotonic()
    child.command = ["sleep", "60"]
    assert child.ensure_running()
    assert child.process is not None
    reference = ProcessRef.of(child.process.pid)
    assert reference.process() is not None
    child.stop()
    assert reference.process() is None
    assert not end(reference)


def test_a_process_is_not_taken_for_another_with_its_number() -> None:
    """The moment of its start tells them apart."""
    import os  # noqa: PLC0415  # only here

    mine = ProcessRef.of(os.getpid())
    assert mine.process() is not None
    assert ProcessRef(mine.pid, mine.created - 100).process() is None


def test_a_time_limit_ends_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that blocks in the main thread is interrupted, and the former signal handler is back afterwards."""
    monkeypatch.setattr(operated, "is_deployed", lambda: True)
    before = signal.getsignal(signal.SIGALRM)
    begin = time.monotonic()
    with pytest.raises(RunTimeoutError, match="NEWSDEX_RUN_HOURS"), time_limit(0.2 / 3600):
        threading.Event().wait(20)
    assert time.monotonic() - begin < 5
    assert signal.getsignal(signal.SIGALRM) == before


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room for Prefect's database and results no run could end."""
    monkeypatch.setattr(serve, "MIN_FREE_MB", 10**9)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NodeError, match="Prefect's database and results needs"):
        serve.serve(Settings(home=tmp_path), Silent())
