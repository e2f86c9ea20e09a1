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


NOTICES = load_table(not_article.__file__, "not_article.toml")["notice"]


@pytest.mark.parametrize("row", NOTICES, ids=lambda row: f"{row['reason']} {row['language']}")
def test_every_notice_is_known_by_its_example(row: dict[str, str]) -> None:
    """The reviewed notices and their examples agree."""
    title, body = (row["example"], "Back to the start.") if row["where"] == "title" else ("The Example", row["example"])
    found = not_article.rejection_reason(title=title, body=body)
    assert found is not None
    assert found[0] == row["reason"]
    assert found[1].endswith(".")


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
