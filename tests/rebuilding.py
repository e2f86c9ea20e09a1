"""A rebuild from beginning to end, for the tests of what is there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.rebuild import Rebuild

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from search.indices import IndexNames, IndexSettings
    from search.rebuild import Rebuilt


def rebuilt(client: Elasticsearch, names: IndexNames, settings: IndexSettings, **options: Any) -> Rebuilt:
    """Fill, swap and leave."""
    work = Rebuild(client, names, settings, **options)
    try:
        work.fill()
        return work.swap()
    finally:
        work.leave()
