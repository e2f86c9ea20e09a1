"""The pages as a browser gets them: what they show, how they answer to nonsense, and that they run nothing."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

import lxml.html
import pytest
from starlette.testclient import TestClient
from support.web_articles import EVIL

from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames
from newsdex.web.app import create_app
from newsdex.web.view import View

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from httpx import Response
    from lxml.html import HtmlElement


def text_of(answer: Response, path: str = "//main") -> str:
    """Return the text below a path, as it is read."""
    return " ".join(" ".join(" ".join(each.itertext()) for each in tree(answer).xpath(path)).split())


def tree(answer: Response) -> HtmlElement:
    return lxml.html.document_fromstring(answer.text)


def link(answer: Response, words: str) -> str:
    """Return where the first link with these words leads."""
    found = [each for each in tree(answer).xpath("//a") if words in " ".join(each.text_content().split())]
    assert found, f"no link with {words!r}"
    return str(found[0].get("href"))


def test_an_empty_search_shows_every_article(page: TestClient) -> None:
    """The front page has every article, its facets and its timeline."""
    answer = page.get("/")
    assert answer.status_code == 200
    assert text_of(answer, "//h2[@id='found']") == "15 articles"
    assert "Ada Byron 2 articles" in text_of(answer, "//section[@id='facet-person']")
    assert len(tree(answer).xpath("//svg/a")) > 10


def test_hits_are_marked_and_name_their_papers(page: TestClient) -> None:
    """A hit shows what matched, who published it, and where else it ran."""
    answer = page.get("/", params={"q": "negotiating"})
    assert text_of(answer, "//article//mark") == "negotiated"
    assert "The Courier 31 January 2018" in text_of(answer, "//article")
    assert "Also in 1 paper: Evening Echo" in text_of(answer, "//article")


def test_a_facet_narrows_and_is_taken_off_again(page: TestClient) -> None:
    """A facet's link adds it to the address; the chip's link takes it off."""
    first = page.get("/", params={"q": "mayor"})
    narrowed = page.get(link(first, "Ada Byron"))
    assert text_of(narrowed, "//h2[@id='found']") == "1 article"
    assert dict(parse_qsl(narrowed.url.query.decode())) == {"q": "mayor", "person": "Ada Byron"}
    assert page.get(link(narrowed, "person Ada Byron")).url == first.url


def test_a_date_that_texts_name_is_chosen_with_a_click(page: TestClient) -> None:
    """The facet says that it is the text that names it, and the article's own dates lead there too."""
    first = page.get("/")
    assert "Dates named in the text 2018-03" in text_of(first, "//section[@id='facet-date_mentioned']")
    narrowed = page.get(link(first, "2018-03"))
    assert text_of(narrowed, "//h2[@id='found']") == "1 article"
    assert "date 2018-03" in text_of(narrowed, "//ul[@class='chips']")
    assert page.get(link(page.get("/article/summit"), "2018-03")).url == narrowed.url


def test_a_country_may_be_typed_by_name(page: TestClient) -> None:
    """The list shows it as chosen, and takes it off again."""
    chosen = page.get("/", params={"country": "Switzerland"})
    assert text_of(chosen, "//section[@id='facet-country']//a[@aria-current]") == "Switzerland 1 article"
    assert page.get(link(chosen, "country Switzerland")).url == page.get("/").url


def test_counts_of_sources_go_beyond_the_source_chosen(page: TestClient) -> None:
    """With one paper chosen, the others still say how many articles choosing them would add."""
    answer = page.get("/", params={"source": "The Courier"})
    assert text_of(answer, "//h2[@id='found']") == "1 article"
    assert "The Herald 13" in text_of(answer, "//section[@id='facet-source']")


def test_a_bar_leads_to_its_span(page: TestClient) -> None:
    """A bar of the timeline is a link to the articles of its span, and all time stays in sight."""
    bar = next(each for each in tree(page.get("/")).xpath("//svg/a") if each.get("data-label") == "January 2018")
    answer = page.get(bar.get("href"))
    assert text_of(answer, "//h2[@id='found']") == "1 article"
    assert len(tree(answer).xpath("//svg/a")) > 10
    assert tree(answer).xpath("//svg/a[@class='outside']")


