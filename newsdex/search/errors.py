"""What went wrong with Elasticsearch, in one plain sentence that names the fix."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from newsdex.errors import NewsdexError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPPORTED_MAJOR = 9
"""The major version of Elasticsearch that the client library and this mapping are made for."""

_MAX_REASON_CHARS = 300
"""How much of the node's own words goes into a sentence: enough for its core, too little for a whole document."""

_MEDIA_VERSION = re.compile(r"(?:must be either version|must be a version) (\d+)")
_INDEX_IN_REASON = re.compile(r"no such index \[([^\]]+)\]")

_CREDENTIALS = "set NEWSDEX_ELASTICSEARCH_API_KEY, or _USERNAME and _PASSWORD, to credentials that the node accepts"
_ADDRESS = "check NEWSDEX_ELASTICSEARCH_URL and that the node runs (`newsdex node status`)"
_CERTIFICATE = "set NEWSDEX_ELASTICSEARCH_CA_CERTS to the certificate file of the authority that signed the node's own"


class SearchError(NewsdexError):
    """Something that the user can fix; its text is one whole plain sentence."""


class UnavailableError(SearchError):
    """Nobody answers at Elasticsearch's address, or a rebuild holds writers out: the same may work in a while."""


def explain(error: BaseException) -> str:
    """Return what an error from Elasticsearch or from the way to it means, in one sentence that names the fix.

    The sentence never holds credentials: only the node's own reason, shortened, is quoted.
    """
    if isinstance(error, SearchError):
        return str(error)
    if isinstance(error, ApiError):
        return _explain_api(error)
    if isinstance(error, elastic_transport.TlsError):
        return _explain_tls(error)
    if isinstance(error, elastic_transport.ConnectionTimeout):
        return (
            "Elasticsearch did not answer in time: it is overloaded or the network is slow; "
            "try again, or raise NEWSDEX_ELASTICSEARCH_TIMEOUT."
        )
    if isinstance(error, elastic_transport.TransportError):
        return _explain_connection(error)
    return f"Unexpected error while talking to Elasticsearch: {type(error).__name__}: {_shorten(str(error))}."


TRANSIENT_STATUS = frozenset({408, 429, 502, 503, 504})
"""HTTP answers that mean "not now": overloaded, behind a proxy that lost its node, or with a shard still starting."""


def is_transient(error: BaseException) -> bool:
    """Return whether trying again may help: Elasticsearch is away or busy, rather than refusing."""
    if isinstance(error, UnavailableError):
        return True
    if isinstance(error, ApiError):
        return error.meta.status in TRANSIENT_STATUS
    if isinstance(error, elastic_transport.TlsError):
        return False
    if isinstance(error, elastic_transport.TransportError):
        return True
    return error.__cause__ is not None and is_transient(error.__cause__)


@contextmanager
def explained() -> Iterator[None]:
    """Turn Elasticsearch's own errors into sentences; what passes by itself is known by the cause of each."""
    try:
        yield
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error


def error_type(error: ApiError) -> str:
    """Return Elasticsearch's own name of an error (`index_not_found_exception`), `""` where it gives none."""
    detail = _error_body(error)
    kind = detail.get("type", "")
    return kind if isinstance(kind, str) else ""


def error_reason(error: ApiError) -> str:
    """Return the node's own reason, with that of the failed shard or the root cause, shortened to one line."""
    detail = _error_body(error)
    failed = detail.get("failed_shards") or []
    inner = failed[0].get("reason") if failed and isinstance(failed[0], dict) else None
    chosen = inner if isinstance(inner, dict) else detail
    caused_by = chosen.get("caused_by")
    words = [chosen.get("reason")]
    if isinstance(caused_by, dict):
        words.append(caused_by.get("reason"))
    return _shorten("; ".join(str(word) for word in words if word) or str(error.message))


def sentence_for(kind: str, reason: str, status: int) -> str:
    """Return the sentence for one error that the node reported, by its type, its reason and the HTTP status.

    Bulk items report their errors in the same terms, so they share these sentences.
    """
    for fits, sentence in (
        (_is_read_only, _READ_ONLY),
        (_is_blocked_for_writing, _HELD),
        (_is_too_many_clauses, "The query has too many words for the node: shorten it."),
        (_is_full_of_shards, _FULL_OF_SHARDS),
        (_is_window, "Elasticsearch pages only through the first 10,000 hits: narrow the search with filters."),
        (_is_parent_breaker, "Elasticsearch is short of memory for this request: ask for less, or give it more heap."),
    ):
        if fits(kind, reason, status):
            return sentence
    if kind == "index_not_found_exception":
        found = _INDEX_IN_REASON.search(reason)
        name = f" {found[1]!r}" if found else ""
        return f"The index{name} does not exist yet: run `newsdex ingest` first, or check the index name."
    if kind == "media_type_header_exception":
        found = _MEDIA_VERSION.search(reason)
        version = f" {found[1]}" if found else ""
        return f"The node is Elasticsearch{version}; Newsdex needs version {SUPPORTED_MAJOR}: upgrade the node."
    by_status = _BY_STATUS.get(status)
    if by_status:
        return by_status
    return f"Elasticsearch refused the request (HTTP {status}, {kind or 'no reason code'}): {_shorten(reason)}"


