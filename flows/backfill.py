"""The flows `backfill` and `backfill-interval`: a span of a source's past, each interval a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State  # noqa: TC002  # Prefect reads a flow's annotations at run time
from prefect.runtime import flow_run
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from newsdex.flows.backfills.calendar import show_calendar
from newsdex.flows.backfills.child_runs import ChildRuns
from newsdex.flows.backfills.intervals import DATE_PATTERN, Interval, Step, cut, interval_between
from newsdex.flows.backfills.plan import IntervalRow, Redo, Status, input_names, made_by, plan, recorded
from newsdex.flows.backfills.selection import Content, Selection, cached_content, materialise, options_of, select
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.prefect_names import INTERVAL_DEPLOYMENT
from newsdex.flows.common.progress import Silent
from newsdex.flows.common.retry import elasticsearch_task, ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.flows.config.source_schedule import source_named
from newsdex.flows.runs.deployed import progress_of_run
from newsdex.flows.runs.enrichment_run import EnrichmentRun
from newsdex.flows.runs.execute import execute
from newsdex.flows.runs.partition_run import PartitionRun
from newsdex.search.indices.manage import IndexNames, ensure

if TYPE_CHECKING:
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.config.source_schedule import ScheduledSource
    from newsdex.readers.partition import Partition
    from newsdex.search.ledger.last_runs import DoneRun
    from newsdex.transforms.article import Rejection

SourceName = Annotated[str, Field(min_length=1, description="Name of a source in newsdex.toml.")]
FirstDay = Annotated[str, Field(pattern=DATE_PATTERN, description="First day, as 2020-01-31.")]
EndDay = Annotated[
    str,
    Field(pattern=DATE_PATTERN, description="First day that is left out: January 2020 is 2020-01-01 to 2020-02-01."),
]


@task(name="select", task_run_name="select {source.name}", cache_policy=NO_CACHE, persist_result=False)
def select_content(chosen: Settings, source: ScheduledSource, intervals: list[Interval]) -> Selection:
    """Find what lies in each interval."""
    found = select(chosen, source, intervals)
    how = "read and sorted" if found.scanned else "listed"
    get_run_logger().info(
        "%s: %s, %s inputs in %s intervals", source.name, how, sum(each.inputs for each in found.content.values()),
        len(intervals),
    )  # fmt: skip
    return found


@elasticsearch_task("plan")
def make_plan(chosen: Settings, source: str, found: Selection, redo: Redo) -> list[IntervalRow]:
    """Find out which intervals are missing in the index."""
    with open_client(chosen, Silent()) as client:
        ensure(client, IndexNames(chosen.index), chosen.layout())
        return plan(chosen, client, source, found.content, redo)


@elasticsearch_task("gather")
def gather_figures(chosen: Settings, source: str, rows: list[IntervalRow]) -> None:
    """Put the figures of the runs that have ended into the calendar."""
    with open_client(chosen, Silent()) as client:
        recorded(chosen, client, source, rows)


@elasticsearch_task("find what was made")
def find_made(chosen: Settings, source: str, interval: Interval, content: Content) -> DoneRun | None:
    """Find the run that made what the index holds of an interval."""
    with open_client(chosen, Silent()) as client:
        ensure(client, IndexNames(chosen.index), chosen.layout())
        return made_by(chosen, client, source, {interval: content}).get(interval)


@flow(name="backfill", flow_run_name="backfill {source}, {start} to {end} by {by}", persist_result=False)
@ends_in_a_sentence
def backfill(
    source: SourceName,
    start: FirstDay,
    end: EndDay,
    by: Annotated[Step, Field(description="Length of an interval; each becomes a run of its own.")] = Step.DAY,
    redo: Annotated[
        Redo,
        Field(
            description="missing: do nothing again; outdated: also what an older version of the pipeline made; "
            "enrichment: names, languages and dates of what is in the index; everything: all, read and written anew."
        ),
    ] = Redo.MISSING,
    at_once: Annotated[int, Field(ge=1, le=16, description="Intervals that are worked on at the same time.")] = 2,
) -> State[None] | None:
    """Index what a source published (or was fetched, or is filed under) in a span of time, interval by interval.

    Each interval is a run of its own, with its log, its ledger and its Retry button. A second start of the same
    backfill does only what is missing. Scheduled runs of the source go on beside it and are not affected.

    Args:
        source: Name of a source in newsdex.toml.
        start: First day, as 2020-01-31.
        end: First day that is left out. January 2020 is 2020-01-01 to 2020-02-01.
        by: Length of an interval; each becomes a run of its own.
        redo: What is done again. missing, nothing; outdated, also what an older version of the pipeline made;
            enrichment, languages, names and dates of what is in the index, from the texts there;
            everything, all of it is read and written anew.
        at_once: Intervals that are worked on at the same time.
    """
    chosen = settings.load()
    named, whole = source_named(source), interval_between(start, end)
    found = select_content(chosen, named, cut(whole, by))
    rows = make_plan(chosen, source, found, redo)
    todo = [row for row in rows if row.status is Status.TO_DO]
    get_run_logger().info("%s intervals: %s to do", len(rows), len(todo))
    children = ChildRuns(at_once)
    for row in todo:
        children.start(row, INTERVAL_DEPLOYMENT, _parameters(source, row, redo), name=f"{source} {row.interval.label}")
    children.wait()
    gather_figures(chosen, source, rows)
    show_calendar(f"{source}, {start} to {end} by {by}", rows, found.left_out)
    failed = [row for row in rows if row.status is Status.FAILED]
    if failed:
        sentence = (
            f"{len(failed)} of {len(rows)} intervals failed ({', '.join(row.interval.label for row in failed[:5])}"
            f"{', …' if len(failed) > 5 else ''}): look at their runs, fix the cause, and retry them or this "
            "backfill, which does only what is missing."
        )
        # Not raised: a stack of Prefect's own calls would stand in the log above the sentence.
        return Failed(message=sentence)
    return None


def _name_of_interval() -> str:
    """Return the name of an interval's run: the same as in the calendar."""
    given = flow_run.parameters
    return f"{given['source']} {interval_between(given['start'], given['end']).label}"


