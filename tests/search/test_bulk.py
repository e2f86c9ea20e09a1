"""Bulk writes: one outcome for every action, whatever happens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import elastic_transport
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, TransportApiResponse

from newsdex.retry import RetryPolicy
from newsdex.search.bulk.writer import Action, BulkOutcome, BulkStatus, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.state import Indices

QUICK = RetryPolicy(attempts=4, first_pause=0.01, longest_pause=0.02)


@pytest.fixture
def index(indices: Indices) -> str:
    """Return the alias of the articles."""
    return indices.names.articles


def statuses(outcomes: Iterator[BulkOutcome]) -> list[BulkStatus]:
    """Return what became of each action."""
    return [outcome.status for outcome in outcomes]


def fail_requests(client: Elasticsearch, monkeypatch: pytest.MonkeyPatch, failures: list[int | Exception]) -> list[int]:
    """Let the first requests fail with these statuses or errors; later ones reach the node. Returns a list of sizes."""
    real = client.transport.perform_request
    sizes: list[int] = []

    def perform(method: str, target: str, **rest: Any) -> TransportApiResponse:
        sizes.append(len(rest.get("body") or b""))
        if not failures:
            return real(method, target, **rest)
        failure = failures.pop(0)
        if isinstance(failure, Exception):
            raise failure
        node = NodeConfig("http", "127.0.0.1", 9200)
        headers = HttpHeaders({"x-elastic-product": "Elasticsearch", "content-type": "application/json"})
        meta = ApiResponseMeta(node=node, duration=0.0, http_version="1.1", status=failure, headers=headers)
        return TransportApiResponse(meta, {"error": {"type": "es_rejected_execution_exception", "reason": "busy"}})

    monkeypatch.setattr(client.transport, "perform_request", perform)
    return sizes


def test_every_action_has_its_outcome_in_order(client: Elasticsearch, index: str, new_id: Callable[[], str]) -> None:
    """A thousand actions in small chunks over three connections come back in their order, all in the index."""
    ids = [new_id() for _ in range(1000)]
    actions = (Action(index=index, id=each, document={"word_count": 1}, key=n) for n, each in enumerate(ids))
    outcomes = list(write(client, actions, connections=3, chunk_docs=37))
    assert [outcome.action.key for outcome in outcomes] == list(range(1000))
    assert {outcome.status for outcome in outcomes} == {BulkStatus.CREATED}
    found = client.mget(index=index, ids=ids, source=False)["docs"]
    assert all(doc["found"] for doc in found)


def test_outcomes_are_told_apart(client: Elasticsearch, index: str, new_id: Callable[[], str]) -> None:
    """Created, updated, conflict, mapping error, delete and delete of nothing each have their status."""
    one, two = new_id(), new_id()
    document = {"body": "text"}
    actions = [
        Action(index=index, id=one, document=document),
        Action(index=index, id=one, document=document),
        Action(op="create", index=index, id=one, document=document),
        Action(index=index, id=two, document={"no_such_field": 1}),
        Action(index=index, id=two, document={"word_count": "many"}),
        Action(op="delete", index=index, id=one),
        Action(op="delete", index=index, id=one),
    ]
    outcomes = list(write(client, actions))
    assert [outcome.status.value for outcome in outcomes] == [
        "created", "updated", "conflict", "mapping-error", "mapping-error", "deleted", "missing",
    ]  # fmt: skip
    assert "no_such_field" in outcomes[3].detail
    assert [outcome.document_is_at_fault for outcome in outcomes[2:5]] == [False, True, True]


def test_a_document_changed_meanwhile_is_a_conflict(
    client: Elasticsearch, index: str, new_id: Callable[[], str]
) -> None:
    """A write with the sequence number that was read succeeds once; the second such write is a conflict."""
    one = new_id()
    (first,) = write(client, [Action(index=index, id=one, document={"word_count": 1})])
    guarded = Action(
        index=index, id=one, document={"word_count": 2}, if_seq_no=first.seq_no, if_primary_term=first.primary_term
    )
    assert statuses(write(client, [guarded])) == [BulkStatus.UPDATED]
    assert statuses(write(client, [guarded])) == [BulkStatus.CONFLICT]


def test_what_cannot_be_sent_spoils_nothing(client: Elasticsearch, index: str, new_id: Callable[[], str]) -> None:
    """Broken text, an impossible id and a huge document are refused here; their neighbours are written."""
    actions = [
        Action(index=index, id=new_id(), document={"body": "before"}),
        Action(index=index, id=new_id(), document={"body": "\ud800"}),
        Action(index=index, id="x" * 600, document={"body": "b"}),
        Action(index=index, id="", document={"body": "b"}),
        Action(index=index, id="\ud800", document={"body": "b"}),
        Action(index=index, id=new_id(), document={"body": "x" * 2000}),
        Action(index=index, id=new_id(), document={"body": "after"}),
    ]
    assert [status.value for status in statuses(write(client, actions, max_document_bytes=1000))] == [
        "created", "invalid", "invalid", "invalid", "invalid", "too-large", "created",
    ]  # fmt: skip


def test_a_name_that_is_no_alias_is_not_made_an_index(client: Elasticsearch, index: str) -> None:
    """A write to a name that nobody made fails, and makes no index without a mapping."""
    missing = f"{index}-nowhere"
    (outcome,) = write(client, [Action(index=missing, id="1", document={"a": 1})])
    assert outcome.status is BulkStatus.FAILED
    assert missing in outcome.detail
    assert not client.indices.exists(index=missing)


def test_a_read_only_index_is_told_at_once(client: Elasticsearch, indices: Indices) -> None:
    """A full disk (flood stage) is no fault of the document and is not waited for."""
    runs = indices.names.runs
    client.indices.put_settings(index=runs, settings={"index.blocks.read_only_allow_delete": True})
    try:
        (outcome,) = write(client, [Action(index=runs, id="1", document={"run_id": "1"})])
    finally:
        client.indices.put_settings(index=runs, settings={"index.blocks.read_only_allow_delete": None})
    assert (outcome.status, outcome.attempts) == (BulkStatus.UNAVAILABLE, 1)
    assert "free disk space" in outcome.detail


def test_the_same_document_twice_keeps_its_order(client: Elasticsearch, index: str, new_id: Callable[[], str]) -> None:
    """Writes of one document follow one another, however many connections there are."""
    one = new_id()
    actions = (Action(index=index, id=one, document={"word_count": n}) for n in range(20))
    outcomes = list(write(client, actions, connections=4))
    assert [outcome.seq_no for outcome in outcomes] == sorted(outcome.seq_no or 0 for outcome in outcomes)
    assert client.get(index=index, id=one)["_source"]["word_count"] == 19


@pytest.mark.parametrize(
    "failure", [429, 503, elastic_transport.ConnectionError("reset"), elastic_transport.ConnectionTimeout("late")]
)
def test_a_busy_or_absent_node_is_tried_again(
    client: Elasticsearch,
    index: str,
    new_id: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    failure: int | Exception,
) -> None:
    """Two failures and a success end in a document that is written, at the third attempt."""
    fail_requests(client, monkeypatch, [failure, failure])
    (outcome,) = write(client, [Action(index=index, id=new_id(), document={"word_count": 1})], policy=QUICK)
    assert (outcome.status, outcome.attempts) == (BulkStatus.CREATED, 3)


def test_a_node_that_stays_away_is_given_up(
    client: Elasticsearch, index: str, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each action still has its outcome, and chunks after the first that was given up are tried only once."""
    gone = elastic_transport.ConnectionError("", errors=(ConnectionRefusedError("Connection refused"),))
    sizes = fail_requests(client, monkeypatch, [gone] * 100)
    actions = [Action(index=index, id=new_id(), document={"word_count": 1}) for _ in range(10)]
    outcomes = list(write(client, actions, connections=1, chunk_docs=1, policy=QUICK))
    assert {outcome.status for outcome in outcomes} == {BulkStatus.UNAVAILABLE}
    assert "connection refused" in outcomes[0].detail
    assert len(sizes) == QUICK.attempts + 9


def test_a_request_that_is_too_large_is_halved(
    client: Elasticsearch, index: str, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the node takes only smaller requests (413), the chunk is cut until it fits."""
    sizes = fail_requests(client, monkeypatch, [413])
    actions = [Action(index=index, id=new_id(), document={"word_count": 1}) for _ in range(8)]
    assert Counter(statuses(write(client, actions))) == {BulkStatus.CREATED: 8}
    assert len(sizes) == 3


def test_the_reader_is_not_run_ahead_of(client: Elasticsearch, index: str, new_id: Callable[[], str]) -> None:
    """Of an endless source only a few chunks are read ahead, and stopping early ends cleanly."""
    read = 0

    def endless() -> Iterator[Action]:
        nonlocal read
        while True:
            read += 1
            yield Action(index=index, id=new_id(), document={"word_count": 1})

    outcomes = write(client, endless(), connections=2, chunk_docs=10)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert read <= 10 * (2 * 2 + 2)
