"""The ledger: what became of every input of a run, by partition and reason. It balances, or the run fails.

read = indexed + unchanged + duplicate + filtered + rejected
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsdex.errors import NewsdexError
from newsdex.transforms.article import Outcome, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class LedgerError(NewsdexError):
    """Inputs went in that did not come out: the run must not count as done."""


@dataclass(slots=True)
class LedgerEntry:
    """The account of one partition."""

    key: str
    label: str
    read: int = 0
    """Inputs that the reader handed over, counted where they were read."""
    outcomes: Counter[tuple[Result, str]] = field(default_factory=Counter)
    """Inputs by what became of them and why, counted where it was decided."""
    seconds: Counter[Stage] = field(default_factory=Counter)
    """Processor seconds by stage, over all workers."""

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count `outcomes`."""
        self.outcomes.update((outcome.result, outcome.reason) for outcome in outcomes)

    def by_result(self) -> dict[Result, int]:
        """Return how many inputs ended in each result; every result is named, if only with 0."""
        counts = dict.fromkeys(Result, 0)
        for (result, _), count in self.outcomes.items():
            counts[result] += count
        return counts

    def by_reason(self, result: Result) -> dict[str, int]:
        """Return why inputs ended in `result`, the most frequent reason first."""
        counts = Counter({reason: count for (each, reason), count in self.outcomes.items() if each is result})
        return dict(counts.most_common())

    @property
    def balanced(self) -> bool:
        """Whether every input read has exactly one outcome."""
        return self.read == self.outcomes.total()


class Ledger:
    """The accounts of a run's partitions and their total."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.entries: list[LedgerEntry] = []

    def add(self, entry: LedgerEntry) -> None:
        """Take in the account of a partition."""
        self.entries.append(entry)

    def total(self) -> LedgerEntry:
        """Return all partitions in one account."""
        total = LedgerEntry("total", "total")
        for entry in self.entries:
            total.read += entry.read
            total.outcomes.update(entry.outcomes)
            total.seconds.update(entry.seconds)
        return total

    def check(self) -> None:
        """Check that every partition balances.

        Raises:
            LedgerError: a partition does not balance; the sentence names it and the figures.
        """
        for entry in self.entries:
            if not entry.balanced:
                raise LedgerError(
                    f"The ledger does not balance: of partition {entry.label}, {entry.read} inputs were read and "
                    f"{entry.outcomes.total()} accounted for. This is a fault in Newsdex, not in the input: the run "
                    "counts as failed; nothing was lost, run it again and report this."
                )


def outcome_of(rejection: Rejection) -> Outcome:
    """Return the ledger's row for an input that did not become an article."""
    return Outcome(
        input_uri=rejection.input_uri,
        result=rejection.result,
        reason=rejection.reason,
        stage=rejection.stage,
        detail=rejection.detail,
    )


def counts(entry: LedgerEntry) -> Mapping[str, int]:
    """Return an account as flat figures: `read` and each result."""
    return {"read": entry.read, **{result.value: count for result, count in entry.by_result().items()}}
