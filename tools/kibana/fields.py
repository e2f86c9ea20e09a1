"""What saved objects ask of the index: the fields, what each must be able to do, and the request that a panel makes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tools.kibana.check import controls, layers, lens_panels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.kibana.lens import Json

NUMBERS = frozenset({"long", "integer", "short", "byte", "double", "float", "half_float", "unsigned_long"})


class Use(StrEnum):
    """What a field is used for."""

    VALUES = "values"
    """Its values are counted, by a panel or a control."""
    TIME = "time"
    """Documents are put in order or in intervals by it."""
    NUMBER = "number"
    """Its values are added up or averaged."""
    PLACE = "place"
    """It is put on a map."""
    SHOWN = "shown"
    """It is a column of a table of documents."""
    SORT = "sort"
    """Documents are put in order by it."""
    FILTER = "filter"
    """A query asks for it."""


TYPES = {
    Use.VALUES: frozenset({"keyword", "boolean"}),
    Use.TIME: frozenset({"date"}),
    Use.NUMBER: NUMBERS,
    Use.PLACE: frozenset({"geo_point"}),
    Use.SORT: NUMBERS | {"date", "keyword"},
}
"""Types that a field may have for a use; the others may have any."""

AGGREGATED = frozenset({Use.VALUES, Use.TIME, Use.NUMBER, Use.PLACE, Use.SORT})
SEARCHED = frozenset({Use.VALUES, Use.TIME, Use.FILTER})


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """A field that something needs."""

    view: str
    """The data view's pattern: names of indices."""
    field: str
    use: Use
    where: str
    """What needs it."""

    def fault(self, capabilities: Mapping[str, Mapping[str, Any]]) -> str | None:
        """Return in a sentence what the index lacks, `None` if nothing.

        Args:
            capabilities: type → what it can do, from `_field_caps`; empty where the field is missing.
        """
        asked = f"{self.where} needs {self.field} in {self.view}"
        if not capabilities:
            return f"{asked}, which is not there"
        allowed = TYPES.get(self.use)
        if allowed is not None and not capabilities.keys() <= allowed:
            return f"{asked} for {self.use.value}, but it is {', '.join(capabilities)}"
        for ability, uses in (("aggregatable", AGGREGATED), ("searchable", SEARCHED)):
            if self.use in uses and not all(each[ability] for each in capabilities.values()):
                return f"{asked} to be {ability}"
        return None


@dataclass(frozen=True, slots=True)
class Request:
    """The search that stands for a panel."""

    name: str
    view: str
    query: Json
    aggregations: Json


def needs(objects: list[Json]) -> list[Need]:
    """Return every field that saved objects name, with what it is used for."""
    return sorted({need for item in objects for need in _needs(item, _views(objects))})


def requests(objects: list[Json]) -> list[Request]:
    """Return for each Lens panel, map and control the aggregation that it makes."""
    views = _views(objects)
    return [request for item in objects for request in _requests(item, views)]


def _views(objects: list[Json]) -> dict[str, str]:
    return {item["id"]: item["attributes"]["title"] for item in objects if item["type"] == "index-pattern"}


def _needs(item: Json, views: Mapping[str, str]) -> Iterator[Need]:
    aims = {each["name"]: views.get(each["id"], "") for each in item["references"]}
    by_type = {"index-pattern": _of_view, "search": _of_search, "map": _of_map, "dashboard": _of_dashboard}
    yield from by_type[item["type"]](item, aims)


def _of_view(item: Json, _aims: Mapping[str, str]) -> Iterator[Need]:
    attributes = item["attributes"]
    yield Need(attributes["title"], attributes["timeFieldName"], Use.TIME, item["id"])
    for field in json.loads(attributes["fieldFormatMap"]):
        yield Need(attributes["title"], field, Use.SHOWN, item["id"])