_READ_ONLY = (
    "The index is read-only, most likely because the disk of Elasticsearch is nearly full (flood stage): "
    "free disk space, and it becomes writable again by itself; a block set by hand is lifted with "
    "`index.blocks.read_only_allow_delete: null` (or `index.blocks.read_only: null`)."
)

_HELD = (
    "Writing to the index is blocked (`index.blocks.write`): a rebuild does so for some seconds before it puts a new "
    "index in its place, and `newsdex ingest` lifts a block that a killed rebuild left; one that was set by hand is "
    "lifted with `PUT INDEX/_settings` and `index.blocks.write: null`."
)

_FULL_OF_SHARDS = (
    "The cluster takes no more shards: delete indices that nobody needs (`newsdex rebuild` leaves the former one until "
    "maintenance removes it), or raise `cluster.max_shards_per_node`, then run again."
)

_BY_STATUS = {
    401: f"Elasticsearch refused the credentials (HTTP 401): {_CREDENTIALS}.",
    403: f"These credentials may not do this (HTTP 403): grant the role in docs/security.md, or {_CREDENTIALS}.",
    413: "The request is larger than Elasticsearch accepts (HTTP 413): send smaller chunks or shorten the document.",
    429: "Elasticsearch is overloaded (HTTP 429) and stayed so: run with fewer workers, or try again later.",
    502: "Something between here and Elasticsearch answers in its place (HTTP 502): check the proxy.",
    503: "Elasticsearch is not ready (HTTP 503): a shard is missing or it is still starting; see `newsdex doctor`.",
    504: "Elasticsearch did not answer its proxy in time (HTTP 504): try again later.",
}


def _is_read_only(kind: str, reason: str, _status: int) -> bool:
    return kind == "cluster_block_exception" and ("read-only" in reason or "flood" in reason or "read_only" in reason)


def is_write_blocked(kind: str, reason: str) -> bool:
    """Return whether an error says that the index is blocked for writing, as it is while a rebuild ends."""
    return kind == "cluster_block_exception" and "index write (api)" in reason


def _is_blocked_for_writing(kind: str, reason: str, _status: int) -> bool:
    return is_write_blocked(kind, reason)


def _is_too_many_clauses(kind: str, reason: str, _status: int) -> bool:
    return "too_many" in kind or "maxClauseCount" in reason or "too many clauses" in reason.lower()


def _is_full_of_shards(_kind: str, reason: str, _status: int) -> bool:
    return "this action would add" in reason and "shards" in reason


def _is_window(_kind: str, reason: str, _status: int) -> bool:
    return "Result window is too large" in reason


def _is_parent_breaker(kind: str, _reason: str, _status: int) -> bool:
    return kind == "circuit_breaking_exception"


def _explain_api(error: ApiError) -> str:
    return sentence_for(error_type(error), error_reason(error), error.meta.status)


def _explain_tls(error: elastic_transport.TlsError) -> str:
    text = str(error)
    if "expired" in text:
        return "The certificate of Elasticsearch has expired: renew it on the node."
    if "hostname mismatch" in text.lower() or "doesn't match" in text or "not valid for" in text:
        return "The certificate of Elasticsearch is for another host name: use the name that it is issued for."
    if "self-signed" in text or "self signed" in text or "unable to get local issuer" in text:
        return f"The certificate of Elasticsearch is not trusted here: {_CERTIFICATE}."
    if "WRONG_VERSION_NUMBER" in text or "wrong version number" in text or "record layer failure" in text:
        return "The node does not speak TLS at this address: use http:// in place of https://."
    return f"The secure connection to Elasticsearch failed ({_shorten(text)}): {_CERTIFICATE}."


def _explain_connection(error: elastic_transport.TransportError) -> str:
    text = str(error)
    if "refused" in text:
        return f"Nothing answers at the address of Elasticsearch (connection refused): {_ADDRESS}."
    if any(sign in text for sign in ("Name or service", "nodename nor", "getaddrinfo", "resolve", "name resolution")):
        return f"The host name of Elasticsearch is unknown: {_ADDRESS}."
    if "RemoteDisconnected" in text or "Connection aborted" in text or "reset by peer" in text:
        return (
            "The node closed the connection without an answer: it stopped, or it speaks TLS and wants https:// "
            "in NEWSDEX_ELASTICSEARCH_URL; see `newsdex node status`."
        )
    return f"Elasticsearch cannot be reached ({_shorten(text)}): {_ADDRESS}."


def _error_body(error: ApiError) -> dict[str, Any]:
    body = error.body
    detail = body.get("error") if isinstance(body, dict) else None
    return detail if isinstance(detail, dict) else {}


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_REASON_CHARS else line[: _MAX_REASON_CHARS - 1] + "…"
