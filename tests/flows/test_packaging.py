"""What is installed from a wheel is Newsdex and nothing else, and works outside of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import typer
from support.home import Newsdex

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build wheel and sdist of what git has, in a folder of its own."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    files = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    packed = subprocess.run(
        ["/bin/tar", "c", "--ignore-failed-read", "--null", "-T", "-"],
        cwd=ROOT,
        input=files,
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(["/bin/tar", "x"], cwd=source, input=packed, check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", "--target", str(source / ".backend"), "setuptools>=77"], check=True)
    environment = {**os.environ, "PYTHONPATH": str(source / ".backend")}
    for kind in ("build_wheel", "build_sdist"):
        code = f"import setuptools.build_meta as backend, sys; backend.{kind}(sys.argv[1])"
        command = [sys.executable, "-c", code, str(built)]
        subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    return built


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, beside the dependencies of this one; return its Python."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    packages = next(home.glob("lib/python*/site-packages"))
    # Only a folder's own packages are found through such a line, not an editable Newsdex in it.
    (packages / "dependencies.pth").write_text(str(Path(typer.__file__).parents[1]), encoding="utf-8")
    (wheel,) = dist.glob("*.whl")
    subprocess.run([home / "bin/python", "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True)
    return home / "bin/python"


def test_the_wheel_holds_one_package(dist: Path) -> None:
    """One top-level name, typed, with its tables, templates, models and saved objects, and without tools and tests."""
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"newsdex"}
    wanted = ("py.typed", "flows/ingest.py", "transforms/chain.py", "transforms/attribution/urls.toml")
    wanted += ("web/templates/search.html", "kibana/news.ndjson", "models/en_newsdex_ner/meta.json")
    assert {f"newsdex/{name}" for name in wanted} <= set(names)
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("newsdex/flows/ingest.py") for name in archive.getnames())


def test_the_installed_command_works_anywhere(installed: Path, newsdex: Newsdex, tmp_path: Path) -> None:
    """Version, inspection and a run over a folder, from an empty working directory."""
    article = tmp_path / "in" / "a.txt"
    article.parent.mkdir()
    article.write_text("The ferry runs again\n\nThe harbour office said on Monday that the ferry sails.", "utf-8")
    environment = {name: value for name, value in newsdex.environment.items() if name != "PYTHONPATH"}

    def run(*arguments: str) -> str:
        command = [str(installed), "-P", "-m", "newsdex", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run(
        [str(installed), "-P", "-c", "import newsdex; print(newsdex.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(installed.parent.parent) in where
    assert run("--version").strip()
    assert "ferry" in run("inspect", str(article))
    assert json.loads(run("ingest", str(article.parent), "--json"))["total"]["counts"]["indexed"] == 1
    assert "The ferry runs again" in run("search", "ferry")