def test_the_article_page_shows_what_it_knows(page: TestClient) -> None:
    """An article has its entities marked, says why it matched, and names its copies."""
    answer = page.get("/article/summit", params={"q": "negotiating", "person": "Ada Byron"})
    assert text_of(answer, "//span[@class='entity person' and @title]") == "Ada Byron"
    assert text_of(answer, "//div[@class='body']//mark") == "negotiated"
    beside = text_of(answer, "//aside")
    assert "Its text has “negotiated”." in beside
    assert "It names Ada Byron." in beside
    assert "Evening Echo" in beside
    assert "90 % alike" in beside
    assert link(answer, "Back to the results") == "/?q=negotiating&person=Ada+Byron"


def test_a_copy_leads_to_its_original_and_what_differs(page: TestClient) -> None:
    """A copy says what it is a copy of; the comparison marks the words that differ."""
    answer = page.get(link(page.get("/article/copy"), "What differs"))
    assert [each.text_content() for each in tree(answer).xpath("//article//del")] == ["[only in the first: negotiated]"]
    assert [each.text_content() for each in tree(answer).xpath("//article//ins")] == ["[only in the second: haggled]"]


def test_the_runs_are_listed(page: TestClient) -> None:
    """A run shows its ledger, and leads to its reasons and its quarantine."""
    answer = page.get("/runs")
    assert "2 January 2026, 03:04 UTC done" in text_of(answer)
    run = page.get(link(answer, "2 January 2026"))
    assert "rejected empty file 1" in text_of(run)
    assert text_of(page.get(link(run, "empty file")), "//h2") == "1 input"


def test_a_run_names_the_inputs_that_it_did_not_index(page: TestClient) -> None:
    """A duplicate leads to the article that it was folded into."""
    run = page.get("/runs/run-1")
    assert "duplicate near copy" in text_of(run, "//ul[@class='records']")
    assert page.get(link(run, "kept under this article")).status_code == 200


def test_the_quarantine_says_why(page: TestClient) -> None:
    """The quarantine lists inputs by reason, with the sentence for each."""
    answer = page.get("/quarantine", params={"reason": "no-body"})
    assert "There is no text in it." in text_of(answer)
    assert "empty file 1" in text_of(answer, "//ul[@class='chips']")
    assert len(tree(answer).xpath("//ul[@class='records']/li")) == 1


@pytest.mark.parametrize(
    ("typed", "label", "rest"),
    [
        ("ada b", "Ada Byron", ""),
        ("byr", "Ada Byron", ""),
        ("witch john d", "John Doe", "witch"),
        ("the her", "The Herald", ""),
    ],
)
def test_names_are_suggested(page: TestClient, typed: str, label: str, rest: str) -> None:
    """What is typed suggests names with a word that begins so; the other words stay in the query."""
    rows = page.get("/suggest", params={"q": typed}).json()
    assert rows[0]["label"] == label
    assert dict(parse_qsl(urlsplit(rows[0]["href"]).query)).get("q", "") == rest


HOSTILE_PATHS = (
    "/",
    "/?q=hostile",
    f"/?q={quote(EVIL)}",
    f"/?person={quote(EVIL)}&source={quote(EVIL)}",
    f"/?since={quote(EVIL)}",
    f"/?more=person&sort={quote(EVIL)}&page={quote(EVIL)}",
    "/article/hostile?q=hostile",
    f"/article/hostile?q={quote(EVIL)}&agency={quote(EVIL)}",
    f"/article/{quote(EVIL)}",
    "/article/summit/compare/hostile",
    "/runs",
    "/runs/run-1",
    f"/runs/{quote(EVIL)}",
    "/quarantine",
    f"/quarantine?reason={quote(EVIL)}&run_id={quote(EVIL)}",
    f"/{quote(EVIL)}",
)


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_no_page_runs_what_an_article_or_an_address_contains(page: TestClient, path: str) -> None:
    """Whatever stands in an article, a facet or an address is text: no element, no handler, no script address."""
    answer = page.get(path)
    assert answer.status_code in {200, 400, 404}
    page_tree = tree(answer)
    assert [each.get("src") for each in page_tree.xpath("//script")] == ["/static/page.js"]
    assert not page_tree.xpath("//img | //iframe | //object | //embed | //style | //b[contains(., 'too')]/svg")
    for element in page_tree.iter("*"):
        for name, value in element.attrib.items():
            assert not name.startswith("on"), f"{name} on {element.tag}"
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert value.startswith(("/", "#", "https://")), value


