"""Streaming bulk writes: any number of actions in, exactly one outcome for each out, in the same order.

Actions are cut into chunks by count and bytes, serialised here once, and sent over two or more connections; at most
one chunk a connection waits beyond those under way, so memory is bounded and a slow node slows the reader down.
What the node is too busy for (429, 503) and what a broken connection left open is tried again, with growing pauses.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from newsdex.retry import BULK_LINE
from newsdex.search.bulk.outcome import Action, BulkOutcome, BulkStatus, Operation
from newsdex.search.bulk.sender import Line, Sender, Sent
from newsdex.search.errors import is_write_blocked, sentence_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elasticsearch import Elasticsearch

    from newsdex.retry import RetryPolicy

CHUNK_DOCS = 500
"""Actions in a chunk at most. 250 to 1,000 are equally fast here; fewer cost round trips, more cost memory."""

CHUNK_BYTES = 5 * 1024 * 1024
"""Bytes in a chunk at most (one larger document goes alone): 5 to 15 MB is what Elasticsearch advises."""

CONNECTIONS = 2
"""Requests under way at once. Two reach the rate of four on a node of 2 cores; a cluster may take more."""

MAX_DOCUMENT_BYTES = 20_000_000
"""Largest document that is sent. The embedded node (512 MB heap) takes 51 MB of indexing at once, over all chunks."""

MAX_ID_BYTES = 512
"""Longest `_id` that Elasticsearch takes; a longer one would spoil its whole request."""


__all__ = ["Action", "BulkOutcome", "BulkStatus", "Operation", "write"]


def write(
    client: Elasticsearch,
    actions: Iterable[Action],
    *,
    connections: int = CONNECTIONS,
    chunk_docs: int = CHUNK_DOCS,
    chunk_bytes: int = CHUNK_BYTES,
    max_document_bytes: int = MAX_DOCUMENT_BYTES,
    policy: RetryPolicy = BULK_LINE,
    unanswered: RetryPolicy | None = None,
    require_alias: bool = True,
    refresh: Literal["false", "true", "wait_for"] = "false",
) -> Iterator[BulkOutcome]:
    """Write actions and yield one outcome for each, in their order. Nothing is written before the first is asked for.

    Two actions on the same document in one call are applied in their order (the second waits for the first).

    Args:
        client: its `connections_per_node` must be at least `connections`.
        actions: consumed lazily, at most `2 * connections` chunks ahead of what was yielded.
        connections: requests under way at once.
        chunk_docs: most actions in a request.
        chunk_bytes: most bytes in a request; a larger document goes alone.
        max_document_bytes: larger documents are not sent, their outcome is `too-large`.
        policy: how often a line is sent that the node is too busy for.
        unanswered: the same where nobody answers; fewer where the caller can start the node again.
        require_alias: refuse to write to a name that is no alias, so that no index comes up by mistake; switch it off
            to write to a versioned index.
        refresh: `wait_for` returns when searches find what was written.
    """
    sender = Sender(
        client=client, policy=policy, unanswered=unanswered or policy, require_alias=require_alias, refresh=refresh
    )
    chunks = _chunks(actions, chunk_docs, chunk_bytes, max_document_bytes)
    pool = ThreadPoolExecutor(max_workers=connections, thread_name_prefix="bulk")
    pending: deque[tuple[_Chunk, Future[list[Sent]]]] = deque()
    try:
        for chunk in chunks:
            while pending and (len(pending) >= 2 * connections or _overlaps(chunk, pending)):
                yield from _outcomes(*pending.popleft())
            pending.append((chunk, pool.submit(sender.send, [line for line in chunk.lines if line is not None])))
        while pending:
            yield from _outcomes(*pending.popleft())
    finally:
        sender.stop()
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class _Chunk:
    """Actions with their lines, in order; an action that is not sent has its outcome instead of a line."""

    actions: list[Action]
    lines: list[Line | None]
    refused: dict[int, BulkOutcome]
    targets: set[tuple[str, str]]
    bytes: int = 0


def _chunks(actions: Iterable[Action], chunk_docs: int, chunk_bytes: int, max_document_bytes: int) -> Iterator[_Chunk]:
    encoder = msgspec.json.Encoder()
    chunk = _Chunk([], [], {}, set())
    for action in actions:
        line, refusal = _serialise(encoder, action, max_document_bytes)
        size = len(line) if line else 0
        target = (action.index, action.id)
        full = len(chunk.actions) >= chunk_docs or chunk.bytes + size > chunk_bytes or target in chunk.targets
        if chunk.actions and full:
            yield chunk
            chunk = _Chunk([], [], {}, set())
        if refusal is not None:
            chunk.refused[len(chunk.actions)] = refusal
        chunk.actions.append(action)
        chunk.lines.append(line)
        chunk.targets.add(target)
        chunk.bytes += size
    if chunk.actions:
        yield chunk


def _overlaps(chunk: _Chunk, pending: Iterable[tuple[_Chunk, Future[list[Sent]]]]) -> bool:
    return any(not chunk.targets.isdisjoint(earlier.targets) for earlier, _ in pending)


def _serialise(
    encoder: msgspec.json.Encoder, action: Action, max_document_bytes: int
) -> tuple[Line | None, BulkOutcome | None]:
    head: dict[str, Any] = {"_index": action.index, "_id": action.id}
    if action.if_seq_no is not None:
        head["if_seq_no"] = action.if_seq_no
        head["if_primary_term"] = action.if_primary_term
    if action.version is not None:
        head |= {"version": action.version, "version_type": "external_gte"}
    if not 0 < len(action.id.encode(errors="surrogatepass")) <= MAX_ID_BYTES:
        detail = f"The id {action.id[:40]!r} is empty or over {MAX_ID_BYTES} bytes: Elasticsearch cannot take it."
        return None, BulkOutcome(action=action, status=BulkStatus.INVALID, detail=detail, attempts=0)
    try:
        line = encoder.encode({action.op: head}) + b"\n"
        if action.op == "delete":
            return line, None
        document = encoder.encode(action.document)
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        # A lone surrogate, a value that JSON does not know.
        detail = f"The document cannot be written as JSON ({error}): its text holds broken characters."
        return None, BulkOutcome(action=action, status=BulkStatus.INVALID, detail=detail, attempts=0)
    if len(document) > max_document_bytes:
        detail = (
            f"The document is {len(document) / 1e6:.1f} MB, more than the {max_document_bytes / 1e6:.1f} MB that are "
            "sent to Elasticsearch: shorten or split the article."
        )
        return None, BulkOutcome(action=action, status=BulkStatus.TOO_LARGE, detail=detail, attempts=0)
    return line + document + b"\n", None


def _outcomes(chunk: _Chunk, future: Future[list[Sent]]) -> Iterator[BulkOutcome]:
    sent = iter(future.result())
    for number, action in enumerate(chunk.actions):
        refused = chunk.refused.get(number)
        yield refused if refused is not None else _outcome(action, next(sent))


def _outcome(action: Action, sent: Sent) -> BulkOutcome:
    status = _status(action, sent)
    succeeded = sent.http_status < 300 and sent.http_status > 0
    return BulkOutcome(
        action=action,
        status=status,
        detail="" if succeeded or status is BulkStatus.MISSING else _detail(status, sent),
        http_status=sent.http_status,
        seq_no=sent.seq_no,
        primary_term=sent.primary_term,
        attempts=sent.attempts,
    )


_RESULTS = {
    "created": BulkStatus.CREATED,
    "updated": BulkStatus.UPDATED,
    "noop": BulkStatus.UPDATED,
    "deleted": BulkStatus.DELETED,
    "not_found": BulkStatus.MISSING,
}

_MAPPING_ERRORS = ("mapper_parsing", "document_parsing", "strict_dynamic_mapping", "illegal_argument")
"""Beginnings of the error types that mean: this document does not fit, and never will."""


def _status(action: Action, sent: Sent) -> BulkStatus:  # noqa: PLR0911  # one line for each answer
    if sent.result in _RESULTS:
        return _RESULTS[sent.result]
    if sent.http_status == 409:
        return BulkStatus.CONFLICT
    if sent.http_status == 413:
        return BulkStatus.TOO_LARGE
    if is_write_blocked(sent.error_type, sent.error_reason):
        return BulkStatus.HELD
    if sent.retryable or sent.error_type == "cluster_block_exception":
        return BulkStatus.UNAVAILABLE
    if sent.http_status == 400 and sent.error_type.startswith(_MAPPING_ERRORS) and action.op != "delete":
        return BulkStatus.MAPPING_ERROR
    return BulkStatus.FAILED


def _detail(status: BulkStatus, sent: Sent) -> str:
    if status is BulkStatus.CONFLICT:
        return "Another process wrote this document first: read it again and decide anew."
    if status is BulkStatus.MAPPING_ERROR:
        return f"A field does not fit the index: {' '.join(sent.error_reason.split())[:300]}"
    if sent.http_status == 0:
        return sent.error_reason
    return sentence_for(sent.error_type, sent.error_reason, sent.http_status)
