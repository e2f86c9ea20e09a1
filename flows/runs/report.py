"""What a run reports when it is done: plain data, for the terminal, for `--json` and for Prefect."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time

import msgspec

from newsdex.transforms.article import Result


class Reason(msgspec.Struct, frozen=True):
    """How many inputs ended in one result for one reason."""

    result: Result
    reason: str
    count: int


class LedgerRow(msgspec.Struct, frozen=True):
    """One line of the ledger."""

    label: str
    counts: dict[str, int]
    """`read` and each result."""


class Problem(msgspec.Struct, frozen=True):
    """One input that was rejected, for the eyes of the person who started the run."""

    input_uri: str
    reason: str
    detail: str


class Report(msgspec.Struct, frozen=True):
    """The account of a run."""

    run_id: str
    index: str
    started_at: datetime
    seconds: float
    """Wall-clock seconds from the first input to the last document."""
    total: LedgerRow
    partitions: list[LedgerRow]
    reasons: list[Reason]
    problems: list[Problem]
    """The first rejected inputs; all of them lie in the quarantine."""
    stage_seconds: dict[str, float]
    """Processor seconds by stage, all workers together."""
    memory_mb: dict[str, float]
    """Largest resident memory seen: `main`, `worker` (the largest one)."""
    languages: dict[str, int]
    without_model: dict[str, int]
    """Languages without an entity model, with their number of articles."""
    analysis: dict[str, str]
    """How each language is stemmed in this index."""
    reused: int
    """Partitions that an interrupted run had prepared."""
    coverage: list[str] = []
    """Sources and languages that gave far less than they used to, in a sentence each."""

    def count(self, result: Result) -> int:
        """Return how many inputs ended in `result`."""
        return self.total.counts[result.value]

    @property
    def read(self) -> int:
        """How many inputs were read."""
        return self.total.counts["read"]

    @property
    def rate(self) -> float:
        """Inputs a second."""
        return self.read / self.seconds if self.seconds else 0.0

    def sentence(self) -> str:
        """Return the ledger in one line."""
        parts = ", ".join(f"{self.count(result):,} {result.value}" for result in Result)
        return f"{self.read:,} read = {parts} ({self.seconds:.1f} s, {self.rate:.0f} a second)"


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
        """Return the account in one line."""
        documents = sum(self.documents.values())
        moved = f", {self.moved:,} of them moved to the index of their period" if self.moved else ""
        return (
            f"{self.read:,} read = {self.written:,} written, {self.newer:,} written before; {documents:,} documents"
            f"{moved} in {', '.join(self.indices.values())} ({self.seconds:.1f} s, writers held out for "
            f"{self.held_seconds:.1f} s)"
        )


PROBLEMS_SHOWN = 50
"""More than a person reads; the quarantine has all of them."""
