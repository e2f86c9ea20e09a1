"""The steps of a run as Prefect tasks: one for each partition and step, retried where Elasticsearch may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from newsdex.flows.common.retry import elasticsearch_task
from newsdex.flows.runs.deployed import write_slot

if TYPE_CHECKING:
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runs.run import Run
    from newsdex.readers.partition import Partition
    from newsdex.transforms.article import Rejection


@elasticsearch_task("connect")
def connect(run: Run) -> None:
    """Wait until Elasticsearch answers."""
    with run.session.connected():
        pass


@task(name="prepare", task_run_name="prepare {partition.label}", cache_policy=NO_CACHE, persist_result=False)
def prepare_partition(run: Run, partition: Partition) -> Prepared:
    """Read, clean and enrich one partition in a worker."""
    return run.prepare(partition)


@elasticsearch_task("look up", "look up {partition.label}")
def look_up_partition(run: Run, partition: Partition) -> bool:
    """Ask the index whether a partition that was ingested before is still there as it was; then it is accounted for."""
    return run.confirm(partition)


@elasticsearch_task("index", "index {partition.label}")
def index_partition(run: Run, partition: Partition, prepared: Prepared) -> None:
    """De-duplicate one prepared partition against the index, write it, and enter it in the ledger."""
    with write_slot():
        run.index(partition, prepared)
    get_run_logger().info(run.recorder.sentence(partition.key))


@elasticsearch_task("reject inputs")
def reject_inputs(run: Run, rejections: list[Rejection]) -> None:
    """Put inputs into the quarantine that could not even be listed."""
    run.reject(*rejections)


@elasticsearch_task("reconcile")
def reconcile(run: Run) -> None:
    """Fold copies that this run and another one, at the same time, each took for originals."""
    run.reconcile()
