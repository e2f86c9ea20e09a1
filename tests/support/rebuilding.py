"""A rebuild from beginning to end, for the tests of what is there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.search.rebuild.rebuild import Rebuild

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames, IndexSettings
    from newsdex.search.rebuild.rebuild import Rebuilt


def rebuilt(client: Elasticsearch, names: IndexNames, settings: IndexSettings, **options: Any) -> Rebuilt:
    """Fill, swap and leave."""
    work = Rebuild(client, names, settings, **options)
    try:
        work.fill()
        return work.swap()
    finally:
        work.leave()
