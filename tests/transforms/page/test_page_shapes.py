"""Shapes of pages that hide their text from a simple reader: each is a kind found on real sites, made small here."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime

import pytest

from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.dates.candidate import Provenance
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.page import extract as page
from newsdex.transforms.page.blocks import length

PARAGRAPHS = [
    "The ferry to the island will run twice a day from Monday, the harbour board said after a long meeting.",
    "Two of the three boats have been in the yard since the storm in March, and spare parts are hard to find.",
    "Islanders had asked for a third crossing in the evening, which the board wants to look at again in autumn.",
    "Until then the mail boat takes up to ten passengers, who have to book by telephone on the day before.",
]
TEXT = "\n\n".join(PARAGRAPHS)
STORY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)

CHAIN = Chain(ChainOptions(), {}, latest=datetime(2030, 1, 1, tzinfo=UTC))

JAPANESE = [
    "島へ渡るフェリーは月曜日から一日二往復になると、港湾局が発表した。",
    "三隻のうち二隻は三月の嵐のあと造船所で修理が続いており、部品も見つかりにくい。",
]


def read(inner: str, head: str = "") -> page.Page:
    return page.extract(
        f"<html><head><title>Ferry</title>{head}</head><body>{inner}</body></html>", url="https://example.org/a/ferry"
    )


def test_a_bound_in_characters_means_as_much_in_every_script() -> None:
    """A Japanese line of forty characters is as long as an English one of ninety."""
    assert length("ferry") == len("ferry")
    assert length("паром") == len("паром")
    assert length(JAPANESE[0]) > 2 * len(JAPANESE[0])


def test_a_short_japanese_article_is_an_article() -> None:
    """Two sentences of Japanese are prose, though they have fewer characters than an English menu."""
    story = "".join(f"<p>{line}</p>" for line in JAPANESE)
    menu = "<ul>" + "".join(f"<li><a href='/{n}'>お知らせ{n}</a></li>" for n in range(20)) + "</ul>"
    assert read(f"{menu}<div>{story}</div><div><p>無断転載を禁じます。</p></div>").body == "\n\n".join(JAPANESE)


@pytest.mark.parametrize("wrapper", ["class='l-wrapper gate-ad'", "class='has-newsletter'", "class='modal-open'"])
def test_what_holds_main_is_a_layout_however_it_is_named(wrapper: str) -> None:
    """An element around `<main>` is no advertisement, whatever its class says."""
    noise = "<p>This site is protected by the copyright law of our country and by several treaties with others.</p>"
    assert read(f"<div {wrapper}><main>{STORY}</main></div><footer>{noise}</footer>").body == TEXT


def test_main_that_is_hidden_behind_a_dialog_is_still_the_article() -> None:
    """A consent dialog marks the page behind it `aria-hidden`; the article is there all the same."""
    dialog = "<div role='dialog'><p>We value your privacy. Please accept our cookies to go on reading.</p></div>"
    assert read(f"{dialog}<main aria-hidden='true'><article>{STORY}</article></main>").body == TEXT


def test_a_text_cut_into_many_elements_of_one_name_is_whole() -> None:
    """Advertisements cut a text into sections, some of them one level deeper than others."""
    pieces = "".join(
        f"<div class='row'><section class='article-content-group'><p>{paragraph}</p></section></div>"
        if number % 2
        else f"<section class='article-content-group'><p>{paragraph}</p></section>"
        for number, paragraph in enumerate(PARAGRAPHS * 1)
    )
    assert read(f"<article><h1>Ferry</h1><div>{pieces}</div></article>").body == TEXT


def teaser(number: int) -> str:
    return (
        f"<div><h2><a href='/story/{number}'>Another story, the one with the number {number}</a></h2>"
        f"<span>{number} hours ago</span><p>What happens in story {number} is told here in one sentence that is long "
        f"enough to be taken for a paragraph.</p></div>"
    )


def test_teasers_of_other_articles_are_not_the_text() -> None:
    """Linked headlines, each with a line of its text, are dropped even inside of the article's element."""
    teasers = "".join(map(teaser, range(1, 4)))
    assert read(f"<div class='post-content'><h1>Ferry</h1>{STORY}{teasers}</div>").body == TEXT


def test_a_list_of_links_to_other_sites_is_the_text() -> None:
    """In "the best hotels of the island" each heading is a link, too: away from the paper."""
    hotels = "".join(map(teaser, range(1, 6))).replace("href='/", "href='https://hotels.example.com/")
    assert "story 5 is told here" in read(f"<div class='post-content'><h1>Ferry</h1>{STORY}{hotels}</div>").body


