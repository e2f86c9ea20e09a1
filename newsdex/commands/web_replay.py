"""Replays that are started from the search page: each a `newsdex replay` of its own, one at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsdex.flows.config.settings import Settings

_MISSING = "The last replay did not end well: `newsdex replay` says why."


class ReplayCommand:
    """Starts `newsdex replay` and knows how it went."""

    def __init__(self, chosen: Settings) -> None:
        """Replay into the index of these settings."""
        self._environment = {**os.environ, "NEWSDEX_HOME": str(chosen.home), "NEWSDEX_INDEX": chosen.index}
        self._lock = threading.Lock()
        self._running: subprocess.Popen[str] | None = None
        self._told: str | None = None

    def start(self, reason: str | None) -> None:
        """Begin, unless a replay is under way."""
        with self._lock:
            if self._running is not None:
                return
            command = [sys.executable, "-m", "newsdex", "replay", "--json", *(["--reason", reason] if reason else [])]
            self._running = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            threading.Thread(target=self._wait, args=(self._running,), daemon=True).start()

    def state(self) -> str | None:
        """One sentence on the replay that is under way, or on the last one."""
        with self._lock:
            return "A replay is under way: load this page again to see what has left." if self._running else self._told

    def _wait(self, process: subprocess.Popen[str]) -> None:
        told, _ = process.communicate()
        with self._lock:
            self._running, self._told = None, _sentence(told)


def _sentence(told: str) -> str:
    """Return what a replay came to, from the report that it printed."""
    if told.startswith("Nothing to do"):
        return "There was nothing to replay."
    try:
        counts = json.loads(told)["total"]["counts"]
    except (ValueError, KeyError, TypeError):
        return _MISSING
    well = counts["indexed"] + counts["unchanged"] + counts["duplicate"]
    stay = counts["rejected"] + counts["filtered"]
    return f"The last replay read {counts['read']:,} inputs again: {well:,} are well now, {stay:,} stay here."
