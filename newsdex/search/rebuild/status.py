"""In what state the indices are, in a line for a person who asks: which there are, and what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.search.errors import SearchError, explained
from newsdex.search.indices.naming import url_batches
from newsdex.search.indices.state import check, resolve
from newsdex.search.indices.write_block import is_blocked
from newsdex.search.rebuild.checkpoint import find

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames


def describe(client: Elasticsearch, names: IndexNames) -> str:
    """Return which indices there are and how many articles they hold; nothing is changed.

    Raises:
        SearchError: they cannot be used as they are; the sentence names the fix.
    """
    with explained():
        if not resolve(client, names):
            return f"none yet for {names.prefix!r}: the first `newsdex ingest` makes them"
        found = check(client, names).concrete
        for some in url_batches(found.values()):
            for index, health in client.cluster.health(index=some, level="indices")["indices"].items():
                if health["status"] == "red":
                    raise SearchError(f"The index {index!r} is red: see `GET _cluster/allocation/explain`.")
        if is_blocked(client, found.values()):
            raise SearchError(
                f"The index {found[names.articles]!r} is blocked for writing: a rebuild that ends does so for some "
                "seconds; where none is at work, `newsdex ingest` lifts what it left, or says what to do."
            )
        unfinished = find(client, names)
        articles, copies = (client.count(index=alias)["count"] for alias in (names.articles, names.copies))
        further = sum(map(names.is_of_period, found))
        beside = f" and {further} of a year or month" if further else ""
        said = f"{found[names.articles]}{beside} with {articles:,} articles, and {copies:,} copies"
        return said + ("; a rebuild is not done: `newsdex rebuild` goes on with it" if unfinished else "")
