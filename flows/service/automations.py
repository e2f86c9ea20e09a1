"""Prefect automations, shipped as code: runs that went silent become Crashed; somebody is told of what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect.automations import (
    AutomationCore,
    CallWebhook,
    ChangeFlowRunState,
    EventTrigger,
    Posture,
    ResourceSpecification,
)
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.events import RelatedResource, emit_event
from prefect.events.worker import EventsWorker

from newsdex.flows.common.prefect_names import COVERAGE_FELL, QUARANTINE_GREW, TAG
from newsdex.flows.service.supervisor import HEARTBEAT_S

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

    from newsdex.flows.config.settings import Settings

SILENT_S = 75
"""Two and a half heartbeats: a run that is only slow sends one in that time. Measured: silent runs became Crashed 70 to
81 s after their processes were killed."""

DELIVERY_TIMEOUT_S = 10
"""Events take a tenth of a second; the command that sent them ends afterwards."""

MOST_RUNNING = 200
"""Runs that are looked at: far more than can be running at once."""

ENDED = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
SIGNS = {"prefect.flow-run.Running", "prefect.flow-run.heartbeat"}
"""A run that dies before its first heartbeat has only said that it is running: both must arm the automation."""

OUR_TAG: dict[str, str | list[str]] = {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{TAG}"}
"""What the events of our own runs are related to."""

WEBHOOK_BLOCK = "newsdex-notifications"

PAYLOADS = {
    "newsdex: a run failed": (
        {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
        """{"what": "a run failed", "run": {{ flow_run.name | tojson }}, "state": "{{ flow_run.state.name }}",
 "message": {{ (flow_run.state.message or "") | tojson }}, "address": "{{ flow_run | ui_url }}"}""",
    ),
    "newsdex: the quarantine grew": (
        {QUARANTINE_GREW},
        """{"what": "a run rejected many inputs", "run": {{ event.payload.about | tojson }},
 "rejected": {{ event.payload.rejected }}, "read": {{ event.payload.read }}}""",
    ),
    "newsdex: a source gave less": (
        {COVERAGE_FELL},
        """{"what": "a source gave far less than it used to", "run": {{ event.payload.about | tojson }},
 "message": {{ event.payload.message | tojson }}, "read": {{ event.payload.read }},
 "usual": {{ event.payload.usual }}}""",
    ),
}
"""Name of an automation → the events that it waits for and what the webhook is sent (JSON)."""


def silent_runs() -> AutomationCore:
    """Return the automation that finds runs whose process is gone."""
    return AutomationCore(
        name="newsdex: silent runs are crashed",
        description="A run that has sent no heartbeat for 75 s was killed, or its machine stopped. Retry it.",
        enabled=True,
        trigger=EventTrigger(
            posture=Posture.Proactive,
            after=SIGNS,
            expect={"prefect.flow-run.heartbeat", *ENDED},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            # On a server that others use too: their runs may send heartbeats far less often.
            match_related=ResourceSpecification(OUR_TAG),
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(seconds=SILENT_S),
        ),
        actions=[
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=False,
                message=f"No heartbeat for {SILENT_S} s (one is due every {HEARTBEAT_S} s): its process was killed, or "
                "its machine stopped. Retry it: it goes on from what was done.",
            )
        ],
    )


def watch_running(client: SyncPrefectClient) -> int:
    """Begin to wait for a heartbeat of every run of ours that is shown as running; return how many there are.

    The automation is armed by events, and a server that was killed together with a run has forgotten them. A run that
    lives answers with its next heartbeat.
    """
    running = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING])),
    )
    found = client.read_flow_runs(flow_run_filter=running, limit=MOST_RUNNING)
    for run in found:
        emit_event(
            "prefect.flow-run.heartbeat",
            resource={"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name},
            related=[RelatedResource({name: str(value) for name, value in OUR_TAG.items()})],
        )
    if found:
        EventsWorker.drain_all(timeout=DELIVERY_TIMEOUT_S)
    return len(found)


def notifications(block_id: Any) -> list[AutomationCore]:  # noqa: ANN401  # a UUID, as Prefect gives it
    """Return the automations that call the webhook."""
    made = []
    for name, (events, payload) in PAYLOADS.items():
        of_runs = any(event.startswith("prefect.flow-run.") for event in events)
        resource = "prefect.flow-run.*" if of_runs else "newsdex.*"
        made.append(
            AutomationCore(
                name=name,
                description="Calls the address in NEWSDEX_NOTIFY_WEBHOOK.",
                enabled=True,
                trigger=EventTrigger(
                    posture=Posture.Reactive,
                    expect=events,
                    match=ResourceSpecification({"prefect.resource.id": resource}),
                    match_related=ResourceSpecification(OUR_TAG if of_runs else {}),
                    threshold=1,
                    within=timedelta(0),
                ),
                actions=[CallWebhook(block_document_id=block_id, payload=payload)],
            )
        )
    return made


def wanted(settings: Settings) -> None:
    """Have the server know the automations that these settings want, and none of the others of ours."""
    made = [silent_runs()]
    if settings.notify_webhook is not None:
        block = Webhook(method="POST", url=settings.notify_webhook)
        block_id = block.save(WEBHOOK_BLOCK, overwrite=True)
        made += notifications(block_id)
    with get_client(sync_client=True) as client:
        for automation in made:
            there = client.read_automations_by_name(automation.name)
            if there:
                client.update_automation(there[0].id, automation)
            else:
                client.create_automation(automation)
        unwanted = set(PAYLOADS) - {automation.name for automation in made}
        for name in unwanted:
            for each in client.read_automations_by_name(name):
                client.delete_automation(each.id)
        watch_running(client)
