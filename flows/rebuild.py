"""The flow `rebuild`: replace the index by a new one, made from its own articles with today's transforms."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, TypeVar

import httpx
import msgspec
from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from pydantic import Field

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.prefect_names import REBUILD
from newsdex.flows.common.retry import elasticsearch_task, ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.flows.ingest import ingest
from newsdex.flows.prepare.recipe import recipe_for
from newsdex.flows.prepare.refresh import Refresher
from newsdex.flows.prepare.staging import staging_area
from newsdex.flows.runners.processes import Workers
from newsdex.flows.runs.deployed import progress_of_run, time_limit
from newsdex.flows.runs.report import RebuildReport
from newsdex.readers.files.blobs import blobs_at
from newsdex.search.errors import is_transient
from newsdex.search.indices.manage import IndexNames, ensure
from newsdex.search.rebuild.rebuild import Rebuild
from newsdex.search.store.plan_writer import CopyPolicy
from newsdex.search.store.store import ArticleStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.runs.report import Report
    from newsdex.search.rebuild.rebuild import Rebuilt


T = TypeVar("T")


class RebuildJob:
    """One rebuild, which reopens its connection after Elasticsearch was lost."""

    def __init__(self, chosen: Settings, progress: Progress, *, mapping_only: bool) -> None:
        self._settings, self._progress = chosen, progress
        self._recipe = None if mapping_only else recipe_for(chosen)
        self._rebuild: Rebuild | None = None
        self._caller = secrets.token_hex(8)
        self._open = ExitStack()
        self._refresher: Refresher | None = None
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        """Start the workers, where there is work for them."""
        if self._recipe is not None:
            workers = self._open.enter_context(
                Workers(self._settings.workers, self._recipe, staging_area(self._settings).location)
            )
            self._refresher = Refresher(workers.refresh, self._settings.workers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the rebuild to whoever goes on with it, and end the workers."""
        try:
            if self._rebuild is not None:
                self._rebuild.leave()
        finally:
            self._progress.close()
            self._open.__exit__(kind, error, trace)

    def fill(self) -> None:
        """Copy all articles to the new index."""
        self._step(self._fill)

    def swap(self) -> Rebuilt:
        """Put the new index in the place of the present one."""
        return self._step(lambda: self._opened().swap())

    def migrate_periods(self) -> int:
        """Have articles lie in the index of their year or month, where that is chosen; return how many moved."""
        return self._step(self._rehouse)

    def report(self, done: Rebuilt, moved: int) -> RebuildReport:
        """Return the account."""
        return RebuildReport(
            indices=done.indices,
            former=done.former,
            documents=done.documents,
            read=done.counts["read"],
            written=done.counts["written"],
            newer=done.counts["newer"],
            anew=self._refresher.anew if self._refresher else 0,
            kept=self._refresher.kept if self._refresher else 0,
            moved=moved,
            resumed=done.resumed,
            held_seconds=done.held_seconds,
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _fill(self) -> None:
        rebuild = self._opened()
        self._progress.expect(rebuild.expected())
        rebuild.fill()

    def _rehouse(self) -> int:
        with open_client(self._settings, self._progress) as client:
            indices = ensure(client, IndexNames(self._settings.index), self._settings.layout())
            # Whole documents are moved as they are, copies that lie among the articles too.
            return ArticleStore(client, indices, policy=CopyPolicy.KEEP).migrate_periods(told=self._progress.advance)

    def _opened(self) -> Rebuild:
        if self._rebuild is None:
            self._rebuild = Rebuild(
                open_client(self._settings, self._progress),
                IndexNames(self._settings.index),
                self._settings.layout(),
                made_with=self._recipe.version if self._recipe else "mapping only",
                refresh=self._refresher or (lambda pages: pages),
                told=self._progress.advance,
                caller=self._caller,
            )
        return self._rebuild

    def _step(self, step: Callable[[], T]) -> T:
        """Do a step; where Elasticsearch went away, the next attempt opens a new client."""
        try:
            return step()
        except Exception as error:
            if is_transient(error) and self._rebuild is not None:
                self._rebuild.leave()
                self._rebuild = None
            raise


@elasticsearch_task("copy articles")
def fill(job: RebuildJob) -> None:
    """Copy all articles to the new index, made anew."""
    job.fill()


@elasticsearch_task("swap indices")
def swap(job: RebuildJob) -> Rebuilt:
    """Copy the rest while writers are held out, count, and put the new index in the place of the present one."""
    return job.swap()


@elasticsearch_task("move articles")
def migrate_periods(job: RebuildJob) -> int:
    """Move articles to the index of their year or month, where another period is chosen than they lie by."""
    return job.migrate_periods()


@flow(name="rebuild", persist_result=False)
@ends_in_a_sentence
def rebuild(
    *,
    mapping_only: Annotated[
        bool, Field(description="Copy the articles as they are: only mapping and index settings become today's.")
    ] = False,
    archive: Annotated[
        bool, Field(description="Then read again what was fetched from the network, from the archive.")
    ] = False,
    index: Annotated[str | None, Field(description="The index to rebuild, instead of the one in the settings.")] = None,
    workers: Annotated[int | None, Field(ge=1, description="Worker processes, instead of one a core.")] = None,
) -> RebuildReport:
    """Put a new index in the place of the present one; searches and runs go on meanwhile.

    Args:
        mapping_only: Copy the articles as they are; only mapping and index settings become today's.
        archive: Then read again what was fetched from the network, from the archive.
        index: The index to rebuild, instead of the one in the settings.
        workers: Worker processes, instead of one a core.
    """
    chosen = settings.load(index=index, workers=workers)
    with (
        time_limit(chosen.run_hours),
        RebuildJob(chosen, progress_of_run("documents"), mapping_only=mapping_only) as job,
    ):
        fill(job)
        done = swap(job)
        report = job.report(done, migrate_periods(job))
    try:
        create_table_artifact(
            key=REBUILD,
            table=[
                {
                    "alias": alias,
                    "index": report.indices[alias],
                    "former": report.former[alias],
                    "documents": f"{count:,}",
                }
                for alias, count in report.documents.items()
            ],
            description=report.sentence(),
        )
    except httpx.HTTPError as error:  # the work is done: a Prefect server that is away does not undo it
        get_run_logger().warning("The artifact of this rebuild could not be made: %s", error)
    get_run_logger().info(report.sentence())
    return msgspec.structs.replace(report, archive=_read_again(chosen)) if archive else report


def _read_again(chosen: Settings) -> Report | None:
    """Read the archive of fetched feeds and pages as a run of its own; `None` where nothing was ever fetched."""
    if not blobs_at(chosen.archive).folders():
        get_run_logger().info("There is nothing in the archive at %s.", chosen.archive)
        return None
    done: Report = ingest([str(chosen.archive)], force=True, index=chosen.index, workers=chosen.workers)
    return done
