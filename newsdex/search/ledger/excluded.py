"""Which inputs of a run were not indexed, and why: kept with the record of each partition, as it was decided then.

A rejection leaves the quarantine once it is well, and a copy becomes an article when a better one comes: what a run did
is told by its own record. Inputs that were indexed, or were there already, are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.ledger.run_records import scan_records
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Outcome

LEFT_OUT = (Result.DUPLICATE, Result.FILTERED, Result.REJECTED)
"""Results of inputs that are no articles of the index afterwards."""

FIELD = "report.left_out"
"""Where a partition's document has them: stored, not searched. A partition has some 500 inputs at most."""

DETAIL_CHARS = 300
"""How much of a sentence is kept: the longest of ours are shorter, but they may quote an input's name."""

PARTITIONS = 20
"""Documents a request: at most some hundred kilobytes each, where every input was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An input that was read and is not an article of its own in the index."""

    input_uri: str
    result: str
    """`duplicate`, `filtered` or `rejected`."""
    reason: str
    stage: str = ""
    detail: str = ""
    article_id: str | None = None
    duplicate_of: str | None = None
    """Of a duplicate: id of the article that it was folded into, at that time."""
    similarity: float | None = None


def kept(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return what a partition's record keeps of its outcomes."""
    return [
        {
            name: value
            for name, value in (
                ("input_uri", each.input_uri),
                ("result", each.result.value),
                ("reason", each.reason),
                ("stage", each.stage.value),
                ("detail", each.detail[:DETAIL_CHARS]),
                ("article_id", each.article_id),
                ("duplicate_of", each.duplicate_of),
                ("similarity", each.similarity),
            )
            if value not in (None, "")
        }
        for each in outcomes
        if each.result in LEFT_OUT
    ]


def left_out(
    client: Elasticsearch, names: IndexNames, run_id: str, *, result: str | None = None, reason: str | None = None
) -> Iterator[LeftOut]:
    """Yield the inputs of a run that were not indexed, in the order in which they were read.

    Args:
        client: the connection.
        names: of the indices.
        run_id: the run's full id.
        result: only `duplicate`, `filtered` or `rejected` ones.
        reason: only those of this reason.

    Raises:
        SearchError: no index yet, or no node.
    """
    body = {
        "query": {"bool": {"filter": [{"term": {"run_id": run_id}}, {"term": {"kind": "partition"}}]}},
        "sort": [{"partition.number": "asc"}],
        "_source": [FIELD],
    }
    for source in scan_records(client, names.runs, body, page=PARTITIONS):
        for entry in source.get("report", {}).get("left_out", ()):
            if (result is None or entry["result"] == result) and (reason is None or entry["reason"] == reason):
                yield msgspec.convert(entry, LeftOut)
