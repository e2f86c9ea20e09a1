"""One run of the ingest flow: what its tasks share, and the plain functions behind them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import psutil

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.retry import is_transient, retry_transient
from newsdex.flows.common.versions import versions
from newsdex.flows.prepare.recipe import recipe_for
from newsdex.flows.prepare.staging import Receipt, Staged
from newsdex.flows.runners.select import make_runner
from newsdex.flows.runs.ledger import Ledger, LedgerEntry, counts, outcome_of
from newsdex.flows.runs.report import PROBLEMS_SHOWN, LedgerRow, Problem, Reason, Report
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition
from newsdex.readers.read import release
from newsdex.readers.uris import uri_of
from newsdex.search.indices import manage as indices
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.store.plan_writer import CopyPolicy
from newsdex.search.store.presence import any_stored, still_stored
from newsdex.search.store.store import ArticleStore
from newsdex.transforms.article import Article, Outcome, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runners.select import Runner
    from newsdex.readers.partition import ReadOptions

INDEX_CHUNK = 500
"""Articles that are looked up and written together: one refresh a chunk; 250 took a tenth longer, 1,000 no less."""


class Known:
    """A partition that the index holds as an earlier run left it."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        """Keep what became of each input, as of today."""
        self.outcomes = outcomes


class Run:
    """State and steps of one run. Its steps are idempotent: any of them may be done again after a failure."""

    def __init__(
        self,
        settings: Settings,
        progress: Progress,
        *,
        force: bool,
        options: ReadOptions,
    ) -> None:
        """Prepare a run; nothing is opened before `recording`."""
        self.settings = settings
        self.recipe = recipe_for(settings)
        self.run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self.options = options
        self._archive_uri = f"{uri_of(options.fetch.archived)}/"
        self.workers: Runner
        self.ledger = Ledger()
        self._progress, self._force = progress, force
        self._staging = settings.staging_area()
        self._started, self._began = datetime.now(UTC), time.monotonic()
        self._client: Elasticsearch | None = None
        self._problems: list[Problem] = []
        self._languages, self._without_model = Counter[str](), Counter[str]()
        self._memory = {"main": 0.0, "worker": 0.0}
        self._reused = 0

    @property
    def version(self) -> str:
        """The version of the pipeline that reads and cleans the articles."""
        return self.recipe.version

    def runner(self) -> Runner:
        """Who prepares the partitions, not begun yet."""
        return make_runner(self.settings, self.recipe)

    # --- Elasticsearch -------------------------------------------------------------------------------------------

    @property
    def client(self) -> Elasticsearch:
        """The client; opened again (and an embedded node started again) after it was lost."""
        if self._client is None:
            self._client = open_client(self.settings, self._progress)
            self._indices = indices.ensure(self._client, self.names, self.settings.layout())
            self._store = ArticleStore(
                self._client,
                self._indices,
                policy=CopyPolicy(self.settings.duplicates.value),
                threshold=self.settings.copy_threshold,
            )
            self._quarantine = Quarantine(self._client, self.names)
            self._log = RunLog(self._client, self.names, self.run_id)
        return self._client

    @contextmanager
    def recording(self, locations: Sequence[str]) -> Iterator[None]:
        """Keep the run's record in the runs index: running, then done, failed or interrupted."""
        retry_transient(lambda: self._begin(locations))
        try:
            yield
        except BaseException as error:
            status = "failed" if isinstance(error, Exception) else "interrupted"
            with suppress(Exception):  # the error that ended the run matters more than its record
                self._log.finish(status, _account(self.ledger.total()), error=error_sentence(error) or repr(error))
            raise
        retry_transient(self._finish)

    def _begin(self, locations: Sequence[str]) -> None:
        with self._reconnecting():
            told = versions(self.client)
            self._log.start(self._started, locations, self.version, self._told(), told)

    def _finish(self) -> None:
        with self._reconnecting():
            _ = self.client
            self._log.finish("done", _account(self.ledger.total()))

    # --- the steps -----------------------------------------------------------------------------------------------

    def partitions(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:
        """The inputs, cut into partitions whose key names both the content and what will be done to it."""
        for item in self._listed(locations):
            if isinstance(item, Partition):
                self._progress.expect(item.expected or 0)
                yield replace(item, key=staging_key(item, self.version))
            else:
                yield item

    def prepare(self, partition: Partition) -> Prepared:
        """Prepare one partition in a worker."""
        if self._force:
            self._staging.forget(partition.key)
        return self.workers.prepare(partition, self.options)

    def has_receipt(self, partition: Partition) -> bool:
        """Whether an earlier run finished this very partition."""
        return not self._force and self._staging.receipt(partition.key) is not None

    def look_up(self, partition: Partition) -> Known | None:
        """What the index says of a partition that was ingested before; `None` when it must be done again."""
        receipts = self._staging.receipt(partition.key) or []
        articles = [receipt for receipt in receipts if receipt.rejection is None]
        known = [(each.article_id or "", each.content_hash or "") for each in articles]
        left_out = [receipt.input_uri for receipt in receipts if receipt.rejection is not None]
        with self._reconnecting():
            stored = still_stored(self.client, self.names, known)
            taken_in = stored and any_stored(self.client, self.names, left_out)
        if not stored or taken_in:
            self._staging.forget(partition.key)
            return None
        unchanged = [
            Outcome(
                input_uri=each.input_uri,
                result=Result.UNCHANGED,
                reason="same-input",
                stage=Stage.INDEX,
                article_id=each.article_id,
            )
            for each in articles
        ]
        rejections = [receipt.rejection for receipt in receipts if receipt.rejection is not None]
        return Known([*unchanged, *self._quarantined(rejections)])

    def confirm(self, partition: Partition, known: Known) -> None:
        """Enter a partition in the ledger that is in the index already."""
        self._enter(partition.key, partition.label, len(known.outcomes), known.outcomes, {})
        release(partition, self.options)

    def reject(self, *rejections: Rejection) -> None:
        """Enter inputs in the ledger that could not even be listed."""
        with self._reconnecting():
            _ = self.client
            outcomes = self._quarantined(rejections)
        self._enter("listing", "inputs that could not be listed", len(rejections), outcomes, {})

    def index(self, partition: Partition, prepared: Prepared) -> None:
        """Write one prepared partition and enter it in the ledger.

        Raises:
            elastic_transport.TransportError: Elasticsearch went away; the step may be done again.
            OSError: the staged file cannot be read or replaced.
        """
        begin = time.process_time()
        with self._reconnecting():
            _ = self.client
            outcomes, receipts = self._index(prepared)
        seconds = {**prepared.seconds, Stage.INDEX: time.process_time() - begin}
        self._enter(prepared.key, prepared.label, prepared.read, outcomes, seconds)
        self._languages.update(prepared.languages)
        self._without_model.update(prepared.without_model)
        self._memory["worker"] = max(self._memory["worker"], prepared.peak_memory_mb)
        self._memory["main"] = max(self._memory["main"], psutil.Process().memory_info().rss / 2**20)
        self._reused += prepared.reused
        self._staging.settle(prepared.key, receipts)
        release(partition, self.options)

    def settle(self) -> None:
        """Look once more at what this run wrote, where another run was writing at the same time."""
        with self._reconnecting():
            _ = self.client
            if self._log.overlapped():
                self._store.settle(self.run_id)
            self._store.catch_up()
            self.client.indices.refresh(index=[self.names.articles, self.names.copies, self.names.rejected])

    @property
    def names(self) -> indices.IndexNames:
        """The names of the indices."""
        return indices.IndexNames(self.settings.index)

    def told(self, partition: Partition) -> str:
        """What became of a partition, in one line for the log."""
        entry = next(each for each in reversed(self.ledger.entries) if each.key == partition.key)
        parts = ", ".join(f"{count:,} {name}" for name, count in counts(entry).items() if count)
        return f"{entry.label}: {parts}"

    def tell_progress(self) -> None:
        """Say that there is nothing more to come."""
        self._progress.close()

    def report(self) -> Report:
        """The account of the run.

        Raises:
            LedgerError: it does not balance.
        """
        self.ledger.check()
        total = self.ledger.total()
        return Report(
            run_id=self.run_id,
            index=self.settings.index,
            started_at=self._started,
            seconds=time.monotonic() - self._began,
            total=LedgerRow("total", dict(counts(total))),
            partitions=[LedgerRow(entry.label, dict(counts(entry))) for entry in self.ledger.entries],
            reasons=[
                Reason(result, reason, count) for result in Result for reason, count in total.by_reason(result).items()
            ],
            problems=self._problems,
            stage_seconds={stage.value: round(total.seconds[stage], 3) for stage in Stage},
            memory_mb=dict(self._memory),
            languages=dict(self._languages.most_common()),
            without_model=dict(self._without_model.most_common()),
            analysis=dict(self._indices.analysis),
            reused=self._reused,
        )

    @contextmanager
    def _reconnecting(self) -> Iterator[None]:
        """A step that may be done again: where Elasticsearch went away, the next attempt opens a new client."""
        try:
            yield
        except Exception as error:
            if is_transient(error):
                self._client = None
            raise

    def _listed(self, locations: Sequence[str]) -> Iterator[Partition | Rejection]:
        """The inputs, cut into partitions."""
        return partitions(locations, self.options)

    # --- details -------------------------------------------------------------------------------------------------

    def _index(self, prepared: Prepared) -> tuple[list[Outcome], list[Receipt]]:
        outcomes: list[Outcome] = []
        receipts: list[Receipt] = []
        lines = self._staging.read(prepared.key)
        while chunk := list(islice(lines, INDEX_CHUNK)):
            articles = [line.article for line in chunk if line.article is not None]
            done = self._store.index(articles, self.run_id, force=self._force)
            self._quarantine.release([outcome.input_uri for outcome in done if outcome.result is not Result.REJECTED])
            # A page that could not be fetched lies there under its address, and comes in from the archive.
            self._quarantine.release([each.url for each in articles if each.url and self._is_archived(each)])
            refused = {outcome.input_uri: outcome for outcome in done if outcome.result is Result.REJECTED}
            rejections = [
                *_rejections(chunk),
                *(_rejection(article, refused) for article in articles if article.input_uri in refused),
            ]
            outcomes += [outcome for outcome in done if outcome.result is not Result.REJECTED]
            outcomes += self._quarantined(rejections)
            receipts += [
                Receipt(each.input_uri, each.id, each.content_hash)
                for each in articles
                if each.input_uri not in refused
            ]
            receipts += [Receipt(each.input_uri, rejection=each) for each in rejections]
        return outcomes, receipts

    def _is_archived(self, article: Article) -> bool:
        return article.input_uri.startswith(self._archive_uri)

    def _told(self) -> dict[str, Any]:
        """The settings of this run, for its record; pydantic shows secrets as stars."""
        return {name: str(value) for name, value in self.settings if value is not None}

    def _quarantined(self, rejections: Sequence[Rejection]) -> list[Outcome]:
        self._quarantine.add(rejections, self.run_id)
        return [outcome_of(rejection) for rejection in rejections]

    def _enter(
        self, key: str, label: str, read: int, outcomes: Sequence[Outcome], seconds: Mapping[Stage, float]
    ) -> None:
        entry = LedgerEntry(key, label, read)
        entry.add(outcomes)
        entry.seconds.update(seconds)
        # Recorded first: where Elasticsearch goes away in this moment, the step is done again, and must count once.
        with self._reconnecting():
            _ = self.client
            self._log.partition(len(self.ledger.entries), key, label, _account(entry), outcomes)
        self.ledger.add(entry)
        room = PROBLEMS_SHOWN - len(self._problems)
        rejected = [outcome for outcome in outcomes if outcome.result is Result.REJECTED]
        self._problems += [Problem(each.input_uri, each.reason, each.detail) for each in rejected[:room]]
        self._progress.advance(read)


def staging_key(partition: Partition, version: str) -> str:
    """The key of a partition as a pipeline of this version prepares it."""
    return hashlib.blake2b(f"{partition.key} {version}".encode(), digest_size=16).hexdigest()


def _account(entry: LedgerEntry) -> Account:
    return Account(
        counts=counts(entry),
        reasons={result.value: entry.by_reason(result) for result in Result},
        stage_seconds={stage.value: round(seconds, 3) for stage, seconds in entry.seconds.items()},
    )


def _rejections(chunk: Sequence[Staged]) -> list[Rejection]:
    return [line.rejection for line in chunk if line.rejection is not None]


def _rejection(article: Article, refused: Mapping[str, Outcome]) -> Rejection:
    """What the index refused, as an inmate of the quarantine."""
    outcome = refused[article.input_uri]
    return Rejection(
        input_uri=article.input_uri,
        stage=Stage.INDEX,
        reason=outcome.reason,
        detail=outcome.detail,
        raw=article.body[:2000],
    )