def test_every_answer_forbids_what_it_does_not_need(page: TestClient) -> None:
    """The policy allows no inline script or style and nothing from elsewhere, on errors and files as well."""
    for path in ("/", "/static/page.js", "/nothing", "/?since=x", "/suggest?q=ada"):
        headers = page.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (f"q={'a' * 10_000}", "shorten it"),
        (f"q={'a+' * 100}", "shorten it"),
        ("q=***%3F", "no word to search for"),
        ("q=((((", "no word to search for"),
        ("q=%00%ff", "no word to search for"),
        ("q=a*+b*+c*+d*+e*+f*", "with * or ~"),
        ("since=0000", "no day of the calendar"),
        ("since=2018-02-30", "no day of the calendar"),
        ("since=yesterday", "is not a date"),
        ("since=2019&until=2018", "swap the two dates"),
        ("page=999999", "narrow the search"),
        (f"person={'x' * 600}", "longer than 512 characters"),
        ("&".join(f"person=p{number}" for number in range(60)), "at most 50"),
    ],
)
def test_nonsense_is_answered_in_plain_words(page: TestClient, query: str, sentence: str) -> None:
    """A question that cannot be asked gets a sentence and the box to try again, never a trace."""
    answer = page.get(f"/?{query}")
    assert answer.status_code == 400
    assert sentence in text_of(answer, "//*[@role='alert']")
    assert tree(answer).xpath("//input[@id='q']")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "since=0001&until=9999",
        "since=9999-12-31",
        "until=0001-01-01",
        'q="unclosed',
        "q=((((a",
        "q=a%00%ff",
        "page=-1",
        "q=%5B.*a%2B%5D%7B9999%7D",
    ],
)
def test_odd_questions_are_answered(page: TestClient, query: str) -> None:
    """Open brackets, stray bytes and the ends of the calendar are no errors."""
    answer = page.get(f"/?{query}")
    assert answer.status_code == 200, text_of(answer)


def test_an_unknown_article_is_told(page: TestClient) -> None:
    """A link to an article that is gone says so."""
    answer = page.get("/article/nowhere")
    assert answer.status_code == 404
    assert "There is no article 'nowhere'" in text_of(answer)


@pytest.mark.parametrize("path", ["/", "/runs", "/quarantine", "/article/x", "/suggest?q=ada"])
def test_no_index_yet_is_told(client: Elasticsearch, path: str) -> None:
    """Before the first run the pages say how to make one."""
    page = TestClient(create_app(client, IndexNames("test-never-made")), base_url="http://127.0.0.1")
    answer = page.get(path)
    assert answer.status_code == 404
    assert "newsdex ingest" in answer.text


