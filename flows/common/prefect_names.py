"""Names on the Prefect server: pool, queues, tag, limits, artifact keys and events.

Runs, backfills and the service all use them, and none of these rooms may import another's: so they are kept here.
"""

from __future__ import annotations

POOL = "newsdex"
"""The work pool whose worker runs our deployments."""

QUEUES = {
    "default": "Scheduled and manual runs.",
    "intervals": "The intervals of backfills, so that a long backfill does not keep the schedules waiting.",
    "parents": "Backfills themselves, which only wait for their intervals.",
}
"""Work queues and what they are for; the last has no limit: parents that wait must not keep their children waiting."""

TAG = "newsdex"
"""On every deployment of ours: those that carry it and are no longer wanted are removed."""

WRITERS = "newsdex-writers"
"""The concurrency limit that all runs share which write to Elasticsearch."""

INTERVAL_DEPLOYMENT = "backfill-interval/interval"
"""The deployment that does one interval of a backfill."""

LEDGER, FACETS, REPORT, PROGRESS = "ledger", "facets", "report", "progress"
"""Keys of the artifacts of a run."""

CALENDAR, BACKFILL, REBUILD, MAINTENANCE = "calendar", "backfill", "rebuild", "maintenance"
"""Keys of the artifacts of the flows that are no single run."""

QUARANTINE_GREW = "newsdex.quarantine.grew"
"""Event: a run rejected many of its inputs. The automation for notifications waits for it."""

COVERAGE_FELL = "newsdex.coverage.fell"
"""Event: a source gave far less than it used to."""
