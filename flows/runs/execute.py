"""Do all of a run within a flow: prepare, index, settle, and show the account."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import httpx
from prefect import get_run_logger

from newsdex.errors import NewsdexError
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.flow_context import is_deployed
from newsdex.flows.config.settings import CONFIG_FILE
from newsdex.flows.config.source_schedule import missing_places
from newsdex.flows.prepare.gc_tuning import relax_gc
from newsdex.flows.runs.artifacts import publish
from newsdex.flows.runs.deployed import time_limit
from newsdex.flows.runs.tasks import (
    connect,
    index_partition,
    look_up_partition,
    prepare_partition,
    reconcile,
    reject_inputs,
)
from newsdex.flows.runs.volume_alarm import with_alarms
from newsdex.private_files import close_home
from newsdex.readers.live import source as live
from newsdex.search.errors import is_transient
from newsdex.transforms.article import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prefect.futures import PrefectFuture

    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runs.report import Report
    from newsdex.flows.runs.run import Run
    from newsdex.readers.partition import Partition

AHEAD = 2
"""Partitions a worker that may lie prepared and not yet indexed: enough that no worker waits for the writer."""

REJECTED_TOGETHER = 500
"""Inputs that could not be listed are entered so many at a time: as many as a partition has."""


class SourceGoneError(NewsdexError):
    """A place that a source is read from is not there; the message is one sentence with its path."""


def execute(
    run: Run,
    inputs: Sequence[str],
    locations: Sequence[str] = (),
    *,
    must_exist: Sequence[str] = (),
    about: str,
) -> Report:
    """Do all of a run, within a flow.

    Args:
        run: whose partitions are to be done.
        inputs: what is recorded as the run's inputs.
        locations: what it lists.
        must_exist: locations of a source: where one of them is gone, as an unmounted disk is, the others are read,
            and then the run fails.
        about: what a person reads above the report.

    Raises:
        LedgerError: an input is not accounted for.
        RunTimeoutError: it took longer than the settings allow.
        SourceGoneError: a folder of its source is not there.
    """
    relax_gc()
    close_home(run.settings.home)
    with time_limit(run.settings.run_hours):
        report = _do(run, list(inputs), list(locations), must_exist)
    run.progress.close()
    report = with_alarms(run, inputs, report, about=about)
    try:
        publish(report, run.client, run.names, about=about)
    except Exception as error:
        # The work is done and recorded: a Prefect server or an Elasticsearch that is away now does not undo it.
        if not isinstance(error, httpx.HTTPError) and not is_transient(error):
            raise
        get_run_logger().warning("The artifacts of this run could not be made: %s", error_sentence(error) or error)
    get_run_logger().info(report.sentence())
    return report


def _do(run: Run, inputs: list[str], locations: list[str], must_exist: Sequence[str]) -> Report:
    gone = missing_places(must_exist)
    if is_deployed():
        connect(run)
    with (
        run.recording(inputs),
        run.runner() as runner,
    ):
        run.workers = runner
        uris: set[str] = set()
        for partition, prepared in _prepared(run, locations, uris):
            index_partition(run, partition, prepared)
        reconcile(run)
        report = run.report()
        if gone:
            raise SourceGoneError(
                f"There is no {', no '.join(gone)}: mount the disk, or correct the location of the source in "
                f"{CONFIG_FILE}, and run again. What lies elsewhere was indexed ({report.sentence()})."
            )
    if run.options.limit is None:
        live.confirm(uris, run.options)
    return report


def _prepared(run: Run, locations: list[str], uris: set[str]) -> Iterator[tuple[Partition, Prepared]]:
    """Yield prepared partitions in input order while more are being prepared; `uris` gets the files of all of them."""
    waiting: deque[tuple[Partition, PrefectFuture[Prepared]]] = deque()
    refused: list[Rejection] = []

    def first() -> tuple[Partition, Prepared]:
        partition, future = waiting.popleft()
        return partition, future.result()

    for item in run.partitions(locations):
        if isinstance(item, Rejection):
            refused.append(item)
            if len(refused) == REJECTED_TOGETHER:
                reject_inputs(run, refused)
                refused = []
            continue
        uris.update(part.uri for part in item.slices)
        if run.has_receipt(item) and look_up_partition(run, item):
            continue
        # Workers go on while the writer indexes, but not without bound: what lies prepared takes disk, and is lost work
        # where the run is cut off and its recipe then changes.
        waiting.append((item, prepare_partition.submit(run, item)))
        if len(waiting) > AHEAD * run.workers.slots:
            yield first()
    while waiting:
        yield first()
    if refused:
        reject_inputs(run, refused)
