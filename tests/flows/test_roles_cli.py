"""`newsdex roles`: what it prints, and where a key goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.cli.index import _write_secret

RUNNER = CliRunner()


def test_the_roles_are_shown_without_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON that `PUT _security/role` takes, for the index asked for; nothing is connected to."""
    monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    shown = RUNNER.invoke(app, ["roles", "--show", "--index", "press"])
    assert shown.exit_code == 0
    roles = json.loads(shown.stdout)
    assert set(roles) == {"newsdex-press-pipeline", "newsdex-press-search"}
    assert roles["newsdex-press-search"]["indices"][0]["names"] == ["press", "press-*"]


def test_the_page_on_security_shows_the_same_roles() -> None:
    """docs/security.md has them word for word."""
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "security.md").read_text(encoding="utf-8")
    documented = json.loads(page.partition("```json")[2].partition("```")[0])
    shown = RUNNER.invoke(app, ["roles", "--show", "--index", "articles"])
    assert json.loads(shown.stdout) == documented


def test_a_key_needs_a_place() -> None:
    """Half of the two options is wrong usage."""
    assert RUNNER.invoke(app, ["roles", "--key", "search"]).exit_code == 2


def test_a_key_never_overwrites_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there stays, and no key is made that would be lost."""
    monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    there = tmp_path / "key"
    there.write_text("precious", encoding="utf-8")
    assert RUNNER.invoke(app, ["roles", "--key", "search", "--to", str(there)]).exit_code == 1
    assert there.read_text(encoding="utf-8") == "precious"


def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 600 from the first moment."""
    _write_secret(tmp_path / "key", "c2VjcmV0")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key").read_text(encoding="utf-8") == "c2VjcmV0\n"
    with pytest.raises(FileExistsError):
        _write_secret(tmp_path / "key", "again")
