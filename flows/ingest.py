"""The main flow: list the inputs, prepare each partition in the workers, index it, account for every input."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Annotated, Any

import httpx
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.retry import RETRY_DELAYS_S, is_transient
from newsdex.flows.config import settings
from newsdex.flows.config.settings import Duplicates, RunnerKind  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.flows.config.source_schedule import every_date
from newsdex.flows.config.sources import by_name
from newsdex.flows.prepare.gc_tuning import relax_gc
from newsdex.flows.prepare.recipe import read_options
from newsdex.flows.runs.artifacts import publish
from newsdex.flows.runs.deployed import is_deployed, progress_of_run, time_limit, write_slot
from newsdex.flows.runs.report import Report  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.flows.runs.run import Run
from newsdex.flows.runs.volume_alarm import watched
from newsdex.readers.fetch_options import Pages  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.readers.live import source as live
from newsdex.transforms.article import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prefect.client.schemas.objects import State
    from prefect.futures import PrefectFuture

    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.partition import Partition

AHEAD = 2
"""Partitions a worker that may lie prepared and not yet indexed: enough that no worker waits for the writer."""

REJECTED_TOGETHER = 500
"""Inputs that could not be listed are entered so many at a time: as many as a partition has."""

PATIENT_DELAYS_S = [60] * 12
"""For runs that Prefect operates, with nobody there: a cluster that is away for ten minutes is waited for."""


def _passing(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether trying again can help: Elasticsearch is away or busy, rather than refusing."""
    try:
        state.result()
    except Exception as error:  # noqa: BLE001  # whatever it is, only the kind matters here
        return is_transient(error)
    return False


ASKING_ELASTICSEARCH: dict[str, Any] = {
    "retries": len(RETRY_DELAYS_S),
    "retry_delay_seconds": RETRY_DELAYS_S,
    "retry_jitter_factor": 0.2,
    "retry_condition_fn": _passing,
}
"""A task that goes on once Elasticsearch is back."""

PATIENTLY: dict[str, Any] = {
    "retries": len(RETRY_DELAYS_S) + len(PATIENT_DELAYS_S),
    "retry_delay_seconds": [*RETRY_DELAYS_S, *PATIENT_DELAYS_S],
}
"""… in a run that Prefect operates."""


@task(name="prepare", task_run_name="prepare {partition.label}", cache_policy=NO_CACHE, persist_result=False)
def prepare_partition(run: Run, partition: Partition) -> Prepared:
    """Read, clean and enrich one partition in a worker."""
    return run.prepare(partition)


@task(name="reject inputs", cache_policy=NO_CACHE, persist_result=False, **ASKING_ELASTICSEARCH)
def reject_inputs(run: Run, rejections: list[Rejection]) -> None:
    """Put inputs into the quarantine that could not even be listed."""
    run.reject(*rejections)


@task(
    name="look up",
    task_run_name="look up {partition.label}",
    cache_policy=NO_CACHE,
    persist_result=False,
    **ASKING_ELASTICSEARCH,
)
def look_up_partition(run: Run, partition: Partition) -> bool:
    """Ask the index whether a partition that was ingested before is still there as it was; then it is accounted for."""
    known = run.look_up(partition)
    if known is not None:
        run.confirm(partition, known)
    return known is not None


@task(
    name="index",
    task_run_name="index {partition.label}",
    cache_policy=NO_CACHE,
    persist_result=False,
    **ASKING_ELASTICSEARCH,
)
def index_partition(run: Run, partition: Partition, prepared: Prepared) -> None:
    """De-duplicate one prepared partition against the index, write it, and enter it in the ledger."""
    with write_slot():
        run.index(partition, prepared)
    get_run_logger().info(run.told(partition))


@task(
    name="connect",
    cache_policy=NO_CACHE,
    persist_result=False,
    **{**ASKING_ELASTICSEARCH, **PATIENTLY},
)
def connect(run: Run) -> None:
    """Wait until Elasticsearch answers."""
    _ = run.client


@task(name="settle", cache_policy=NO_CACHE, persist_result=False, **ASKING_ELASTICSEARCH)
def settle(run: Run) -> None:
    """Fold copies that this run and another one, at the same time, each took for originals."""
    run.settle()


