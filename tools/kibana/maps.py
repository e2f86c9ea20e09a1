"""A map as Kibana stores it: a base map and one layer of circles, larger where there are more articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.kibana.text import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCE = "layer_1_source_index_pattern"
"""Name of the reference to the data view; the 1 is the layer's place in the list of layers."""

_COMMON = {"minZoom": 0, "maxZoom": 24, "visible": True}

# The tiles come from Elastic's map service; where that cannot be reached, the circles are drawn on nothing.
_BASE = {
    "id": "base",
    "type": "EMS_VECTOR_TILE",
    "alpha": 1,
    "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True, "lightModeDefault": "road_map_desaturated"},
    "style": {"type": "EMS_VECTOR_TILE", "color": ""},
    **_COMMON,
}

_CIRCLES = {
    "fillColor": {"type": "STATIC", "options": {"color": "#0077CC"}},
    "lineColor": {"type": "STATIC", "options": {"color": "#FFFFFF"}},
    "lineWidth": {"type": "STATIC", "options": {"size": 1}},
    "iconSize": {
        "type": "DYNAMIC",
        "options": {
            "field": {"label": "count", "name": "doc_count", "origin": "source"},
            "minSize": 5,
            "maxSize": 30,
        },
    },
    "symbolizeAs": {"options": {"value": "circle"}},
}


def attributes(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map's attributes from its entry in `dashboards.toml`; it needs the reference `REFERENCE`."""
    grid = {
        "id": "grid",
        "type": "ES_GEO_GRID",
        "requestType": "point",
        "resolution": "COARSE",
        "geoField": spec["field"],
        "metrics": [{"type": "count"}],
        "indexPatternRefName": REFERENCE,
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "applyForceRefresh": True,
    }
    articles = {
        "id": "articles",
        "label": "Articles",
        "type": "GEOJSON_VECTOR",
        "alpha": 0.75,
        "sourceDescriptor": grid,
        "style": {"type": "VECTOR", "properties": _CIRCLES, "isTimeAware": True},
        "joins": [],
        **_COMMON,
    }
    view = {"zoom": 1.5, "center": {"lon": 10, "lat": 30}, "settings": {"autoFitToDataBounds": True}}
    return {
        "title": spec["title"],
        "description": spec["description"],
        "layerListJSON": compact([_BASE, articles]),
        "mapStateJSON": compact(view),
        "uiStateJSON": compact({"isLayerTOCOpen": False, "openTOCDetails": []}),
    }
