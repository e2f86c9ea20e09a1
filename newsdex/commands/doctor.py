"""Doctor: look at the machine, the settings and what they lead to, and say of each whether it will do."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import msgspec

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.progress import Silent
from newsdex.readers.files.blobs import blobs_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsdex.flows.config.settings import Settings

MIN_FREE_GB = 3.0
"""Downloads and the unpacked node take 0.5 GB; Elasticsearch stops placing shards when little is left."""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    ok: bool
    finding: str


def examine(settings: Settings) -> list[Check]:
    """Look at everything that a run needs; nothing is fetched or started."""
    looks: list[tuple[str, Callable[[Settings], str]]] = [
        ("Python", _python),
        ("settings", _settings),
        ("disk", _disk),
        ("Java", _java),
        ("Elasticsearch", _elasticsearch),
        ("indices", _indices),
        ("archive", _archive),
        ("entity model", _model),
        ("runner", _runner),
    ]
    return [_check(name, look, settings) for name, look in looks]


def _check(name: str, look: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, ok=True, finding=look(settings))
    except Exception as error:  # noqa: BLE001  # a doctor reports what is wrong and goes on
        return Check(name, ok=False, finding=error_sentence(error) or f"{type(error).__name__}: {error}")


def _python(_settings: Settings) -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def _settings(chosen: Settings) -> str:
    """Return every setting that is not its default; secrets stay secret (pydantic shows them as stars)."""
    changed = {name: value for name, value in chosen if name in chosen.model_fields_set and value is not None}
    return ", ".join(f"{name} = {value}" for name, value in changed.items()) or "all at their defaults"


def _disk(chosen: Settings) -> str:
    folder = chosen.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    if free < MIN_FREE_GB:
        raise OSError(28, "No space left on device", str(folder))
    return f"{free:.0f} GB free at {chosen.home}"


def _java(chosen: Settings) -> str:
    from newsdex.search.node import java  # noqa: PLC0415  # only here

    if chosen.elasticsearch_url:
        return "not needed: Elasticsearch is configured"
    found = java.installed()
    if found is None:
        return "none of version 21 or newer: one is fetched when Elasticsearch is first started"
    return f"version {found.major} at {found.home}"


def _elasticsearch(chosen: Settings) -> str:
    from newsdex.search.client import cluster_info  # noqa: PLC0415
    from newsdex.search.node import node  # noqa: PLC0415  # only here

    if not chosen.elasticsearch_url and node.status(chosen.node()) is None:
        return "embedded, not running: `newsdex ingest` and `newsdex node start` start it"
    with open_client(chosen, Silent(), start=False) as client:
        info = cluster_info(client)
    if chosen.elasticsearch_url:
        return f"configured, version {info.version}, {info.status}"
    running = node.status(chosen.node())
    warning = running.disk_warning if running else None
    return f"embedded, version {info.version}, {info.status}" + (f". {warning}" if warning else "")


def _indices(chosen: Settings) -> str:
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415
    from newsdex.search.node import node  # noqa: PLC0415  # only here
    from newsdex.search.rebuild.status import describe  # noqa: PLC0415

    if not chosen.elasticsearch_url and node.status(chosen.node()) is None:
        return "not known: Elasticsearch is not running"
    with open_client(chosen, Silent(), start=False) as client:
        return describe(client, IndexNames(chosen.index))


def _archive(chosen: Settings) -> str:
    """Return where fetched feeds and pages are kept; a bucket is asked whether it is there."""
    blobs_at(chosen.archive).check()
    return f"at {chosen.archive}"


def _runner(chosen: Settings) -> str:
    """Return who cleans and enriches; the workers of a cluster are asked whether they will do."""
    from newsdex.flows.config.choices import RunnerKind  # noqa: PLC0415
    from newsdex.flows.prepare.recipe import recipe_for  # noqa: PLC0415  # loads spaCy
    from newsdex.flows.runners.select import make_runner  # noqa: PLC0415

    if chosen.runner not in {RunnerKind.DASK, RunnerKind.RAY}:
        return f"{chosen.workers} {chosen.runner} of this machine"
    with make_runner(chosen, recipe_for(chosen)) as runner:
        return f"{chosen.runner} at {chosen.cluster}, {runner.slots} workers, staging at {chosen.staging}"


def _model(chosen: Settings) -> str:
    from newsdex.flows.prepare.recipe import recipe_for  # noqa: PLC0415  # loads spaCy

    return recipe_for(chosen).version