MARKUP = "".join(f'<p class="p">{paragraph}</p>' for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    "script",
    [
        "window.__STATE__ = " + json.dumps({"article": {"id": 7, "contentHtml": MARKUP, "title": "Ferry"}}) + ";",
        "self.__next_f.push([1," + json.dumps("4:" + json.dumps({"contentHtml": MARKUP})) + "])",
        json.dumps({"props": {"body": [{"type": "text", "value": paragraph} for paragraph in PARAGRAPHS]}}),
    ],
    ids=["html", "html in a string of JSON", "paragraphs"],
)
def test_a_text_that_only_a_script_draws_is_read_from_its_state(script: str) -> None:
    """A page drawn in the browser carries its text in a script, as HTML or paragraph by paragraph."""
    found = read(f"<main><div id='root'></div></main><script>{script}</script>")
    assert found.body == TEXT
    assert found.provenance["body"] is Provenance.SCRIPT


def test_program_text_is_no_article() -> None:
    """Long strings of a program, such as templates, addresses and messages, are not taken for an article."""
    script = 'var a = "function (x) { return x; } // and a rather long explanation of what this does.";'
    assert not read(f"<main><div id='root'></div></main><script>{script}</script>").body


@pytest.mark.parametrize(
    "line",
    [
        "<p>Foto: Erika Mustermann, Beispiel-Presse</p>",
        "<p>© Jane Doe/Example Press</p>",
        "<p>写真：山田太郎</p>",
        "<div><p>Empfohlener redaktioneller Inhalt</p><p>Externen Inhalt anzeigen</p></div>",
        "<p>To view this content, please accept cookies of other sites.</p>",
        "<div class='hidden'><p>Create an account to go on reading, and get all our puzzles.</p></div>",
    ],
)
def test_insertions_between_paragraphs_are_left_out(line: str) -> None:
    """Photo credits, questions for consent and what is not shown stand between paragraphs, and are none."""
    middle = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>{line}<p>{PARAGRAPHS[2]}</p><p>{PARAGRAPHS[3]}</p>"
    assert read(f"<article><h1>Ferry</h1>{middle}</article>").body == TEXT


@pytest.mark.parametrize(
    "sentence",
    ["Photo: that one word was all she wrote on the back of it.", "© is the sign that nobody can type, he said."],
)
def test_a_sentence_that_begins_like_a_credit_stays(sentence: str) -> None:
    """A credit has no full stop."""
    assert (
        sentence in read(f"<article><h1>Ferry</h1>{STORY}<p>{sentence}</p><p>{PARAGRAPHS[0]} Again.</p></article>").body
    )


def test_what_stands_above_the_title_is_left_out() -> None:
    """Section, kicker and the first date line belong to the title, not to the text."""
    above = "<p>Travel</p><p>After long talks in Millport</p><h2>Ferry</h2><p>15.04.2026 - 15:48, 2 min.</p>"
    assert read(f"<article>{above}{STORY}</article>").body == TEXT


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>" + '"abc' * 200_000 + "</script>",
        '<script>"' + '\\"abc' * 200_000 + "</script>",
        "<div>x</div>" * 100_000,
        "<h2><a href='/a'>A headline of another story</a></h2><p>x</p>" * 20_000,
    ],
    ids=["open strings", "a string without end", "elements", "headlines"],
)
def test_a_hostile_page_ends(hostile: str) -> None:
    """Time grows with the length of a page and no faster: these took minutes where each quote was an attempt."""
    assert len(read(hostile).body) < len(hostile)


@pytest.mark.parametrize(
    "heading",
    [
        '<h3 class="subtitle">Boats in the yard</h3>',
        '<h3 class="subtitle"><a name="boats">Boats in the yard</a></h3>',
        '<div class="caption">The yard</div><div class="credit">LB</div><h3 class="subtitle">Boats in the yard</h3>',
    ],
)
def test_a_subheading_between_paragraphs_stays_however_it_is_named(heading: str) -> None:
    """A heading that is named like what stands above the text is part of it where paragraphs stand around it."""
    first, *others = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    body = read(f"<article><h1>Ferry</h1>{first}{heading}{''.join(others)}</article>").body
    assert body.split("\n\n")[1] == "Boats in the yard"


def test_an_id_made_of_the_headline_names_no_kind_of_element() -> None:
    """In "boats-that-promoted-the-island-best" the headline speaks of promotion, and not the page's author."""
    first, *others = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    named = f'<div id="boats-that-promoted-the-island-best-1">{first}</div>'
    assert read(f"<main><h1>Ferry</h1>{named}{''.join(others)}</main>").body == TEXT


def test_a_paragraph_that_is_hidden_until_the_reader_signs_in_is_text() -> None:
    """Some papers hide every third paragraph by its style and show it to subscribers."""
    parts = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS]
    parts[1] = f'<p class="paywall" style="display:none">{PARAGRAPHS[1]}</p>'
    assert read(f"<article><h1>Ferry</h1>{''.join(parts)}</article>").body == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "23. 12. 2024 13:31",
        "1月13日",
        "25. 4. 2023",
        "12.11.2021, 19:25 Uhr",
        "3 Min Lesezeit",
        "$$ARTICLEAD$$",
        "Getty Images",
    ],
)
def test_a_date_between_paragraphs_is_no_text(line: str) -> None:
    """It belongs to a link that was left out; a length, a placeholder and a picture's credit are no text either."""
    first, *others = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    assert read(f"<article><h1>Ferry</h1>{first}<div>{line}</div>{''.join(others)}</article>").body == TEXT


