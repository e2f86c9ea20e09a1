from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.flows.runs.ledger import Ledger, LedgerEntry, LedgerError, counts, outcome_of
from newsdex.transforms.article import Outcome, Rejection, Result, Stage


def outcome(result: Result, reason: str = "any") -> Outcome:
    return Outcome(input_uri="file:///a", result=result, reason=reason, stage=Stage.INDEX)


@given(st.lists(st.sampled_from(Result)))
def test_a_ledger_balances_exactly_when_every_input_has_one_outcome(results: list[Result]) -> None:
    """`read` equals the sum of the five results, whatever they are."""
    ledger = Ledger()
    entry = LedgerEntry("key", "label")
    ledger.add(entry)
    entry.read = len(results)
    entry.add(outcome(result) for result in results)
    ledger.check()
    figures = counts(ledger.total())
    assert figures["read"] == sum(count for name, count in figures.items() if name != "read")


@pytest.mark.parametrize("read", [0, 2])
def test_a_ledger_that_does_not_balance_is_an_error_that_names_the_partition(read: int) -> None:
    """One input too many or too few on either side ends the run."""
    ledger = Ledger()
    entry = LedgerEntry("key", "papers.jsonl 1 to 500")
    ledger.add(entry)
    entry.read = read
    entry.add([outcome(Result.INDEXED)])
    with pytest.raises(LedgerError, match=r"papers\.jsonl 1 to 500"):
        ledger.check()


def test_a_surplus_in_one_partition_does_not_hide_a_loss_in_another() -> None:
    """Partitions are held to account one by one, not only in their sum."""
    ledger = Ledger()
    for read in (2, 0):
        entry = LedgerEntry("key", "label")
        ledger.add(entry)
        entry.read = read
        entry.add([outcome(Result.INDEXED)])
    with pytest.raises(LedgerError):
        ledger.check()


def test_reasons_are_counted_within_their_result_most_frequent_first() -> None:
    """The same reason code under two results is two reasons."""
    entry = LedgerEntry("key", "label")
    entry.add([outcome(Result.DUPLICATE, "near-copy")] * 2 + [outcome(Result.DUPLICATE, "exact-copy")] * 3)
    entry.add([outcome(Result.REJECTED, "near-copy")])
    assert entry.by_reason(Result.DUPLICATE) == {"exact-copy": 3, "near-copy": 2}


def test_a_rejection_keeps_its_result_and_reason_in_the_ledger() -> None:
    """What was filtered is counted as filtered, not as rejected."""
    rejection = Rejection(
        input_uri="file:///a", stage=Stage.CLEAN, reason="error-page", detail="It is one.", result=Result.FILTERED
    )
    assert outcome_of(rejection).result is Result.FILTERED
    assert outcome_of(rejection).reason == "error-page"
