"""The flow `maintenance`: remove what is too old to be of use; never articles, the ledger or the quarantine."""

from __future__ import annotations

import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterTags,
)
from pydantic import Field

from newsdex.errors import NewsdexError
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.prefect_names import MAINTENANCE, TAG
from newsdex.flows.common.progress import Silent
from newsdex.flows.common.retry import elasticsearch_task, ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.readers.files.blobs import blobs_at
from newsdex.search.indices.manage import IndexNames, ensure
from newsdex.search.indices.retention import delete, replaced
from newsdex.search.ledger.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsdex.flows.config.settings import Settings

T = TypeVar("T")

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
"""A folder of the archive; whatever else lies beside them is not ours."""

PAGE = 100
"""Runs that are deleted between two looks."""


class MaintenanceError(NewsdexError):
    """Something could not be removed; the message is a sentence for each."""


@task(name="runs in Prefect", cache_policy=NO_CACHE, persist_result=False)
def remove_runs(keep_days: int, *, only_look: bool) -> int:
    """Delete our flow runs that ended long ago, with their task runs; return how many."""
    before = datetime.now(UTC) - timedelta(days=keep_days)
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG]),
        end_time=FlowRunFilterEndTime(before_=before),  # type: ignore[arg-type]  # it makes its own subclass of it
    )
    removed = 0
    with get_client(sync_client=True) as client:
        while found := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=removed if only_look else 0):
            for run in found:
                if not only_look:
                    client.delete_flow_run(run.id)
            removed += len(found)
    return removed


@task(name="staging", cache_policy=NO_CACHE, persist_result=False)
def remove_files(chosen: Settings, keep_days: int, *, only_look: bool) -> tuple[int, int]:
    """Delete staged partitions, receipts, spools and sorted backfills that nobody has used; return files and bytes."""
    before = time.time() - keep_days * 86_400
    return _remove(_old(chosen, before), only_look=only_look)


@task(name="archive", cache_policy=NO_CACHE, persist_result=False)
def remove_archive(chosen: Settings, keep_days: int | None, *, only_look: bool) -> tuple[int, int]:
    """Delete the days of the archive of fetched feeds and pages that are over; return files and bytes."""
    if keep_days is None:
        return 0, 0
    first_kept = f"{datetime.now(UTC) - timedelta(days=keep_days):%Y-%m-%d}"
    archive, sizes = blobs_at(chosen.archive), []
    for day in archive.folders():
        if DAY.fullmatch(day) and day < first_kept:
            sizes += archive.sizes(day)
            if not only_look:
                archive.remove_folder(day)
    return len(sizes), sum(sizes)


def _remove(paths: Iterable[Path], *, only_look: bool) -> tuple[int, int]:
    """Delete files and folders; return how many files there were, and how many bytes."""
    files = size = 0
    for path in paths:
        inside = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
        files, size = files + len(inside), size + sum(each.stat().st_size for each in inside)
        if only_look:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return files, size


@elasticsearch_task("indices")
def remove_indices(chosen: Settings, keep_days: int, *, only_look: bool) -> list[str]:
    """Delete replaced versions of our indices, and close the record of runs that were killed; return the names."""
    names = IndexNames(chosen.index)
    with open_client(chosen, Silent()) as client:
        ensure(client, names, chosen.layout())
        found = replaced(client, names, before=datetime.now(UTC) - timedelta(days=keep_days))
        if not only_look:
            delete(client, found)
            RunLog(client, names, "maintenance").close_dead()
    return found


@flow(name="maintenance", persist_result=False)
@ends_in_a_sentence
def maintenance(
    *,
    keep_runs_days: Annotated[
        int | None, Field(ge=1, le=36_500, description="Instead of the setting: days that runs stay in Prefect.")
    ] = None,
    keep_staging_days: Annotated[
        int | None, Field(ge=1, le=36_500, description="Instead of the setting: days that staged files stay unused.")
    ] = None,
    keep_index_days: Annotated[
        int | None, Field(ge=1, le=36_500, description="Instead of the setting: days that a replaced index stays.")
    ] = None,
    only_look: Annotated[bool, Field(description="Say what would be removed, and remove nothing.")] = False,
) -> None:
    """Remove what is too old to be of use: runs in Prefect, staged partitions, replaced indices.

    Args:
        keep_runs_days: Instead of the setting, days that runs stay in Prefect.
        keep_staging_days: Instead of the setting, days that staged files stay unused.
        keep_index_days: Instead of the setting, days that a replaced index stays.
        only_look: Say what would be removed, and remove nothing.
    """
    chosen = settings.load()
    days = {
        "runs": keep_runs_days or chosen.keep_runs_days,
        "staging": keep_staging_days or chosen.keep_staging_days,
        "indices": keep_index_days or chosen.keep_index_days,
    }
    faults: list[str] = []
    runs = _attempt(lambda: remove_runs(days["runs"], only_look=only_look), 0, faults)
    files, size = _attempt(lambda: remove_files(chosen, days["staging"], only_look=only_look), (0, 0), faults)
    fetched, fetched_size = _attempt(
        lambda: remove_archive(chosen, chosen.keep_archive_days, only_look=only_look), (0, 0), faults
    )
    none: list[str] = []
    indices = _attempt(lambda: remove_indices(chosen, days["indices"], only_look=only_look), none, faults)
    create_table_artifact(
        key=MAINTENANCE,
        table=[
            {"what": "runs in Prefect", "older than": f"{days['runs']} days", "removed": f"{runs:,}"},
            {
                "what": "staged files",
                "older than": f"{days['staging']} days",
                "removed": f"{files:,} ({size / 1e6:,.1f} MB)",
            },
            {
                "what": "fetched feeds and pages",
                "older than": f"{chosen.keep_archive_days} days" if chosen.keep_archive_days else "kept for good",
                "removed": f"{fetched:,} ({fetched_size / 1e6:,.1f} MB)",
            },
            {"what": "indices", "older than": f"{days['indices']} days", "removed": ", ".join(indices) or "none"},
        ],
        description="What would be removed." if only_look else "What was removed.",
    )
    get_run_logger().info("%s runs, %s files, %s indices", runs, files, len(indices))
    if faults:
        raise MaintenanceError(f"The rest was done, but not everything could be removed. {' '.join(faults)}")


def _attempt(step: Callable[[], T], nothing: T, faults: list[str]) -> T:
    """Do one part of the work; a fault that has a sentence is kept for the end, so that the other parts are done."""
    try:
        return step()
    except Exception as error:
        sentence = error_sentence(error)
        if sentence is None:
            raise
        faults.append(sentence)
        return nothing


def _old(chosen: Settings, before: float) -> Iterator[Path]:
    """Files and cached intervals of any index of this home that were last used before a moment."""
    # A bucket has lifecycle rules of its own.
    staged = chosen.staging.glob("*/*") if isinstance(chosen.staging, Path) else ()
    for path in (*staged, *(chosen.home / "spool").glob("*"), *(chosen.home / "backfill").glob("*/*")):
        if path.stat().st_mtime < before:
            yield path