@flow(
    name="backfill-interval",
    flow_run_name=_name_of_interval,
    task_runner=ThreadPoolTaskRunner(max_workers=64),  # type: ignore[arg-type]  # threads only wait for workers
    persist_result=False,
)
@ends_in_a_sentence
def backfill_interval(
    source: SourceName,
    start: FirstDay,
    end: EndDay,
    redo: Annotated[Redo, Field(description="What is done again.")] = Redo.MISSING,
    cache: Annotated[
        str | None, Field(description="Where the backfill sorted the source's inputs to; empty: they are read again.")
    ] = None,
) -> None:
    """Index one interval of a source: started by a backfill, and retried by hand.

    Args:
        source: Name of a source in newsdex.toml.
        start: First day, as 2020-01-31.
        end: First day that is left out.
        redo: What is done again.
        cache: Where the backfill sorted the source's inputs to; empty: they are read again.
    """
    chosen = settings.load()
    named, interval = source_named(source), interval_between(start, end)
    content = _content(chosen, named, interval, cache)
    run = _run(chosen, named, interval, content, redo)
    execute(run, input_names(source, interval, content), about=f"{source}, {interval.label}")


def _run(chosen: Settings, source: ScheduledSource, interval: Interval, content: Content, redo: Redo) -> PartitionRun:
    """Return the run of an interval.

    Over its inputs or, where only enrichment is asked for, over what the index holds.
    """
    inputs: list[Partition | Rejection] = [*content.partitions, *content.rejections]
    options = options_of(chosen, source)
    if redo is Redo.ENRICHMENT:
        made = find_made(chosen, source.name, interval, content)
        if made is not None:
            return EnrichmentRun(chosen, progress_of_run(), inputs, options, read_by=made.pipeline_version)
    return PartitionRun(chosen, progress_of_run(), inputs, options, force=redo is Redo.EVERYTHING)


def _content(chosen: Settings, source: ScheduledSource, interval: Interval, cache: str | None) -> Content:
    """Return what lies in an interval: from the backfill's cache or, where that is gone, found again."""
    if cache is not None:
        content = cached_content(chosen, source, interval, cache)
        if content is not None and materialise(chosen, source, content):
            return content
        get_run_logger().info("The backfill's sorted inputs are no longer there: reading the source again.")
    content = select_content(chosen, source, [interval]).content[interval]
    materialise(chosen, source, content)
    return content


def _parameters(source: str, row: IntervalRow, redo: Redo) -> dict[str, object]:
    return {
        "source": source,
        "start": str(row.interval.start),
        "end": str(row.interval.end),
        "redo": redo.value,
        "cache": row.content.cache,
    }
