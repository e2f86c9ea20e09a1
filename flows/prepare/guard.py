"""Run steps on articles so that one which breaks a step, or takes too long, is rejected alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from newsdex.flows.prepare.article_limit import ArticleTimeout, article_limit
from newsdex.transforms.article import RAW_EXCERPT_CHARS, Article, RawArticle, Rejection, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

TOO_LONG = "took-too-long"
"""Reason of an article whose time was over."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits under which steps are run."""

    seconds: float | None = None
    """Processor seconds that one step may take for one article; `None`: any number."""

    def one(
        self, stage: Stage, step: Callable[[T], R | Rejection], item: T, source: RawArticle | Article
    ) -> R | Rejection:
        """Run a step on one item; whatever it raises becomes a rejection, for nothing may be lost."""
        try:
            with article_limit(self.seconds):
                return step(item)
        except ArticleTimeout:
            detail = (
                f"Newsdex gave up to {stage.value} this article after {self.seconds:g} seconds of processor time "
                "(NEWSDEX_ARTICLE_SECONDS): look whether it is an article at all, and please report it with the input."
            )
            return _rejection(stage, TOO_LONG, detail, source)
        except Exception as error:  # noqa: BLE001  # an input that we did not foresee must not end the run
            detail = (
                f"Newsdex could not {stage.value} this article ({type(error).__name__}: {error}); "
                "please report it with the input."
            )
            return _rejection(stage, "internal-error", detail, source)

    def each(
        self,
        stage: Stage,
        step: Callable[[Sequence[T]], list[Article]],
        items: list[T | Rejection],
        source: Callable[[T], Article],
    ) -> list[Article | Rejection]:
        """Run a batch step over what is not rejected yet; an article that breaks the step is rejected alone."""
        given = [item for item in items if not isinstance(item, Rejection)]
        try:
            with article_limit(self.seconds):
                done: Iterator[Article | Rejection] = iter(step(given))
        except (Exception, ArticleTimeout):  # noqa: BLE001  # found one by one below, and reported
            done = iter([self.one(stage, lambda one: step([one])[0], item, source(item)) for item in given])
        return [item if isinstance(item, Rejection) else next(done) for item in items]


def _rejection(stage: Stage, reason: str, detail: str, source: RawArticle | Article) -> Rejection:
    content = source.body if isinstance(source, Article) else source.text or str(source.html or "")
    return Rejection(
        input_uri=source.input_uri, stage=stage, reason=reason, detail=detail, raw=content[:RAW_EXCERPT_CHARS]
    )
