"""Stored articles made anew, in the worker processes, while they are copied to a new index."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from newsdex.flows.prepare.article_limit import ArticleTimeout, article_limit
from newsdex.flows.prepare.prepare import chain_for
from newsdex.transforms.refresh import refreshed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.transforms.article import Article

AHEAD = 2
"""Pages a worker that may wait or lie ready: enough that no worker waits for the writer."""


def refresh(articles: Sequence[Article], recipe: Recipe) -> tuple[list[Article], int]:
    """Make articles anew, in a worker; return them one for one, and how many had to stay as they were.

    An article that breaks a step, or takes too long, stays as it was: it is in the index and is not to be lost.
    """
    chain = chain_for(recipe)
    try:
        with article_limit(recipe.article_seconds):
            return refreshed(articles, chain, recipe.chain), 0
    except (Exception, ArticleTimeout):  # noqa: BLE001  # found one by one below, and counted
        done, kept = [], 0
        for article in articles:
            try:
                with article_limit(recipe.article_seconds):
                    done += refreshed([article], chain, recipe.chain)
            except (Exception, ArticleTimeout):  # noqa: BLE001  # whatever it is: it stays
                done.append(article)
                kept += 1
        return done, kept


class Refresher:
    """Has stored articles go through the workers, some pages at the same time.

    Args:
        work: makes some articles anew in a worker: `Workers.refresh`.
        workers: how many there are.
    """

    def __init__(self, work: Callable[[list[Article]], tuple[list[Article], int]], workers: int) -> None:
        self._work, self._workers = work, workers
        self.anew = self.kept = 0

    def __call__(self, pages: Iterator[list[Article]]) -> Iterator[list[Article]]:
        """Yield the pages, in their order, with their articles made anew."""
        waiting: deque[Future[tuple[list[Article], int]]] = deque()
        with ThreadPoolExecutor(self._workers + 1, thread_name_prefix="refresh") as threads:
            try:
                for page in pages:
                    waiting.append(threads.submit(self._work, page))
                    if len(waiting) > AHEAD * self._workers:
                        yield self._counted(waiting.popleft())
                while waiting:
                    yield self._counted(waiting.popleft())
            finally:
                threads.shutdown(wait=False, cancel_futures=True)

    def _counted(self, future: Future[tuple[list[Article], int]]) -> list[Article]:
        done, kept = future.result()
        self.anew += len(done) - kept
        self.kept += kept
        return done
