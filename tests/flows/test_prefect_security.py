"""Prefect's API runs commands for whoever may write to it: only this user's own programs may."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from newsdex.flows.service import api_password
from newsdex.flows.service.local_only import LocalOnly

PASSWORD = "newsdex:a-password-of-tests"  # noqa: S105
HERE = "http://127.0.0.1:4200"
NOBODY = 65534


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


@pytest.fixture(scope="module")
def guarded() -> TestClient:
    """Guard an application that asks for no password itself."""
    routes = [
        Route("/{path:path}", lambda _: PlainTextResponse("in"), methods=["GET", "POST", "OPTIONS"]),
        WebSocketRoute("/api/events/in", _socket),
    ]
    return TestClient(LocalOnly(Starlette(routes=routes), PASSWORD), base_url=HERE, follow_redirects=False)


@pytest.mark.parametrize("headers", [{}, {"Origin": HERE}, {"Host": "[::1]:4200"}, {"Host": "localhost"}])
def test_own_programs_and_pages_come_in(guarded: TestClient, headers: dict[str, str]) -> None:
    """Programs send no Origin; the UI's pages send the server's own."""
    assert guarded.post("/api/flow_runs/filter", headers=headers).text == "in"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},  # a name that its owner points to 127.0.0.1
        {"Host": "evil.example:4200"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},  # a sandboxed frame, a local file
        {"Origin": "http://127.0.0.1:3000"},  # another program's page on this machine
        {"Origin": "https://127.0.0.1:4200"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_other_pages_stay_out(guarded: TestClient, headers: dict[str, str], method: str) -> None:
    """Another name or another origin is refused before Prefect sees the request, preflights too."""
    answer = guarded.request(method, "/api/deployments/filter", headers=headers)
    assert answer.status_code == 403
    assert answer.text != "in"
    assert "access-control-allow-origin" not in answer.headers


def test_other_pages_open_no_socket(guarded: TestClient) -> None:
    """Browsers let any page open a web socket anywhere; only its Origin tells."""
    with guarded.websocket_connect("/api/events/in", headers={"Host": "127.0.0.1"}) as socket:
        assert socket.receive_text() == "in"
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect("/api/events/in", headers={"Host": "127.0.0.1", "Origin": "https://evil.example"}),
    ):
        pass


def test_a_signed_link_hands_the_password_to_the_browser(guarded: TestClient) -> None:
    """It opens the UI with one click, for an hour; forged, changed or old it gives nothing away."""
    link = urlsplit(api_password.open_link(HERE, PASSWORD))
    answer = guarded.get(f"{link.path}?{link.query}")
    assert answer.status_code == 200
    assert api_password.encoded(PASSWORD) in answer.text
    assert answer.headers["cache-control"] == "no-store"
    old = link.query.replace("until=", "until=1")[: len(link.query)]
    for query in ("", "until=1&signature=", old, f"{link.query}0", "until=9&signature=x", "until=\u0661&signature=x"):
        refused = guarded.get(f"{link.path}?{query}")
        assert refused.status_code == 403
        assert api_password.encoded(PASSWORD) not in refused.text


def test_pages_are_shown_under_the_name_that_their_requests_use(guarded: TestClient) -> None:
    """`localhost` is led to 127.0.0.1, where the UI asks its API; the API itself answers under both."""
    answer = guarded.get("/runs?page=2", headers={"Host": "localhost:4200"})
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://127.0.0.1:4200/runs?page=2"


def test_the_password_lies_in_a_file_of_this_user_alone(tmp_path: Path) -> None:
    """Made once, the same ever after; an empty file that a kill left is filled."""
    told = api_password.stored_password(tmp_path)
    path = tmp_path / "prefect" / "api-password"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(told) > 30
    assert api_password.stored_password(tmp_path) == told
    path.write_text("", encoding="utf-8")
    assert len(api_password.stored_password(tmp_path)) > 30


def test_no_run_chooses_its_command(tmp_path: Path) -> None:
    """The pool's template has nothing for a run's or a deployment's variables to go into."""
    from newsdex.flows.service.register import job_template  # noqa: PLC0415  # imports Prefect

    template = job_template(tmp_path)
    assert "{{" not in json.dumps(template)
    assert template["job_configuration"]["command"] == "python -m prefect.engine"
    assert template["variables"]["properties"] == {}


def test_the_temporary_server_asks_for_its_password(prefect_api: str) -> None:
    """Without it nothing is read and nothing is started; with it no other page's request is, either."""
    password = os.environ[api_password.CLIENT_VARIABLE]
    with httpx.Client(base_url=prefect_api, trust_env=False) as client:
        assert client.get("/health").status_code == 200
        for path in ("/flow_runs/filter", "/flow_runs/", "/deployments/filter", "/block_documents/filter"):
            assert client.post(path, json={}).status_code == 401
        given = api_password.authorization(password)
        assert client.post("/flow_runs/filter", json={}, headers=given).status_code == 200
        for other in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            assert client.post("/flow_runs/filter", json={}, headers=given | other).status_code == 403


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can act as another user")
def test_another_user_of_the_machine_gets_nothing(prefect_api: str, tmp_path: Path) -> None:
    """Neither from the server nor from the file with the password."""
    api_password.stored_password(tmp_path)
    tmp_path.chmod(0o755)
    # A bare socket: this Python may not be that user's to read once it has become that user.
    code = (
        "import os, socket, sys\n"
        "there = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "lines = 'POST /api/flow_runs/filter HTTP/1.0', 'Host: 127.0.0.1', 'Content-Length: 0', '', ''\n"
        "there.sendall('\\r\\n'.join(lines).encode('ascii'))\n"
        "print(there.recv(100).split()[1].decode())\n"
        "try:\n    open(sys.argv[2])\nexcept PermissionError:\n    print('no')\n"
    )
    path = tmp_path / "prefect" / "api-password"
    path.parent.chmod(0o755)
    for folder in path.parents[1:-1]:
        folder.chmod(folder.stat().st_mode | 0o001)
    done = subprocess.run(
        [sys.executable, "-c", code, str(urlsplit(prefect_api).port), str(path)],
        env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["401", "no"], done.stderr
