"""Threads of this process that prepare partitions, for machines on which no processes are to be started."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from newsdex.flows.prepare.prepare import chain_for, prepare

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.partition import Partition, ReadOptions


class Threads:
    """A pool of `slots` threads that share one set of models.

    Python lets one of them work at a time: two threads are hardly faster than one, and need the memory of one.
    """

    def __init__(self, slots: int, recipe: Recipe, staging: str) -> None:
        """Start nothing yet."""
        self.slots, self._recipe, self._staging = slots, recipe, staging

    def __enter__(self) -> Self:
        """Begin to load the models."""
        self._pool = ThreadPoolExecutor(self.slots, "prepare")
        self._pool.submit(chain_for, self._recipe)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let each thread finish the partition that it works on."""
        self._pool.shutdown(wait=error is None, cancel_futures=True)

    def prepare(self, partition: Partition, options: ReadOptions) -> Prepared:
        """Prepare a partition in a thread and wait for it."""
        return self._pool.submit(prepare, partition, options, self._recipe, self._staging).result()
