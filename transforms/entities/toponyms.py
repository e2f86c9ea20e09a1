"""Which place a name means in an article: the Georgia of its neighbours, the Portland of its state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.gazetteer import BIG_CITY, METROPOLIS, Place, gazetteer, title_case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsdex.transforms.entities.name_lookup import NameMatch

PLACE_AFTER = re.compile(r",? ([A-Z][\w.]*(?: [A-Z][\w.]*)?)")
"""What follows a place: a state, perhaps."""


def places(body: str, names: Sequence[NameMatch]) -> dict[str, Place]:
    """Surface form → the place that it names in this article."""
    listed = gazetteer()
    states: dict[str, str] = {}
    surfaces: dict[str, None] = {}
    for name in names:
        if name.type is EntityType.PLACE:
            surfaces[name.text] = None
            after = PLACE_AFTER.match(body, name.end)
            if after:
                state = listed.abbreviations.get(after.group(1)) or listed.states.get(after.group(1))
                if state:
                    states.setdefault(name.text, state.admin)
    countries = {place.country for text in surfaces if (place := listed.settled(text)) and place.country}
    return {text: _place(text, states.get(text, ""), countries, surfaces) for text in surfaces}


def _place(text: str, state: str, countries: set[str], surfaces: Mapping[str, None]) -> Place:
    listed = gazetteer()
    text = text if text in listed.cities else title_case(text)
    settled = listed.settled(text)
    if (
        settled
        and settled.kind == "country"
        and text in listed.states
        and not _is_country(settled, countries, surfaces)
    ):
        return listed.states[text]
    if settled:
        return settled
    cities = listed.cities.get(text, [])
    for city in cities:
        if state and city.country == "US" and city.admin == state:
            return Place(text, "city", "US", city.point, city.population, city.admin)
    big = [city for city in cities if city.population >= BIG_CITY]
    near = [city for city in big if city.country in countries]
    if cities:
        city = near[0] if near and big[0].country not in countries and big[0].population < METROPOLIS else cities[0]
        return Place(text, "city", city.country, city.point, city.population, city.admin)
    # A model leaves the full stop of "(I-Vt.)" to the sentence.
    return listed.abbreviations.get(text) or listed.abbreviations.get(f"{text}.") or Place(text, "place")


def _is_country(place: Place, countries: set[str], surfaces: Mapping[str, None]) -> bool:
    """Return whether a name that is both a country and a US state (Georgia) means the country in this article.

    It does beside one of the country's cities, and beside a neighbour of it unless another US state is named.
    """
    listed = gazetteer()
    if any((city := listed.city(text)) is not None and city.country == place.country for text in surfaces):
        return True
    states = any(text in listed.states and text not in listed.countries for text in surfaces)
    return not states and bool(countries & listed.neighbours.get(place.country, frozenset()))
