"""Sending one chunk of a bulk load until every line in it has a final answer."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError, Elasticsearch

from newsdex.search.errors import TRANSIENT_STATUS, error_reason, error_type, explain, is_write_blocked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.retry import RetryPolicy

Line = bytes
"""One action as NDJSON: its head and, but for a delete, its document, each ended by a newline."""


_ONE_LINE_SPOILS_ALL = frozenset({"action_request_validation_exception", "illegal_argument_exception"})
"""Error types with which the node refuses a whole request for one line: it is halved until that line is alone."""

_FILTER_PATH = "items.*.status,items.*.result,items.*._seq_no,items.*._primary_term,items.*.error"
"""What is asked of the answer: without names and shard counts it is a third as long."""

_HEADERS = {
    "accept": "application/vnd.elasticsearch+json; compatible-with=9",
    "content-type": "application/vnd.elasticsearch+x-ndjson; compatible-with=9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The final answer for one line."""

    http_status: int
    """0 where no answer was had."""
    result: str = ""
    seq_no: int | None = None
    primary_term: int | None = None
    error_type: str = ""
    error_reason: str = ""
    retryable: bool = False
    """The answer was "not now", every time."""
    attempts: int = 1


class Sender:
    """Sends chunks; shared by the threads of one bulk load.

    Once a chunk has used up its attempts because nothing answered at all, the others try only once, so that a node
    that is gone does not hold every chunk for minutes; the first success ends that.
    """

    def __init__(
        self,
        *,
        client: Elasticsearch,
        policy: RetryPolicy,
        unanswered: RetryPolicy,
        require_alias: bool,
        refresh: str,
    ) -> None:
        # Retrying is done here, by the line: the client would send the whole chunk again, at once.
        self._client = client.options(max_retries=0)
        self._policy, self._unanswered = policy, unanswered
        self._target = (
            f"/_bulk?require_alias={'true' if require_alias else 'false'}&refresh={refresh}&filter_path={_FILTER_PATH}"
        )
        self._stopped = threading.Event()
        self._given_up = threading.Event()

    def stop(self) -> None:
        """End all pauses: what is not yet answered is given up. Called when nobody wants the outcomes any more."""
        self._stopped.set()

    def send(self, lines: Sequence[Line]) -> list[Sent]:
        """Return the final answer for each line, in order."""
        final: list[Sent | None] = [None] * len(lines)
        open_lines = list(range(len(lines)))
        attempt = 0
        while open_lines:
            attempt += 1
            answers = self._once([lines[number] for number in open_lines], attempt)
            for number, answer in zip(open_lines, answers, strict=True):
                final[number] = answer
            open_lines = [number for number, answer in zip(open_lines, answers, strict=True) if answer.retryable]
            absent = all(answer.http_status == 0 for answer in answers)
            policy = self._unanswered if absent else self._policy
            if not open_lines:
                self._given_up.clear()
            elif attempt == policy.attempts or self._given_up.is_set():
                if absent:
                    self._given_up.set()
                break
            elif self._stopped.wait(policy.pause(attempt)):
                break
        return [answer for answer in final if answer is not None]

    def _once(self, lines: Sequence[Line], attempt: int) -> list[Sent]:
        """Send lines in one request and return the answer for each."""
        try:
            response = self._client.perform_request("POST", self._target, headers=_HEADERS, body=b"".join(lines))
        except ApiError as error:
            return self._refused(lines, error, attempt)
        except elastic_transport.TransportError as error:
            unanswered = Sent(http_status=0, error_reason=explain(error), retryable=True, attempts=attempt)
            return [unanswered] * len(lines)
        body: dict[str, Any] = response.body
        return [_read(item, attempt) for item in body["items"]]

    def _refused(self, lines: Sequence[Line], error: ApiError, attempt: int) -> list[Sent]:
        """Return the answers where the request as a whole was refused."""
        status = error.meta.status
        splits = status == 413 or error_type(error) in _ONE_LINE_SPOILS_ALL
        if splits and len(lines) > 1:
            middle = len(lines) // 2
            return [*self._once(lines[:middle], attempt), *self._once(lines[middle:], attempt)]
        answer = Sent(
            http_status=status,
            error_type=error_type(error),
            error_reason=error_reason(error),
            retryable=_is_retryable(status, error_type(error), error_reason(error)),
            attempts=attempt,
        )
        return [answer] * len(lines)


def _read(item: dict[str, Any], attempt: int) -> Sent:
    ((_, fields),) = item.items()
    status = fields["status"]
    error = fields.get("error") or {}
    caused_by = error.get("caused_by") or {}
    reason = "; ".join(text for text in (error.get("reason"), caused_by.get("reason")) if text)
    return Sent(
        http_status=status,
        result=fields.get("result", ""),
        seq_no=fields.get("_seq_no"),
        primary_term=fields.get("_primary_term"),
        error_type=error.get("type", ""),
        error_reason=reason,
        retryable=_is_retryable(status, error.get("type", ""), reason),
        attempts=attempt,
    )


def _is_retryable(status: int, kind: str, reason: str) -> bool:
    # A full disk answers 429 too, but no pause of ours frees it; a cluster that still starts answers 503.
    full = status == 429 and kind == "cluster_block_exception"
    return is_write_blocked(kind, reason) or (status in TRANSIENT_STATUS and not full)