def _of_search(item: Json, aims: Mapping[str, str]) -> Iterator[Need]:
    attributes = item["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    view = aims[source["indexRefName"]]
    yield from (Need(view, field, Use.SHOWN, item["id"]) for field in attributes["columns"])
    yield from (Need(view, field, Use.SORT, item["id"]) for field, _ in attributes["sort"])
    yield from _of_query(source["query"], view, item["id"])


def _of_map(item: Json, aims: Mapping[str, str]) -> Iterator[Need]:
    for source in _grids(item):
        yield Need(aims[source["indexPatternRefName"]], source["geoField"], Use.PLACE, item["id"])


def _of_dashboard(item: Json, aims: Mapping[str, str]) -> Iterator[Need]:
    for name, lens in lens_panels(item):
        where = f"{item['id']} {name}"
        for layer_name, layer in layers(lens).items():
            view = aims[f"{name}:indexpattern-datasource-layer-{layer_name}"]
            yield from _of_query(lens["state"]["query"], view, where)
            for column in layer["columns"].values():
                yield from _of_column(column, view, where)
    for name, control in controls(item).items():
        if control["type"] == "optionsListControl":
            view = aims[f"controlGroup_{name}:optionsListDataView"]
            yield Need(view, control["explicitInput"]["fieldName"], Use.VALUES, f"{item['id']} {name}")


def _grids(item: Json) -> Iterator[Json]:
    """Yield the sources of a map that put articles on it."""
    for layer in json.loads(item["attributes"]["layerListJSON"]):
        if layer["sourceDescriptor"]["type"] == "ES_GEO_GRID":
            yield layer["sourceDescriptor"]


def _of_column(column: Json, view: str, where: str) -> Iterator[Need]:
    if "filter" in column:
        yield from _of_query(column["filter"], view, where)
    if column["operationType"] == "count":
        return
    uses = {"terms": Use.VALUES, "unique_count": Use.VALUES, "date_histogram": Use.TIME}
    use = uses.get(column["operationType"], Use.TIME if column["dataType"] == "date" else Use.NUMBER)
    yield Need(view, column["sourceField"], use, where)


def _of_query(query: Json, view: str, where: str) -> Iterator[Need]:
    if query["query"]:
        yield Need(view, query["query"].partition(":")[0], Use.FILTER, where)


def _requests(item: Json, views: Mapping[str, str]) -> Iterator[Request]:
    aims = {each["name"]: views.get(each["id"], "") for each in item["references"]}
    if item["type"] == "map":
        for source in _grids(item):
            grid = {"geotile_grid": {"field": source["geoField"], "precision": 6}}
            yield Request(item["id"], aims[source["indexPatternRefName"]], _query(""), {"grid": grid})
    elif item["type"] == "dashboard":
        for name, lens in lens_panels(item):
            for layer_name, layer in layers(lens).items():
                view = aims[f"{name}:indexpattern-datasource-layer-{layer_name}"]
                wanted = _query(lens["state"]["query"]["query"])
                yield Request(f"{item['id']} {name}", view, wanted, _aggregations(layer))
        for name, control in controls(item).items():
            if control["type"] == "optionsListControl":
                values = {"terms": {"field": control["explicitInput"]["fieldName"]}}
                view = aims[f"controlGroup_{name}:optionsListDataView"]
                yield Request(f"{item['id']} {name}", view, _query(""), {"values": values})


def _aggregations(layer: Json) -> Json:
    """Return a layer as nested aggregations: its buckets from the outside in, its measures in the innermost."""
    columns = {name: layer["columns"][name] for name in layer["columnOrder"]}
    inner = {name: _measure(column) for name, column in columns.items() if not column["isBucketed"]}
    for name, column in reversed(columns.items()):
        if column["isBucketed"]:
            inner = {name: {**_bucket(column), "aggs": inner}}
    return inner


def _bucket(column: Json) -> Json:
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": column["sourceField"], "calendar_interval": "day", "min_doc_count": 1}}
    terms: Json = {"field": column["sourceField"], "size": column["params"]["size"]}
    if column["params"]["orderBy"]["type"] == "alphabetical":
        terms["order"] = {"_key": column["params"]["orderDirection"]}
    if column["params"]["missingBucket"]:
        terms["missing"] = "__missing__"
    return {"terms": terms}


def _measure(column: Json) -> Json:
    wanted = _query(column["filter"]["query"]) if "filter" in column else _query("")
    operations = {"sum": "sum", "average": "avg", "max": "max", "unique_count": "cardinality"}
    if column["operationType"] == "count":
        return {"filter": wanted}
    value = {operations[column["operationType"]]: {"field": column["sourceField"]}}
    return {"filter": wanted, "aggs": {"value": value}}


def _query(text: str) -> Json:
    """Return a query of ours, `field: value` or `field: *`, as Elasticsearch takes it."""
    if not text:
        return {"match_all": {}}
    field, _, value = (part.strip() for part in text.partition(":"))
    return {"exists": {"field": field}} if value == "*" else {"term": {field: value}}
