"""Run the ingest flow from a terminal: with a Prefect server for its length, started beside Elasticsearch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsdex.flows.common import progress
from newsdex.flows.common.connection import open_client
from newsdex.flows.service import prefect_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings
    from newsdex.flows.runs.report import RebuildReport, Report
    from newsdex.readers.fetch_options import Pages


def run_ingest(
    settings: Settings,
    bars: Progress,
    locations: Sequence[str],
    *,
    force: bool = False,
    limit: int | None = None,
    field_map: Mapping[str, str] | None = None,
    source: str | None = None,
    input_format: str | None = None,
    language: str | None = None,
    pages: Pages | None = None,
) -> Report:
    """Run the flow `ingest` in this process and return its report.

    Raises:
        Exception: whatever ended the run; `newsdex.flows.common.explain.error_sentence` says it in words.
    """
    with _prefect(settings, bars):
        from newsdex.flows.ingest import ingest  # noqa: PLC0415  # Prefect reads its environment when imported

        return ingest(
            list(locations),
            force=force,
            limit=limit,
            field_map=dict(field_map or {}),
            source=source,
            input_format=input_format,
            language=language,
            pages=pages,
            duplicates=settings.duplicates,
            index=settings.index,
            workers=settings.workers,
            runner=settings.runner,
            cluster=settings.cluster,
        )


def run_replay(settings: Settings, bars: Progress, *, reason: str | None, at_most: int) -> Report | None:
    """Run the flow `replay` in this process; return its report, or `None` where nothing lies in the quarantine.

    Raises:
        Exception: whatever ended the run; `newsdex.flows.common.explain.error_sentence` says it in words.
    """
    with _prefect(settings, bars):
        from newsdex.flows.replay import replay  # noqa: PLC0415  # Prefect reads its environment when imported

        return replay(reason=reason, at_most=at_most)


def run_rebuild(settings: Settings, bars: Progress, *, mapping_only: bool, archive: bool) -> RebuildReport:
    """Run the flow `rebuild` in this process and return its report.

    Raises:
        Exception: whatever ended it; `newsdex.flows.common.explain.error_sentence` says it in words.
    """
    with _prefect(settings, bars):
        from newsdex.flows.rebuild import rebuild  # noqa: PLC0415  # Prefect reads its environment when imported

        return rebuild(mapping_only=mapping_only, archive=archive, index=settings.index, workers=settings.workers)


@contextmanager
def _prefect(settings: Settings, bars: Progress) -> Iterator[None]:
    """Elasticsearch and a Prefect server for the length of the block, which reports to `bars`."""
    prefect_server.configure(settings.home, quiet=True)
    with ThreadPoolExecutor(1) as beside:
        # Elasticsearch and the Prefect server take ten seconds each to start: together.
        node = beside.submit(open_client, settings, bars)
        with prefect_server.server(settings.home):
            node.result().close()
            token = progress.current.set(bars)
            try:
                yield
            finally:
                progress.current.reset(token)
