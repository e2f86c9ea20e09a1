"""Build news.ndjson and pipeline.ndjson: `python -m tools.kibana.build`. A test fails where they differ.

The objects are in the shape of Kibana 8.19 (see docs/kibana.md), which that version and every 9.x import and migrate.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.kibana import lens, maps
from tools.kibana.lens import Json, kuery
from tools.kibana.text import compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).resolve().parent

SOURCE = HERE / "dashboards.toml"

KIBANA = HERE.parents[1] / "newsdex" / "kibana"
"""Where the saved objects go."""

ID_PREFIX = "newsdex-"
"""Every id begins with it, and it occurs nowhere else: the import renames ids by it for an index of another name."""

CORE_VERSION = "8.8.0"

TYPE_VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "map": "8.1.0", "dashboard": "10.2.0"}
"""The newest shape that Kibana 8.19 knows of each type, or an older one; a newer one is refused by an older Kibana."""

ROLES = {"articles": "articles", "copies": "articles-copies", "rejected": "articles-rejected", "runs": "articles-runs"}
"""Role of an index → its alias under the default index name."""

SEARCH_SOURCE_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"


def build(source: Mapping[str, Any]) -> dict[str, list[Json]]:
    """Return file name (without ending) → saved objects, each after what it refers to."""
    files: dict[str, list[Json]] = {}
    makers = (("data_view", _data_view), ("search", _search), ("map", _map), ("dashboard", _dashboard))
    for kind, make in makers:
        for spec in source[kind]:
            files.setdefault(spec["file"], []).append(make(spec))
    return files


def ndjson(objects: list[Json]) -> str:
    """Return saved objects as Kibana's import takes them: one a line."""
    return "".join(compact(item) + "\n" for item in objects)


def load_source() -> dict[str, Any]:
    """Return what dashboards.toml says."""
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


def _data_view(spec: Mapping[str, Any]) -> Json:
    links = {field: {"id": "url", "params": {"openLinkInCurrentTab": False}} for field in spec.get("links", ())}
    attributes = {
        "title": ",".join(ROLES[role] for role in spec["indices"]),
        "name": spec["name"],
        "timeFieldName": spec["time"],
        "fields": "[]",
        "fieldAttrs": "{}",
        "fieldFormatMap": compact(links),
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "typeMeta": "{}",
    }
    return _object("index-pattern", spec["id"], attributes, [])


def _search(spec: Mapping[str, Any]) -> Json:
    source = {"query": kuery(spec.get("where", "")), "filter": [], "indexRefName": SEARCH_SOURCE_REFERENCE}
    attributes = {
        "title": spec["title"],
        "description": spec["description"],
        "columns": spec["columns"],
        "sort": [[spec["sort"], "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(source)},
    }
    return _object("search", spec["id"], attributes, [_view_reference(SEARCH_SOURCE_REFERENCE, spec["data_view"])])


def _map(spec: Mapping[str, Any]) -> Json:
    return _object("map", spec["id"], maps.attributes(spec), [_view_reference(maps.REFERENCE, spec["data_view"])])


def _dashboard(spec: Mapping[str, Any]) -> Json:
    panels: list[Json] = []
    references: list[Json] = []
    for each in spec["panel"]:
        panel, used = _panel(each)
        panels.append(panel)
        references += used
    controls, used = _controls(spec)
    ignored = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    shown = {"useMargins": True, "syncColors": False, "syncCursor": True, "syncTooltips": False}
    attributes = {
        "title": spec["title"],
        "description": spec["description"],
        "panelsJSON": compact(panels),
        "optionsJSON": compact({**shown, "hidePanelTitles": False}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact({"query": kuery(""), "filter": []})},
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "showApplySelections": False,
            "ignoreParentSettingsJSON": compact(ignored),
            "panelsJSON": compact(controls),
        },
        "timeRestore": True,
        "timeFrom": spec["from"],
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60_000},
        "version": 1,
    }
    return _object("dashboard", spec["id"], attributes, [*references, *used])


def _panel(spec: Mapping[str, Any]) -> tuple[Json, list[Json]]:
    """Return a panel of a dashboard and the dashboard's references for it."""
    name = spec["id"]
    x, y, width, height = spec["at"]
    panel: Json = {
        "panelIndex": name,
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": name},
        "embeddableConfig": {"enhancements": {}, "title": spec["title"]},
    }
    if spec["kind"] in {"search", "map"}:
        kind = spec["kind"]
        panel |= {"type": kind, "panelRefName": f"panel_{name}"}
        target = {"name": f"{name}:panel_{name}", "type": kind, "id": f"{ID_PREFIX}{spec[kind]}"}
        return panel, [target]
    attributes, references = lens.panel(spec, f"{ID_PREFIX}{spec['data_view']}")
    panel["type"] = "lens"
    panel["embeddableConfig"]["attributes"] = {**attributes, "type": "lens", "references": references}
    return panel, [{**each, "name": f"{name}:{each['name']}"} for each in references]


def _controls(spec: Mapping[str, Any]) -> tuple[Json, list[Json]]:
    """Return the controls above a dashboard, by id, and the dashboard's references for them."""
    controls: Json = {}
    references: list[Json] = []
    for each in spec["controls"]:
        name = f"control-{each['field'].replace('.', '-')}"
        options = {
            "title": each["title"],
            "fieldName": each["field"],
            "selectedOptions": [],
            "exclude": False,
            "existsSelected": False,
            "singleSelect": False,
            "searchTechnique": "wildcard",
            "sort": {"by": "_count", "direction": "desc"},
        }
        controls[name] = _control("optionsListControl", len(controls), name, options)
        references.append(_view_reference(f"controlGroup_{name}:optionsListDataView", each["data_view"]))
    if spec.get("time_slider"):
        controls["control-time"] = _control("timeSlider", len(controls), "control-time", {})
    return controls, references


def _control(kind: str, order: int, name: str, options: Json) -> Json:
    explicit = {"id": name, **options}
    return {"type": kind, "order": order, "grow": True, "width": "medium", "explicitInput": explicit}


def _object(kind: str, name: str, attributes: Json, references: list[Json]) -> Json:
    return {
        "id": f"{ID_PREFIX}{name}",
        "type": kind,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
        "managed": False,
    }


def _view_reference(name: str, data_view: str) -> Json:
    return {"name": name, "type": "index-pattern", "id": f"{ID_PREFIX}{data_view}"}


def files() -> Iterator[tuple[Path, str]]:
    """Yield the path of each file and what must be in it."""
    for name, objects in build(load_source()).items():
        yield KIBANA / f"{name}.ndjson", ndjson(objects)


def main() -> None:
    """Write every file."""
    for path, text in files():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
