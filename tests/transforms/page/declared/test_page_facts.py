"""The facts that a page declares, each from the most trusted place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.transforms.page import extract as page
from newsdex.transforms.page.declared import jsonld
from newsdex.transforms.page.extract import Page, Provenance

URL = "https://www.example.org/news/library"


def with_head(head: str, inner: str = "") -> Page:
    return page.extract(f"<html lang='en'><head>{head}</head><body>{inner}</body></html>", url=URL)


def json_ld(**facts: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | facts)}</script>'


def test_json_ld_goes_before_opengraph_and_meta() -> None:
    """The order of trust holds, and each fact names its place."""
    head = (
        json_ld(headline="From JSON-LD")
        + '<meta property="og:title" content="From OpenGraph"><meta name="description" content="Short.">'
    )
    found = with_head(head)
    assert (found.title, found.provenance["title"]) == ("From JSON-LD", Provenance.JSON_LD)
    assert (found.summary, found.provenance["summary"]) == ("Short.", Provenance.META)


def test_every_fact_of_json_ld_is_found() -> None:
    """Authors, publisher, section, keywords, image, language and price are read from an article's node."""
    found = with_head(
        json_ld(
            author=[{"@type": "Person", "name": "Ann Example"}, "Bo Example"],
            publisher={"name": "The Example"},
            articleSection=["Local", "Books"],
            keywords="library, town",
            image={"url": "https://img.example.org/a.jpg"},
            inLanguage="en",
            isAccessibleForFree="False",
        )
    )
    assert found.authors == ("Ann Example", "Bo Example")
    assert (found.source, found.section, found.keywords) == ("The Example", "Local", ("library", "town"))
    assert (found.image_url, found.language) == ("https://img.example.org/a.jpg", "en")
    assert found.is_accessible_for_free is False


def test_a_graph_is_searched_for_the_article() -> None:
    """The article is found among the page, the site and the breadcrumbs; the updates of a live blog are not it."""
    graph = {"@graph": [{"@type": "WebPage", "name": "Page"}, {"@type": ["Thing", "BlogPosting"], "headline": "Story"}]}
    assert jsonld.article([json.dumps(graph)])["headline"] == "Story"


def test_the_node_of_this_page_goes_before_another_article() -> None:
    """A list of other articles beside the page's own does not win."""
    nodes = [
        {"@type": "Article", "headline": "Other", "url": "https://x.org/"},
        {"@type": "Article", "headline": "Own", "url": URL},
    ]
    assert jsonld.article([json.dumps(nodes)], URL)["headline"] == "Own"


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Story",}',
        '<!-- {"@type": "NewsArticle", "headline": "Story"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Story"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Story", "description": "a "quoted" word"}',
        '{"@type": "NewsArticle", "headline": "Story", "description": "two\nlines"}',
        '{"@type": "http://schema.org/NewsArticle", "headline": "Story"};',
    ],
)
def test_broken_json_still_gives_its_facts(script: str) -> None:
    """Trailing commas, wrappings, raw line breaks and unescaped quotes are tolerated."""
    assert jsonld.article([script]).get("headline") == "Story"


def test_a_cut_title_is_completed_from_the_heading() -> None:
    """A title cut for search engines, or with the site's name, gives way to the page's own heading."""
    heading = "The council of the small town keeps its only library open for a year"
    for declared in (heading[:40] + "…", heading + " - The Example"):
        assert with_head(f'<meta property="og:title" content="{declared}">', f"<h1>{heading}</h1>").title == heading


def test_addresses_are_absolute_or_absent() -> None:
    """Relative addresses are completed, others dropped."""
    found = with_head('<link rel="canonical" href="/a?b=1"><meta property="og:image" content="javascript:alert(1)">')
    assert found.canonical_url == "https://www.example.org/a?b=1"
    assert found.image_url is None


def test_the_article_s_own_address_stands_in_for_the_canonical_one() -> None:
    """Where no link names it, JSON-LD's `mainEntityOfPage` does, as text or as an object."""
    for main in (URL, {"@type": "WebPage", "@id": URL}):
        found = with_head(json_ld(mainEntityOfPage=main))
        assert (found.canonical_url, found.provenance["canonical_url"]) == (URL, Provenance.JSON_LD)


def test_dates_are_candidates_with_their_place() -> None:
    """Declared, marked and changed dates come out apart."""
    head = (
        json_ld(datePublished="2019-11-18", dateModified="2019-11-20")
        + '<meta property="article:published_time" content="2019-11-18T10:00:00Z">'
    )
    dates = with_head(head, "<time datetime='2019-11-18' class='published'>18 Nov</time>").dates
    assert [(date.provenance, date.modified) for date in dates] == [
        (Provenance.JSON_LD, False),
        (Provenance.OPENGRAPH, False),
        (Provenance.TIME, False),
        (Provenance.JSON_LD, True),
    ]


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("<p>Published on 12 November 2018 at 10:00</p>", "12 November 2018"),
        ("<p>Zuletzt aktualisiert: 14.11.2018 | Veröffentlicht am 12.11.2018</p>", "12.11.2018"),
        ("<div>12.11.2018</div>", "12.11.2018"),
    ],
)
def test_the_shown_date_is_found(line: str, written: str) -> None:
    """The date beside the title is a candidate; the date of a change is not."""
    story = f"<h1>A library in a town</h1>{line}<p>{'The council met and voted on the library. ' * 5}</p>"
    (date,) = with_head("", f"<article>{story}</article>").dates
    assert written in date.text
    assert date.provenance is Provenance.VISIBLE


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_json_raises(script: str) -> None:
    """Whatever a script holds, at most facts come out."""
    assert isinstance(jsonld.article([script, "[" + script, '{"a":' + script]), dict)
