"""Plan a backfill: which of its intervals are empty, which are in the index already, which are to be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdex.flows.prepare.recipe import recipe_for
from newsdex.flows.prepare.staging import staging_area
from newsdex.flows.runs.partition_run import is_stored
from newsdex.search.indices.manage import IndexNames
from newsdex.search.ledger.last_runs import DoneRun, latest_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from newsdex.flows.backfills.intervals import Interval
    from newsdex.flows.backfills.selection import Content
    from newsdex.flows.config.settings import Settings


class Redo(StrEnum):
    """What a backfill does again."""

    MISSING = "missing"
    """Nothing: only what is not in the index."""
    OUTDATED = "outdated"
    """Also what an older version of the pipeline made."""
    ENRICHMENT = "enrichment"
    """Languages, names, dates and papers of what is in the index, from the texts there; what is missing is read."""
    EVERYTHING = "everything"
    """All of it is read, prepared and written anew."""


class Status(StrEnum):
    """The state of an interval."""

    EMPTY = "empty"
    """There is nothing in it."""
    IN_INDEX = "already in the index"
    """An earlier run did it, and nothing has changed since."""
    TO_DO = "to do"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class IntervalRow:
    """One interval in the plan and, later, in the calendar."""

    interval: Interval
    content: Content
    status: Status
    done: DoneRun | None = None
    """Of what is in the index: the run that did it."""
    flow_run: str | None = None
    """Id of the child run."""
    state: str = ""
    """How the child run ended, in Prefect's words."""


def input_names(source: str, interval: Interval, content: Content) -> tuple[str, str]:
    """Return how an interval and its content are recorded as a run's inputs."""
    return f"source {source}, {interval}", f"content {content.digest}"


def plan(
    settings: Settings, client: Elasticsearch, source: str, content: Mapping[Interval, Content], redo: Redo
) -> list[IntervalRow]:
    """Decide about every interval by what the record of runs, the receipts and the index say together."""
    made = made_by(settings, client, source, content)
    version = recipe_for(settings).version
    rows: list[IntervalRow] = []
    for interval, each in content.items():
        record = made.get(interval)
        if each.empty:
            rows.append(IntervalRow(interval, each, Status.EMPTY))
        elif record is not None and _is_enough(record, redo, version):
            rows.append(IntervalRow(interval, each, Status.IN_INDEX, record))
        else:
            rows.append(IntervalRow(interval, each, Status.TO_DO))
    return rows


def _is_enough(record: DoneRun, redo: Redo, version: str) -> bool:
    """Return whether what a run made of an interval is all that is asked for."""
    return redo is Redo.MISSING or (redo is Redo.OUTDATED and record.pipeline_version == version)


def made_by(
    settings: Settings, client: Elasticsearch, source: str, content: Mapping[Interval, Content]
) -> dict[Interval, DoneRun]:
    """Return the run that made what the index holds of each interval.

    Those whose content is not all there are left out.
    """
    names = IndexNames(settings.index)
    labels = {interval: input_names(source, interval, each) for interval, each in content.items()}
    done = latest_done(client, names, [label for label, _ in labels.values()])
    staging = staging_area(settings)
    found: dict[Interval, DoneRun] = {}
    for interval, (label, digest) in labels.items():
        record = done.get(label)
        # Each of three may lie: a record of a run says nothing of files that came later, so its content must be the
        # same; of a run that ended well documents may have been deleted since, so its receipts are held to the index.
        if (
            record is not None
            and digest in record.inputs
            and is_stored(content[interval].partitions, record.pipeline_version, staging, client, names)
        ):
            found[interval] = record
    return found


def recorded(settings: Settings, client: Elasticsearch, source: str, rows: list[IntervalRow]) -> None:
    """Put the figures of the runs that have ended into the rows."""
    labels = {input_names(source, row.interval, row.content)[0]: row for row in rows if row.status is Status.DONE}
    for label, record in latest_done(client, IndexNames(settings.index), list(labels)).items():
        labels[label].done = record
