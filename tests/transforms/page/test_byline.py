"""The byline that a page shows, for pages that declare no author."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newsdex.tables import load_table
from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.page import extract as page
from newsdex.transforms.page.byline import _LINE

STORY = "".join(
    f"<p>The harbour board of Millport agreed on part {n} of the new timetable after long talks with traders.</p>"
    for n in range(4)
)
CHAIN = Chain(ChainOptions(), {}, latest=datetime(2030, 1, 1, tzinfo=UTC))


def authors_of(inner: str, head: str = "") -> tuple[str, ...]:
    html = f"<html><head><title>Ferry</title>{head}</head><body>{inner}</body></html>"
    done = CHAIN.clean(RawArticle(input_uri="a", origin=Origin.PAGE, html=html, url="https://isle-post.example/a/b"))
    assert not isinstance(done, Rejection)
    return done.article.authors


def json_ld(author: object) -> str:
    node = {"@type": "NewsArticle", "author": author, "publisher": {"name": "Isle Post"}}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ('<div class="byline">By <a rel="author" href="/p/1">Lena Brook</a></div>', ("Lena Brook",)),
        ('<p class="article__author">Von Lena Brook, Millport</p>', ("Lena Brook",)),
        ('<ul><li class="author">Lena Brook</li><li class="author">Otto Beam</li></ul>', ("Lena Brook", "Otto Beam")),
        ('<span itemprop="author">Lena Brook</span>', ("Lena Brook",)),
        ("<p>By Lena Brook and Otto Beam</p>", ("Lena Brook", "Otto Beam")),
        (
            '<div class="authors">von <b>Lena Brook</b>, 5. Mai 2024<span class="author">Lena Brook</span></div>',
            ("Lena Brook",),
        ),
        ('<div class="reporter-author">신현주 기자</div>', ("신현주",)),
    ],
)
def test_a_shown_byline_is_read(byline: str, names: tuple[str, ...]) -> None:
    """A marked element, or a line that begins like a byline, names the authors where nothing is declared."""
    assert authors_of(f"<article><h1>Ferry</h1>{byline}{STORY}</article>") == names


@pytest.mark.parametrize("declared", ["Isle Post", "Isle Post Staff", {"@type": "Organization", "name": "Isle Post"}])
def test_the_paper_is_no_author(declared: object) -> None:
    """A publisher that is declared as the author gives way to the person that the page names."""
    byline = '<p class="byline">By <a rel="author" href="/p/1">Lena Brook</a></p>'
    assert authors_of(f"<article>{byline}{STORY}</article>", json_ld(declared)) == ("Lena Brook",)
    assert authors_of(f"<article>{STORY}</article>", json_ld(declared)) == ()


def test_a_declared_author_goes_before_the_shown_one() -> None:
    """What a page declares is more sure than what a class is named."""
    assert authors_of(f'<p class="author">Otto Beam</p>{STORY}', json_ld("Lena Brook")) == ("Lena Brook",)


def test_bylines_of_teasers_are_not_this_articles() -> None:
    """Other articles' authors stand in an aside or in a list of related articles."""
    aside = '<aside><div><span class="byline"><a rel="author" href="/p/2">Otto Beam</a></span></div></aside>'
    related = '<div class="related-stories"><p class="author">Ida Crane</p></div>'
    assert authors_of(f"<article>{STORY}</article>{aside}{related}") == ()


def test_a_label_of_the_social_networks_names_the_author() -> None:
    """WordPress says it so."""
    head = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Lena Brook">'
    assert authors_of(f"<article>{STORY}</article>", head) == ("Lena Brook",)


@pytest.mark.parametrize("row", load_table(page.__file__, "phrases.toml")["byline"], ids=lambda row: row["language"])
def test_each_beginning_of_a_byline_has_an_example(row: dict[str, str]) -> None:
    """The table of beginnings says what each is for."""
    assert _LINE.match(row["example"])


def test_where_the_paper_is_declared_as_author_another_declaration_names_the_person() -> None:
    """JSON-LD names the paper, `<meta name="author">` the person."""
    assert authors_of(STORY, json_ld("Isle Post") + '<meta name="author" content="Lena Brook">') == ("Lena Brook",)


def test_an_author_with_an_address_is_a_site() -> None:
    """Where "Isle Radio (www.isle-radio.example)" is declared, the byline that the page shows is read."""
    head = '<meta property="og:site_name" content="Isle Radio">'
    head += '<meta name="author" content="Isle Radio (www.isle-radio.example)">'
    assert authors_of(f'<a rel="author" href="/p/1">Lena Brook</a>{STORY}', head) == ("Lena Brook",)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Mary Brook/Tom Hill", ("Mary Brook", "Tom Hill")),
        ("Mary Brook", ("Mary Brook",)),
        ("What the board decided today", ()),
    ],
)
def test_a_bold_line_of_names_above_the_text_is_its_byline(line: str, names: tuple[str, ...]) -> None:
    """Some papers sign with a line in bold, unmarked, above the first paragraph."""
    assert authors_of(f"<article><h1>Ferry</h1><p><strong>{line}</strong></p>{STORY}</article>") == names


def test_a_lone_arabic_word_is_a_section() -> None:
    """A person's name has two words in Arabic; one is a section."""
    assert authors_of(f'<div class="author">منوعات</div>{STORY}') == ()
