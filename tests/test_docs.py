"""The documentation says what the code does."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "settings.md"])
def test_a_generated_page_is_what_the_code_gives(generate: ModuleType, name: str) -> None:
    """Where this fails: run `.venv/bin/python docs/generate.py`."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generate.PAGES[name]()


def test_the_tables_of_scale_are_worked_out_from_the_unit_costs() -> None:
    """Where this fails: run `.venv/bin/python -m benchmarks.scale --write`."""
    from benchmarks import scale  # noqa: PLC0415  # only here

    page = scale.PAGE.read_text(encoding="utf-8")
    tables = scale.tables(tomllib.loads(scale.DATA.read_text(encoding="utf-8")))
    assert page.count("<!-- table: ") == len(tables)
    assert scale.filled(page, tables) == page


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md names each direct dependency of pyproject.toml, and no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=\[~!]", line)[0] for line in project["dependencies"]}
    declared |= {
        re.split(r"[<>=\[~!]", line)[0] for extra in project["optional-dependencies"].values() for line in extra
    }
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert named == declared


def test_every_local_link_leads_somewhere() -> None:
    """A relative link in a page of the documentation names a file that is there."""
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [
            *ROOT.glob("*.md"),
            *ROOT.glob("docs/**/*.md"),
            *ROOT.glob("benchmarks/*.md"),
            *ROOT.glob("samples/*.md"),
        ]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_constraints_pin_everything_and_name_no_host() -> None:
    """Each line of constraints.txt is `name==version`."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wrong = [
        line for line in lines if line and not line.startswith("#") and not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)
    ]
    assert not wrong
