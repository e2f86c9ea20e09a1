"""The examples of docs/sources.md work as written there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.flows.config.sources import configured
from newsdex.readers.records.field_names import FieldTable
from newsdex.readers.registry import FORMATS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command ends well and shows an article (of the bare sitemap: why there is none)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSDEX_HOME", str(tmp_path / "home"))
    for block in blocks("sh"):
        for line in block.splitlines():
            words = shlex.split(line)
            if words[0] == "newsdex":
                answer = CliRunner().invoke(app, words[1:])
                assert answer.exit_code == 0, f"{line}\n{answer.output}"
                expected = "link-only" if "sitemap.xml" in words else "ferry to Cacilhas"
                assert expected in " ".join(answer.stdout.split()), line
            else:
                command = line.replace("python", shlex.quote(sys.executable), 1) if words[0] == "python" else line
                subprocess.run(["/bin/bash", "-c", command], check=True)


def test_every_format_and_every_field_is_told() -> None:
    """The page names each suffix and, field by field, each name that is recognised."""
    for known in FORMATS.values():
        # What is known by its content alone is told by its name.
        told = [f"`{suffix}`" for suffix in known.suffixes] or [known.name.capitalize()]
        assert any(each in PAGE for each in told), known.name
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    table = tomllib.loads((ROOT / "newsdex" / "readers" / "records" / "fields.toml").read_text(encoding="utf-8"))
    assert rows.keys() >= FieldTable().kinds.keys()
    for field in FieldTable().kinds:
        assert rows[field] == ", ".join(f"`{name}`" for name in table[field]["names"])


def test_the_example_of_sources_is_sound(tmp_path: Path) -> None:
    """`newsdex.toml` as printed there is taken."""
    (example,) = blocks("toml")
    place = tmp_path / "newsdex.toml"
    place.write_text(example, encoding="utf-8")
    assert [source.name for source in configured(place)] == ["Harbour Post", "Harbour Post archive"]
