"""Bulk writes under pressure: how chunks are cut, how many are under way, and what is tried again when."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from newsdex.retry import RetryPolicy
from newsdex.search.bulk.writer import Action, BulkStatus, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.state import Indices

QUICK = RetryPolicy(attempts=4, first_pause=0.01, longest_pause=0.02)


@pytest.fixture
def index(indices: Indices) -> str:
    """Return the alias of the articles."""
    return indices.names.articles


def watched(client: Elasticsearch, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, int], None]) -> list[bytes]:
    """Let `change` look at each answer of the node with its number, from 0; return the bodies that were sent."""
    real = client.transport.perform_request
    bodies: list[bytes] = []

    def perform(method: str, target: str, **rest: Any) -> Any:
        bodies.append(rest["body"])
        number = len(bodies) - 1
        answer = real(method, target, **rest)
        change(answer.body, number)
        return answer

    monkeypatch.setattr(client.transport, "perform_request", perform)
    return bodies


def actions(index: str, new_id: Callable[[], str], count: int, size: int = 10) -> list[Action]:
    return [Action(index=index, id=new_id(), document={"body": "x" * size}) for _ in range(count)]


def test_chunks_are_cut_by_bytes(
    client: Elasticsearch, index: str, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request is larger than asked for, but for a document that is larger by itself and goes alone."""
    bodies = watched(client, monkeypatch, lambda *_: None)
    given = [*actions(index, new_id, 9, 900), *actions(index, new_id, 1, 5_000), *actions(index, new_id, 3, 900)]
    outcomes = list(write(client, given, chunk_bytes=3_500))
    assert {outcome.status for outcome in outcomes} == {BulkStatus.CREATED}
    sizes = sorted(map(len, bodies))
    assert len(sizes) == 5
    assert sizes[-1] > 5_000
    assert sizes[-2] <= 3_500


def test_as_many_requests_are_under_way_as_there_are_connections(
    client: Elasticsearch, index: str, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at once and never four, however slow the node is."""
    lock, now, most = threading.Lock(), 0, 0
    real = client.transport.perform_request

    def perform(*given: Any, **rest: Any) -> Any:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        try:
            return real(*given, **rest)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(client.transport, "perform_request", perform)
    outcomes = list(write(client, actions(index, new_id, 40), connections=3, chunk_docs=2))
    assert {outcome.status for outcome in outcomes} == {BulkStatus.CREATED}
    assert most == 3


@pytest.mark.parametrize("status", [429, 503])
def test_only_the_documents_that_the_node_could_not_take_are_sent_again(
    client: Elasticsearch, index: str, new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Of a request that was taken in part, each document that was put off is written at the second attempt."""

    def put_off(body: Any, number: int) -> None:
        if number == 0:
            for item in body["items"][::2]:
                item["index"] = {
                    "status": status,
                    "error": {"type": "es_rejected_execution_exception", "reason": "busy"},
                }

    bodies = watched(client, monkeypatch, put_off)
    outcomes = list(write(client, actions(index, new_id, 10), policy=QUICK))
    assert [outcome.attempts for outcome in outcomes] == [2, 1] * 5
    assert all(outcome.ok for outcome in outcomes)
    assert [body.count(b'"body"') for body in bodies] == [10, 5]
