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
from typing import TYPE_CHECKING, TypeVar

import psutil

from newsdex.flows.prepare.day_order import DayOrders
from newsdex.flows.prepare.staging import Prepared, StagingArea
from newsdex.models.loader import for_language
from newsdex.readers.read import read
from newsdex.transforms.article import RAW_EXCERPT_CHARS, Article, RawArticle, Rejection, Stage
from newsdex.transforms.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.readers.partition import Partition, ReadOptions
    from newsdex.transforms.chain import Draft

T = TypeVar("T")
R = TypeVar("R")

BATCH = 32
"""Articles that go through a step together: enough for the entity model to work in batches, little enough memory."""


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


def prepare(partition: Partition, options: ReadOptions, recipe: Recipe, staging: str) -> Prepared:
    """Prepare `partition` into the staging area; one that an earlier run staged is only picked up.

    Returns:
        A small summary; the articles themselves lie in the staging area.

    Raises:
        OSError: the staging area cannot be written.
    """
    area = StagingArea(staging)
    if (known := area.summary(partition.key)) is not None:
        return known
    clock, languages, without_model, count = _Clock(), Counter[str](), Counter[str](), 0
    chain = chain_for(recipe)
    with area.writing(partition.key) as writer:
        for item in prepared(
            read(partition, options), chain, clock, orders=DayOrders(lambda: read(partition, options))
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
            batch = list(islice(source, BATCH))
        if not batch:
            return
        with clock(Stage.CLEAN):
            drafts = [
                item if isinstance(item, Rejection) else _guarded(Stage.CLEAN, clean, item, item) for item in batch
            ]
        with clock(Stage.ENRICH):
            enriched = _each(Stage.ENRICH, chain.enrich, drafts, lambda draft: draft.article)
        with clock(Stage.DEDUPLICATE):
            done = _each(Stage.DEDUPLICATE, chain.fingerprint, enriched, lambda article: article)
        yield from done


def _each(
    stage: Stage,
    step: Callable[[Sequence[T]], list[Article]],
    items: list[T | Rejection],
    source: Callable[[T], Article],
) -> list[Article | Rejection]:
    """Run a batch step over what is not rejected yet; an article that breaks the step is rejected alone."""
    given = [item for item in items if not isinstance(item, Rejection)]
    try:
        done: Iterator[Article | Rejection] = iter(step(given))
    except Exception:  # noqa: BLE001  # found one by one below, and reported
        done = iter([_guarded(stage, lambda one: step([one])[0], item, source(item)) for item in given])
    return [item if isinstance(item, Rejection) else next(done) for item in items]


def _guarded(stage: Stage, step: Callable[[T], R | Rejection], item: T, source: RawArticle | Article) -> R | Rejection:
    """Run one step on one item; whatever it raises becomes a rejection, for nothing may be lost."""
    try:
        return step(item)
    except Exception as error:  # noqa: BLE001  # an input that we did not foresee must not end the run
        content = source.body if isinstance(source, Article) else source.text or str(source.html or "")
        return Rejection(
            input_uri=source.input_uri,
            stage=stage,
            reason="internal-error",
            detail=f"Newsdex could not {stage.value} this article ({type(error).__name__}: {error}); "
            "please report it with the input.",
            raw=content[:RAW_EXCERPT_CHARS],
        )
