"""Pages and records that are no article, and articles about such things, which are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.tables import load_table
from newsdex.transforms import not_article
from newsdex.transforms.page import extract as page

ARTICLE = (
    "Security researchers have found a way to pass the puzzles that web sites show to tell people from programs. "
    '"Please verify you are a human" may soon mean nothing, they write. Sites that ask readers to "enable JavaScript '
    'and cookies to continue" are no safer. The companies that sell such checks say that they will answer in weeks. '
) * 4


ROWS = load_table(not_article.__file__, "not_article.toml")["notice"]
NOTICES = [row for row in ROWS if row["where"] in {"title", "body"}]
PAGE_ROWS = [row for row in ROWS if row["where"] not in {"title", "body"}]


@pytest.mark.parametrize("row", NOTICES, ids=lambda row: f"{row['reason']} {row['language']}")
def test_every_notice_is_known_by_its_example(row: dict[str, str]) -> None:
    """The reviewed notices and their examples agree."""
    title, body = (row["example"], "Back to the start.") if row["where"] == "title" else ("The Example", row["example"])
    found = not_article.rejection_reason(title=title, body=body)
    assert found is not None
    assert found[0] == row["reason"]
    assert found[1].endswith(".")


STORY = "<p>The harbour board of Millport agreed on the new timetable after long talks with its traders.</p>" * 8
TEASERS = "".join(
    f'<h3><a href="/news/{n}">The harbour board agrees on part {n} of it</a></h3><p>After long talks.</p>'
    for n in range(6)
)


def reason_of(inner: str, url: str, head: str = "") -> str | None:
    found = page.extract(f"<html><head>{head}</head><body>{inner}</body></html>", url=url)
    told = not_article.rejection_reason(found, title=found.title, body=found.body, url=url)
    return told[0] if told else None


@pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: f"{row['where']} {row['language']}")
def test_every_kind_of_page_is_known_by_its_example(row: dict[str, str]) -> None:
    """Titles and parts of addresses that name a kind of page agree with their examples."""
    if row["where"] == "site-title":
        assert (
            reason_of(STORY, "https://isle.example/x/y", f"<title>{row['example']} | Isle Post</title>")
            == row["reason"]
        )
    elif row["where"] == "address":
        assert reason_of(STORY, f"https://isle.example/{row['example']}.html") == row["reason"]
    else:
        assert reason_of(TEASERS, f"https://isle.example/{row['example']}/ferry/page/2") == row["reason"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("ProfilePage", "author-page"),
        ("CollectionPage", "section-front"),
        ("SearchResultsPage", "section-front"),
        ("ContactPage", "about-the-site"),
        ("SportsEvent", "live-scores"),
    ],
)
def test_a_page_is_what_it_declares_to_be(kind: str, reason: str) -> None:
    """A page that declares a profile, a list or a match, and no article, is none."""
    inner = "<h1>Millport United</h1><p>Saturday at three.</p><p>2:1 after extra time, before 400 people.</p>"
    declared = f'<script type="application/ld+json">{{"@type": "{kind}", "name": "Millport"}}</script>'
    assert reason_of(inner, "https://isle.example/a/b-c-1", declared) == reason


def test_an_imprint_is_none_though_its_system_calls_every_page_an_article() -> None:
    """Title and address together tell more than `og:type`."""
    head = '<title>Impressum</title><meta property="og:type" content="article">'
    assert reason_of(STORY, "https://isle.example/impressum/", head) == "about-the-site"


@pytest.mark.parametrize(
    "url",
    [
        "https://isle.example/themen/harbour/the-board-agrees-on-its-new-timetable",
        "https://isle.example/archive/the-board-agrees-on-its-new-timetable",
        "https://isle.example/profile-671/ferry/123-story.html",
    ],
)
def test_an_article_at_a_lists_address_stays(url: str) -> None:
    """Papers keep articles under "/archive/" and "/themen/", too."""
    assert reason_of(f"<h1>Ferry</h1>{STORY}{TEASERS}", url) is None


def test_an_article_about_privacy_stays() -> None:
    """A page that declares a news article is one, whatever its title."""
    declared = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Privacy"}</script>'
    assert reason_of(STORY, "https://isle.example/opinion/privacy", declared) is None


def test_an_article_about_a_bot_check_stays() -> None:
    """A text that goes on is no notice, whatever it quotes."""
    assert not_article.rejection_reason(title="Captchas are dead", body=ARTICLE) is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "Error in the count delays the vote",
            "Officials found an error in Tuesday's count and said that results would come later.",
        ),
        (
            "Court throws out cookie case",
            "The court said that web sites must ask before they store cookies. The company will appeal.",
        ),
        (
            "Access denied: why poor towns lose their doctors",
            "Three of five rural practices closed last year, a study says.",
        ),
        ("404", "The 404 area code was split in 1992, when Atlanta's suburbs outgrew it, and again in 1995. " * 9),
        (None, "Mayor to step down."),
    ],
)
def test_short_news_stays(title: str | None, body: str) -> None:
    """A brief that mentions errors, cookies or access is an article."""
    assert not_article.rejection_reason(title=title, body=body) is None


def test_a_front_page_is_a_list() -> None:
    """Links for the most part, at a section's address: a section front."""
    links = "".join(f"<li><a href='/{n}'>Headline number {n} about a thing that happened</a></li>" for n in range(60))
    intro = "<h1>World</h1><p>All the news of the world, every day of the week, in one place for all of you.</p>"
    html = f"<html><body>{intro}<ul>{links}</ul></body></html>"
    found = page.extract(html, url="https://example.org/news/world/")
    reason = not_article.rejection_reason(
        found, title=found.title, body=found.body, url="https://example.org/news/world/"
    )
    assert reason is not None
    assert reason[0] == "section-front"
    slug = "https://example.org/news/world/2019-town-keeps-its-library"
    assert not_article.rejection_reason(found, title=found.title, body=found.body, url=slug) is None


def test_pages_without_text_have_their_reasons() -> None:
    """A gallery, a login form and an empty page are told apart."""
    pages = {
        "gallery-without-text": "<head><meta property='og:type' content='video.other'></head><p>Watch</p>",
        "login-page": "<form><input name=u><input type=password></form><p>Members</p>",
        "empty-page": "<p></p>",
    }
    for expected, html in pages.items():
        found = page.extract(f"<html>{html}</html>")
        reason = not_article.rejection_reason(found, title=found.title, body=found.body)
        assert reason is not None
        assert reason[0] == expected


@settings(max_examples=60)
@given(st.text(max_size=200), st.text(max_size=400))
def test_no_text_raises(title: str, body: str) -> None:
    """Any record gets a reason with a code and a sentence, or none."""
    found = not_article.rejection_reason(title=title, body=body)
    assert found is None or (found[0] and found[1])


def test_a_list_of_teasers_is_no_article() -> None:
    """Linked headings with a line below each are a section front, whatever its address is."""
    cards = "".join(
        f"<div class='card'><a href='/n/{n}'><h2>Headline {n} of village {n}</h2></a><p>Of village {n}.</p></div>"
        for n in range(12)
    )
    found = page.extract(f"<html><head><title>Local news</title></head><body><h1>Local news</h1>{cards}</body></html>")
    assert (not_article.rejection_reason(found, title=found.title, body=found.body) or "none")[0] == "section-front"
    long = "<p>" + "The harbour board of Millport agreed on a new timetable for the island ferry. " * 4 + "</p>"
    story = page.extract(f"<html><body><article><h1>Ferry</h1>{long}{long}</article><div>{cards}</div></body></html>")
    assert not_article.rejection_reason(story, title=story.title, body=story.body) is None
