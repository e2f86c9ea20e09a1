"""The flow `replay`: read quarantined inputs again, once what was wrong with them has been fixed."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import xxhash
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from newsdex.flows.backfills.interval_cache import IntervalCaches
from newsdex.flows.backfills.selection import caches_folder, options_of
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.progress import Silent
from newsdex.flows.common.retry import elasticsearch_task, ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.flows.config.source_schedule import scheduled_sources
from newsdex.flows.prepare.recipe import read_options
from newsdex.flows.runs.deployed import progress_of_run
from newsdex.flows.runs.execute import execute
from newsdex.flows.runs.partition_run import PartitionRun
from newsdex.flows.runs.report import Report  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.readers.listing import partitions
from newsdex.readers.read import read, release
from newsdex.readers.uris import local_path
from newsdex.search.indices.manage import IndexNames, ensure
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.transforms.article import RawArticle, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.flows.backfills.interval_cache import Input
    from newsdex.flows.config.settings import Settings
    from newsdex.readers.partition import Partition, ReadOptions

PLACE = "replay"


@elasticsearch_task("find")
def find_quarantined(chosen: Settings, reason: str | None, at_most: int) -> list[str]:
    """Return the inputs in quarantine that are to be read again, the oldest first."""
    names = IndexNames(chosen.index)
    with open_client(chosen, Silent()) as client:
        ensure(client, names, chosen.layout())
        found = Quarantine(client, names).quarantined_inputs(reason)
        return [uri for uri, _ in zip(found, range(at_most), strict=False)]


@task(name="read again", cache_policy=NO_CACHE, persist_result=False)
def read_again(chosen: Settings, quarantined: list[str]) -> list[Partition]:
    """Read the files of these inputs, and keep the inputs asked for."""
    wanted = frozenset(quarantined)
    name = f"replay-{xxhash.xxh3_128_hexdigest(' '.join(quarantined).encode('utf-8', 'surrogateescape'))}"
    caches, options = IntervalCaches(caches_folder(chosen)), read_options(chosen)
    cache = caches.fill(name, ((item, _place(item, wanted)) for item in _inputs(chosen, wanted)), options)
    chosen_partitions = cache.partitions(PLACE, options)
    caches.materialise(name, chosen_partitions, options)
    return chosen_partitions


@flow(
    name="replay",
    flow_run_name="replay {reason}",
    task_runner=ThreadPoolTaskRunner(max_workers=64),  # type: ignore[arg-type]  # threads only wait for workers
    persist_result=False,
)
@ends_in_a_sentence
def replay(
    reason: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="Only inputs left out for this reason, such as no-body."
        ),
    ] = None,
    at_most: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many inputs at most, the oldest first.")
    ] = 10_000,
) -> Report | None:
    """Read inputs again that lie in the quarantine; those that are well now leave it as they are indexed.

    Args:
        reason: Only inputs left out for this reason, such as no-body; empty, all.
        at_most: How many inputs at most, the oldest first.
    """
    chosen = settings.load()
    quarantined = find_quarantined(chosen, reason, at_most)
    if not quarantined:
        get_run_logger().info("Nothing lies in the quarantine%s.", f" for the reason {reason}" if reason else "")
        return None
    found = read_again(chosen, quarantined)
    run = PartitionRun(chosen, progress_of_run(), found, read_options(chosen), force=True)
    about = f"replay of {len(quarantined):,} inputs" + (f" ({reason})" if reason else "")
    report = execute(run, [f"quarantine {reason or 'all'}"], about=about)
    gone = len(quarantined) - report.read
    if gone > 0:
        get_run_logger().warning("%s inputs were not found again: their files have changed or are gone.", gone)
    return report


def _inputs(chosen: Settings, wanted: frozenset[str]) -> Iterator[Input]:
    """Yield every input of the files that the wanted inputs came from, each file read as its source says."""
    for file in sorted({uri.partition("#")[0] for uri in wanted}):
        options = _options_for(chosen, file)
        for item in partitions([file], options):
            if isinstance(item, Rejection):
                yield item
                continue
            yield from read(item, options)
            release(item, options)


def _place(item: Input, wanted: frozenset[str]) -> str | None:
    # A file that was rejected as a whole and is well now yields inputs with names of their own.
    uris = (item.input_uri, item.input_uri.partition("#")[0]) if isinstance(item, RawArticle) else (item.input_uri,)
    return PLACE if any(uri in wanted for uri in uris) else None


def _options_for(chosen: Settings, file: str) -> ReadOptions:
    """Return how the source reads that a file belongs to; a file of no source is read as it is."""
    path = local_path(file) or file
    for source in scheduled_sources().values():
        for location in source.everything:
            whole = location if "://" in location else str(Path(location).expanduser().absolute())
            if fnmatchcase(path, whole) or path.startswith(whole.rstrip("/") + "/"):
                return options_of(chosen, source)
    return read_options(chosen)
