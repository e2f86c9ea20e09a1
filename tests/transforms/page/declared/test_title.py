"""Which of a page's titles is its headline."""

from __future__ import annotations

import json

import pytest

from newsdex.transforms.page import extract as page
from newsdex.transforms.page.declared.title import is_alike

HEADLINE = "Ferry timetable changes for the winter season"


def title_of(head: str, inner: str = "", url: str = "https://isle-post.example/news/ferry") -> str | None:
    return page.extract(f"<html><head>{head}</head><body>{inner}<p>Text.</p></body></html>", url=url).title


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


def json_ld(headline: str) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": headline})}</script>'


@pytest.mark.parametrize(
    "behind",
    [
        " | Isle Post",
        " - Isle Post",
        " – isle-post.example",
        " | Travel | Isle Post",
        " – IP – 13.06.2023",
        " • The Isle Post",
    ],
)
def test_what_stands_behind_a_headline_is_left_out(behind: str) -> None:
    """The site's name, its address, the section and the date are no part of the headline."""
    site = '<meta property="og:site_name" content="Isle Post">'
    names = {"IP": '<meta property="og:site_name" content="IP">'}
    assert title_of((names["IP"] if "IP" in behind else site) + og(HEADLINE + behind)) == HEADLINE


def test_a_dash_in_a_headline_stays() -> None:
    """What stands behind a dash is the site only if it is named so."""
    assert title_of(og("Ferry strike - islanders wait for days")) == "Ferry strike - islanders wait for days"


def test_a_section_in_front_of_a_bar_stays() -> None:
    """In "Budget | …" the headline is what stands behind."""
    assert title_of(og("Budget | Taxes go up in spring")) == "Budget | Taxes go up in spring"


def test_a_slogan_loses_against_titles_that_agree() -> None:
    """JSON-LD that has the site's slogan for a headline is overruled by what `og:title` and `<h1>` say."""
    slogan = json_ld("Your island, your voice, every single day")
    assert title_of(slogan + og(HEADLINE), f"<h1>{HEADLINE}</h1>") == HEADLINE


def test_a_heading_of_the_menu_is_no_headline() -> None:
    """The first `<h1>` may be the menu's."""
    assert title_of(f"<title>{HEADLINE} | Isle Post</title>", "<nav><h1>Main menu</h1></nav>") == HEADLINE


def test_the_headline_for_readers_goes_before_the_one_for_search_engines() -> None:
    """JSON-LD that repeats `<title>` is written for search engines where `<h1>` repeats `og:title`."""
    for_search = "Ferry timetable winter 2024: all times and prices of the ferry"
    head = json_ld(for_search) + og(HEADLINE) + f"<title>{for_search}</title>"
    assert title_of(head, f"<h1>{HEADLINE}</h1>") == HEADLINE


@pytest.mark.parametrize("cut", ["Ferry timetable changes for the…", "Ferry timetable changes for the ..."])
def test_a_title_that_was_cut_short_is_made_whole(cut: str) -> None:
    """A declared title that ends in an ellipsis gives way to the heading that it begins."""
    assert title_of(og(cut), f"<h1>{HEADLINE}</h1>") == HEADLINE


def test_a_title_cut_at_a_quotation_mark_is_made_whole() -> None:
    """Some systems forget to escape quotation marks, and the attribute ends at the first."""
    heading = 'Ferry timetable is called "a bad joke" by islanders'
    assert title_of(og("Ferry timetable is called "), f"<h1>{heading}</h1>") == heading


def test_titles_are_compared_in_every_script() -> None:
    """Two headlines of one article are alike without any knowledge of words."""
    assert is_alike("島へ渡るフェリーの時刻表が変わる", "フェリーの時刻表が冬に変わる")
    assert not is_alike("島へ渡るフェリーの時刻表が変わる", "来年の予算案が可決された")


def test_a_kicker_for_search_engines_is_left_out() -> None:
    """Where the headline is what `og:title` says with a subject in front, the subject is no part of it."""
    head = og(HEADLINE) + json_ld(f"Island traffic: {HEADLINE}")
    assert title_of(head, f"<h1>Island traffic: {HEADLINE}</h1>") == HEADLINE


def test_what_goes_on_behind_a_whole_headline_is_left_out() -> None:
    """Where the headline is what `og:title` says with words behind it, those are what people search for."""
    longer = f"{HEADLINE} as islanders plan their journeys"
    assert title_of(og(HEADLINE) + json_ld(longer), f"<h1>{longer}</h1>") == HEADLINE


def test_a_title_cut_to_a_hundred_characters_stays_whole() -> None:
    """A long `og:title` that the headline goes on behind was cut for length."""
    longer = " ".join(["Ferry timetable changes"] * 6)
    assert title_of(og(longer[:99]) + json_ld(longer), f"<h1>{longer}</h1>") == longer


def test_a_headline_in_meta_goes_before_the_social_one() -> None:
    """`<meta name="headline">` says on pages without JSON-LD what `headline` says there."""
    assert title_of(og(f"{HEADLINE}-Travel") + f'<meta name="headline" content="{HEADLINE}">') == HEADLINE
