"""Finds what a killed run left half done around articles that are otherwise stored as they should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsdex.search.store.copy_refs import copies_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.search.store.lookup import ArticleLookup, StoredArticle


@dataclass(slots=True)
class Damage:
    """What is to be set right."""

    torn: dict[str, list[StoredArticle]] = field(default_factory=dict)
    """Whole articles that lie in two places, or are copies of what is no survivor: to be placed anew."""
    miscounted: set[str] = field(default_factory=set)
    """Survivors that name other copies than those that are stored."""


def look_for_damage(lookup: ArticleLookup, unchanged: Sequence[Sequence[StoredArticle]]) -> Damage:
    """Look at stored articles that came in again, at their copies and their survivors.

    Costs nothing where none of them is in a cluster.

    Args:
        lookup: where articles lie; refreshed.
        unchanged: what is stored under the id of each.
    """
    here = {places[0].article.id: places for places in unchanged}
    suspects = {name for name, places in here.items() if len(places) > 1}
    owners = {places[0].article.duplicate_of for places in unchanged}
    owners |= {name for name, places in here.items() if places[0].article.copy_count}
    clusters = {name for name in owners if name}
    if not clusters and not suspects:
        return Damage()
    told = copies_of(lookup, clusters, leaving=())
    named = {copy.id for copies in told.values() for copy in copies.named}
    traces = lookup.get(clusters | named, whole=False)
    suspects |= {name for name, places in traces.items() if len(places) > 1}
    lost = {name for name in clusters if name not in traces or traces[name][0].article.duplicate_of}
    suspects |= {copy.id for name in lost for copy in told[name].named}
    suspects |= {name for name, places in here.items() if places[0].article.duplicate_of in lost}
    miscounted = {
        name
        for name in clusters - lost - suspects
        if told[name].tell(traces[name][0].article) != traces[name][0].article
    }
    return Damage(torn=lookup.get(suspects, whole=True), miscounted=miscounted)
