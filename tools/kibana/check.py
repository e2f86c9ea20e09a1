"""What Kibana asks of saved objects, as far as it can be known without one: `python -m tools.kibana.check`.

Kibana accepts much that it cannot show later (a reference to nothing, a column that is not there), so it is looked for
here. What the fields of the index must be is in `tools.kibana.fields`.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tools.kibana.build import CORE_VERSION, ID_PREFIX, KIBANA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tools.kibana.lens import Json

GRID_COLUMNS = 48
"""Width of a dashboard, in Kibana's units."""

CEILINGS = {"index-pattern": (8, 0, 0), "search": (10, 5, 0), "map": (8, 4, 0), "dashboard": (10, 2, 0)}
"""Newest shape of each type that Kibana 8.19 can read."""

ATTRIBUTES = {
    "index-pattern": {
        *("title", "name", "timeFieldName", "fields", "fieldAttrs", "fieldFormatMap", "runtimeFieldMap"),
        *("sourceFilters", "typeMeta", "type", "allowNoIndex", "allowHidden"),
    },
    "search": {
        *("title", "description", "columns", "sort", "grid", "rowHeight", "rowsPerPage", "hideChart", "breakdownField"),
        *("kibanaSavedObjectMeta", "isTextBasedQuery", "usesAdHocDataView", "timeRestore", "timeRange"),
        *("refreshInterval", "viewMode", "hideAggregatedPreview", "sampleSize", "headerRowHeight", "density"),
    },
    "map": {"title", "description", "layerListJSON", "mapStateJSON", "uiStateJSON"},
    "dashboard": {
        *("title", "description", "kibanaSavedObjectMeta", "timeRestore", "timeFrom", "timeTo", "refreshInterval"),
        *("controlGroupInput", "panelsJSON", "optionsJSON", "version"),
    },
}
"""Attributes that the schemas of that version allow."""

STRINGS = {
    "index-pattern": ("fields", "fieldAttrs", "fieldFormatMap", "runtimeFieldMap", "sourceFilters", "typeMeta"),
    "search": (),
    "map": ("layerListJSON", "mapStateJSON", "uiStateJSON"),
    "dashboard": ("panelsJSON", "optionsJSON"),
}
"""Attributes that are JSON written into a string."""


def faults(objects: list[Json]) -> list[str]:
    """Return what is wrong with the saved objects of one file, one sentence each."""
    known = [(each["type"], each["id"]) for each in objects]
    found = [f"{kind} {name} is there twice" for kind, name in set(known) if known.count((kind, name)) > 1]
    for each in objects:
        where = f"{each['type']} {each['id']}"
        found += [f"{where}: {fault}" for fault in (*_shape(each), *_references(each, set(known)))]
    return found


