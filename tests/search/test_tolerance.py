"""Words that look misspelt, stories, kept copies, new ones first: what a search does beyond finding words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from newsdex.search.bulk.writer import Action, write
from newsdex.search.query.filters import make_filters
from newsdex.search.query.request import SearchRequest
from newsdex.search.query.spelling import corrected
from newsdex.search.results.facets import facets
from newsdex.search.results.overview import first_page
from newsdex.search.results.search import search
from newsdex.search.results.similar import more_like_this
from newsdex.search.results.stories import story
from newsdex.search.results.timeline import timeline, timeline_of_months
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, Entities, Source

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.indices.state import Indices


def article(article_id: str, **fields: Any) -> Article:
    defaults = {"input_uri": article_id, "content_hash": article_id, "pipeline_version": "1", "language": "en"}
    return Article(id=article_id, **{**defaults, **fields})


ARTICLES = (
    *(
        article(
            f"probe-{number:02}",
            title=f"Investigators weigh the inquiry of week {number}",
            body="The investigation by Mueller went on, said the committee of the senate.",
            published_at=datetime(2018, 1 + number % 12, 1 + number, tzinfo=UTC),
            source=Source(name="The Courier" if number % 2 else "The Herald"),
            copy_sources=("The Courier" if number % 2 else "The Herald",),
            entities=Entities(person=("Robert Mueller",) if number % 3 else ("Ada Byron",)),
            story_id="inquiry" if number < 10 else None,
        )
        for number in range(24)
    ),
    article(
        "rare", title="A mill", body="The muler is a worker at a mill.", published_at=datetime(2019, 1, 1, tzinfo=UTC)
    ),
    article("bridge-1", title="Bridge opens", body="A bridge opened.", story_id="bridge"),
    article("bridge-2", title="Bridge closes again", body="The bridge closed at once.", story_id="bridge"),
    article("kept", title="Bridge opens", body="A bridge opened.", duplicate_of="bridge-1", similarity=1.0),
    article("old", body="A harbour strike begins.", published_at=datetime(2012, 1, 1, tzinfo=UTC)),
    article("new", body="A harbour strike begins.", published_at=datetime(2019, 2, 1, tzinfo=UTC)),
    article("undated", body="A harbour strike begins."),
)


@pytest.fixture(scope="module")
def names(client: Elasticsearch, indices: Indices) -> IndexNames:
    """Return an index with these articles, the kept copy among them."""
    actions = [
        Action(index=indices.names.articles, id=each.id, document=to_document(each, indices.stemmed))
        for each in ARTICLES
    ]
    assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
    return indices.names


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Muller", (("Muller", "mueller"),)),
        ("investigaton", (("investigaton", "investigation"),)),
        ("invetsigation comittee", (("invetsigation", "investigation"), ("comittee", "committee"))),
    ],
)
def test_a_misspelt_word_finds_what_was_meant(
    client: Elasticsearch, names: IndexNames, typed: str, words: tuple[tuple[str, str], ...]
) -> None:
    """Where few articles have the words as typed, like ones are searched for as well, and the answer says so."""
    found = search(client, names, SearchRequest(query=typed))
    assert found.total == 24
    assert found.corrected == words
    assert first_page(client, names, SearchRequest(query=typed)).results.total == 24
    counted = facets(client, names, query=typed)
    assert counted.total == 24
    assert words[0][1] in counted.notes[0]


def test_a_rare_word_is_found_before_the_like_one(client: Elasticsearch, names: IndexNames) -> None:
    """An article that has the word as typed stays the best hit."""
    found = search(client, names, SearchRequest(query="muler"))
    assert found.hits[0].id == "rare"
    assert found.total == 25


def test_words_are_searched_for_as_typed_on_request(client: Elasticsearch, names: IndexNames) -> None:
    """`exact`, phrases, fields and words with a sign are never respelt."""
    assert [hit.id for hit in search(client, names, SearchRequest(query="muler", exact=True)).hits] == ["rare"]
    for typed in ('"investigaton"', "title:investigaton", "investigaton*", "-investigaton"):
        assert corrected(client, names, typed) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("title:mueller", 0),
        ("body:mueller", 24),
        ("title:bridge -title:opens", 1),
        ('person:"ada byron"', 8),
        ("person:mueller", 0),
        ('mueller source:"the herald" since:2018-06', 6),
        ('source:"the herald" | source:"the courier"', 24),
        ("until:2012 harbour", 1),
        ("investigators -week", 0),
        ('"investigation went"', 0),
        ('"investigation went"~2', 24),
    ],
)
def test_fields_can_be_asked(client: Elasticsearch, names: IndexNames, typed: str, expected: int) -> None:
    """A name and a colon before a word ask one text, one facet or the date."""
    assert search(client, names, SearchRequest(query=typed, exact=True)).total == expected


def test_recent_articles_come_first_where_asked(client: Elasticsearch, names: IndexNames) -> None:
    """Of articles that match alike the newest is first, and one without a date counts as old."""
    found = search(client, names, SearchRequest(query="harbour", sort="recent", exact=True))
    assert [hit.id for hit in found.hits] == ["new", "old", "undated"]
    scores = {hit.id: hit.score or 0 for hit in found.hits}
    assert scores["new"] > 2 * scores["undated"]


def test_copies_are_folded_unless_asked_for(client: Elasticsearch, names: IndexNames) -> None:
    """A copy that is kept beside its article is no hit and no count of its own, until one asks for copies."""
    assert search(client, names, SearchRequest(query="opened", exact=True)).total == 1
    with_copies = SearchRequest(query="opened", filters=make_filters(copies=True), exact=True)
    assert {hit.id for hit in search(client, names, with_copies).hits} == {"bridge-1", "kept"}
    assert facets(client, names, make_filters(copies=True)).total == facets(client, names).total + 1
    assert first_page(client, names, SearchRequest()).has_copies


def test_a_story_is_one_hit_where_asked(client: Elasticsearch, names: IndexNames) -> None:
    """By story, each story is its best article with how many there are; articles without a story stay."""
    found = search(client, names, SearchRequest(query="mueller", by_story=True, size=30))
    assert (found.total, found.stories) == (24, 15)
    assert len(found.hits) == 15
    (told,) = [hit for hit in found.hits if hit.story_id]
    assert told.story_count == 10
    assert told.passages
    first = search(client, names, SearchRequest(query="mueller", by_story=True, size=10, sort="newest"))
    second = search(client, names, SearchRequest(query="mueller", by_story=True, size=10, offset=10, sort="newest"))
    days = [hit.published_at for hit in (*first.hits, *second.hits) if hit.published_at]
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 15
    assert days == sorted(days, reverse=True)
    assert first_page(client, names, SearchRequest(by_story=True)).has_stories


def test_a_story_can_be_read_from_its_beginning(client: Elasticsearch, names: IndexNames) -> None:
    """The articles of one story, the oldest first."""
    found = story(client, names, "inquiry", size=3)
    assert found.total == 10
    days = [hit.published_at for hit in found.hits if hit.published_at]
    assert days == sorted(days)


def test_counts_leave_out_their_own_filter(client: Elasticsearch, names: IndexNames) -> None:
    """With one paper chosen the others are still counted; with `either`, people too; other facets are narrowed."""
    chosen = make_filters(source=("The Courier",), person=("Ada Byron",))
    counted = facets(client, names, chosen, widen=True)
    assert counted.total == 4
    assert {each.value: each.count for each in counted.of("source")} == {"The Courier": 4, "The Herald": 4}
    assert {each.value: each.count for each in counted.of("person")} == {"Ada Byron": 4}
    either = facets(
        client, names, make_filters(source=("The Courier",), person=("Ada Byron",), either=True), widen=True
    )
    assert {each.value: each.count for each in either.of("person")} == {"Ada Byron": 4, "Robert Mueller": 8}
    both = make_filters(person=("Ada Byron", "Robert Mueller"))
    assert facets(client, names, both).total == 0
    assert facets(client, names, make_filters(person=both.of("person"), either=True)).total == 24


def test_the_timeline_of_counted_months_is_that_of_the_index(client: Elasticsearch, names: IndexNames) -> None:
    """Months counted with the facets make the same bars as asking for them."""
    months = facets(client, names).month
    for most in (5, 12, 20):
        asked = timeline(client, names, make_filters(), most=most)
        assert asked is not None
        assert timeline_of_months(months, most) == asked


def test_like_articles_are_found(client: Elasticsearch, names: IndexNames) -> None:
    """Articles like a given one come first, itself and kept copies left out."""
    found = more_like_this(client, names, "old", size=5)
    assert {hit.id for hit in found.hits[:2]} == {"new", "undated"}
    assert not {"old", "kept"} & {hit.id for hit in found.hits}
