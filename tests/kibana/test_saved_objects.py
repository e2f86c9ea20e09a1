"""The saved objects are what their source says, and hang together."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from newsdex.kibana import importer as importing
from tools.kibana import build, check, lens

FILES = sorted(path.name for path in check.KIBANA.glob("*.ndjson"))


def test_the_files_are_what_the_source_gives() -> None:
    """Where this fails: run `python -m tools.kibana.build`."""
    built = {path.name: text for path, text in build.files()}
    assert built == {name: (check.KIBANA / name).read_text(encoding="utf-8") for name in FILES}


def test_the_import_takes_every_file() -> None:
    """No file is built that is not imported, and no id is renamed by another rule than the one that made it."""
    assert sorted(importing.FILES) == FILES
    assert importing.ID_PREFIX == build.ID_PREFIX


@pytest.mark.parametrize("name", FILES)
def test_the_files_hang_together(name: str) -> None:
    """Shape, versions, grid, columns, and references both ways, in each file by itself."""
    assert check.faults(check.read(check.KIBANA / name)) == []


def test_objects_for_another_index_hang_together_and_lie_beside() -> None:
    """For an index of another name every id, title and pattern is another, and references still lead somewhere."""
    usual, other = importing.saved_objects("articles"), importing.saved_objects("wire-2019")
    assert check.faults(other) == []
    assert {each["id"] for each in usual}.isdisjoint(each["id"] for each in other)
    assert {each["attributes"]["title"] for each in usual}.isdisjoint(each["attributes"]["title"] for each in other)
    patterns = {each["attributes"]["title"] for each in other if each["type"] == "index-pattern"}
    assert patterns == {"wire-2019", "wire-2019,wire-2019-copies", "wire-2019-rejected", "wire-2019-runs"}


def test_two_dashboards_show_what_they_should() -> None:
    """News and pipeline health, with the panels and controls that they are there for."""
    dashboards = {each["id"]: each for each in importing.saved_objects("articles") if each["type"] == "dashboard"}
    assert set(dashboards) == {"newsdex-news", "newsdex-pipeline"}
    fields = {
        control["explicitInput"].get("fieldName") for control in check.controls(dashboards["newsdex-news"]).values()
    }
    assert fields >= {"entities.person", "entities.organization", "entities.place", "source.name", "language"}
    assert fields >= {"entities.country", "dates_mentioned.iso"}
    panels = {
        panel["panelIndex"] for each in dashboards.values() for panel in json.loads(each["attributes"]["panelsJSON"])
    }
    assert panels >= {"timeline", "people", "organizations", "place-names", "map", "sources", "languages", "agencies"}
    assert panels >= {"dates-named", "authors", "sections"}
    assert panels >= {"stages", "reasons", "copied", "coverage", "date-source", "throughput", "quarantine"}


def _dashboard(objects: list[dict[str, Any]]) -> dict[str, Any]:
    return next(each for each in objects if each["type"] == "dashboard")


def _change_panels(objects: list[dict[str, Any]], change: Callable[[list[dict[str, Any]]], object]) -> None:
    attributes = _dashboard(objects)["attributes"]
    panels = json.loads(attributes["panelsJSON"])
    change(panels)
    attributes["panelsJSON"] = json.dumps(panels)


def _layer(panels: list[dict[str, Any]]) -> dict[str, Any]:
    state = panels[0]["embeddableConfig"]["attributes"]["state"]
    layer: dict[str, Any] = state["datasourceStates"]["formBased"]["layers"][lens.LAYER]
    return layer


DAMAGE: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "dangling": (lambda o: _dashboard(o)["references"][0].update(id="newsdex-gone"), "not in the file"),
    "undeclared": (lambda o: _dashboard(o)["references"].pop(), "not declared"),
    "unused": (
        lambda o: _dashboard(o)["references"].append({"name": "x", "type": "map", "id": o[2]["id"]}),
        "not used",
    ),
    "newer": (lambda o: o[0].update(typeMigrationVersion="10.1.0"), "newer than"),
    "unknown": (lambda o: o[0]["attributes"].update(colour="red"), "not in the schema"),
    "twice": (lambda o: o.append(o[0]), "there twice"),
    "object": (lambda o: o[0]["attributes"].update(fields=[]), "in a string"),
    "overlap": (lambda o: _change_panels(o, lambda p: p[1]["gridData"].update(x=0)), "lies on another"),
    "wide": (lambda o: _change_panels(o, lambda p: p[3]["gridData"].update(w=13)), "wider"),
    "column": (lambda o: _change_panels(o, lambda p: _layer(p)["columns"].clear()), "differ"),
    "undrawn": (
        lambda o: _change_panels(o, lambda p: (_layer(p)["columns"].clear(), _layer(p)["columnOrder"].clear())),
        "computed or drawn alone",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_check_sees_damage(damage: str) -> None:
    """Each kind of damage that Kibana would take in silently, or refuse, is named."""
    objects = copy.deepcopy(check.read(check.KIBANA / "news.ndjson"))
    spoil, said = DAMAGE[damage]
    spoil(objects)
    assert any(said in fault for fault in check.faults(objects)), check.faults(objects)


@pytest.mark.parametrize("text", ["Copies", "Copies = sum", "Copies = count copy_count", "Copies = median copy_count"])
def test_a_measure_that_cannot_be_understood_is_named(text: str) -> None:
    """A slip in dashboards.toml is said, not built."""
    spec = {"kind": "metric", "title": "t", "show": [text]}
    with pytest.raises(ValueError, match="no measure"):
        lens.panel(spec, "newsdex-articles")