def read(path: Path) -> list[Json]:
    """Return the saved objects of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def lens_panels(dashboard: Json) -> Iterator[tuple[str, Json]]:
    """Yield the name and the attributes of each Lens panel of a dashboard."""
    for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
        if panel["type"] == "lens":
            yield panel["panelIndex"], panel["embeddableConfig"]["attributes"]


def layers(lens: Json) -> dict[str, Json]:
    """Return the layers of a Lens panel, by name."""
    found: dict[str, Json] = lens["state"]["datasourceStates"]["formBased"]["layers"]
    return found


def controls(dashboard: Json) -> dict[str, Json]:
    """Return the controls of a dashboard, by name."""
    found: dict[str, Json] = json.loads(dashboard["attributes"]["controlGroupInput"]["panelsJSON"])
    return found


def _shape(item: Json) -> Iterator[str]:
    kind, attributes = item["type"], item["attributes"]
    if not item["id"].startswith(ID_PREFIX):
        yield f"its id does not begin with {ID_PREFIX}"
    if kind not in ATTRIBUTES:
        yield "a type that is not checked"
        return
    for name in attributes.keys() - ATTRIBUTES[kind]:
        yield f"attribute {name!r} is not in the schema"
    if item["coreMigrationVersion"] != CORE_VERSION:
        yield f"coreMigrationVersion is not {CORE_VERSION}"
    if tuple(int(part) for part in item["typeMigrationVersion"].split(".")) > CEILINGS[kind]:
        yield f"typeMigrationVersion {item['typeMigrationVersion']} is newer than Kibana 8.19 can read"
    for name in STRINGS[kind]:
        if not isinstance(attributes[name], str):
            yield f"{name} must be JSON in a string"
    if kind == "dashboard":
        yield from _grid(json.loads(attributes["panelsJSON"]))
        yield from _controls(item)
        for name, lens in lens_panels(item):
            yield from (f"panel {name}: {fault}" for fault in _lens(lens))


def _grid(panels: Iterable[Json]) -> Iterator[str]:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place, name = panel["gridData"], panel["panelIndex"]
        if place["i"] != name:
            yield f"panel {name}: gridData names {place['i']}"
        if place["x"] + place["w"] > GRID_COLUMNS:
            yield f"panel {name} is wider than the dashboard"
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        if cells & taken:
            yield f"panel {name} lies on another"
        taken |= cells


def _controls(dashboard: Json) -> Iterator[str]:
    group = dashboard["attributes"]["controlGroupInput"]
    if not isinstance(group, dict) or not isinstance(group["ignoreParentSettingsJSON"], str):
        yield "controlGroupInput must be an object, its ignoreParentSettingsJSON a string"
    for name, control in controls(dashboard).items():
        if control["explicitInput"]["id"] != name:
            yield f"control {name}: explicitInput has another id"
        if control["type"] not in {"optionsListControl", "timeSlider"}:
            yield f"control {name}: type {control['type']} is not read by every version"


def _lens(lens: Json) -> Iterator[str]:
    """Look whether what is drawn is computed, and what is computed hangs together."""
    if lens["type"] != "lens":
        yield "by value, its attributes must say that it is a lens"
    drawn = set(_drawn(lens["state"]["visualization"]))
    for layer in layers(lens).values():
        columns = layer["columns"]
        if sorted(layer["columnOrder"]) != sorted(columns):
            yield "columnOrder and columns differ"
            continue
        bucketed = [columns[name]["isBucketed"] for name in layer["columnOrder"]]
        if bucketed != sorted(bucketed, reverse=True):
            yield "a measure stands before a bucket in columnOrder"
        if drawn != set(columns):
            yield f"computed or drawn alone: {sorted(drawn ^ set(columns))}"
        for name, column in columns.items():
            order = column["params"].get("orderBy", {})
            if order.get("type") == "column" and order["columnId"] not in columns:
                yield f"column {name} is ordered by a column that is not there"


def _drawn(visualization: Json) -> Iterator[str]:
    """Yield every column that a drawing names."""
    for part in (visualization, *visualization.get("layers", ())):
        for key in ("xAccessor", "splitAccessor", "metricAccessor"):
            if key in part:
                yield part[key]
        for key in ("accessors", "primaryGroups", "metrics"):
            yield from part.get(key, ())
        yield from (column["columnId"] for column in part.get("columns", ()))


def _references(item: Json, known: set[tuple[str, str]]) -> Iterator[str]:
    """Hold the references that are declared against those that are used."""
    declared = {each["name"]: each for each in item["references"]}
    if len(declared) != len(item["references"]):
        yield "two references have one name"
    for each in item["references"]:
        if (each["type"], each["id"]) not in known:
            yield f"reference {each['name']} leads to {each['type']} {each['id']}, which is not in the file"
    used = dict(_used(item))
    for name in used.keys() ^ declared.keys():
        yield f"reference {name} is {'not declared' if name in used else 'not used'}"
    for name in used.keys() & declared.keys():
        if declared[name]["type"] != used[name]:
            yield f"reference {name} must lead to a {used[name]}"


def _used(item: Json) -> Iterator[tuple[str, str]]:
    """Yield the name and the type of each reference that an object uses."""
    attributes = item["attributes"]
    if item["type"] == "search":
        yield json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["indexRefName"], "index-pattern"
    elif item["type"] == "map":
        for number, layer in enumerate(json.loads(attributes["layerListJSON"])):
            if "indexPatternRefName" in layer["sourceDescriptor"]:
                yield f"layer_{number}_source_index_pattern", "index-pattern"
    elif item["type"] == "dashboard":
        yield from _used_by_dashboard(item)


def _used_by_dashboard(item: Json) -> Iterator[tuple[str, str]]:
    for panel in json.loads(item["attributes"]["panelsJSON"]):
        if "panelRefName" in panel:
            yield f"{panel['panelIndex']}:{panel['panelRefName']}", panel["type"]
    for name, lens in lens_panels(item):
        yield from ((f"{name}:indexpattern-datasource-layer-{layer}", "index-pattern") for layer in layers(lens))
    for name, control in controls(item).items():
        if control["type"] == "optionsListControl":
            yield f"controlGroup_{name}:optionsListDataView", "index-pattern"


def main() -> None:
    """Check the files that are there, and say what is wrong with them."""
    found = [f"{path.name}: {fault}" for path in sorted(KIBANA.glob("*.ndjson")) for fault in faults(read(path))]
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
