"""Searching: what is found, what is counted, and what is answered to a question that cannot be."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsdex.search.bulk.writer import Action, write
from newsdex.search.errors import SearchError
from newsdex.search.indices.manage import IndexNames
from newsdex.search.query.days import first_day, last_day
from newsdex.search.query.filters import make_filters
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.facets import Facets, facets
from newsdex.search.results.highlights import passages
from newsdex.search.results.hits import SearchResults
from newsdex.search.results.search import get, search
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, DateMention, Entities, Precision, Source

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.state import Indices


def article(article_id: str, **fields: Any) -> Article:
    """Return an article with what a test is about and nothing else."""
    defaults = {"input_uri": article_id, "content_hash": article_id, "pipeline_version": "1", "language": "en"}
    return Article(id=article_id, **{**defaults, **fields})


DAY = DateMention(
    iso="2018-03-07", start=date(2018, 3, 7), end=date(2018, 3, 7), precision=Precision.DAY, text="7 March",
    start_char=0, end_char=5,
)  # fmt: skip
MENTIONED = DateMention(
    iso="2018-03", start=date(2018, 3, 1), end=date(2018, 3, 31), precision=Precision.MONTH, text="March",
    start_char=0, end_char=5,
)  # fmt: skip

ARTICLES = (
    article(
        "summit",
        title="Leaders meet in Geneva",
        body="Two presidents negotiated until dawn. Ada Byron took the notes.",
        url="https://courier.example/summit",
        source=Source(name="The Courier", domain="courier.example"),
        copy_sources=("The Courier", "Evening Echo"),
        published_at=datetime(2018, 1, 31, 23, 30, tzinfo=UTC),
        entities=Entities(person=("Ada Byron", "Élise Martin"), place=("Geneva",), country=("CH",)),
        dates_mentioned=(MENTIONED, DAY),
        agencies=("Reuters",),
    ),
    article(
        "hunt",
        title="A witch hunt, he said",
        body="The mayor called the inquiry a witch hunt. A hunt for a witch it was not.",
        source=Source(name="The Herald", domain="herald.example"),
        copy_sources=("The Herald",),
        published_at=datetime(2018, 2, 1, tzinfo=UTC),
        entities=Entities(person=("Ada Byron", "John Doe")),
        authors=("Grace Hopper",),
        section="Politics",
        keywords=("witches", "councils"),
    ),
    article("house", title="Neue Häuser", body="In der Stadt entstehen Häuser.", language="de"),
    article("election", title="Scrutin", body="Les élections ont eu lieu dimanche.", language="fr"),
    article(
        "hostile",
        title="<script>alert(1)</script> \ue000tricky\ue001",
        body="A body with <b>markup</b> and \ue001marks\ue000 in it.",
        published_at=datetime(2020, 5, 5, tzinfo=UTC),
    ),
)
COPY = article("copy", body="Two presidents.", url="https://echo.example/summit", duplicate_of="summit", similarity=0.9)


@pytest.fixture(scope="module")
def names(client: Elasticsearch, indices: Indices) -> IndexNames:
    """Yield indices with a handful of articles and a copy in them."""
    stored = [(indices.names.articles, each) for each in ARTICLES] + [(indices.names.copies, COPY)]
    actions = [Action(index=index, id=each.id, document=to_document(each, indices.stemmed)) for index, each in stored]
    write_all(client, actions)
    return indices.names


def write_all(client: Elasticsearch, actions: list[Action]) -> None:
    assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))


class Search:
    """The node's index, asked in few words."""

    def __init__(self, client: Elasticsearch, names: IndexNames) -> None:
        self.client, self.names = client, names

    def __call__(self, query: str = "", **filters: Any) -> set[str]:
        """Return the ids found."""
        return {hit.id for hit in self.results(query, **filters).hits}

    def results(self, query: str = "", **filters: Any) -> SearchResults:
        """Return the whole answer."""
        return search(self.client, self.names, SearchRequest(query=query, filters=make_filters(**filters)))

    def facets(self, query: str = "", **filters: Any) -> Facets:
        """Return the facets."""
        return facets(self.client, self.names, make_filters(**filters), query=query)