@pytest.mark.parametrize("path", ["/", "/runs", "/quarantine", "/article/x", "/suggest?q=ada"])
def test_a_node_that_is_away_is_told(path: str) -> None:
    """Without an answer from the node the pages say so and stay up."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = ConnectionSettings(url=f"http://127.0.0.1:{taken.getsockname()[1]}", timeout=1)
        with connect(away) as client:
            page = TestClient(create_app(client, IndexNames("test-away")), base_url="http://127.0.0.1")
            answer = page.get(path)
    assert answer.status_code == 503
    assert "Elasticsearch" in answer.text
    assert "Traceback" not in answer.text


def test_a_fault_of_our_own_shows_no_trace(names: IndexNames) -> None:
    """A mistake in the program is a sentence on the page; its trace is for the terminal."""
    broken = create_app(None, names)  # type: ignore[arg-type]
    answer = TestClient(broken, base_url="http://127.0.0.1", raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "mistake of its own" in text_of(answer)
    assert "AttributeError" not in answer.text
    assert "content-security-policy" in answer.headers


def test_another_name_for_this_machine_gets_nothing(page: TestClient) -> None:
    """A page elsewhere that points its own name at this machine cannot read the index (DNS rebinding)."""
    assert page.get("/", headers={"host": "evil.example"}).status_code == 400


def test_an_address_is_the_whole_state() -> None:
    """A view goes into its address and comes back the same."""
    view = View(query="a b", chosen={"person": ("Ö & <x>",), "source": ("A", "B")}, since="2018", sort="newest", page=3)
    assert View.of(parse_qsl(urlsplit(view.address()).query)) == view


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("jsonl", "ndjson"),
        ("csv", "text/csv"),
        ("parquet", "parquet"),
        ("bib", "bibtex"),
        ("ris", "research"),
        ("csljson", "csl+json"),
    ],
)
def test_a_result_is_downloaded(page: TestClient, form: str, kind: str) -> None:
    """What a view shows can be had as a file, under a name that nobody chose for us."""
    answer = page.get(f"/export/{form}", params={"q": "mayor", "person": "John Doe"})
    assert answer.status_code == 200
    assert kind in answer.headers["content-type"]
    assert answer.headers["content-disposition"] == f'attachment; filename="newsdex.{form}"'
    if form == "jsonl":
        assert len(answer.text.splitlines()) == 13
    names = {
        "jsonl": "JSON Lines",
        "csv": "CSV",
        "parquet": "Parquet",
        "bib": "BibTeX",
        "ris": "RIS",
        "csljson": "CSL-",
    }
    assert link(page.get("/?q=mayor"), names[form]) == f"/export/{form}?q=mayor"


@pytest.mark.parametrize(
    ("path", "status"), [("/export/exe", 404), ("/export/csv?since=x", 400), (f"/export/{quote(EVIL)}", 404)]
)
def test_a_download_that_cannot_be_is_told(page: TestClient, path: str, status: int) -> None:
    """Another format or a question that cannot be asked is a page with a sentence, not a file."""
    answer = page.get(path)
    assert answer.status_code == status
    assert "content-disposition" not in answer.headers


def test_two_people_can_be_alternatives(page: TestClient) -> None:
    """With two people chosen, a switch makes one of them enough."""
    both = page.get("/", params=[("person", "Ada Byron"), ("person", "John Doe")])
    assert text_of(both, "//h2[@id='found']") == "1 article"
    assert text_of(page.get(link(both, "any of them is enough")), "//h2[@id='found']") == "14 articles"


def test_like_words_are_named_and_can_be_left_out(page: TestClient) -> None:
    """A misspelt word finds what was meant, the page says so, and a link searches for it as typed."""
    answer = page.get("/", params={"q": "presidnets"})
    assert text_of(answer, "//h2[@id='found']") == "1 article"
    assert "presidents besides presidnets" in text_of(answer, "//p[@class='note']")
    assert text_of(page.get(link(answer, "Only as typed")), "//h2[@id='found']") == "0 articles"


@pytest.mark.parametrize("sort", ["recent", "newest", "oldest"])
def test_hits_can_be_ordered(page: TestClient, sort: str) -> None:
    """Each order has its link, which keeps the words."""
    assert page.get("/", params={"q": "mayor", "sort": sort}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "q=a*+b*",
        "q=%3F*",
        "q=*a",
        "q=title:*x",
        "q=author:%2A%3F%2A%3F%2A",
        "q=%2F(a%2B)%2B%24%2F",
        "q=a~99999999",
        "q=%22a+b%22~99999999",
        "q=" + "(" * 400 + "a",
        "q=" + "-" * 900 + "a",
        "q=" + "a:" * 50 + "b",
        "person=" + quote("(a+)+$") + "&person=" + quote(".*.*.*.*.*="),
        "q=person:" + quote('"<script>"'),
        "either=1&copies=1&story=1&exact=1&q=a",
        "page=9000",
    ],
)
def test_what_might_explode_is_answered(page: TestClient, query: str) -> None:
    """Wildcards, regular expressions, endless edits and brackets are answered, in time and without a trace."""
    answer = page.get(f"/?{query}")
    assert answer.status_code in {200, 400}, text_of(answer)
    assert answer.elapsed.total_seconds() < 5
    assert "Traceback" not in answer.text
    assert page.get(f"/suggest?{query}").status_code == 200
