"""One run of the ingest flow: what its tasks share, and the plain functions behind them."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from newsdex.flows.prepare.recipe import recipe_for
from newsdex.flows.prepare.staging import Receipt, Staged, staging_area, staging_key
from newsdex.flows.runners.select import make_runner
from newsdex.flows.runs.ledger import outcome_of
from newsdex.flows.runs.recorder import Recorder
from newsdex.flows.runs.session import ElasticsearchSession
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition
from newsdex.readers.read import release
from newsdex.readers.uris import uri_of
from newsdex.search.store.presence import any_stored, still_stored
from newsdex.transforms.article import Article, Outcome, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from elasticsearch import Elasticsearch

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runners.select import Runner
    from newsdex.flows.runs.report import Report
    from newsdex.flows.runs.session import Connection
    from newsdex.readers.partition import ReadOptions
    from newsdex.search.indices.manage import IndexNames

INDEX_CHUNK = 500
"""Articles that are looked up and written together: one refresh a chunk; 250 took a tenth longer, 1,000 no less."""

CHANGED = frozenset({"changed-file"})
"""Reasons that say of an input that it is no longer what was listed: no receipt may vouch for it."""

REFUSED_RAW_CHARS = 2_000
"""Characters of a refused article that the quarantine keeps: as many as of any other input."""


class Run:
    """State and steps of one run. Its steps are idempotent: any of them may be done again after a failure.

    Args:
        settings: of this run.
        progress: told how far it is.
        force: read and write again what has not changed.
        options: how inputs are read.
    """

    def __init__(self, settings: Settings, progress: Progress, *, force: bool, options: ReadOptions) -> None:
        self.settings, self.options, self.progress = settings, options, progress
        self.recipe = recipe_for(settings)
        self.run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self.session = ElasticsearchSession(settings, progress, self.run_id)
        self.recorder = Recorder(self.session, progress, self.run_id)
        self.workers: Runner
        self._force = force
        self._staging = staging_area(settings)
        self._archive_uri = f"{uri_of(options.fetch.archived)}/"

    @property
    def version(self) -> str:
        """The version of the pipeline that reads and cleans the articles."""
        return self.recipe.version

    @property
    def client(self) -> Elasticsearch:
        """The client as it is now."""
        return self.session.connection.client

    @property
    def names(self) -> IndexNames:
        """The names of the indices."""
        return self.session.names

    def runner(self) -> Runner:
        """Return who prepares the partitions, not begun yet."""
        return make_runner(self.settings, self.recipe)

    def recording(self, inputs: Sequence[str]) -> AbstractContextManager[None]:
        """Keep the run's record in the runs index while the block lasts; pydantic shows secrets as stars."""
        shown = {name: str(value) for name, value in self.settings if value is not None}
        return self.recorder.recording(inputs, self.version, shown)

    def partitions(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:
        """Yield the inputs in partitions whose key names both the content and what will be done to it."""
        for item in self._listed(locations):
            if isinstance(item, Partition):
                self.progress.expect(item.expected or 0)
                yield replace(item, key=staging_key(item, self.version))
            else:
                yield item

    def prepare(self, partition: Partition) -> Prepared:
        """Prepare one partition in a worker."""
        if self._force:
            self._staging.forget(partition.key)
        return self.workers.prepare(partition, self.options)

    def has_receipt(self, partition: Partition) -> bool:
        """Return whether an earlier run finished this very partition."""
        return not self._force and self._staging.receipt(partition.key) is not None

    def confirm(self, partition: Partition) -> bool:
        """Enter a partition as unchanged if the index still holds what its receipt says; return whether it does."""
        receipts = self._staging.receipt(partition.key)
        if receipts is None:
            return False
        with self.session.connected() as there:
            if not self._is_as_left(there.client, receipts):
                self._staging.forget(partition.key)
                return False
            outcomes = [_unchanged(each) for each in receipts if each.rejection is None]
            outcomes += self._quarantine(there, [each.rejection for each in receipts if each.rejection is not None])
        self.recorder.enter(partition.key, partition.label, len(outcomes), outcomes)
        release(partition, self.options)
        return True

    def reject(self, *rejections: Rejection) -> None:
        """Enter inputs that could not even be listed."""
        with self.session.connected() as there:
            outcomes = self._quarantine(there, rejections)
        self.recorder.enter("listing", "inputs that could not be listed", len(rejections), outcomes)

    def index(self, partition: Partition, prepared: Prepared) -> None:
        """Write one prepared partition and enter it in the ledger.

        Another run of the same source may have taken it out of the staging area meanwhile. Then its receipt is asked,
        as for any partition that was done before; where that does not hold, the partition is prepared once more.

        Raises:
            elastic_transport.TransportError: Elasticsearch went away; the step may be done again.
            OSError: the staged file cannot be read or replaced.
        """
        begin = time.process_time()
        try:
            lines = self._staging.read(prepared.key)
        except FileNotFoundError:
            if not self._force and self.confirm(partition):
                return
            prepared = self.prepare(partition)
            lines = self._staging.read(prepared.key)
        outcomes, receipts = self._index(lines)
        seconds = {**prepared.seconds, Stage.INDEX: time.process_time() - begin}
        self.recorder.enter(prepared.key, prepared.label, prepared.read, outcomes, seconds)
        self.recorder.add_prepared(prepared)
        if _is_whole(partition, prepared, receipts):
            self._staging.replace_by_receipt(prepared.key, receipts)
        else:
            self._staging.forget(prepared.key)
        release(partition, self.options)

    def reconcile(self) -> None:
        """Look once more at what this run wrote, where another run was writing at the same time."""
        with self.session.connected() as there:
            if there.log.overlapped():
                there.store.reconcile(self.run_id)
            there.store.catch_up()
            there.client.indices.refresh(index=[self.names.articles, self.names.copies, self.names.rejected])

    def report(self) -> Report:
        """Return the account of the run.

        Raises:
            LedgerError: it does not balance.
        """
        return self.recorder.report(self.settings.index)

    def _listed(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:
        """Yield the inputs in partitions."""
        return partitions(locations, self.options)

    def _is_as_left(self, client: Elasticsearch, receipts: Sequence[Receipt]) -> bool:
        """Return whether the index holds what an earlier run made of a partition, and nothing more of its inputs."""
        known = [(each.article_id or "", each.content_hash or "") for each in receipts if each.rejection is None]
        left_out = [each.input_uri for each in receipts if each.rejection is not None]
        # An input that was left out then, and is an article now, was taken in by a replay of the quarantine.
        return still_stored(client, self.names, known) and not any_stored(client, self.names, left_out)

    def _index(self, lines: Iterator[Staged]) -> tuple[list[Outcome], list[Receipt]]:
        outcomes: list[Outcome] = []
        receipts: list[Receipt] = []
        with self.session.connected() as there:
            while chunk := list(islice(lines, INDEX_CHUNK)):
                done, proof = self._index_chunk(there, chunk)
                outcomes += done
                receipts += proof
        return outcomes, receipts

    def _index_chunk(self, there: Connection, chunk: Sequence[Staged]) -> tuple[list[Outcome], list[Receipt]]:
        articles = [line.article for line in chunk if line.article is not None]
        done = there.store.index(articles, self.run_id, force=self._force)
        refused = {outcome.input_uri: outcome for outcome in done if outcome.result is Result.REJECTED}
        taken = [outcome for outcome in done if outcome.result is not Result.REJECTED]
        there.quarantine.release([outcome.input_uri for outcome in taken])
        # A page that could not be fetched lies there under its address, and comes in from the archive.
        there.quarantine.release(
            [each.url for each in articles if each.url and each.input_uri.startswith(self._archive_uri)]
        )
        rejections = [line.rejection for line in chunk if line.rejection is not None]
        rejections += [_refusal(article, refused) for article in articles if article.input_uri in refused]
        receipts = [
            Receipt(each.input_uri, each.id, each.content_hash) for each in articles if each.input_uri not in refused
        ]
        receipts += [Receipt(each.input_uri, rejection=each) for each in rejections]
        return [*taken, *self._quarantine(there, rejections)], receipts

    def _quarantine(self, there: Connection, rejections: Sequence[Rejection]) -> list[Outcome]:
        there.quarantine.add(rejections, self.run_id)
        return [outcome_of(rejection) for rejection in rejections]


def _is_whole(partition: Partition, prepared: Prepared, receipts: Sequence[Receipt]) -> bool:
    """Return whether all was read that was listed; where a file changed in between, the next run does it again."""
    if partition.expected is not None and prepared.read != partition.expected:
        return False
    return not any(each.rejection is not None and each.rejection.reason in CHANGED for each in receipts)


def _unchanged(receipt: Receipt) -> Outcome:
    return Outcome(
        input_uri=receipt.input_uri,
        result=Result.UNCHANGED,
        reason="same-input",
        stage=Stage.INDEX,
        article_id=receipt.article_id,
    )


def _refusal(article: Article, refused: Mapping[str, Outcome]) -> Rejection:
    """Return the rejection of an article that the index refused."""
    outcome = refused[article.input_uri]
    return Rejection(
        input_uri=article.input_uri,
        stage=Stage.INDEX,
        reason=outcome.reason,
        detail=outcome.detail,
        raw=article.body[:REFUSED_RAW_CHARS],
    )
