"""Raise the alarm for sources and languages that gave far less than they used to.

Nothing here fails a run: its work is done, and a look back that Elasticsearch or Prefect does not allow is left out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import elastic_transport
import msgspec
from elasticsearch import ApiError
from prefect import get_run_logger
from prefect.events import emit_event

from newsdex.flows.common.prefect_names import COVERAGE_FELL
from newsdex.flows.runs.artifacts import MANY_COUNT
from newsdex.search.errors import explain
from newsdex.search.ledger.last_runs import usual_read
from newsdex.search.ledger.volume_alarm import fallen, remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.flows.runs.report import Report
    from newsdex.flows.runs.run import Run

LITTLE_SHARE = 0.5
"""A source gives little where it gives less than half of the usual: files come and go, half of them do not."""


def with_alarms(run: Run, inputs: Sequence[str], report: Report, *, about: str) -> Report:
    """Return the report with what fell, in sentences; raise the alarm for what is new.

    A run that stopped early (`--limit`) says nothing of what came.
    """
    if run.options.limit is not None:
        return report
    try:
        found = fallen(run.client, run.names, inputs)
        if found:
            remember(run.client, run.names, run.run_id, found)
    except (ApiError, elastic_transport.TransportError) as error:
        get_run_logger().warning("What came before could not be looked at: %s", explain(error))
        return report
    for one in found:
        get_run_logger().warning(one.sentence())
        if one.new:
            _raise_alarm(report, about=about, read=one.now, usual=one.usual, message=one.sentence())
    return msgspec.structs.replace(report, coverage=[one.sentence() for one in found])


def watch_source(run: Run, report: Report, source: str, *, about: str) -> None:
    """Raise the alarm where a source that is read whole each time gave far less than usual.

    Args:
        run: that read the source.
        report: its account.
        source: how the source is recorded among a run's inputs.
        about: what a person reads above the alarm.
    """
    try:
        usual = usual_read(run.client, run.names, source)
    except (ApiError, elastic_transport.TransportError) as error:
        get_run_logger().warning("What came before could not be looked at: %s", explain(error))
        return
    if usual is None or usual < MANY_COUNT or report.read >= usual * LITTLE_SHARE:
        return
    message = f"{report.read:,} inputs were read; the last runs read {usual:,}: look whether files are missing."
    get_run_logger().warning(message)
    _raise_alarm(report, about=about, read=report.read, usual=usual, message=message)


def _raise_alarm(report: Report, *, about: str, read: int, usual: int, message: str) -> None:
    with suppress(Exception):  # a Prefect server that is away must not end the run
        emit_event(
            COVERAGE_FELL,
            resource={"prefect.resource.id": f"newsdex.coverage.{report.index}"},
            payload={"about": about, "read": read, "usual": usual, "run_id": report.run_id, "message": message},
        )
