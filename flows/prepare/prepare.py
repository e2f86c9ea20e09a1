"""Prepare one partition, in a worker process: read, clean, enrich and fingerprint its articles into a staged file.

Nothing of Prefect or Elasticsearch is known here, so that any runner can call it: a process pool, Dask, Ray.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

import psutil

from newsdex.flows.prepare.day_order import DayOrders
from newsdex.flows.prepare.guard import Guard
from newsdex.flows.prepare.staging import Prepared, StagingArea
from newsdex.models.loader import for_language
from newsdex.readers.read import read
from newsdex.transforms.article import Article, RawArticle, Rejection, Stage
from newsdex.transforms.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.trail import Trail
    from newsdex.readers.partition import Partition, ReadOptions
    from newsdex.transforms.chain import Draft

BATCH = 32
"""Articles that go through a step together: enough for the entity model to work in batches, little enough memory."""


NO_LIMIT = Guard()


class _Clock:
    """Adds up processor time by stage, of this thread alone: others may prepare other partitions."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(Stage, 0.0)

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        begin = time.thread_time()
        try:
            yield
        finally:
            self.seconds[stage] += time.thread_time() - begin


_loading = Lock()


def chain_for(recipe: Recipe) -> Chain:
    """Return the chain of a recipe, its models loaded.

    A worker loads them once, whatever its threads ask at one moment.
    """
    with _loading:
        return _chain(recipe, datetime.now(UTC).date())


@lru_cache(maxsize=1)
def _chain(recipe: Recipe, today: date) -> Chain:
    # A worker of a cluster may live for weeks: what counts as the future moves on with the days.
    models = dict(recipe.models)
    loaded = {language: model for language in models if (model := for_language(language, models)) is not None}
    latest = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=2)
    return Chain(recipe.chain, loaded, latest=latest, version=recipe.version)


def prepare(
    partition: Partition, options: ReadOptions, recipe: Recipe, staging: str, trail: Trail | None = None
) -> Prepared:
    """Prepare `partition` into the staging area; one that an earlier run staged is only picked up.

    Returns:
        A small summary; the articles themselves lie in the staging area.

    Raises:
        OSError: the staging area cannot be written.
    """
    area = StagingArea(staging)
    known = area.summary(partition.key)
    if known is not None and partition.expected in {None, known.read}:
        return known
    clock, languages, without_model, count = _Clock(), Counter[str](), Counter[str](), 0
    chain = chain_for(recipe)
    items = read(partition, options)
    with area.writing(partition.key) as writer:
        for item in prepared(
            items if trail is None else trail.follow(items),
            chain,
            clock,
            orders=DayOrders(lambda: read(partition, options)),
            guard=Guard(recipe.article_seconds),
            batch_size=BATCH if trail is None else 1,
        ):
            count += 1
            writer.write(item)
            if isinstance(item, Article):
                languages[item.language] += 1
                if not chain.has_model(item.language):
                    without_model[item.language] += 1
        summary = Prepared(
            key=partition.key,
            label=partition.label,
            read=count,
            seconds=dict(clock.seconds),
            languages=dict(languages),
            without_model=dict(without_model),
            peak_memory_mb=psutil.Process().memory_info().rss / 2**20,
        )
        writer.summarise(summary)
    return summary


def prepared(
    items: Iterable[RawArticle | Rejection],
    chain: Chain,
    clock: _Clock | None = None,
    orders: DayOrders | None = None,
    guard: Guard = NO_LIMIT,
    batch_size: int = BATCH,
) -> Iterator[Article | Rejection]:
    """Yield every input as the article that would be indexed, or as the reason why it will not.

    In order, one for one.
    """
    clock, orders = clock or _Clock(), orders or DayOrders(list)

    def clean(raw: RawArticle) -> Draft | Rejection:
        return chain.clean(raw, day_first=orders.of(raw))

    source = iter(items)
    while True:
        with clock(Stage.READ):
            batch = list(islice(source, batch_size))
        if not batch:
            return
        with clock(Stage.CLEAN):
            drafts = [
                item if isinstance(item, Rejection) else guard.one(Stage.CLEAN, clean, item, item) for item in batch
            ]
        with clock(Stage.ENRICH):
            enriched = guard.each(Stage.ENRICH, chain.enrich, drafts, lambda draft: draft.article)
        with clock(Stage.DEDUPLICATE):
            done = guard.each(Stage.DEDUPLICATE, chain.fingerprint, enriched, lambda article: article)
        yield from done
