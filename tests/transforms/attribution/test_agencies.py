from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.attribution.agencies import _data, credited, is_agency
from newsdex.transforms.text.boilerplate import Removed

NAMES = frozenset(_data()["agencies"])

TEXT = st.lists(
    st.sampled_from(
        [
            "(Reuters)",
            " - ",
            "AP",
            "told ",
            "RIA Novosti",
            "\n\n",
            "— dpa",
            "©",
            " reported",
            "Interfax",
            ". ",
            "x",
            "(AFP)",
            "according to ",
        ]
    )
).map("".join)


@given(st.one_of(st.none(), TEXT), st.one_of(st.text(), TEXT), st.lists(TEXT, max_size=2), st.lists(TEXT, max_size=2))
def test_only_canonical_names_without_repeats(
    title: str | None, body: str, authors: list[str], removed: list[str]
) -> None:
    """Any text gives canonical names, each once, and the same ones every time."""
    found = credited(title, body, authors, [Removed("copyright", text) for text in removed])
    assert set(found) <= NAMES
    assert len(found) == len(set(found))
    assert found == credited(title, body, authors, [Removed("copyright", text) for text in removed])


@pytest.mark.parametrize(
    ("body", "agency"),
    [
        ("MOSCOW, April 20 (Reuters) - Russia said on Friday.", "Reuters"),
        ("(Reuters) - Russia said on Friday.", "Reuters"),
        ("BERLIN (dpa) – Die Regierung hat entschieden.", "dpa"),
        ("WASHINGTON (AP) — The Senate voted.", "Associated Press"),
        ("WASHINGTON — (AP) The Senate voted.", "Associated Press"),
        ("MOSCOW, April 20. /TASS/. Russia said on Friday.", "TASS"),
        ("PARIS, 5 mai 2018 (AFP) - Le ministre a parlé.", "Agence France-Presse"),
        ("“We are ready,” Lavrov said in an interview with state news agency RIA Novosti.", "RIA Novosti"),
        ("The minister told RIA Novosti on Monday.", "RIA Novosti"),
        ("Losses are high, according to Interfax.", "Interfax"),
        ("Interfax reported that losses were high.", "Interfax"),
        ("He told The Associated Press on Sunday.", "Associated Press"),
        ("The Associated Press contributed to this report.", "Associated Press"),
        ("Das sagte er der dpa.", "dpa"),
        ("Selon l'AFP, il est parti.", "Agence France-Presse"),
        ("Об этом сообщает РИА Новости.", "RIA Novosti"),
        ("A sentence.\n\n— dpa", "dpa"),
        ("A sentence.\n\n(AP)", "Associated Press"),
        ("A sentence.\n\nSource: Xinhua", "Xinhua"),
        ("A sentence. (AFP)", "Agence France-Presse"),
        ("A sentence.\n\nWith files from Reuters and AP", "Associated Press"),
    ],
)
def test_credits_are_found(body: str, agency: str) -> None:
    """Datelines, sentences and closing lines credit agencies, in several languages."""
    assert agency in credited(None, body)


@pytest.mark.parametrize(
    "body",
    [
        "Reuters will cut 300 jobs, the union said.",
        "Reuters said it would cut 300 jobs.",
        "Russia blocked Interfax on Monday.",
        "The lawsuit against the Associated Press goes on.",
        "Rep. Mike Doyle (PA) said on Monday that he would not run.",
        "Michael Bloomberg told supporters that Bloomberg would win.",
        "The AP-3C Orion took off.",
        "(Kevin Lamarque/Reuters)\n\nThe president left.",
        "A sentence. (Jane Doe/AFP/Getty Images)",
        "A Reuters/Ipsos poll had him ahead.",
    ],
)
def test_an_agency_as_topic_or_in_a_photo_credit_is_none(body: str) -> None:
    """What is only about an agency, or credits it for a photograph, does not credit it for the text."""
    assert credited(None, body) == ()


def test_bylines_and_copyright_lines_credit() -> None:
    """An agency in the declared authors and in a removed copyright line is credited, in this order."""
    removed = [Removed("copyright", "© 2018 AFP")]
    assert credited(None, "A sentence.", ["Jane Doe, Associated Press"], removed) == (
        "Associated Press",
        "Agence France-Presse",
    )


@pytest.mark.parametrize(("name", "expected"), [("The Associated Press", True), ("REUTERS", True), ("Jane Doe", False)])
def test_agencies_in_bylines_are_told_from_persons(name: str, expected: bool) -> None:
    """A byline that is an agency's name is known as one."""
    assert is_agency(name) is expected


def test_hostile_text_ends_in_bounded_time() -> None:
    """Names without end, brackets without end: done in seconds."""
    started = time.process_time()
    for text in ("Reuters " * 60_000, "AP " * 150_000, "(" * 400_000, "told the " * 50_000 + "AFP", "a" * 500_000):
        credited(text, text, [text], [Removed("copyright", text)])
    assert time.process_time() - started < 4
