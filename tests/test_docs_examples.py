"""Every command has an example in docs/cli.md, and the example works."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.node import ElasticsearchNode
from support.web_articles import ARTICLES, COPY, REJECTED
from typer.main import get_command
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.search.bulk.writer import Action, write
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.store.documents import to_document

ROOT = Path(__file__).resolve().parent.parent
TABLE = tomllib.loads((ROOT / "docs" / "examples.toml").read_text(encoding="utf-8"))
NAMES = IndexNames("test-examples")


def commands(group: click.Command, path: str = "") -> Iterator[str]:
    """Yield the commands that are shown, by what follows `newsdex`."""
    for name, command in getattr(group, "commands", {}).items():
        if command.hidden:
            continue
        below = list(commands(command, f"{path}{name} "))
        if not below or getattr(command, "invoke_without_command", False):
            yield f"{path}{name}"
        yield from below


def test_every_command_has_an_example() -> None:
    """None is left out, and none is of a command that there is not."""
    assert set(commands(get_command(app))) == {*TABLE["read"], *TABLE["write"]}


@pytest.mark.parametrize("line", [line for lines in TABLE["write"].values() for line in lines])
def test_an_example_that_is_not_run_is_understood(line: str) -> None:
    """Its command is there and takes its options and values."""
    command, words = get_command(app), shlex.split(line)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    command.make_context("newsdex", words)


@pytest.fixture(scope="module")
def index(elasticsearch: ElasticsearchNode) -> Iterator[ElasticsearchNode]:
    """Fill an index with a handful of articles, a copy and a quarantine."""
    access = ConnectionSettings(url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password)
    with connect(access) as client:
        indices = ensure(client, NAMES, IndexSettings(languages=("en",)))
        stored = [(NAMES.articles, each) for each in ARTICLES] + [(NAMES.copies, COPY)]
        actions = [Action(index=name, id=each.id, document=to_document(each, indices.stemmed)) for name, each in stored]
        assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
        Quarantine(client, NAMES).add(REJECTED, "run-1")
        client.indices.refresh(index=list(NAMES.all))
        yield elasticsearch
        delete_all(client, NAMES)


@pytest.mark.parametrize("line", [line for lines in TABLE["read"].values() for line in lines])
def test_an_example_runs(line: str, index: ElasticsearchNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends well and prints something."""
    for name in ("samples", ".env.example"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDEX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEWSDEX_INDEX", NAMES.prefix)
    monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", index.url)
    if index.username:
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_USERNAME", index.username)
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_PASSWORD", index.password or "")
    answer = CliRunner().invoke(app, shlex.split(line)[1:])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.strip()
