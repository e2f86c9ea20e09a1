"""Lens panels as Kibana stores them: the columns that are computed, and how they are drawn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

LAYER = "data"
"""Every panel has one layer; its name is part of the references' names."""

BARS = 15
"""Bars that fit in a panel of 14 rows with readable labels."""

COLOURS = 5
"""Values that a colour legend holds before Kibana's palette repeats; the rest counts as "Other"."""

OPERATIONS = {
    "count": "count",
    "sum": "sum",
    "average": "average",
    "max": "max",
    "unique": "unique_count",
}
"""Our word → Lens's operation."""

_COUNTING = frozenset({"count", "sum", "unique"})
"""Measures that are 0 where there is nothing, and of which Lens can be asked to show nothing instead."""

_MEASURE = re.compile(
    r"(?P<label>[^=]+) = (?P<operation>count|sum|average|max|unique)(?: (?P<field>(?!where\b|per\b)[\w.]+))?"
    r"(?P<per> per minute)?(?: where (?P<where>.+))?"
)


def panel(spec: Mapping[str, Any], data_view: str) -> tuple[Json, list[Json]]:
    """Return a Lens panel's attributes and references from its entry in `dashboards.toml`.

    Raises:
        ValueError: the entry cannot be understood; the sentence names it.
    """
    measures = {f"m{number}": _measure(text) for number, text in enumerate(spec["show"])}
    visualization_type, draw = _DRAWN[spec["kind"]]
    buckets = _buckets(spec, next(iter(measures)))
    layer = {"columns": {**buckets, **measures}, "columnOrder": [*buckets, *measures], "incompleteColumns": {}}
    attributes = {
        "title": spec["title"],
        "description": "",
        "visualizationType": visualization_type,
        "state": {
            "visualization": draw(list(buckets), list(measures)),
            "query": kuery(spec.get("where", "")),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }
    return attributes, [{"name": f"indexpattern-datasource-layer-{LAYER}", "type": "index-pattern", "id": data_view}]


def kuery(text: str) -> Json:
    """Return a query in Kibana's own language as it is stored."""
    return {"query": text, "language": "kuery"}


def is_date(field: str) -> bool:
    """Return whether a field of ours is a date: all of them, and nothing else, are called `at` or `…_at`."""
    return field.rpartition("_")[2] == "at"


def _measure(text: str) -> Json:
    found = _MEASURE.fullmatch(text)
    if found is None or (found["field"] is None) != (found["operation"] == "count"):
        raise ValueError(f"{text!r} is no measure: write it like 'Copies = sum copy_count where language: en'.")
    field = found["field"] or "___records___"
    column: Json = {
        "label": found["label"],
        "customLabel": True,
        "dataType": "date" if is_date(field) and found["operation"] == "max" else "number",
        "operationType": OPERATIONS[found["operation"]],
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": field,
        "params": {"emptyAsNull": True} if found["operation"] in _COUNTING else {},
    }
    if found["per"]:
        column["timeScale"] = "m"
    if found["where"]:
        column["filter"] = kuery(found["where"])
    return column


def _buckets(spec: Mapping[str, Any], measure: str) -> Json:
    """Return the columns that documents are put together by: dates or values, then colours."""
    columns: Json = {}
    for number, field in enumerate(spec.get("by", ())):
        if spec["kind"] == "timeline":
            columns[f"b{number}"] = _date_histogram(field)
        else:
            order = _newest if spec.get("newest_first") else _most(measure)
            size = spec.get("size", BARS if spec["kind"] == "top" else COLOURS)
            other = spec["kind"] == "share" or bool(spec.get("missing"))
            columns[f"b{number}"] = _terms(field, order, size, other=other, missing=bool(spec.get("missing")))
            columns[f"b{number}"]["params"]["exclude"] = spec.get("leave_out", [])
    if "split" in spec:
        columns["colour"] = _terms(spec["split"], _most(measure), COLOURS, other=True, missing=False)
    return columns


def _date_histogram(field: str) -> Json:
    return {
        "label": field,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": field,
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


_newest: Json = {"orderBy": {"type": "alphabetical", "fallback": False}, "orderDirection": "desc"}
"""For run ids, which begin with their time."""


def _most(measure: str) -> Json:
    return {"orderBy": {"type": "column", "columnId": measure}, "orderDirection": "desc"}


def _terms(field: str, order: Json, size: int, *, other: bool, missing: bool) -> Json:
    return {
        "label": field,
        "dataType": "string",
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": field,
        "isBucketed": True,
        "params": {
            "size": size,
            **order,
            # Kibana shows documents without the field only where it also shows the rest.
            "otherBucket": other,
            "missingBucket": missing,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    }


def _metric(_buckets: Sequence[str], measures: Sequence[str]) -> Json:
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": measures[0]}


def _table(buckets: Sequence[str], measures: Sequence[str]) -> Json:
    columns = [{"columnId": name, "isTransposed": False} for name in (*buckets, *measures)]
    return {"layerId": LAYER, "layerType": "data", "columns": columns}


def _share(buckets: Sequence[str], measures: Sequence[str]) -> Json:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": list(buckets),
        "metrics": list(measures),
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return {"shape": "donut", "layers": [layer]}


def _bars(series: str, buckets: Sequence[str], measures: Sequence[str]) -> Json:
    shown = {"x": True, "yLeft": True, "yRight": True}
    layer: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": buckets[0],
        "accessors": list(measures),
        "position": "top",
        "showGridlines": False,
    }
    if "colour" in buckets:
        layer["splitAccessor"] = "colour"
    return {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {**shown, "x": False},
        "tickLabelsVisibilitySettings": dict(shown),
        "gridlinesVisibilitySettings": dict(shown),
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "preferredSeriesType": series,
        "layers": [layer],
    }


_DRAWN: dict[str, Any] = {
    "metric": ("lnsMetric", _metric),
    "timeline": ("lnsXY", lambda buckets, measures: _bars("bar_stacked", buckets, measures)),
    "top": ("lnsXY", lambda buckets, measures: _bars("bar_horizontal_stacked", buckets, measures)),
    "share": ("lnsPie", _share),
    "table": ("lnsDatatable", _table),
}
"""Kind of panel → Lens's name for it, and what writes its drawing."""