@pytest.fixture(scope="module")
def find(client: Elasticsearch, names: IndexNames) -> Search:
    """Return the index, asked in few words."""
    return Search(client, names)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("president", {"summit"}),
        ("negotiating", {"summit"}),
        ("Haus", {"house"}),
        ("haus", {"house"}),
        ("élection", {"election"}),
        ("GENEVA", {"summit"}),
    ],
)
def test_another_form_of_a_word_is_found(find: Search, query: str, expected: set[str]) -> None:
    """A word finds its inflected forms, in the article's own language, whatever the case typed."""
    assert find(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("witch hunt", {"hunt"}),
        ('"witch hunt"', {"hunt"}),
        ("“witch hunt”", {"hunt"}),
        ('"hunt witch"', set()),
        ("witch geneva", set()),
        ("witch | geneva", {"hunt", "summit"}),
        ("witch OR geneva", {"hunt", "summit"}),
        ("mayor -geneva", {"hunt"}),
        ("mayor NOT witch", set()),
        ("mayor - witch", {"hunt"}),
        ("genev*", {"summit"}),
        ("genva~", {"summit"}),
        ("(mayor | dawn) AND hunt", {"hunt"}),
    ],
)
def test_operators_do_as_a_person_expects(find: Search, query: str, expected: set[str]) -> None:
    """All words must occur; phrases, either, without, beginnings and typos can be asked for; a lone dash is text."""
    assert find(query) == expected


@pytest.mark.parametrize("query", ["", "*", "  ", "* *"])
def test_no_words_mean_every_article(find: Search, query: str) -> None:
    """An empty query finds every article, and no copies."""
    assert find(query) == {each.id for each in ARTICLES}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"person": ("ada byron",)}, {"summit", "hunt"}),
        ({"person": ("ADA  BYRON", "john doe")}, {"hunt"}),
        ({"person": ("élise martin",)}, {"summit"}),
        ({"place": ("Geneva",)}, {"summit"}),
        ({"country": ("ch",)}, {"summit"}),
        ({"source": ("the courier",)}, {"summit"}),
        ({"source": ("evening echo",)}, {"summit"}),
        ({"source": ("herald.example", "The Courier")}, {"summit", "hunt"}),
        ({"language": ("DE",)}, {"house"}),
        ({"language": ("de", "fr")}, {"house", "election"}),
        ({"agency": ("reuters",)}, {"summit"}),
        ({"author": ("grace HOPPER",)}, {"hunt"}),
        ({"author": ("hopper",)}, set()),
        ({"section": ("politics", "sport")}, {"hunt"}),
        ({"keyword": ("witches",)}, {"hunt"}),
        ({"country": "Switzerland"}, {"summit"}),
        ({"language": "German"}, {"house"}),
        ({"date_mentioned": "2018"}, {"summit"}),
        ({"date_mentioned": "2018-Q1"}, {"summit"}),
        ({"date_mentioned": "2018-02..2018-04"}, {"summit"}),
        ({"date_mentioned": "2018-03-05"}, set()),
        ({"date_mentioned": ("2017", "2018")}, set()),
        ({"date_mentioned": ("2017", "2018"), "either": True}, {"summit"}),
        ({"since": date(2018, 2, 1), "until": date(2018, 2, 1)}, {"hunt"}),
        ({"until": date(2018, 1, 31)}, {"summit"}),
        ({"since": date(1, 1, 1), "until": date(9999, 12, 31)}, {"summit", "hunt", "hostile"}),
    ],
)
def test_filters_narrow(find: Search, filters: dict[str, Any], expected: set[str]) -> None:
    """Values match in any case; people are all asked for, papers and languages any; days are whole and inclusive."""
    assert find(**filters) == expected


@pytest.mark.parametrize(
    ("filters", "close"),
    [
        ({"person": ("byron",)}, "'Ada Byron'"),
        ({"person": ("Ada Byrn",)}, "'Ada Byron'"),
        ({"source": ("courier",)}, "'The Courier'"),
        ({"place": ("genève",)}, "'Geneva'"),
    ],
)
def test_a_value_that_no_article_has_names_close_ones(find: Search, filters: dict[str, Any], close: str) -> None:
    """Where nothing is found because of a facet value, the answer says which values come close."""
    (note,) = find.results(**filters).notes
    assert close in note
    assert find.facets(**filters).notes == (note,)


def test_hostile_values_are_only_values(find: Search) -> None:
    """Wildcards, regular expressions and brackets in a facet value match nothing and break nothing."""
    for value in (".*", "*", "a{9999}", "((((", "[", '"', "\\", "#@&<~", "\x00", "x" * 500, "ﬁß" * 50):
        assert find.results(person=(value,)).total == 0


def test_matches_are_marked(find: Search) -> None:
    """The inflected word is marked in title and body, and the pieces joined are the text itself."""
    (hit,) = find.results("presidents geneva").hits
    assert hit.title_passage is not None
    assert hit.title_passage.marked("[", "]") == "Leaders meet in [Geneva]"
    (hit,) = find.results("president").hits
    assert hit.passages[0].marked("[", "]").startswith("Two [presidents] negotiated")
    assert hit.passages[0].text in ARTICLES[0].body


