"""The main flow: list the inputs, prepare each partition in the workers, index it, account for every input."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows import progress, settings
from flows.faults import is_passing
from flows.recipe import read_options
from flows.report import Report  # noqa: TC001  # Prefect reads a flow's annotations at run time
from flows.run import Known, Run
from flows.settings import Duplicates  # noqa: TC001  # Prefect reads a flow's annotations at run time
from flows.sources import by_name
from flows.workers import Workers
from readers import live
from readers.live_options import Pages  # noqa: TC001  # Prefect reads a flow's annotations at run time
from transforms.article import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.client.schemas.objects import State
    from prefect.futures import PrefectFuture

    from flows.staging import Prepared
    from readers.partition import Partition

AHEAD = 2
"""Partitions a worker that may lie prepared and not yet indexed: enough that no worker waits for the writer."""

RETRY_DELAYS_S = [1, 2, 5, 10, 20, 30, 60]
"""Two minutes in all: a node that is restarted answers after 8 to 14 s, a small cluster within a minute."""


def _passing(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether trying again can help: Elasticsearch is away or busy, rather than refusing."""
    try:
        state.result()
    except Exception as error:  # noqa: BLE001  # whatever it is, only the kind matters here
        return is_passing(error)
    return False


ASKING_ELASTICSEARCH: dict[str, Any] = {
    "retries": len(RETRY_DELAYS_S),
    "retry_delay_seconds": RETRY_DELAYS_S,
    "retry_jitter_factor": 0.2,
    "retry_condition_fn": _passing,
}
"""A task that goes on once Elasticsearch is back."""


@task(name="prepare", task_run_name="prepare {partition.label}", cache_policy=NO_CACHE, persist_result=False)
def prepare_partition(run: Run, partition: Partition) -> Prepared:
    """Read, clean and enrich one partition in a worker process."""
    return run.prepare(partition)


@task(
    name="look up",
    task_run_name="look up {partition.label}",
    cache_policy=NO_CACHE,
    persist_result=False,
    **ASKING_ELASTICSEARCH,
)
def look_up_partition(run: Run, partition: Partition) -> Known | None:
    """Ask the index whether a partition that was ingested before is still there as it was."""
    return run.look_up(partition)


@task(
    name="index",
    task_run_name="index {partition.label}",
    cache_policy=NO_CACHE,
    persist_result=False,
    **ASKING_ELASTICSEARCH,
)
def index_partition(run: Run, partition: Partition, prepared: Prepared) -> None:
    """De-duplicate one prepared partition against the index, write it, and enter it in the ledger."""
    run.index(partition, prepared)


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
    """
    chosen = settings.load(duplicates=duplicates, index=index, workers=workers)
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
    run = Run(chosen, progress.current.get(), force=force, options=options)
    paths = list(told.locations) if told else locations
    if not paths:
        raise settings.SettingsError("Nothing to read was named: give at least one location, or a source.")
    inputs = [told.declared_as, *paths] if told else paths
    with run.recording(inputs), Workers(chosen.workers, run.recipe) as pool:
        run.workers = pool
        uris: set[str] = set()
        for partition, prepared in _prepared(run, paths, uris):
            index_partition(run, partition, prepared)
        settle(run)
        report = run.report()
    if limit is None:
        live.confirm(uris, options)
    _show(report)
    return report


def _prepared(run: Run, locations: list[str], uris: set[str]) -> Iterator[tuple[Partition, Prepared]]:
    """Prepared partitions in input order, with some being prepared ahead; `uris` gets the files of all of them."""
    waiting: deque[tuple[Partition, PrefectFuture[Prepared]]] = deque()

    def first() -> tuple[Partition, Prepared]:
        partition, future = waiting.popleft()
        return partition, future.result()

    for item in run.partitions(locations):
        if isinstance(item, Rejection):
            run.reject(item)
            continue
        uris.update(part.uri for part in item.slices)
        if run.has_receipt(item) and (known := look_up_partition(run, item)) is not None:
            run.confirm(item, known)
            continue
        waiting.append((item, prepare_partition.submit(run, item)))
        if len(waiting) > AHEAD * run.settings.workers:
            yield first()
    while waiting:
        yield first()


def _show(report: Report) -> None:
    """Put the ledger where the Prefect UI shows it."""
    create_table_artifact(
        key="ledger",
        table=[{"partition": row.label, **row.counts} for row in (*report.partitions, report.total)],
        description=f"Ledger of run {report.run_id}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )
    get_run_logger().info(report.sentence())
