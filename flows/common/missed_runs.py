"""Work off missed schedules once: the run that begins first does what all that are due before it would do.

A source's run finds whatever is new, so ten runs that were due while nobody worked find nothing that the first has not.
"""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled

from newsdex.flows.common.flow_context import flow_run

PAGE = 200
"""Runs that are asked for at a time: as many as the server gives."""


def take_over_missed() -> None:
    """Cancel other scheduled runs of the present run's deployment that are due already; runs started by hand stay."""
    mine = flow_run()
    if mine is None or not mine.auto_scheduled or mine.deployment_id is None:
        return
    try:
        with get_client(sync_client=True) as client:
            missed = cancel_missed(client, mine)
    except httpx.HTTPError as error:  # a server that is away costs no more than runs that find nothing
        get_run_logger().warning("Whether runs of this source were missed could not be asked: %s", error)
        return
    if missed:
        get_run_logger().info("%s runs of this source that are due as well are cancelled: this one does it all", missed)


def cancel_missed(client: SyncPrefectClient, mine: FlowRun) -> int:
    """Cancel the scheduled runs of a run's deployment that are due already; return how many there were."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),  # type: ignore[arg-type]
    )
    ours = DeploymentFilter(id=DeploymentFilterId(any_=[mine.deployment_id] if mine.deployment_id else []))
    found = client.read_flow_runs(flow_run_filter=wanted, deployment_filter=ours, limit=PAGE)
    missed = [run for run in found if run.auto_scheduled and run.id != mine.id]
    for run in missed:
        state: State[None] = Cancelled(message=f"Missed: the run {mine.name} began first and does its work.")
        client.set_flow_run_state(run.id, state, force=True)
    return len(missed)
