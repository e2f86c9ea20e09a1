"""Tells a Prefect server what Newsdex has: work pool, queues, limits, deployments, automations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.schedules import Cron, Interval
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from newsdex.flows.common.prefect_names import POOL, QUEUES, TAG, WRITERS
from newsdex.flows.config.source_schedule import interval_of
from newsdex.flows.service.automations import wanted as wanted_automations
from newsdex.flows.service.deployments import FIXED, Deployment, of_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import DeploymentSchedule
    from prefect.schedules import Schedule

    from newsdex.flows.config.settings import Settings
    from newsdex.flows.config.source_schedule import ScheduledSource


ENGINE = "python -m prefect.engine"
"""How a run is started. Without a command of its own the worker would copy the working directory before each run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a server now has of ours."""

    deployments: tuple[str, ...]
    removed: tuple[str, ...]


def register(
    settings: Settings, sources: Mapping[str, ScheduledSource], folder: Path, *, own: bool, fresh: bool = False
) -> Registered:
    """Have a server know our deployments and nothing of ours that is no longer wanted.

    Args:
        settings: for the limits and the notifications.
        sources: the configured sources by name.
        folder: the working directory of the runs.
        own: the server is one that Newsdex started; the work pool of another one is as its owner wants it.
        fresh: server and worker were just started, so nobody of ours is writing: turns that are still taken were
            those of runs that were killed.
    """
    plan = [*map(of_source, sources.values()), *FIXED]
    with get_client(sync_client=True) as client:
        _pool(client, settings, job_template(folder) if own else None)
        client.upsert_global_concurrency_limit_by_name(WRITERS, settings.writers_at_once)
        if fresh:
            client.update_global_concurrency_limit(WRITERS, GlobalConcurrencyLimitUpdate(active_slots=0))
        for each in plan:
            _apply(client, each, list(sources), {} if own else {"working_dir": str(folder), "command": ENGINE})
        removed = _remove_others(client, {each.full_name for each in plan})
    wanted_automations(settings)
    return Registered(deployments=tuple(each.full_name for each in plan), removed=removed)


def job_template(folder: Path) -> dict[str, Any]:
    """Return what a run of the pool is started with: nothing that a run or a deployment may choose.

    By Prefect's own template whoever may create a run chooses its command, working directory and environment.
    """
    template = ProcessWorker.get_default_base_job_template()
    configuration = {
        **template["job_configuration"],
        "command": ENGINE,
        "env": {},
        "labels": {},
        "name": None,
        "stream_output": True,
        "working_dir": str(folder),
    }
    return {"job_configuration": configuration, "variables": {"type": "object", "properties": {}}}


def _pool(client: SyncPrefectClient, settings: Settings, template: dict[str, Any] | None) -> None:
    create = WorkPoolCreate(
        name=POOL,
        type="process",
        description="Runs of Newsdex, each in a process.",
        base_job_template=template or ProcessWorker.get_default_base_job_template(),
    )
    try:
        client.create_work_pool(create)
    except ObjectAlreadyExists:
        if template is not None:
            client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))
    for name, description in QUEUES.items():
        limit = None if name == "parents" else settings.runs_at_once
        try:
            queue = client.read_work_queue_by_name(name, work_pool_name=POOL)
        except ObjectNotFound:
            queue = client.create_work_queue(name, work_pool_name=POOL)
        client.update_work_queue(queue.id, description=description, concurrency_limit=limit)


def _apply(
    client: SyncPrefectClient, deployment: Deployment, sources: list[str], job_variables: dict[str, str]
) -> None:
    there = _schedules(client, deployment)
    # A schedule that somebody has switched off in the UI stays off.
    active = all(schedule.active for schedule in there)
    module, _, name = deployment.entrypoint.rpartition(".")
    flow = getattr(import_module(module), name)
    made: RunnerDeployment = RunnerDeployment.from_flow(
        flow,
        name=deployment.name,
        description=deployment.description,
        tags=[TAG, *deployment.tags],
        parameters=dict(deployment.parameters),
        schedule=_schedule(deployment, active=active),
        work_pool_name=POOL,
        work_queue_name=deployment.queue,
        concurrency_limit=_limit(deployment),
        job_variables=job_variables,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    _offer_sources(made, sources)
    made.apply()
    if deployment.schedule is None:
        for schedule in there:
            if schedule.deployment_id is not None:
                client.delete_deployment_schedule(schedule.deployment_id, schedule.id)


def _limit(deployment: Deployment) -> ConcurrencyLimitConfig | None:
    """Return the limit that keeps runs of a deployment from overlapping; those that wait take no slot of the worker."""
    if not deployment.one_at_a_time:
        return None
    strategy = ConcurrencyLimitStrategy.CANCEL_NEW if deployment.skips else ConcurrencyLimitStrategy.ENQUEUE
    return ConcurrencyLimitConfig(limit=1, collision_strategy=strategy)


def _schedules(client: SyncPrefectClient, deployment: Deployment) -> list[DeploymentSchedule]:
    """Return the schedules that the server has of a deployment."""
    try:
        found = client.read_deployment_by_name(deployment.full_name)
    except ObjectNotFound:
        return []
    return list(found.schedules)


def _offer_sources(made: RunnerDeployment, sources: list[str]) -> None:
    """Have the form offer the configured sources, and refuse others, before a run starts."""
    shown: dict[str, Any] | None = made._parameter_openapi_schema.properties.get("source")  # noqa: SLF001
    if shown is not None and sources:
        shown["enum"] = sources


def _schedule(deployment: Deployment, *, active: bool) -> Schedule | None:
    if deployment.schedule is None:
        return None
    step = interval_of(deployment.schedule)
    if step is not None:
        # A fixed anchor: counted from now, each `newsdex serve` would put the next run off.
        anchor = datetime(2020, 1, 1, tzinfo=UTC)
        return Interval(step, anchor_date=anchor, timezone=deployment.timezone, active=active, slug="schedule")
    return Cron(deployment.schedule, timezone=deployment.timezone, active=active, slug="schedule")


def _remove_others(client: SyncPrefectClient, wanted: set[str]) -> tuple[str, ...]:
    found = client.read_deployments(
        deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG])), limit=200
    )
    flows = {flow.id: flow.name for flow in client.read_flows(limit=200)}
    removed = []
    for each in found:
        name = f"{flows.get(each.flow_id)}/{each.name}"
        if name not in wanted:
            client.delete_deployment(each.id)
            removed.append(name)
    return tuple(removed)
