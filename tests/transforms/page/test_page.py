"""What a web page comes to: its text, without what stands around it, in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.tables import load_table
from newsdex.transforms.page import extract as page
from newsdex.transforms.page.blocks import _names_a_body, _suspicion_of_names
from newsdex.transforms.page.extract import Provenance
from newsdex.transforms.page.trim import _CREDIT, _EMBED, _LABEL, _MORE, _OFFER

PARAGRAPHS = [
    "The council of the small town voted on Monday evening to keep its only library open until the end of next year.",
    "Forty people had come to the town hall, many of them with children, and nobody spoke in favour of closing it.",
    "The mayor said that the money would have to come from the road budget, which is smaller than it was a year ago.",
]
TEXT = "\n\n".join(PARAGRAPHS)
STORY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def body_of(inner: str, head: str = "") -> str:
    return page.extract(f"<html><head>{head}</head><body>{inner}</body></html>", url="https://example.org/a/b").body


def test_paragraphs_are_separated_by_a_blank_line() -> None:
    """Running text comes out paragraph by paragraph."""
    assert body_of(f"<article>{STORY}</article>") == TEXT


@pytest.mark.parametrize(
    "noise",
    [
        "<nav><ul><li><a href='/'>Home</a><li><a href='/world'>World</a></ul></nav>",
        f"<div class='comments-area'><p>{'I never liked that library much, to be honest with you all. ' * 5}</p></div>",
        f"<aside><p>{'Our editors choose the best books of the season for you to read. ' * 3}</p></aside>",
        "<div class='related'><h3><a href='/x'>Another town closes its library</a></h3></div>",
        "<footer>© 2020 The Example. All rights reserved.</footer>",
        "<script>var story = 'not text';</script><style>p { color: red }</style>",
        f"<div style='display: none'>{TEXT}</div>",
        f"<div class='cookie-consent'><p>{'We use cookies to make this site better for everybody. ' * 4}</p></div>",
    ],
)
def test_what_stands_around_the_text_is_left_out(noise: str) -> None:
    """Navigation, comments, asides, related links, footers, scripts and hidden copies are no text."""
    assert body_of(f"<div class='page'><div class='story'>{STORY}</div>{noise}</div>") == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "<h1>Library stays</h1>",
        "<p class='byline'>By Ann Example</p>",
        "<p>Published: 18 November 2019</p>",
        "<p>https://example.org/a/library-stays</p>",
        "<p>Advertisement</p>",
    ],
)
def test_lines_above_the_text_are_left_out(line: str) -> None:
    """Title, byline, date line and address above the first paragraph are facts, not text."""
    assert body_of(f"<article>{line}{STORY}</article>", "<title>Library stays</title>") == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "<p>Sign up to our newsletter and get the best stories in your inbox.</p>",
        "<h3>More stories</h3><p><a href='/x'>A bridge too far for the county</a></p>",
        "<p>Follow us on Twitter</p>",
        "<p><a href='/y'>Read more: why libraries matter</a></p>",
    ],
)
def test_offers_below_the_text_are_left_out(line: str) -> None:
    """What follows the last paragraph and speaks of other things is cut."""
    assert body_of(f"<article>{STORY}{line}</article>") == TEXT


def test_a_long_article_inside_a_wrongly_named_element_is_kept() -> None:
    """A name is not believed where it would leave nothing: themes wrap whole pages in "sidebar" or "widget"."""
    for name in ("content-sidebar-wrap", "widget", "teaser-single", "promo"):
        assert body_of(f"<div class='{name}'>{STORY}</div><p>Tiny</p>") == TEXT


def test_a_text_cut_into_chunks_is_whole_again() -> None:
    """Advertisements between two body elements do not lose the second one."""
    first, *rest = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    chunks = [f"<div class='article-body'>{part}</div>" for part in (first, "".join(rest))]
    inner = f"<div>{chunks[0]}<div class='ad'>Ad</div>{chunks[1]}</div>"
    assert body_of(inner) == TEXT


def test_a_few_short_lines_are_text_but_the_title_alone_is_none() -> None:
    """Without any paragraph, what is there is taken, except the heading."""
    assert body_of("<h1>City</h1><p>Mayor to step down.</p>") == "Mayor to step down."
    assert body_of("<h1>City</h1>") == ""


def test_line_breaks_make_paragraphs() -> None:
    """Two `<br>` in a row are a paragraph's end."""
    assert body_of(f"<div>{'<br><br>'.join(PARAGRAPHS)}</div>") == TEXT


