"""Whether a file writes its dates day first or month first: `3/4/2018` alone does not tell, its neighbours do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.transforms.article import RawArticle
from newsdex.transforms.dates.parse import is_ambiguous
from newsdex.transforms.dates.published import day_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from newsdex.transforms.article import Rejection


class DayOrders:
    """The order of day and month in each file of a partition, found when it is first needed."""

    def __init__(self, read_again: Callable[[], Iterable[RawArticle | Rejection]]) -> None:
        """`read_again` yields all inputs of the partition once more: most partitions never need that."""
        self._read_again = read_again
        self._orders: dict[str, bool | None] | None = None

    def of(self, raw: RawArticle) -> bool | None:
        """Return whether the day comes first in an input's file; `None`: nothing tells, or nobody needs to know."""
        if not any(text and is_ambiguous(text) for text in (raw.published, raw.modified)):
            return None
        if self._orders is None:
            dates: dict[str, list[str]] = {}
            for item in self._read_again():
                if isinstance(item, RawArticle) and item.published:
                    dates.setdefault(_file(item), []).append(item.published)
            self._orders = {file: day_order(texts) for file, texts in dates.items()}
        return self._orders.get(_file(raw))


def _file(raw: RawArticle) -> str:
    return raw.input_uri.partition("#")[0]
