"""Stories in the index: who joins which, within a chunk and across runs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.stories import DAY, FIRST, OTHER, SECOND, article

from newsdex.search.indices.manage import IndexSettings, ensure
from newsdex.search.store.documents import to_document
from newsdex.search.store.store import ArticleStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Article


POOL = article(FIRST, "Pool to close", at=DAY - timedelta(hours=2))
SHUT, OAKS = article(SECOND, "Councillors shut pool"), article(OTHER, "Oaks for the ring road")


def test_only_what_began_a_story_says_what_others_are_compared_with() -> None:
    """Its day's names and the words of title and lead; who joined another's story, or is a copy, says nothing."""
    began = to_document(replace(POOL, story_id=POOL.id), ())
    names, title, lead = json.loads(began["gist"]["told"])
    assert title == ["close"]
    assert len(names) >= 2
    assert began["gist"]["names"] == [f"2021-05-{day:02} {name}" for day in (3, 4, 5) for name in names]
    assert "counci" in lead
    assert "gist" not in to_document(replace(SHUT, story_id=POOL.id), ())
    assert "gist" not in to_document(replace(SHUT, story_id=None), ())


@pytest.mark.parametrize("chunks", [[[SHUT, OAKS, POOL]], [[POOL], [OAKS], [SHUT]]])
def test_a_report_joins_the_story_that_began_with_another(
    client: Elasticsearch, names: IndexNames, chunks: Sequence[Sequence[Article]]
) -> None:
    """Together or one run after the other: the two reports of the vote are one story, the rest are their own."""
    store = ArticleStore(client, ensure(client, names, IndexSettings(languages=["en"])))
    for number, chunk in enumerate(chunks):
        store.index(chunk, f"run-{number}")
    client.indices.refresh(index=names.articles)
    hits = client.search(index=names.articles, size=10)["hits"]["hits"]
    assert {hit["_id"]: hit["_source"]["story_id"] for hit in hits} == {
        POOL.id: POOL.id,
        SHUT.id: POOL.id,
        OAKS.id: OAKS.id,
    }
