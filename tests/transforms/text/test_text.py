from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdex.transforms.text.repair import repair, strip_markup

LIMIT_S = 8
"""Seconds of processor time for half a megabyte: four times what the slowest takes here."""

DAMAGE = st.lists(
    st.sampled_from(
        [
            "â€™",
            "Ã©",
            "Ã ",
            "\x85",
            "\u200b",
            "\ufeff",
            "\u202e",
            "\u00ad",
            "ﬁ",
            "e\u0301",
            "\t",
            "\r\n",
            "\u2028",
            "a",
            "b c",
            "\ud800",
            "\x1b[31m",
            "РїСЂРё",
            "\u200d",
            "👩",
            "ک",
            "\u00a0",
            "&amp;",
            "Â",
            "€",
        ]
    )
).map("".join)

REMNANTS = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<br/>",
            "<a href='x'>",
            "<script>",
            "</script>",
            "&lt;",
            "&amp;",
            "nbsp;",
            "&#38;",
            "{{x}}",
            "{",
            "}",
            "[caption id='1']",
            "[/caption]",
            "<!--",
            "-->",
            "a < b",
            "text ",
            "\n",
            ";",
            "var x = 1;",
            ".a {b: c}",
        ]
    )
).map("".join)


@given(st.one_of(st.text(), DAMAGE))
@example("e\u0300\u00a1\u00a4")
def test_repair_is_idempotent(text: str) -> None:
    """Repairing twice changes nothing more, for any text."""
    assert repair(repair(text)) == repair(text)


@given(st.one_of(st.text(), DAMAGE))
def test_repaired_text_is_well_formed(text: str) -> None:
    """Repaired text is NFC, can be encoded, and has no control characters but line breaks, and single spaces."""
    repaired = repair(text)
    repaired.encode("utf-8")
    assert unicodedata.is_normalized("NFC", repaired)
    assert not any(unicodedata.category(char) == "Cc" for char in repaired.replace("\n", ""))
    assert all(line == " ".join(line.split()) for line in repaired.split("\n"))


@given(st.one_of(st.text(), REMNANTS))
def test_strip_markup_is_idempotent(text: str) -> None:
    """Stripping markup twice changes nothing more, for any text."""
    assert strip_markup(strip_markup(text)) == strip_markup(text)


@pytest.mark.parametrize(
    ("damaged", "repaired"),
    [
        ("Putin donâ€™t", "Putin don’t"),
        ("cafÃ© Ã  la carte", "café à la carte"),
        ("ÃƒÂ©t", "ét"),
        ("РїСЂРёРІРµС‚ РјРёСЂ", "привет мир"),
        ("zero\u200bwidth soft\u00adhyphen \u202eback", "zerowidth softhyphen back"),
        ("ﬁnancial oﬃce", "financial office"),
        ("fiance\u0301", "fiancé"),
        ("a\tb\u00a0 c\u3000d", "a b c d"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("null\x00 byte", "null byte"),
    ],
)
def test_repair_undoes_damage(damaged: str, repaired: str) -> None:
    """Wrong encodings, invisible characters and odd spaces are put right."""
    assert repair(damaged) == repaired


@pytest.mark.parametrize(
    "text",
    [
        "“Curly quotes” stay, and so does Île-de-France’s à.",
        "می‌خواهم",
        "👩‍👩‍👧 votes",
        "他说：“是的！”",
        "Die Straße — 50 €, ‚so‘ hieß es…",
        "Россия и «Новая газета», — сказал он.",
    ],
)
def test_repair_leaves_good_text_alone(text: str) -> None:
    """Typography, joiners that spell, emoji and full-width punctuation are no damage."""
    assert repair(text) == text


def test_each_line_is_a_paragraph() -> None:
    """A single line break ends a paragraph: paragraphs come out separated by one blank line."""
    assert repair("One line.\nA second one.\n\n\n\nA third.\n") == "One line.\n\nA second one.\n\nA third."


def test_hard_wrapped_text_is_unwrapped() -> None:
    """Lines broken at a fixed width are joined; blank lines and indents begin paragraphs."""
    wrapped = (
        "The ministry said on Monday that it would publish the figures in the\n"
        "coming weeks, after the opposition had asked for them for more than a\n"
        "year and had threatened to go to court over the matter, which state-\n"
        "owned firms had kept secret.\n"
        "\n"
        "Nobody at the ministry would say when the decision was taken, or who\n"
        "had taken it."
    )
    paragraphs = repair(wrapped).split("\n\n")
    assert len(paragraphs) == 2
    assert "which state-owned firms" in paragraphs[0]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<p>One</p><p class='x' async>Two</p>", "One\n\nTwo"),
        ("x &amp;nbsp; y", "x y"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("<script>var a = '<p>';</script>Hello", "Hello"),
        ("<script>an unclosed script loses nothing", "an unclosed script loses nothing"),
        ("<!-- comment --> text <!-- unclosed", "text unclosed"),
        ("googletag.cmd.push(function() { googletag.display('ad'); });\nText.", "Text."),
        (".ad { color: red; margin: 0 }\nText.", "Text."),
        ('[caption id="a" width="300"]Words[/caption]', "Words"),
        ("[vc_row][vc_column]Words[/vc_column][/vc_row]", "Words"),
        ("[youtube]https://youtu.be/x[/youtube]Words", "Words"),
        ("your limit of {{free_limit}} articles", "your limit of articles"),
        ("{% if x %}Words{% endif %}", "Words"),
    ],
)
def test_remnants_of_markup_go(marked: str, plain: str) -> None:
    """Tags, entities, scripts, styles, shortcodes and placeholders leave the text; words stay."""
    assert repair(strip_markup(marked)) == plain


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "Mail <jane@example.org> now",
        "AT&T and R&D; Q&A",
        "He said [sic] that [the] law [1] holds",
        "if (x) is a set {x}",
        "“[I]t is over,” she said.",
        "Use var x = 5; in the code",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    """Comparisons, addresses, editorial brackets and braces are text."""
    assert strip_markup(text) == text


def test_text_without_signs_is_returned_as_it_is() -> None:
    """Where nothing looks like markup, the very same text comes back."""
    text = "A plain sentence.\n\nAnother one."
    assert strip_markup(text) is text


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 50_000,
        "<noscript>" * 30_000 + "x" + "</noscript>" * 10_000,
        "<p a=" * 100_000,
        "<p a=\"'" * 60_000,
        "[a" * 200_000,
        "[" + "a" * 300_000,
        "{" * 300_000,
        "<!--" * 100_000,
        "&amp;" * 100_000,
        "a{b:" * 100_000,
        "Ã" * 300_000,
        "â€" * 100_000,
        "\u200d" * 300_000,
        "(" * 300_000 + "{",
        "var x = " * 50_000,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_ends_in_bounded_time(hostile: str) -> None:
    """Half a megabyte of anything is done in seconds: no pattern backtracks without end."""
    started = time.process_time()
    repair(strip_markup(hostile))
    assert time.process_time() - started < LIMIT_S
