"""The quarantine: inputs that were rejected or filtered, with their reason, until they are read well."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from newsdex.retry import WRITE_BLOCK, retry
from newsdex.search.errors import is_write_blocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Rejection

T = TypeVar("T")

CHUNK = 500
"""Documents a request: at most 2,000 characters each, so about a megabyte."""


class _BlockedError(RuntimeError):
    """The quarantine is blocked for writing: a rebuild does so for some seconds."""


class Quarantine:
    """The index `<prefix>-rejected`. One document an input: an input that fails twice is there once."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        """Use the quarantine of these names, which exists."""
        self._client, self._index = client, names.rejected
        self._holds_some: bool | None = None

    def add(self, rejections: Sequence[Rejection], run_id: str) -> None:
        """Put inputs into the quarantine; one that is there already gets its newest reason.

        Raises:
            RuntimeError: Elasticsearch refused a document of ours.
        """
        if not rejections:
            return
        at = datetime.now(UTC).isoformat()
        for chunk in _chunks(rejections):
            operations: list[dict[str, Any]] = []
            for rejection in chunk:
                operations.append({"index": {"_id": quarantine_id(rejection.input_uri)}})
                operations.append(
                    {
                        "input_uri": rejection.input_uri,
                        "result": rejection.result.value,
                        "stage": rejection.stage.value,
                        "reason": rejection.reason,
                        "detail": rejection.detail,
                        "raw": rejection.raw,
                        "run_id": run_id,
                        "at": at,
                    }
                )
            self._write(operations)
        self._holds_some = True

    def release(self, input_uris: Sequence[str]) -> None:
        """Take inputs out of the quarantine that came through after all."""
        if not input_uris or not self._in_use():
            return
        for chunk in _chunks(input_uris):
            ids = [quarantine_id(uri) for uri in chunk]
            found = self._client.mget(index=self._index, ids=ids, source=False)
            there = [doc["_id"] for doc in found["docs"] if doc.get("found")]
            if there:
                self._write([{"delete": {"_id": each}} for each in there])

    def quarantined_inputs(self, reason: str | None = None) -> Iterator[str]:
        """Yield the input URI of every input in quarantine, of one reason where it is given, the oldest first."""
        self._client.indices.refresh(index=self._index)
        after: list[Any] | None = None
        query: dict[str, Any] = {"term": {"reason": reason}} if reason else {"match_all": {}}
        while True:
            found = self._client.search(
                index=self._index,
                query=query,
                size=CHUNK,
                sort=[{"at": "asc"}, {"input_uri": {"order": "asc", "missing": "_last"}}],
                search_after=after,
                source_includes=["input_uri"],
            )
            hits = found["hits"]["hits"]
            yield from (hit["_source"]["input_uri"] for hit in hits)
            if len(hits) < CHUNK:
                return
            after = hits[-1]["sort"]

    def _write(self, operations: Sequence[dict[str, Any]]) -> None:
        """Write, and again while a rebuild holds writers out; each operation may be done twice."""
        retry(WRITE_BLOCK, lambda: self._write_once(operations), on=lambda error: isinstance(error, _BlockedError))

    def _write_once(self, operations: Sequence[dict[str, Any]]) -> None:
        answer = self._client.bulk(index=self._index, operations=operations, require_alias=True)
        errors = [fields["error"] for item in answer["items"] for fields in item.values() if "error" in fields]
        if errors:
            blocked = all(is_write_blocked(error["type"], error["reason"]) for error in errors)
            sentence = f"The quarantine {self._index!r} refused a document: {errors[0]['reason']}"
            raise _BlockedError(sentence) if blocked else RuntimeError(sentence)

    def _in_use(self) -> bool:
        """Return whether anybody is in quarantine: most runs need not look for each of their articles there."""
        if self._holds_some is None:
            self._client.indices.refresh(index=self._index)
            self._holds_some = self._client.count(index=self._index)["count"] > 0
        return self._holds_some


def quarantine_id(input_uri: str) -> str:
    """Return the document id of an input in the quarantine."""
    return hashlib.blake2b(input_uri.encode(), digest_size=16).hexdigest()


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
