"""Every step that asks Elasticsearch waits for it as long as its run does, and ends in one sentence."""

from __future__ import annotations

import elastic_transport
import pytest
from prefect import flow

from newsdex.flows.common import retry as flow_retry
from newsdex.flows.common.retry import elasticsearch_task, ends_in_a_sentence, retry_policy
from newsdex.retry import ELASTICSEARCH, ELASTICSEARCH_UNATTENDED, RetryPolicy
from newsdex.search.errors import SearchError, UnavailableError

pytestmark = pytest.mark.usefixtures("prefect_api")

TWICE = RetryPolicy(first_pause=1, longest_pause=1, attempts=2)


class Node:
    """Stands for what a step asks of Elasticsearch: away for some calls, then there."""

    def __init__(self, away: int, error: Exception) -> None:
        self.away, self.error, self.calls = away, error, 0

    def ask(self) -> str:
        """Answer, or raise what the client library raises."""
        self.calls += 1
        if self.calls <= self.away:
            raise self.error
        return "here"


def outcome(node: Node) -> str:
    """Run a flow of one step that asks."""

    @elasticsearch_task("ask")
    def ask() -> str:
        return node.ask()

    @flow(name="patience")
    def whole() -> str:
        return ask()

    return whole()


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two attempts be all, with a second between them."""
    monkeypatch.setattr(flow_retry, "ELASTICSEARCH", TWICE)


def test_a_step_goes_on_once_elasticsearch_is_back() -> None:
    """What passes is waited for."""
    node = Node(1, elastic_transport.ConnectionError("refused"))
    assert outcome(node) == "here"


def test_a_step_that_gives_up_says_so_in_a_sentence() -> None:
    """Not with the client library's error, and not with its stack of calls."""
    node = Node(9, elastic_transport.ConnectionError("connection refused"))
    with pytest.raises(UnavailableError, match=r"^Elasticsearch cannot be reached .*: check") as told:
        outcome(node)
    assert node.calls == TWICE.attempts
    assert told.value.__cause__ is None


def test_a_refusal_is_told_at_once() -> None:
    """What will not pass is not tried again."""
    node = Node(9, SearchError("These credentials may not do this."))
    with pytest.raises(SearchError, match="credentials"):
        outcome(node)
    assert node.calls == 1


def test_a_run_that_nobody_watches_is_more_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its steps, by the same policy."""
    assert retry_policy() is TWICE
    monkeypatch.setattr(flow_retry, "is_deployed", lambda: True)
    assert retry_policy() is ELASTICSEARCH_UNATTENDED
    assert sum(retry_policy().nominal_pauses) > 6 * sum(ELASTICSEARCH.nominal_pauses)


def test_a_deployed_run_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of the run is the sentence alone; at a terminal the error is raised for the command to print."""

    @flow(name="sentence")
    @ends_in_a_sentence
    def whole() -> None:
        raise SearchError("The index is read-only: free disk space.")

    with pytest.raises(SearchError):
        whole()
    monkeypatch.setattr(flow_retry, "is_deployed", lambda: True)
    state = whole(return_state=True)
    assert state.is_failed()
    assert state.message == "The index is read-only: free disk space."
