from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newsdex.search.node.java import find, inspect
from newsdex.search.node.provisioning import NodeError

if TYPE_CHECKING:
    from pathlib import Path

ALL_MODULES = "java.base jdk.jdi jdk.net"


def make_java(home: Path, version: str = "25.0.3", modules: str | None = ALL_MODULES) -> Path:
    """Return a folder that describes itself as a Java of some version does."""
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\n")
    (home / "bin" / "java").chmod(0o755)
    listed = "" if modules is None else f'MODULES="{modules}"\n'
    (home / "release").write_text(f'IMPLEMENTOR="Some"\nJAVA_VERSION="{version}"\n{listed}')
    return home


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be fetched: cjdk's own setting points it to an address where nobody answers."""
    monkeypatch.setenv("CJDK_INDEX_URL", "https://127.0.0.1:1/index.json")


def test_es_java_home_decides(tmp_path: Path) -> None:
    """ES_JAVA_HOME is taken though a newer Java is installed."""
    named = make_java(tmp_path / "named", "21")
    make_java(tmp_path / "usual" / "newer", "25")
    found = find(tmp_path, environment={"ES_JAVA_HOME": str(named)}, folders=[f"{tmp_path}/usual/*"])
    assert (found.home, found.major) == (named, 21)


@pytest.mark.parametrize(
    ("version", "modules", "fault"),
    [("17.0.15", ALL_MODULES, "is Java 17.0.15, too old"), ("25", "java.base", "trimmed Java without .*jdk.jdi")],
)
def test_says_why_es_java_home_does_not_fit(tmp_path: Path, version: str, modules: str, fault: str) -> None:
    """An unfit ES_JAVA_HOME is an error that says why: somebody set it on purpose."""
    named = make_java(tmp_path / "named", version, modules)
    with pytest.raises(NodeError, match=f"ES_JAVA_HOME is .*{fault}.*install Java 21 or newer"):
        find(tmp_path, environment={"ES_JAVA_HOME": str(named)}, folders=[])


def test_says_that_es_java_home_cannot_be_reached(tmp_path: Path) -> None:
    """An ES_JAVA_HOME that the node's user cannot read is an error."""
    named = make_java(tmp_path / "named")
    with pytest.raises(NodeError, match="cannot reach"):
        find(tmp_path, usable=lambda _home: False, environment={"ES_JAVA_HOME": str(named)}, folders=[])


def test_java_home_comes_before_the_usual_folders(tmp_path: Path) -> None:
    """JAVA_HOME is preferred where it fits."""
    mine = make_java(tmp_path / "mine", "21")
    make_java(tmp_path / "usual" / "newer", "25")
    assert find(tmp_path, environment={"JAVA_HOME": str(mine)}, folders=[f"{tmp_path}/usual/*"]).home == mine


def test_an_old_java_home_is_passed_over(tmp_path: Path) -> None:
    """JAVA_HOME serves other programs too: one that does not fit is no error. The newest usual one is taken."""
    old = make_java(tmp_path / "old", "17")
    make_java(tmp_path / "usual" / "21", "21.0.1")
    newest = make_java(tmp_path / "usual" / "25", "25-ea")
    make_java(tmp_path / "usual" / "8", "1.8.0_402")
    assert find(tmp_path, environment={"JAVA_HOME": str(old)}, folders=[f"{tmp_path}/usual/*"]).home == newest


def test_java_on_the_path_is_found_behind_links(tmp_path: Path) -> None:
    """`java` on the PATH is mostly a link: its target's folder counts."""
    home = make_java(tmp_path / "real")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(home / "bin" / "java")
    assert find(tmp_path, environment={"PATH": str(tmp_path / "links")}, folders=[]).home == home.resolve()


def test_a_java_that_lists_no_modules_counts_as_whole(tmp_path: Path) -> None:
    """Some builds list no modules: that alone does not make them unfit."""
    assert not isinstance(inspect(make_java(tmp_path / "java", modules=None)), str)


@pytest.mark.usefixtures("offline")
def test_says_what_to_install_where_none_can_be_fetched(tmp_path: Path) -> None:
    """Without any Java and without network the sentence says what to install and which setting names it."""
    with pytest.raises(NodeError, match=r"could not be fetched .*install Java 21 or newer .* set ES_JAVA_HOME"):
        find(tmp_path / "cache", environment={}, folders=[])


@pytest.mark.usefixtures("offline")
def test_says_what_to_install_where_only_an_old_one_is(tmp_path: Path) -> None:
    """An old Java on the PATH is as good as none."""
    old = make_java(tmp_path / "old", "17")
    with pytest.raises(NodeError, match="No Java 21 or newer was found"):
        find(tmp_path / "cache", environment={"PATH": str(old / "bin")}, folders=[])
