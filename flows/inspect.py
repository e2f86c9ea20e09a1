"""Inspect: read, clean and enrich without an index, and show each input as it would be indexed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from flows.prepare import chain_for, prepared
from flows.recipe import read_options, recipe_for
from readers.listing import partitions
from readers.read import read
from transforms.article import Article, RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.settings import Settings


class Inspected(msgspec.Struct, omit_defaults=True):
    """One input: what it became, and which of its own fields each of ours was taken from."""

    input_uri: str
    article: Article | None = None
    rejection: Rejection | None = None
    field_map: dict[str, str] = {}


def inspected(
    settings: Settings, locations: Sequence[str], *, limit: int | None, field_map: Mapping[str, str]
) -> Iterator[Inspected]:
    """Every input of `locations`, in order, as it would be indexed or with the reason why it would not."""
    options = read_options(settings, limit=limit, field_map=field_map)
    chain = chain_for(recipe_for(settings))
    for item in partitions(list(locations), options):
        if isinstance(item, Rejection):
            yield Inspected(item.input_uri, rejection=item)
            continue
        # The raw records go the same way as in a run; a second look at them tells how their fields were mapped.
        raws, again = itertools.tee(read(item, options))
        for raw, done in zip(again, prepared(raws, chain), strict=True):
            mapped = dict(raw.field_map) if isinstance(raw, RawArticle) else {}
            if isinstance(done, Article):
                yield Inspected(done.input_uri, article=done, field_map=mapped)
            else:
                yield Inspected(done.input_uri, rejection=done, field_map=mapped)
