"""What a page needs of whatever reads the quarantine again."""

from __future__ import annotations

from typing import Protocol


class Replayer(Protocol):
    """What reads the quarantine again; `newsdex.commands.web` has one."""

    def start(self, reason: str | None) -> None:
        """Begin to read again what was left out for a reason, or all; nothing where a replay is under way."""
        ...

    def state(self) -> str | None:
        """One sentence on the replay that is under way, or on the last one; `None` before the first."""
        ...
