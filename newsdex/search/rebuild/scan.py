"""Reads an index for a rebuild: the documents of a shard in the order of their writes, and all ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError

from newsdex.search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticsearch import Elasticsearch

PAGE = 250
"""Documents read in one request; about a megabyte of ordinary articles."""

IDS = 1_000
"""Ids asked for in one request."""

KEEP_ALIVE = "10m"
"""How long Elasticsearch keeps a view open for the next page: workers may take minutes over those that wait."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it lies in an index."""

    id: str
    source: Mapping[str, Any]
    number: int
    """Of the write that made it what it is, in its shard."""


def written(client: Elasticsearch, index: str) -> list[int]:
    """Return by shard the number up to which every write is done and found by searches, refreshed now."""
    stats = client.indices.stats(index=index, level="shards", metric="docs").body["indices"]
    shards = stats.get(index, {}).get("shards", {})
    primaries = {
        int(number): copy["seq_no"]["global_checkpoint"]
        for number, copies in shards.items()
        for copy in copies
        if copy["routing"]["primary"]
    }
    settings = client.indices.get_settings(index=index, name="index.number_of_shards", flat_settings=True)
    missing = set(range(int(settings[index]["settings"]["index.number_of_shards"]))) - primaries.keys()
    if missing:
        raise SearchError(
            f"The index {index!r} is red: shard {min(missing)} has no copy that can be read; see "
            "`GET _cluster/allocation/explain`. Nothing was changed: fix it, then run `newsdex rebuild` again."
        )
    client.indices.refresh(index=index)
    return [primaries[number] for number in sorted(primaries)]


def pages(client: Elasticsearch, index: str, shard: int, after: int) -> Iterator[list[Stored]]:
    """Yield the documents of a shard that were written after a number, in the order of their writes."""
    view = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE, preference=f"_shards:{shard}")["id"]
    size = PAGE
    try:
        while True:
            try:
                answer = client.search(
                    pit={"id": view, "keep_alive": KEEP_ALIVE},
                    query={"range": {"_seq_no": {"gt": after}}},
                    sort=[{"_seq_no": "asc"}],
                    size=size,
                    seq_no_primary_term=True,
                    track_total_hits=False,
                )
            except ApiError as error:
                # A page of very long articles is more than a small node can hold: it is asked for in parts.
                if error.meta.status != 429 or size == 1:
                    raise
                size = max(1, size // 4)
                continue
            hits = answer["hits"]["hits"]
            if not hits:
                return
            yield [Stored(hit["_id"], hit["_source"], hit["_seq_no"]) for hit in hits]
            after = hits[-1]["_seq_no"]
    finally:
        client.close_point_in_time(id=view)


def all_ids(client: Elasticsearch, index: str) -> Iterator[list[str]]:
    """Yield the ids of all documents, by pages, from one point in time."""
    view = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)["id"]
    after: Any = None
    try:
        while True:
            hits = client.search(
                pit={"id": view, "keep_alive": KEEP_ALIVE},
                size=IDS,
                sort=["_shard_doc"],
                search_after=after,
                source=False,
                track_total_hits=False,
            )["hits"]["hits"]
            if not hits:
                return
            yield [hit["_id"] for hit in hits]
            after = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=view)
