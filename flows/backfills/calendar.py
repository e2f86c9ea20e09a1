"""The calendar of a backfill, as artifacts: one row an interval, and the months at a glance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.settings import PREFECT_UI_URL

from newsdex.flows.backfills.plan import IntervalRow, Status
from newsdex.flows.common.prefect_names import BACKFILL, CALENDAR
from newsdex.flows.runs.artifacts import ROWS
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIGNS = {Status.EMPTY: "·", Status.IN_INDEX: "✓", Status.DONE: "✓", Status.FAILED: "✗", Status.TO_DO: "?"}

MOST_ROWS = 5 * ROWS
"""A row is a line of text: a thousand of them are shown at once by the UI within a second."""


def show_calendar(about: str, rows: Sequence[IntervalRow], left_out: Mapping[str, int]) -> None:
    """Make the artifacts of a backfill."""
    create_table_artifact(
        key=CALENDAR,
        table=[_line(row) for row in rows[:MOST_ROWS]],
        description=f"**{about}**: {_summary(rows)}.",
    )
    lines = [f"# {about}", "", f"{_summary(rows)}.", ""]
    lines += [f"{count:,} inputs belong to no interval: {reason.strip('()')}." for reason, count in left_out.items()]
    failed = [row for row in rows if row.status is Status.FAILED]
    if failed:
        lines += ["", "## Failed", "", "| interval | run | ended as |", "|---|---|---|"]
        lines += [f"| {row.interval.label} | {_link(row)} | {row.state} |" for row in failed]
        lines += ["", "Open a run, fix what its log says, press Retry; then retry this backfill for a whole calendar."]
    lines += ["", *_months(rows)]
    create_markdown_artifact(key=BACKFILL, markdown="\n".join(lines) + "\n", description=about)


def _line(row: IntervalRow) -> dict[str, object]:
    counts = row.done.counts if row.done is not None else {}
    inputs = row.content.inputs
    return {
        "interval": row.interval.label,
        "status": row.status.value if row.status is not Status.FAILED else f"failed ({row.state})",
        "inputs": inputs,
        **{result.value: counts.get(result.value, 0) for result in Result},
    }


def _summary(rows: Sequence[IntervalRow]) -> str:
    counts = Counter(row.status for row in rows)
    told = ", ".join(f"{counts[status]:,} {status}" for status in Status if counts[status])
    return f"{len(rows):,} intervals: {told}; {sum(row.content.inputs for row in rows):,} inputs"


def _link(row: IntervalRow) -> str:
    address = PREFECT_UI_URL.value()
    return f"[{row.flow_run}]({address}/runs/flow-run/{row.flow_run})" if address else str(row.flow_run)


def _months(rows: Sequence[IntervalRow]) -> list[str]:
    """Return the months as lines of signs, one sign for each interval."""
    months: dict[str, str] = {}
    for row in rows:
        month = f"{row.interval.start:%Y-%m}"
        months[month] = months.get(month, "") + SIGNS[row.status]
    return [
        "## Calendar",
        "",
        "✓ in the index, · empty, ✗ failed",
        "",
        "```",
        *(f"{month}  {signs}" for month, signs in months.items()),
        "```",
    ]