def test_an_inflected_word_is_marked_where_it_stands_in_the_title(find: Search) -> None:
    """The stemmed text begins with the body: what matches in its title part is marked in the title, nowhere else."""
    (hit,) = find.results("leader meeting").hits
    assert hit.title_passage is not None
    assert hit.title_passage.marked("[", "]") == "[Leaders] [meet] in Geneva"
    (hit,) = find.results("president note").hits
    assert hit.title_passage is None
    assert hit.passages[0].marked("[", "]").startswith("Two [presidents] negotiated")


def test_marks_are_safe_to_render(find: Search) -> None:
    """Markup and forged marks in an article stay text: only what Elasticsearch marked is marked."""
    (hit,) = find.results("markup").hits
    rendered = hit.passages[0].marked("<mark>", "</mark>", html.escape)
    assert rendered.count("<mark>") == rendered.count("</mark>") == 1
    assert "<b>" not in rendered


@given(st.text(alphabet="ab\ue000\ue001", max_size=12))
def test_any_fragment_becomes_a_passage(fragment: str) -> None:
    """Marks in any disorder lose no letter and never end up in the text."""
    (passage,) = passages([fragment])
    assert passage.text == fragment.replace("\ue000", "").replace("\ue001", "")


def test_hits_come_in_the_order_asked_for(client: Elasticsearch, names: IndexNames) -> None:
    """Newest first, oldest first, and undated ones last in both."""
    orders = {}
    for sort in ("newest", "oldest"):
        results = search(client, names, SearchRequest(sort=sort))  # type: ignore[arg-type]
        orders[sort] = [hit.id for hit in results.hits][:3]
    assert orders == {"newest": ["hostile", "hunt", "summit"], "oldest": ["summit", "hunt", "hostile"]}


def test_pages_follow_one_another(client: Elasticsearch, names: IndexNames) -> None:
    """Two pages together are the whole list, and the total counts all of it."""
    first = search(client, names, SearchRequest(size=3, sort="newest"))
    second = search(client, names, SearchRequest(size=3, offset=3, sort="newest"))
    assert first.total == len(ARTICLES)
    assert {hit.id for hit in (*first.hits, *second.hits)} == {each.id for each in ARTICLES}


def test_facets_are_counted(find: Search) -> None:
    """Each facet has its values with their counts, case kept; months are in order of time, undated ones counted."""
    found = find.facets()
    assert [(each.value, each.count) for each in found.of("person")] == [
        ("Ada Byron", 2),
        ("John Doe", 1),
        ("Élise Martin", 1),
    ]
    assert {each.value for each in found.of("source")} == {"The Courier", "Evening Echo", "The Herald"}
    assert [(each.value, each.count) for each in found.of("language")] == [("en", 3), ("de", 1), ("fr", 1)]
    assert [each.value for each in found.month] == ["2018-01", "2018-02", "2020-05"]
    assert [(each.value, each.count) for each in found.year] == [("2018", 2), ("2020", 1)]
    assert (found.total, found.undated) == (5, 2)
    assert [each.value for each in found.of("date_mentioned")] == ["2018-03", "2018-03-07"]
    assert [each.value for each in found.of("agency")] == ["Reuters"]


def test_a_month_that_texts_name_counts_with_its_days(client: Elasticsearch, indices: Indices) -> None:
    """The count of a date is the number of articles that choosing it shows."""
    names = indices.names
    apart = article("apart", body="On the seventh.", language="es", dates_mentioned=(DAY,))
    write_all(client, [Action(index=names.articles, id=apart.id, document=to_document(apart, indices.stemmed))])
    try:
        counted = {
            each.value: each.count for each in facets(client, names, over=["date_mentioned"]).of("date_mentioned")
        }
        assert counted == {"2018-03": 2, "2018-03-07": 2}
        for value, count in counted.items():
            request = SearchRequest(filters=make_filters(date_mentioned=value))
            assert search(client, names, request).total == count
    finally:
        client.delete(index=names.articles, id=apart.id, refresh="wait_for")


def test_facets_over_one(client: Elasticsearch, names: IndexNames) -> None:
    """Only what is asked for is counted, and a facet that there is not is told."""
    found = facets(client, names, over=["country"])
    assert found.to_dict(["country"]) == {
        "total": 5, "country": [{"value": "CH", "count": 1}], "undated": 2, "notes": []
    }  # fmt: skip
    with pytest.raises(SearchError, match="There is no facet 'planet'"):
        facets(client, names, over=["planet"])


def test_hits_say_where_the_next_begin(client: Elasticsearch, names: IndexNames) -> None:
    """A reader who follows `next_offset` sees each hit once, and is told the end."""
    seen, offset = [], 0
    while offset is not None:
        found = search(client, names, SearchRequest(size=2, offset=offset, sort="newest"))
        seen += [hit.id for hit in found.hits]
        offset = found.next_offset
    assert sorted(seen) == sorted(each.id for each in ARTICLES)