def test_the_declared_text_stands_in_for_one_that_a_script_would_show() -> None:
    """A page without visible text but with an `articleBody` has that text, and says so."""
    declared = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(PARAGRAPHS)})
    script = f'<script type="application/ld+json">{declared}</script>'
    found = page.extract(f"<html><head>{script}</head><body><div id=app></div></body></html>")
    assert found.body == TEXT
    assert found.provenance["body"] is Provenance.JSON_LD


@pytest.mark.parametrize("html", ["", "   ", b"", "<html></html>", "<p></p>"])
def test_a_page_without_text_says_why(html: str | bytes) -> None:
    """No text means a reason."""
    assert page.extract(html).why_not in ("not-html", "no-main-text")


def test_a_page_too_large_is_not_parsed() -> None:
    """The size of a page is bounded."""
    assert page.extract("x" * 10_000_001).why_not == "page-too-large"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("<p>Żółć i straż</p>".encode(), None),
        (b"\xef\xbb\xbf" + "<p>Żółć i straż</p>".encode(), None),
        ("<meta charset=iso-8859-2><p>Żółć i straż</p>".encode("iso-8859-2"), None),
        ("<p>Żółć i straż</p>".encode("cp1250"), "text/html; charset=windows-1250"),
        ("<meta charset=latin1><p>Żółć i straż</p>".encode(), None),
        ("\ufeff<p>Żółć i straż</p>".encode("utf-16-le"), None),
    ],
)
def test_the_encoding_is_found(data: bytes, content_type: str | None) -> None:
    """By byte order mark, as UTF-8 whatever is declared, by header, by meta element."""
    assert page.extract(data, content_type=content_type).body == "Żółć i straż"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "<p>deep</p>",
        "<span>" * 10_000 + "deep",
        "<p>a" * 50_000,
        "<div " + " ".join(f"a{n}=b" for n in range(50_000)) + ">x",
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        '<script type="application/ld+json">{"a":' + " " * 500_000 + "x</script>",
        "<p>" + " " * 500_000 + "x",
        "\x00" * 100_000 + "<p>after</p>",
        "<" * 200_000,
        "<p>\ud800 surrogate</p>",
    ],
)
def test_hostile_pages_end_in_bounded_time(html: str) -> None:
    """Nesting, attributes, null bytes and broken JSON cost time in proportion to their length."""
    started = time.process_time()
    page.extract(html)
    assert time.process_time() - started < 5


@settings(max_examples=60)
@given(st.text(alphabet="<>/ap divh1\"'=&;\x00\n é文", max_size=300) | st.binary(max_size=300))
def test_no_page_raises(html: str | bytes) -> None:
    """Whatever the bytes are, a page comes back, and the same one each time."""
    assert page.extract(html) == page.extract(html)


NAMES = load_table(page.__file__, "boilerplate.toml")["names"]


@pytest.mark.parametrize("group", NAMES, ids=lambda group: group["about"])
def test_every_group_of_names_marks_its_example(group: dict[str, str]) -> None:
    """The reviewed list and its examples agree."""
    reason = _suspicion_of_names(group["example"])
    assert reason is not None
    assert reason[0].name.lower() == group["level"]


def test_the_name_of_a_body_is_known() -> None:
    """The example of the body's names is one."""
    assert _names_a_body(load_table(page.__file__, "boilerplate.toml")["body"]["example"])


@pytest.mark.parametrize("kind", ["label", "more", "offer", "credit", "embed"])
def test_every_phrase_matches_its_example(kind: str) -> None:
    """The reviewed phrases and their examples agree."""
    pattern = {
        "label": _LABEL.fullmatch, "more": _MORE.match, "offer": _OFFER.search,
        "credit": _CREDIT.fullmatch, "embed": lambda text: _EMBED.search(text.lower()),
    }[kind]  # fmt: skip
    for row in load_table(page.__file__, "phrases.toml")[kind]:
        assert pattern(row["example"]), row
