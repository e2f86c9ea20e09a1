"""Tell how the present flow run was started: by a deployment or at a terminal, on a schedule or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.context import FlowRunContext

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun


def is_deployed() -> bool:
    """Return whether the present flow run was started from a deployment: by a schedule or a form, with nobody there."""
    run = flow_run()
    return run is not None and run.deployment_id is not None


def is_scheduled() -> bool:
    """Return whether a schedule started the present flow run."""
    run = flow_run()
    return run is not None and bool(run.auto_scheduled)


def flow_run() -> FlowRun | None:
    """Return the present flow run, or `None` outside of one."""
    context = FlowRunContext.get()
    return context.flow_run if context is not None else None