@flow(
    name="ingest",
    flow_run_name="ingest {locations}",
    task_runner=ThreadPoolTaskRunner(max_workers=64),  # type: ignore[arg-type]  # threads only wait for workers
    persist_result=False,
)
def ingest(
    locations: Annotated[list[str], Field(description="Files, folders, patterns or addresses to read.")],
    *,
    source: Annotated[
        str | None, Field(description="Name of a [[source]] in newsdex.toml, read instead of the locations.")
    ] = None,
    input_format: Annotated[str | None, Field(description="Format, where the names of the files do not tell.")] = None,
    language: Annotated[str | None, Field(description="Language hint for articles that declare none.")] = None,
    pages: Annotated[Pages | None, Field(description="Whether the pages that feeds link to are fetched.")] = None,
    force: Annotated[bool, Field(description="Read and index again what has not changed.")] = False,
    limit: Annotated[int | None, Field(ge=1, description="Stop after so many inputs.")] = None,
    field_map: Annotated[
        dict[str, str] | None, Field(description="For records: our field = the input's field, such as body = story.")
    ] = None,
    duplicates: Annotated[Duplicates | None, Field(description="What becomes of copies.")] = None,
    index: Annotated[
        str | None, Field(description="The index to write to, instead of the one in the settings.")
    ] = None,
    workers: Annotated[int | None, Field(ge=1, description="Worker processes, instead of one a core.")] = None,
    runner: Annotated[RunnerKind | None, Field(description="Who cleans and enriches.")] = None,
    cluster: Annotated[str | None, Field(description="Address of the Dask scheduler or Ray cluster.")] = None,
) -> Report:
    """Turn news articles into documents of the index, and account for every one of them.

    Args:
        locations: Files, folders, patterns or addresses to read.
        source: Name of a source in `newsdex.toml`, read instead of the locations.
        input_format: Format, where the names of the files do not tell.
        language: Language hint for articles that declare none.
        pages: Whether the pages that feeds link to are fetched.
        force: Read and index again what has not changed.
        limit: Stop after so many inputs.
        field_map: For records, our field = the input's field.
        duplicates: What becomes of copies.
        index: The index to write to, instead of the one in the settings.
        workers: Worker processes, instead of one a core.
        runner: Who cleans and enriches.
        cluster: Address of the Dask scheduler or Ray cluster.
    """
    chosen = settings.load(duplicates=duplicates, index=index, workers=workers, runner=runner, cluster=cluster)
    told = by_name(source) if source else None
    options = read_options(
        chosen,
        limit=limit,
        field_map=field_map,
        input_format=input_format,
        language=language,
        pages=pages,
        source=told,
        force=force,
    )
    run = Run(chosen, progress_of_run(), force=force, options=options)
    paths = list(every_date(told.locations)) if told else locations
    if not paths:
        raise settings.SettingsError("Nothing to read was named: give at least one location, or a source.")
    inputs = [told.declared_as, *paths] if told else paths
    return carry_out(run, inputs, paths, about=f"ingest {source or ', '.join(locations)}")


def carry_out(run: Run, inputs: Sequence[str], locations: Sequence[str] = (), *, about: str) -> Report:
    """Do all of a run, within a flow: prepare, index, settle, and show the account.

    Args:
        run: whose partitions are to be done.
        inputs: what is recorded as the run's inputs.
        locations: what it lists.
        about: what a person reads above the report.

    Raises:
        LedgerError: an input is not accounted for.
        RunTimeoutError: it took longer than the settings allow.
    """
    relax_gc()
    with time_limit(run.settings.run_hours):
        report = _do(run, list(inputs), list(locations))
    run.tell_progress()
    report = watched(run, inputs, report, about=about)
    try:
        publish(report, run.client, run.names, about=about)
    except Exception as error:
        # The work is done and recorded: a Prefect server or an Elasticsearch that is away now does not undo it.
        if not isinstance(error, httpx.HTTPError) and not is_transient(error):
            raise
        get_run_logger().warning("The artifacts of this run could not be made: %s", error_sentence(error) or error)
    get_run_logger().info(report.sentence())
    return report


def _do(run: Run, inputs: list[str], locations: list[str]) -> Report:
    index = index_partition
    if is_deployed():
        index = index.with_options(**PATIENTLY)
        connect(run)
    with (
        run.recording(inputs),
        run.runner() as runner,
    ):
        run.workers = runner
        uris: set[str] = set()
        for partition, prepared in _prepared(run, locations, uris):
            index(run, partition, prepared)
        settle(run)
        report = run.report()
    if run.options.limit is None:
        live.confirm(uris, run.options)
    return report


def _prepared(run: Run, locations: list[str], uris: set[str]) -> Iterator[tuple[Partition, Prepared]]:
    """Prepared partitions in input order, with some being prepared ahead; `uris` gets the files of all of them."""
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
        waiting.append((item, prepare_partition.submit(run, item)))
        if len(waiting) > AHEAD * run.workers.slots:
            yield first()
    while waiting:
        yield first()
    if refused:
        reject_inputs(run, refused)
