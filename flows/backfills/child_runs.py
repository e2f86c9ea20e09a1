"""Start the child runs of a flow a few at a time, each linked to its parent, and wait for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment

from newsdex.flows.backfills.plan import IntervalRow, Status
from newsdex.flows.runs.deployed import progress_of_run

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.schemas.objects import FlowRun

POLL_S = 2.0
"""How often the parent asks how its children are: one request for all of them."""

UNFINISHED = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]


class ChildRuns:
    """At most `at_once` child runs that are not finished.

    When the parent is ended they go on, and the next backfill finds what they did.
    """

    def __init__(self, at_once: int) -> None:
        """Start nothing yet."""
        self._at_once = at_once
        self._rows: dict[UUID, IntervalRow] = {}
        self._progress = progress_of_run("intervals")

    def start(self, row: IntervalRow, deployment: str, parameters: dict[str, object], *, name: str) -> None:
        """Start a child for a row, as soon as there is room; one that is under way already is waited for instead."""
        while len(self._rows) >= self._at_once:
            self._look()
        # The tag finds the child of a parent that was killed: two runs of one interval would do its work twice.
        tag = f"interval: {name}"
        self._progress.expect(1)
        child = _under_way(tag)
        if child is None:
            child = _run_deployment(deployment, parameters, name, tag)
        row.flow_run = str(child.id)
        self._rows[child.id] = row

    def wait(self) -> None:
        """Wait for all of them."""
        while self._rows:
            self._look()
        self._progress.close()

    def _look(self) -> None:
        time.sleep(POLL_S)
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(self._rows)))
        try:
            with get_client(sync_client=True) as client:
                found = client.read_flow_runs(flow_run_filter=wanted, limit=len(self._rows))
        except httpx.TransportError:
            return  # the server is away: the children go on, and the next look may find it
        there = {run.id: run for run in found}
        for number in list(self._rows):
            child = there.get(number)
            if child is not None and not (child.state and child.state.is_final()):
                continue
            row = self._rows.pop(number)
            # One that somebody deleted has not done its work.
            row.state = child.state.name if child is not None and child.state and child.state.name else "deleted"
            row.status = Status.DONE if row.state == "Completed" else Status.FAILED
            self._progress.advance(1)


def _run_deployment(deployment: str, parameters: dict[str, object], name: str, tag: str) -> FlowRun:
    made = run_deployment(deployment, parameters=parameters, timeout=0, flow_run_name=name, tags=[tag])
    return cast("FlowRun", made)  # it is made at once outside of an event loop


def _under_way(tag: str) -> FlowRun | None:
    """Return a child for the same interval that is not finished: of a parent that was killed, or retried by hand."""
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[tag]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED)),
    )
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(flow_run_filter=wanted, limit=1)
    return found[0] if found else None
