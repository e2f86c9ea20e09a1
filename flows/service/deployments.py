"""The deployments of Newsdex as data: for the Prefect UI, for `newsdex serve` and for `prefect.yaml`.

`python -m newsdex.flows.service.deployments` writes `prefect.yaml`; a test holds it to this.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsdex.flows.common.prefect_names import POOL, TAG
from newsdex.flows.config.source_schedule import interval_of

if TYPE_CHECKING:
    from collections.abc import Mapping

from newsdex.flows.config.source_schedule import ScheduledSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment."""

    flow: str
    """Name of the flow."""
    name: str
    entrypoint: str
    """Dotted path of the flow function."""
    description: str
    tags: tuple[str, ...] = ()
    queue: str = "default"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schedule: str | None = None
    timezone: str = "UTC"
    one_at_a_time: bool = False
    """Whether its runs must not overlap."""
    skips: bool = False
    """Of those that must not: whether one that is due while another goes on is left out, instead of waiting."""

    @property
    def full_name(self) -> str:
        """As Prefect writes it."""
        return f"{self.flow}/{self.name}"


FIXED = (
    Deployment(
        flow="ingest",
        name="files",
        entrypoint="newsdex.flows.ingest.ingest",
        description="Index files, folders, patterns or addresses, once. For what comes again, configure a source.",
        tags=("manual",),
    ),
    Deployment(
        flow="backfill",
        name="backfill",
        entrypoint="newsdex.flows.backfill.backfill",
        description="Index a span of a source's past, by day, week or month. Each interval becomes a run of its own; "
        "the calendar shows how they went. Start the same one again to do only what is missing.",
        tags=("manual", "backfill"),
        queue="parents",
    ),
    Deployment(
        flow="backfill-interval",
        name="interval",
        entrypoint="newsdex.flows.backfill.backfill_interval",
        description="One interval of a backfill. Started by the backfill; open a failed run and press Retry.",
        tags=("backfill",),
        queue="intervals",
    ),
    Deployment(
        flow="replay",
        name="quarantine",
        entrypoint="newsdex.flows.replay.replay",
        description="Read inputs again that lie in the quarantine, after whatever was wrong with them has been fixed.",
        tags=("manual",),
    ),
    Deployment(
        flow="rebuild",
        name="index",
        entrypoint="newsdex.flows.rebuild.rebuild",
        description="Put a new index with today's mapping in the place of the present one, its articles made anew by "
        "today's transforms. Searches and runs go on meanwhile; `newsdex rollback` goes back. One at a time: a second "
        "one fails and says so.",
        tags=("manual",),
    ),
    Deployment(
        flow="maintenance",
        name="daily",
        entrypoint="newsdex.flows.maintenance.maintenance",
        description="Remove what is too old to be of use: runs in Prefect, staged partitions, replaced indices. "
        "Articles, the ledger and the quarantine are never touched.",
        tags=("scheduled",),
        schedule="17 3 * * *",
    ),
)
"""The deployments that every Newsdex has."""


def of_source(source: ScheduledSource) -> Deployment:
    """Return the deployment of one source."""
    when = f"Runs by itself ({source.schedule}, {source.timezone})" if source.schedule else "Runs when it is started"
    return Deployment(
        flow="ingest-source",
        name=source.name,
        entrypoint="newsdex.flows.ingest_source.ingest_source",
        description=f"Index what is new in {', '.join(source.locations)}. {when}; what is in the index already is not "
        "done again.",
        tags=("source", "scheduled" if source.schedule else "manual"),
        parameters={"source": source.name},
        schedule=source.schedule,
        timezone=source.timezone,
        one_at_a_time=True,
        skips=source.overlap == "skip",
    )


def prefect_yaml() -> str:
    """Return the text of `prefect.yaml`, for those who work with `prefect deploy`."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415  # Prefect brings it

    entries = [
        {
            "name": each.name,
            "description": each.description,
            "entrypoint": _file_entrypoint(each.entrypoint),
            "tags": [TAG, *each.tags],
            "parameters": dict(each.parameters),
            "schedules": [_schedule(each)] if each.schedule else [],
            "work_pool": {"name": POOL, "work_queue_name": each.queue, "job_variables": {}},
        }
        for each in FIXED
    ]
    head = (
        "# The deployments of Newsdex for `prefect deploy --all`, to a server and a work pool of your own.\n"
        "# `newsdex serve` registers the same ones by itself, and one more for each source in newsdex.toml.\n"
        "# Generated by `python -m newsdex.flows.service.deployments`: change that module, then run it.\n"
    )
    text: str = yaml.safe_dump(
        {"name": TAG, "prefect-version": "3.8.8", "build": None, "push": None, "pull": None, "deployments": entries},
        sort_keys=False,
        width=120,
        allow_unicode=True,
    )
    return head + text


def _schedule(deployment: Deployment) -> dict[str, Any]:
    step = interval_of(deployment.schedule or "")
    if step is not None:
        return {"interval": step.total_seconds(), "timezone": deployment.timezone, "slug": "schedule"}
    return {"cron": deployment.schedule, "timezone": deployment.timezone, "slug": "schedule"}


def _file_entrypoint(entrypoint: str) -> str:
    """Return `newsdex.flows.ingest.ingest` as Prefect names a flow in a checkout: `flows/ingest.py:ingest`."""
    module, _, name = entrypoint.removeprefix("newsdex.").rpartition(".")
    return f"{module.replace('.', '/')}.py:{name}"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "prefect.yaml").write_text(prefect_yaml(), encoding="utf-8")
