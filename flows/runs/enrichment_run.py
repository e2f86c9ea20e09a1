"""Enrich again what the index holds of some partitions, without reading their inputs: new names, the same texts."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from newsdex.flows.prepare.staging import Prepared
from newsdex.flows.runners.processes import Workers
from newsdex.flows.runs.partition_run import PartitionRun
from newsdex.readers.partition import Partition
from newsdex.search.store.lookup import ArticleLookup
from newsdex.transforms.article import Article, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.runners.select import Runner
    from newsdex.readers.partition import ReadOptions
    from newsdex.transforms.article import Rejection

ANEW = "-anew"
"""What the key of a partition ends in here: its receipt stays that of the run which read it."""


class EnrichmentRun(PartitionRun):
    """A run over partitions that an earlier one read, from the texts that lie in the index.

    What the index no longer holds, and copies whose texts were dropped, are no inputs of it.
    """

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        chosen: Sequence[Partition | Rejection],
        options: ReadOptions,
        *,
        read_by: str,
    ) -> None:
        """Hold the partitions; `read_by` is the version of the pipeline that read and cleaned them."""
        super().__init__(settings, progress, chosen, options, force=True)
        self._read_by = read_by
        self._own: Workers

    @property
    def version(self) -> str:
        """What read the articles stays what it was."""
        return self._read_by

    def runner(self) -> Runner:
        """Worker processes of this machine: the texts come from the index, not from files that others can see too."""
        self._own = Workers(self.settings.workers, self.recipe, self._staging.location)
        return self._own

    def partitions(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:
        """Yield the partitions; their inputs that were rejected are left where they are."""
        for item in super().partitions(locations):
            if isinstance(item, Partition):
                yield replace(item, key=item.key + ANEW)

    def prepare(self, partition: Partition) -> Prepared:
        """Enrich what is stored of one partition, in a worker process."""
        self._staging.forget(partition.key)
        begin = time.process_time()
        articles = self._stored(partition.key.removesuffix(ANEW))
        done, kept = self._own.refresh(articles) if articles else ([], 0)
        if kept:
            detail = f"{kept:,} articles stay as they were: a step failed on them."
            self.recorder.add_problem(partition.label, "not-enriched", detail)
        summary = Prepared(
            key=partition.key,
            label=partition.label,
            read=len(done),
            seconds={Stage.ENRICH: time.process_time() - begin},
            languages={},
            without_model={},
            peak_memory_mb=0.0,
        )
        with self._staging.writing(partition.key) as writer:
            for article in done:
                writer.write(article)
            writer.summarise(summary)
        return summary

    def _stored(self, key: str) -> list[Article]:
        """Return the articles that a partition became, as they would come in.

        Their place among copies is found again.
        """
        ids = [receipt.article_id for receipt in self._staging.receipt(key) or [] if receipt.article_id]
        with self.session.connected() as there:
            held = ArticleLookup(there.client, self.names).get(ids, whole=True)
        articles = (held[name][0].article for name in dict.fromkeys(ids) if name in held)
        return [
            replace(article, copies=(), copy_count=0, copy_sources=(), duplicate_of=None, similarity=None)
            for article in articles
            if article.body
        ]
