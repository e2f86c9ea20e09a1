"""Every `newsdex …` that a page shows is a command of ours, with options that it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from typer.main import get_command

from newsdex.cli.app import app

ROOT = Path(__file__).resolve().parent.parent

PAGES = [
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("samples/*.md"), *ROOT.glob("kibana/*.md"))
    if page.name != "cli.md"  # it is generated from the commands themselves
]

SAID = re.compile(r"`([^`]+)`")
"""Code in running text; a line may end in the middle."""

BLOCK = re.compile(r"^```\w*\n(.*?)^```|((?:^    [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
"""A code block: fenced, or by its indentation."""

COMMAND = re.compile(r"(?:^|[\s/(])newsdex (?P<rest>[a-z-][^\n|#>&;]*)")
"""What is called `newsdex`, and not `newsdex.toml` or `newsdex[remote]`."""


def commands(page: str) -> Iterator[str]:
    """Yield what follows `newsdex` in each command of a page."""
    blocks = [(block[1] or block[2]).replace("\\\n", " ") for block in BLOCK.finditer(page)]
    said = [" ".join(code.split()) for code in SAID.findall(BLOCK.sub("\n", page))]
    for text in (*said, *blocks):
        yield from (found["rest"].strip() for found in COMMAND.finditer(text))


def fault(line: str) -> str | None:
    """Return what is wrong with the words after `newsdex`."""
    command: click.Command = get_command(app)
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        name = words.pop(0).strip("…,.:;")
        if not name:
            return None
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    unknown = [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known]
    return f"{command.name} has no {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_exist(page: Path) -> None:
    """Command, subcommand and options, in code blocks and in running text."""
    faults = {line: said for line in commands(page.read_text(encoding="utf-8")) if (said := fault(line))}
    assert faults == {}


def test_commands_are_found() -> None:
    """In every form in which the pages show them; one that does not exist is named."""
    page = "Run `newsdex facets` or\n\n    X=1 newsdex serve --stop   # ends it\n\n```sh\nrun newsdex ingest a\n```\n"
    assert list(commands(page)) == ["facets", "serve --stop", "ingest a"]
    assert sum(len(list(commands(each.read_text(encoding="utf-8")))) for each in PAGES) > 60
    assert fault("facet") == "there is no command facet"
    assert fault("serve --forever") == "serve has no --forever"
    assert fault("node start --json") is None
