"""Deciding which reading of a page is its article, and how sure that is."""

from __future__ import annotations

import json

from newsdex.transforms.dates.candidate import Provenance
from newsdex.transforms.not_article import rejection_reason
from newsdex.transforms.page import extract as page
from newsdex.transforms.page.confidence import Candidate, confidence
from newsdex.transforms.page.declared.facts import Facts

SENTENCES = [
    f"In the {number}. hour of the meeting the harbour board of Millport heard what the traders think of the timetable."
    for number in range(1, 8)
]
STORY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
NOTICE = "<div><p>Your browser is out of date. Please load a newer browser to get the best experience here.</p></div>"
SURE, DOUBTFUL = 0.8, 0.6


def read(inner: str, head: str = "") -> page.Page:
    html = f"<html><head><title>Harbour board hears traders</title>{head}</head><body>{inner}</body></html>"
    return page.extract(html, url="https://example.org/a/b")


def test_a_whole_article_is_sure() -> None:
    """A text of sentences that holds all prose of its page is the article."""
    assert read(f"<article>{STORY}</article>").confidence > SURE


def test_a_text_beside_much_more_prose_is_not_sure() -> None:
    """A few words beside a long text that was not taken are probably not the article."""
    short = Candidate(paragraphs=["Imprint", "Example Press Ltd., 1 Quay Street, Millport"])
    whole = Candidate(paragraphs=SENTENCES)
    facts = Facts(title="Harbour board hears traders", summary=SENTENCES[0])
    prose = sum(map(len, SENTENCES))
    assert confidence(short, prose, facts) < 1 - SURE
    assert confidence(whole, prose, facts) > SURE


def test_confidence_is_told_in_every_script() -> None:
    """Nothing that is measured asks for blanks, capitals or Latin letters."""
    text = ["島へ渡るフェリーは月曜日から一日二往復になると、港湾局が発表した。住民は夕方の便も求めている。"] * 6
    assert confidence(Candidate(paragraphs=text), 0, Facts(title="島へ渡るフェリーは一日二往復に")) > SURE


def test_nothing_is_worth_nothing() -> None:
    """No text has no confidence."""
    assert confidence(Candidate(paragraphs=[]), 1_000, Facts()) == 0


def test_the_declared_text_is_taken_where_the_visible_one_is_a_notice() -> None:
    """Only a notice is visible, and JSON-LD has the article: that is what is indexed, and provenance says so."""
    node = {"@type": "NewsArticle", "headline": "Harbour board hears traders", "articleBody": "\n".join(SENTENCES)}
    found = read(NOTICE, f'<script type="application/ld+json">{json.dumps(node)}</script>')
    assert found.body == "\n\n".join(SENTENCES)
    assert found.provenance["body"] is Provenance.JSON_LD


def test_readings_that_agree_are_sure() -> None:
    """A short report beside long lists of others is sure if a second way of reading the page finds the same."""
    others = "".join(
        f"<li><a href='/{number}'>More</a> The story with the number {number} is about something else, and it is told "
        f"in a sentence that is as long as those of the report.</li>"
        for number in range(40)
    )
    report = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[:3])
    found = read(f"<article><h1>Harbour board hears traders</h1>{report}</article><ul>{others}</ul>")
    assert found.body == "\n\n".join(SENTENCES[:3])
    assert found.confidence > SURE


def test_what_is_surely_not_the_article_is_left_out_with_a_reason() -> None:
    """An imprint beside paragraphs that were not taken ends in the quarantine, not in the index."""
    found = page.Page(body="Imprint\n\n1 Quay Street", confidence=0.04, page_prose=2_000, page_chars=3_000)
    reason, sentence = rejection_reason(found, title="Harbour board hears traders", body=found.body) or ("", "")
    assert reason == "no-article-text"
    assert "imprint" in sentence


def test_a_short_report_that_is_all_there_is_stays() -> None:
    """One line alone on its page is not left out, however unsure it is."""
    found = page.Page(body="More follows.", confidence=0.04, page_prose=0, page_chars=400)
    assert rejection_reason(found, title="Fire in the harbour", body=found.body) is None
