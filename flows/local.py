"""Run the ingest flow from a terminal: with a Prefect server for its length, started beside Elasticsearch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from flows import prefect_server, progress
from flows.connection import open_client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.progress import Progress
    from flows.report import Report
    from flows.settings import Settings
    from readers.live_options import Pages


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
        Exception: whatever ended the run; `flows.faults.sentence` says it in words.
    """
    prefect_server.configure(settings.home, quiet=True)
    with ThreadPoolExecutor(1) as beside:
        # Elasticsearch and the Prefect server take ten seconds each to start: together.
        node = beside.submit(open_client, settings, bars)
        with prefect_server.server(settings.home):
            node.result().close()
            from flows.ingest import ingest  # noqa: PLC0415  # Prefect reads its environment when imported

            token = progress.current.set(bars)
            try:
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
                )
            finally:
                progress.current.reset(token)
