"""What a rebuild reports when it is done: plain data, for the terminal, for `--json` and for Prefect."""

from __future__ import annotations

import msgspec

from newsdex.flows.runs.report import Report  # noqa: TC001  # msgspec reads the field types at run time


class RebuildReport(msgspec.Struct, frozen=True):
    """The account of a rebuild."""

    indices: dict[str, str]
    """Alias → the index that is now behind it."""
    former: dict[str, str]
    """Alias → the index that was behind it: `newsdex rollback` goes back there."""
    documents: dict[str, int]
    """Alias → documents."""
    read: int
    """Documents read, those that changed meanwhile several times."""
    written: int
    newer: int
    """Documents that were read, and not written as a newer version had been."""
    anew: int
    """How many went through today's transforms."""
    kept: int
    """How many today's transforms failed on: they stay as they were."""
    moved: int
    """Articles that were put into the index of their year or month, or back into the one of all, after the swap."""
    resumed: bool
    """It went on with a rebuild that was cut off; what that one read and wrote is not counted here."""
    held_seconds: float
    """How long writers were held out."""
    seconds: float
    archive: Report | None = None
    """The account of reading the archive again, where that was asked for and there is one."""

    def sentence(self) -> str:
        """The account in one line."""
        documents = sum(self.documents.values())
        moved = f", {self.moved:,} of them moved to the index of their period" if self.moved else ""
        return (
            f"{self.read:,} read = {self.written:,} written, {self.newer:,} written before; {documents:,} documents"
            f"{moved} in {', '.join(self.indices.values())} ({self.seconds:.1f} s, writers held out for "
            f"{self.held_seconds:.1f} s)"
        )