def test_facets_follow_the_query(find: Search) -> None:
    """Facets count only what the words and the filters leave."""
    assert [each.value for each in find.facets("witch", person=("ada byron",)).of("person")] == [
        "Ada Byron",
        "John Doe",
    ]


@pytest.mark.parametrize("wanted", ["summit", "https://courier.example/summit", "  summit "])
def test_an_article_is_had_by_id_or_url(client: Elasticsearch, names: IndexNames, wanted: str) -> None:
    """The whole article comes back, as it was written."""
    assert get(client, names, wanted) == ARTICLES[0]


def test_a_copy_is_had_too(client: Elasticsearch, names: IndexNames) -> None:
    """A folded copy is found by its own URL and says of what it is a copy."""
    found = get(client, names, "https://echo.example/summit")
    assert found is not None
    assert found.duplicate_of == "summit"


def test_nothing_is_had_by_an_unknown_id(client: Elasticsearch, names: IndexNames) -> None:
    """An unknown id is no error."""
    for wanted in ("nobody", "", "\x00", "x" * 10_000):
        assert get(client, names, wanted) is None


@pytest.mark.parametrize(
    ("request_fields", "sentence"),
    [
        ({"query": "x" * 10_000}, "10,000 characters"),
        ({"query": "word " * 100}, "100 words"),
        ({"query": "a* b* c* d* e* f* g*"}, "7 words with"),
        ({"query": '"" ~ ('}, "no word"),
        ({"size": 100_000}, "100,000 hits"),
        ({"offset": 99_999}, "narrow the search"),
        ({"offset": -1}, "narrow the search"),
    ],
)
def test_a_question_too_large_is_answered_in_plain_words(request_fields: dict[str, Any], sentence: str) -> None:
    """What the node should not be asked is refused with its measure and its limit."""
    with pytest.raises(SearchError, match=sentence):
        SearchRequest(**request_fields)


@pytest.mark.parametrize(
    "filters",
    [
        {"person": ("",)},
        {"person": ("x" * 1000,)},
        {"person": ("x",) * 51},
        {"since": date(2019, 1, 1), "until": date(2018, 1, 1)},
    ],
)
def test_absurd_filters_are_refused(filters: dict[str, Any]) -> None:
    """Empty, endless or too many values and a span that ends before it begins are told."""
    with pytest.raises(SearchError):
        make_filters(**filters)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", date(2018, 1, 1), date(2018, 12, 31)),
        ("2018-02", date(2018, 2, 1), date(2018, 2, 28)),
        ("2020-2-29", date(2020, 2, 29), date(2020, 2, 29)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_typed_date_is_a_span(text: str, first: date, last: date) -> None:
    """A year, a month and a day each have a first and a last day."""
    assert (first_day(text), last_day(text)) == (first, last)


@pytest.mark.parametrize("text", ["", "0000", "10000", "2018-13", "2018-02-30", "yesterday", "٢٠١٨", "2018-01-01T00"])
def test_an_absurd_date_is_told(text: str) -> None:
    """What is no date of the calendar is quoted, with an example of one."""
    with pytest.raises(SearchError, match="2018"):
        first_day(text)


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('+-|*"()~\\ ab'), max_size=40))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_is_a_syntax_error(find: Search, query: str) -> None:
    """Whatever is typed is either answered or refused in plain words."""
    try:
        find(query)
    except SearchError as refusal:
        assert "Elasticsearch refused" not in str(refusal)  # noqa: PT017  # both ways are right


def test_no_index_yet_is_told(client: Elasticsearch) -> None:
    """A search, facets and a look-up before the first ingest each say to ingest."""
    nowhere = IndexNames("test-nowhere")
    for ask in (
        lambda: search(client, nowhere, SearchRequest()),
        lambda: facets(client, nowhere),
        lambda: get(client, nowhere, "x"),
    ):
        with pytest.raises(SearchError, match="newsdex ingest"):
            ask()


def test_a_very_long_article_is_found_and_marked(client: Elasticsearch, names: IndexNames) -> None:
    """A body beyond what Elasticsearch looks through for passages (1,000,000 characters) is found without error."""
    long = article("long", body="Zanzibar begins. " + "filler text " * 100_000, language="und")
    action = Action(index=names.articles, id=long.id, document=to_document(long, ()))
    try:
        assert all(outcome.ok for outcome in write(client, [action], refresh="wait_for"))
        (hit,) = search(client, names, SearchRequest(query="zanzibar")).hits
        assert hit.passages[0].marked("[", "]").startswith("[Zanzibar]")
    finally:
        list(write(client, [Action(op="delete", index=names.articles, id=long.id)], refresh="wait_for"))