@pytest.mark.parametrize(
    "end",
    [
        "<h2>Tu suscripción se está usando en otro dispositivo</h2><p>¿Quieres añadir otro usuario?</p>",
        "<p>REGISTER / SIGN IN TO UNLOCK MORE ARTICLES</p><ul><li>Enjoy additional articles per month.</li></ul>",
        "<p>2 Wochen kostenlos testen</p><p>Das Angebot endet automatisch.</p>",
        "<p>Hat Ihnen dieser Artikel gefallen? Dann unterstützen Sie uns bitte mit einer Spende.</p>",
        "<p>Lena Brook lena.brook@isle-post.example</p>",
        "<h3>Sobre la firma</h3><p>Es jefa de la delegación de Bruselas.</p>",
        '<div class="js-tooltip"><p>記事に『リアクション』ができます。ご利用には会員登録が必要です。</p></div>',
    ],
)
def test_what_a_site_offers_below_a_text_is_no_text(end: str) -> None:
    """Sign-in, subscriptions, gifts and the author's life are not the article."""
    assert read(f"<article><h1>Ferry</h1>{STORY}{end}</article>").body == TEXT


LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore."


SECOND = (
    f"<article><h1>Town hall</h1>{'<p>The roof of the town hall leaks.</p>' * 3}"
    "<p>The council has no money to have it mended before the winter, and a builder offers his help.</p></article>"
)
HIDDEN = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[1:])
SHAPES = {
    "amp": f"<amp-sidebar><a href='/'>Home</a></amp-sidebar><article>{STORY}<amp-img src='a.jpg'></amp-img></article>",
    "srcdoc": f'<nav><a href="/">Home</a></nav><iframe srcdoc="{html.escape(f"<article>{STORY}</article>")}"></iframe>',
    "soft hyphens": f"<article>{STORY.replace('e', 'e&shy;').replace('o', 'o&#8203;')}</article>",
    "letters": "".join(f"<p>{''.join(f'<span>{letter}</span>' for letter in text)}</p>" for text in PARAGRAPHS),
    "template": f"<template>{STORY}</template>",
    "noscript": f"<div id='app'></div><noscript>{STORY}</noscript>",
    "br": f"<div>{'<br><br>'.join(PARAGRAPHS)}</div>",
    "div": "".join(f"<div>{paragraph}</div>" for paragraph in PARAGRAPHS),
    "two": f"<article><h1>Ferry</h1>{STORY}</article>{SECOND}",
    "paywall": f"<p>{PARAGRAPHS[0]}</p><div class='paywall-content' style='display:none'>{HIDDEN}</div>",
    "filler": f"<article><h1>Ferry</h1>{STORY}<p>{LOREM}</p><p>{LOREM}</p></article>",
}


@pytest.mark.parametrize("inner", SHAPES.values(), ids=SHAPES.keys())
def test_a_text_is_found_in_every_kind_of_page(inner: str) -> None:
    """AMP, frames, letters in spans, templates, the first of two articles, a hidden text, filler below: one text."""
    page_url = "https://example.org/a/ferry"
    raw = RawArticle(input_uri="a", origin=Origin.PAGE, html=f"<html><body>{inner}</body></html>", url=page_url)
    done = CHAIN.clean(raw)
    assert not isinstance(done, Rejection), done
    assert done.article.body == TEXT


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"<article><h1>Ferry</h1>{f'<p>{LOREM}</p>' * 6}</article>", "filler-text"),
        (f"{'<div>' * 100_000}{STORY}", "page-too-deep"),
        (f"<article>{STORY * 30_000}</article>", "page-too-large"),
    ],
    ids=["filler", "deep", "large"],
)
def test_a_page_without_an_article_says_what_it_has(source: str, reason: str) -> None:
    """Filler, elements in each other without end, and a page of many megabytes have reasons of their own."""
    done = CHAIN.clean(RawArticle(input_uri="a", origin=Origin.PAGE, html=source, url="https://example.org/a/ferry"))
    assert isinstance(done, Rejection)
    assert done.reason == reason


def test_a_page_that_breaks_off_keeps_what_came() -> None:
    """A download that ended in the middle of a word is that much of the article."""
    story = f"<html><body><article><h1>Ferry</h1>{STORY}"
    cut = story[: story.index("board wants")]
    assert page.extract(cut, url="https://example.org/a/ferry").body.split("\n\n")[:2] == PARAGRAPHS[:2]
