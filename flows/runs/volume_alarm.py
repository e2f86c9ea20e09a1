"""What a run says of sources and languages that gave far less than they used to."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import elastic_transport
import msgspec
from elasticsearch import ApiError
from prefect import get_run_logger
from prefect.events import emit_event

from newsdex.flows.common.prefect_names import COVERAGE_FELL
from newsdex.search.errors import explain
from newsdex.search.ledger.volume_alarm import fallen, remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.flows.runs.report import Report
    from newsdex.flows.runs.run import Run


def watched(run: Run, inputs: Sequence[str], report: Report, *, about: str) -> Report:
    """Return the report with what is to be said of coverage; raise the alarm for what is new.

    A run that stopped early (`--limit`) says nothing of what came. Nor does a run fail for the sake of a look back.
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
            with suppress(Exception):  # a Prefect server that is away must not end the run
                emit_event(
                    COVERAGE_FELL,
                    resource={"prefect.resource.id": f"newsdex.coverage.{report.index}"},
                    payload={
                        "about": about,
                        "read": one.now,
                        "usual": one.usual,
                        "run_id": report.run_id,
                        "message": one.sentence(),
                    },
                )
    return msgspec.structs.replace(report, coverage=[one.sentence() for one in found])
