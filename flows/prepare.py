"""Prepare one partition: read, clean, enrich and fingerprint its articles into a staged file. Runs in a worker process.

Nothing of Prefect and nothing of Elasticsearch is known here, so that any runner can call it: a process pool, Dask, Ray.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import psutil

from flows.staging import Prepared, StagingArea
from models.loader import for_language
from readers.read import read
from transforms.article import RAW_EXCERPT_CHARS, Article, RawArticle, Rejection, Stage
from transforms.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from flows.recipe import Recipe
    from readers.partition import Partition, ReadOptions

BATCH = 32
"""Articles that go through a step together: enough for the entity model to work in batches, little enough memory."""


class _Clock:
    """Adds up processor time by stage."""

    def __init__(self) -> None:
        self.seconds: Counter[Stage] = Counter()

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        begin = time.process_time()
        try:
            yield
        finally:
            self.seconds[stage] += time.process_time() - begin


@lru_cache(maxsize=1)
def chain_for(recipe: Recipe) -> Chain:
    """The chain of a recipe, its models loaded; a worker loads them once."""
    models = dict(recipe.models)
    loaded = {language: model for language in models if (model := for_language(language, models)) is not None}
    return Chain(recipe.chain, loaded, latest=datetime.now(UTC) + timedelta(days=1))


def prepare(partition: Partition, options: ReadOptions, recipe: Recipe, folder: Path) -> Prepared:
    """Prepare `partition` into the staging folder; one that an earlier run staged is only picked up.

    Returns:
        A small summary; the articles themselves lie in the staging folder.

    Raises:
        OSError: the staging folder cannot be written.
    """
    area = StagingArea(folder)
    if (known := area.summary(partition.key)) is not None:
        return known
    clock, languages, without_model, count = _Clock(), Counter[str](), Counter[str](), 0
    chain = chain_for(recipe)
    with area.writing(partition.key) as writer:
        for item in prepared(read(partition, options), chain, clock):
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
    items: Iterable[RawArticle | Rejection], chain: Chain, clock: _Clock | None = None
) -> Iterator[Article | Rejection]:
    """Every input as the article that would be indexed, or as the reason why it will not; in order, one for one."""
    clock = clock or _Clock()
    source = iter(items)
    while True:
        with clock(Stage.READ):
            batch = list(islice(source, BATCH))
        if not batch:
            return
        with clock(Stage.CLEAN):
            cleaned = [item if isinstance(item, Rejection) else _guarded(Stage.CLEAN, chain.clean, item) for item in batch]
        with clock(Stage.ENRICH):
            enriched = _each_article(Stage.ENRICH, chain.enrich, cleaned)
        with clock(Stage.DEDUPLICATE):
            yield from _each_article(Stage.DEDUPLICATE, chain.fingerprint, enriched)


def _each_article(
    stage: Stage, step: Callable[[Sequence[Article]], list[Article]], items: list[Article | Rejection]
) -> list[Article | Rejection]:
    """Run a batch step over the articles among `items`; an article that breaks it is rejected alone."""
    articles = [item for item in items if isinstance(item, Article)]
    try:
        done: Iterator[Article | Rejection] = iter(step(articles))
    except Exception:  # noqa: BLE001  # found one by one below, and reported
        done = iter([_guarded(stage, lambda article: step([article])[0], article) for article in articles])
    return [next(done) if isinstance(item, Article) else item for item in items]


T = TypeVar("T", RawArticle, Article)


def _guarded(
    stage: Stage, step: Callable[[T], Article | Rejection], item: T
) -> Article | Rejection:
    """Run one step on one article; whatever it raises becomes a rejection, for nothing may be lost."""
    try:
        return step(item)
    except Exception as error:  # noqa: BLE001  # an input that we did not foresee must not end the run
        content = item.body if isinstance(item, Article) else (item.text or str(item.html or ""))
        return Rejection(
            input_uri=item.input_uri,
            stage=stage,
            reason="internal-error",
            detail=f"Newsdex could not {stage.value} this article ({type(error).__name__}: {error}); "
            "please report it with the input.",
            raw=content[:RAW_EXCERPT_CHARS],
        )
