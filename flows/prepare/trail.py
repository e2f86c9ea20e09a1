"""Find the article that a worker process was killed over, so that it alone is rejected.

A worker that is killed (out of memory, or past the system's limit of processor time) takes with it what it knew. So its
partition is prepared once more in a process of its own, article by article, which writes down in a small file which one
it is at: where that process is killed too, the file names the article.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from newsdex.transforms.article import RawArticle, Rejection, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KILLED = "worker-killed"
"""Reason of an article that workers were killed over."""


class Trail(msgspec.Struct, frozen=True):
    """Where a worker writes down what it is at, and what it must not touch."""

    file: str
    killers: frozenset[str] = frozenset()
    """Inputs that workers were killed over."""

    def follow(self, items: Iterable[RawArticle | Rejection]) -> Iterator[RawArticle | Rejection]:
        """Yield inputs, each written down for as long as its taker works on it; those of `killers` as rejections."""
        place = Path(self.file)
        for item in items:
            if isinstance(item, RawArticle) and item.input_uri in self.killers:
                yield _killer(item)
                continue
            place.write_bytes(item.input_uri.encode("utf-8", "surrogateescape"))
            yield item
            # While the next one is being read nothing is to blame: it has no name yet.
            place.write_bytes(b"")

    def found(self) -> str | None:
        """Return the input that a worker was at when it was killed, or `None`: it was reading, or had not begun."""
        try:
            return Path(self.file).read_bytes().decode("utf-8", "surrogateescape") or None
        except FileNotFoundError:
            return None

    def without(self, killer: str) -> Trail:
        """Return a trail for the next attempt, which leaves out what this one was killed over."""
        Path(self.file).unlink(missing_ok=True)
        return msgspec.structs.replace(self, killers=self.killers | {killer})


def _killer(raw: RawArticle) -> Rejection:
    return Rejection(
        input_uri=raw.input_uri,
        stage=Stage.CLEAN,
        reason=KILLED,
        detail="Two worker processes were killed while they worked on this article: it needs more memory than there "
        "is, or never ends. Lower NEWSDEX_WORKERS or NEWSDEX_MAX_ARTICLE_MB, then run `newsdex replay`.",
    )
