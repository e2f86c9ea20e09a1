"""`newsdex init`: an `.env` with secrets, from the template."""

from __future__ import annotations

import random
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdex.commands.init_env import InitError, assignments, init_env

# Linux hands out ports from 32,768 on; those below 10,000 belong to known services.
SEARCHED_PORTS = (10_000, 32_000)
TEMPLATE = (Path(__file__).resolve().parent.parent / ".env.example").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a checkout's folder with the template, with ports that are free."""
    ports = _free_ports()
    text = re.sub(r"^(\w+_PORT)=\d+$", lambda line: f"{line[1]}={next(ports)}", TEMPLATE, flags=re.MULTILINE)
    (tmp_path / ".env.example").write_text(text, encoding="utf-8")
    return tmp_path


def _free_ports() -> Iterator[int]:
    """Yield ports that nobody listens at, each once, from below those that the system hands out to other tests."""
    for port in random.sample(range(*SEARCHED_PORTS), k=SEARCHED_PORTS[1] - SEARCHED_PORTS[0]):
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            yield port


def test_secrets_are_made_and_kept_from_others(folder: Path) -> None:
    """Each empty value becomes a secret of its own; only the owner can read the file; the rest stays."""
    made = init_env(folder)
    before, after = (assignments((folder / name).read_text(encoding="utf-8")) for name in (".env.example", ".env"))
    secrets = [after[name] for name, value in before.items() if not value]
    assert made.created
    assert made.ports_taken == ()
    assert len(set(secrets)) == len(secrets) == 5
    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in secrets)
    assert {name: value for name, value in after.items() if before[name]} == {n: v for n, v in before.items() if v}
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_what_is_there_is_never_overwritten(folder: Path) -> None:
    """A second call finds the file whole and leaves it as it is."""
    init_env(folder)
    before = (folder / ".env").read_bytes()
    assert not init_env(folder).created
    assert (folder / ".env").read_bytes() == before


def test_a_file_that_lacks_a_secret_is_said(folder: Path) -> None:
    """The sentence names each missing variable, and the file stays as it was."""
    (folder / ".env").write_text("ELASTIC_PASSWORD='mine'\n# KIBANA_PASSWORD=x\nKIBANA_PASSWORD=\n", encoding="utf-8")
    with pytest.raises(InitError, match="lacks KIBANA_PASSWORD, KIBANA_ENCRYPTION_KEY, POSTGRES_PASSWORD") as caught:
        init_env(folder)
    assert "ELASTIC_PASSWORD," not in str(caught.value)
    assert "mine" in (folder / ".env").read_text(encoding="utf-8")


def test_a_port_that_is_taken_is_said(folder: Path) -> None:
    """The sentence names the variable to change."""
    port = assignments((folder / ".env.example").read_text(encoding="utf-8"))["KIBANA_PORT"]
    with socket.create_server(("127.0.0.1", int(port))):
        (said,) = init_env(folder).ports_taken
    assert said.startswith(f"KIBANA_PORT={port} cannot be used")


def test_another_folder_is_said(tmp_path: Path) -> None:
    """Without a template nothing is written."""
    with pytest.raises(InitError, match=r"in the folder of docker-compose\.yml"):
        init_env(tmp_path)
    assert not (tmp_path / ".env").exists()
