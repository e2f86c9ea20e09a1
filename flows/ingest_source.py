"""The flow `ingest-source`: a configured source, on its schedule or by hand."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Annotated

from prefect import flow, get_run_logger
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from newsdex.flows.backfills.selection import options_of
from newsdex.flows.common.flow_context import is_scheduled
from newsdex.flows.common.missed_runs import take_over_missed
from newsdex.flows.common.retry import ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.flows.config.source_schedule import source_named
from newsdex.flows.config.sources import by_name
from newsdex.flows.runs.deployed import progress_of_run
from newsdex.flows.runs.execute import execute
from newsdex.flows.runs.run import Run
from newsdex.flows.runs.volume_alarm import watch_source
from newsdex.readers.live.source import is_live

if TYPE_CHECKING:
    from newsdex.flows.config.source_schedule import ScheduledSource


@flow(
    name="ingest-source",
    flow_run_name="ingest {source}",
    task_runner=ThreadPoolTaskRunner(max_workers=64),  # type: ignore[arg-type]  # threads only wait for workers
    persist_result=False,
)
@ends_in_a_sentence
def ingest_source(
    source: Annotated[str, Field(min_length=1, description="Name of a source in newsdex.toml.")],
    *,
    force: Annotated[bool, Field(description="Read and index again what has not changed.")] = False,
    limit: Annotated[int | None, Field(ge=1, description="Stop after so many inputs; empty: all.")] = None,
) -> None:
    """Index what a source has and the index has not. Late, moved and changed files are found: content decides.

    Args:
        source: Name of a source in newsdex.toml.
        force: Read and index again what has not changed.
        limit: Stop after so many inputs; empty, all.
    """
    chosen = settings.load()
    named = source_named(source)
    _spread(named)
    take_over_missed()
    run = Run(chosen, progress_of_run(), force=force, options=options_of(chosen, named, limit=limit, force=force))
    inputs = [by_name(source).declared_as, *named.locations]
    report = execute(run, inputs, named.everything, must_exist=named.locations, about=f"ingest {source}")
    if limit is None and not any(is_live(location, run.options) for location in named.locations):
        watch_source(run, report, inputs[0], about=f"ingest {source}")


def _spread(source: ScheduledSource) -> None:
    """Wait a little, so that sources of one schedule do not all begin in one second; a manual run does not wait."""
    if source.jitter_seconds and is_scheduled():
        pause = random.uniform(0, source.jitter_seconds)
        get_run_logger().info("Waiting %.0f of at most %s seconds", pause, source.jitter_seconds)
        time.sleep(pause)
