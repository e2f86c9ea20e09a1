"""Inspect: read, clean and enrich without an index, and show each input as it would be indexed."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.flows.prepare.day_order import DayOrders
from newsdex.flows.prepare.prepare import chain_for, prepared
from newsdex.flows.prepare.recipe import read_options, recipe_for
from newsdex.readers.listing import partitions
from newsdex.readers.read import read
from newsdex.transforms.article import Article, RawArticle, Rejection
from newsdex.transforms.facts import declared_facts
from newsdex.transforms.provenance import Others, others, provenance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsdex.flows.config.settings import Settings
    from newsdex.readers.partition import ReadOptions


class Inspected(msgspec.Struct, omit_defaults=True):
    """One input: what it became, and which of its own fields each of ours was taken from."""

    input_uri: str
    article: Article | None = None
    rejection: Rejection | None = None
    field_map: dict[str, str] = {}
    provenance: dict[str, str] = {}
    """Each field of the article that has a value → where that was found."""
    others: dict[str, Others] = {}
    """Each field for which a page says several things → what was not taken, and why."""


def inspected(
    settings: Settings,
    locations: Sequence[str],
    *,
    limit: int | None,
    field_map: Mapping[str, str],
    **reading: Any,  # noqa: ANN401  # passed on
) -> Iterator[Inspected]:
    """Yield every input of `locations`, in order, as it would be indexed or with the reason why it would not.

    Args:
        settings: how it would be indexed.
        locations: what to read; addresses are fetched, but neither archived nor remembered.
        limit: stop after so many inputs.
        field_map: for records, our field = the input's field.
        reading: further arguments of `newsdex.flows.prepare.recipe.read_options`.
    """
    options = read_options(settings, limit=limit, field_map=field_map, **reading)
    with tempfile.TemporaryDirectory(prefix="newsdex-inspect-") as folder:
        fetch = dataclasses.replace(options.fetch, archive=folder, memory=folder)
        yield from _inspected(settings, locations, dataclasses.replace(options, fetch=fetch))


def _inspected(settings: Settings, locations: Sequence[str], options: ReadOptions) -> Iterator[Inspected]:
    chain = chain_for(recipe_for(settings))
    for item in partitions(list(locations), options):
        if isinstance(item, Rejection):
            yield Inspected(item.input_uri, rejection=item)
            continue
        # The raw records go the same way as in a run; a second look at them tells how their fields were mapped.
        raws, again = itertools.tee(read(item, options))
        orders = DayOrders(lambda part=item: read(part, options))  # type: ignore[misc]
        for raw, done in zip(again, prepared(raws, chain, orders=orders), strict=True):
            mapped = dict(raw.field_map) if isinstance(raw, RawArticle) else {}
            if isinstance(done, Article) and isinstance(raw, RawArticle):
                facts = declared_facts(raw)
                found, other = provenance(raw, done, facts=facts), others(raw, done, facts=facts)
                yield Inspected(done.input_uri, article=done, field_map=mapped, provenance=found, others=other)
            elif isinstance(done, Rejection):
                yield Inspected(done.input_uri, rejection=done, field_map=mapped)
