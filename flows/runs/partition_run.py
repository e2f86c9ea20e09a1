"""A run over inputs that were chosen beforehand: an interval of a backfill, a replay of the quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.flows.prepare.staging import staging_key
from newsdex.flows.runs.run import Run
from newsdex.search.store.presence import still_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.prepare.staging import StagingArea
    from newsdex.readers.partition import Partition, ReadOptions
    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Rejection


class PartitionRun(Run):
    """A run over the partitions that it is given, whatever its inputs are called."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        chosen: Sequence[Partition | Rejection],
        options: ReadOptions,
        *,
        force: bool = False,
    ) -> None:
        """Hold the partitions; `options` say how they are read."""
        super().__init__(settings, progress, force=force, options=options)
        self._chosen = chosen

    def _listed(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:  # noqa: ARG002  # names alone
        """Yield the partitions that were chosen."""
        yield from self._chosen


def is_stored(
    partitions: Sequence[Partition], version: str, staging: StagingArea, client: Elasticsearch, names: IndexNames
) -> bool:
    """Return whether a pipeline of this version has done these partitions, and the index still holds the outcome."""
    known: list[tuple[str, str]] = []
    for partition in partitions:
        receipts = staging.receipt(staging_key(partition, version))
        if receipts is None:
            return False
        known += [(each.article_id or "", each.content_hash or "") for each in receipts if each.rejection is None]
    return still_stored(client, names, known)
