"""Indices that newer versions have replaced, and when they may go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsdex.search.indices.state import versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames


def replaced(client: Elasticsearch, names: IndexNames, *, before: datetime, keep: int = 1) -> list[str]:
    """Return the versions of our indices that no alias names and that were made before a moment, oldest first.

    Args:
        client: the connection.
        names: whose versions; only indices that are named like them are looked at.
        before: younger ones stay.
        keep: so many replaced versions of each stay whatever their age: the way back.
    """
    found: list[str] = []
    for family in versions(client, names).values():
        free = [(_made(entry), name) for name, entry in family.items() if not entry.get("aliases")]
        newest_first = sorted(free, reverse=True)
        found += [name for made, name in newest_first[keep:] if made < before]
    return sorted(found)


def delete(client: Elasticsearch, indices: Sequence[str]) -> None:
    """Delete indices by their full names. There is no way back."""
    for index in indices:
        client.indices.delete(index=index, ignore_unavailable=True)


def _made(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(entry["settings"]["index"]["creation_date"]) / 1000, UTC)
