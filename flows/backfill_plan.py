"""What a backfill has to do: which of its intervals are empty, which are in the index, which are missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flows.chosen import is_stored
from flows.recipe import recipe_for
from search.indices import IndexNames
from search.inputs_done import DoneRun, latest_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from flows.intervals import Interval
    from flows.selection import Content
    from flows.settings import Settings


class Redo(StrEnum):
    """What a backfill does again."""

    MISSING = "missing"
    """Nothing: only what is not in the index."""
    OUTDATED = "outdated"
    """Also what an older version of the pipeline made."""
    EVERYTHING = "everything"
    """All of it is read, prepared and written anew."""


class Status(StrEnum):
    """How an interval stands."""

    EMPTY = "empty"
    """There is nothing in it."""
    IN_INDEX = "already in the index"
    """An earlier run did it, and nothing has changed since."""
    TO_DO = "to do"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Row:
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
    """How an interval and its content are recorded as a run's inputs."""
    return f"source {source}, {interval}", f"content {content.digest}"


def plan(
    settings: Settings, client: Elasticsearch, source: str, content: Mapping[Interval, Content], redo: Redo
) -> list[Row]:
    """Decide about every interval by what the record of runs, the receipts and the index say together."""
    names = IndexNames(settings.index)
    labels = {interval: input_names(source, interval, each) for interval, each in content.items()}
    done = latest_done(client, names, [label for label, _ in labels.values()])
    version, staging = recipe_for(settings).version, settings.staging_area()
    rows: list[Row] = []
    for interval, each in content.items():
        label, digest = labels[interval]
        record = done.get(label)
        status = Status.TO_DO
        if each.empty:
            status = Status.EMPTY
        elif (
            record is not None
            and digest in record.inputs
            and redo is not Redo.EVERYTHING
            and (redo is Redo.MISSING or record.pipeline_version == version)
            and is_stored(each.partitions, record.pipeline_version, staging, client, names)
        ):
            status = Status.IN_INDEX
        rows.append(Row(interval, each, status, record if status is Status.IN_INDEX else None))
    return rows


def recorded(settings: Settings, client: Elasticsearch, source: str, rows: list[Row]) -> None:
    """Put the figures of the runs that have ended into the rows."""
    labels = {input_names(source, row.interval, row.content)[0]: row for row in rows if row.status is Status.DONE}
    for label, record in latest_done(client, IndexNames(settings.index), list(labels)).items():
        labels[label].done = record
