from __future__ import annotations

import time
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.article import Precision
from newsdex.transforms.dates import grammar as dates_grammar
from newsdex.transforms.dates.mentioned import MAX_MENTIONS, READ_CHARS, mentioned
from newsdex.transforms.dates.resolve import FIRST_YEAR, LAST_YEAR

TABLES: dict[str, Any] = tomllib.loads(
    (Path(dates_grammar.__file__).parent / "dates.toml").read_text(encoding="utf-8"),
)
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru")
FRIDAY = datetime(2018, 7, 27, 15, 0, tzinfo=UTC)


def isos(text: str, published: datetime | None = FRIDAY, language: str = "en") -> list[str]:
    """Return the ISO forms of the dates that a text names."""
    return [one.iso for one in mentioned(text, published_at=published, language=language)]


EXAMPLES = [
    (language, number) for language in ("any", *LANGUAGES) for number, _ in enumerate(TABLES[language]["shapes"])
]


@pytest.mark.parametrize(("language", "number"), EXAMPLES)
def test_every_shape_is_found_in_its_example(language: str, number: int) -> None:
    """The example of each shape in the table names a date, and that shape matches it."""
    shape = TABLES[language]["shapes"][number]
    spoken = "en" if language == "any" else language
    found = mentioned(shape["example"], published_at=FRIDAY, language=spoken)
    shapes = {one for group in dates_grammar.grammar(spoken).shapes.values() for one in group}
    assert found
    assert found[0].iso
    assert any(one.kind == shape["kind"] and one.pattern.search(shape["example"]) for one in shapes)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("They met on Friday.", "2018-07-27"),
        ("They met on Thursday.", "2018-07-26"),
        ("They met on Saturday.", "2018-07-21"),
        ("They will meet on Saturday.", "2018-07-28"),
        ("They are expected to be heard on Monday.", "2018-07-30"),
        ("On Monday, lawmakers will vote.", "2018-07-30"),
        ("He said on Monday that they will vote.", "2018-07-23"),
        ("The next one is on Monday.", "2018-07-30"),
        ("Some 11 sent 12-Dec-2014 letters back.", "2014-12-12"),
        ("next Friday", "2018-08-03"),
        ("last Friday", "2018-07-20"),
        ("last week", "2018-07-16/2018-07-22"),
        ("last weekend", "2018-07-21/2018-07-22"),
        ("last quarter", "2018-Q2"),
        ("next month", "2018-08"),
        ("It grew in May.", "2018-05"),
        ("It will open in May.", "2018-05"),
        ("It has been closed since December.", "2017-12"),
        ("Voting ends in November.", "2018-11"),
        ("January 23", "2018-01-23"),
        ("He was shot on Nov. 3.", "2017-11-03"),
        ("He will be tried on Nov. 3.", "2018-11-03"),
        ("Tuesday, January 23", "2018-01-23"),
        ("a year ago", "2017"),
        ("the 1990s", "1990/1999"),
        ("from 3 to 5 May 2018", "2018-05-03/2018-05-05"),
        ("from Dec. 30, 2017 to Jan. 2, 2018", "2017-12-30/2018-01-02"),
        ("after the Sept. 11 attacks", "2001-09-11"),
        ("in a Wednesday hearing", "2018-07-25"),
        ("ahead of the November elections", "2018-11"),
        ("On March 9, he left.", "2018-03-09"),
    ],
)
def test_relative_and_partial_dates_follow_the_rules(text: str, iso: str) -> None:
    """What depends on the day of publication (here a Friday) comes out as the module's rules say."""
    assert isos(text) == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "31 June",
        "32 May 9999",
        "in 9999",
        "in 0001",
        "May said so.",
        "the 747",
        "a second",
        "$2,018",
        "on Mondays",
        "Black Friday",
        "the Sun reported",
        "USA Today",
        "for the last two years",
        "2:1 (1:0)",
        "555-2018-1999",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    """Impossible dates, scores, prices, names and plurals give nothing."""
    assert isos(text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "canta Plácido Domingo en Madrid"),
        ("pt", "despacho nº 1233/2012"),
        ("it", "vinse in 3 set"),
        ("fr", "n° 2002-241"),
    ],
)
def test_names_and_numbers_of_other_languages_are_left_alone(language: str, text: str) -> None:
    """A name that is a weekday and a document's number give nothing."""
    assert isos(text, FRIDAY, language) == []


def test_relative_dates_stay_unresolved_without_a_publication_date() -> None:
    """Without a day of publication a relative date is kept, but not guessed; an absolute one does not need it."""
    found = mentioned("On Friday, a month ago, in 2016.", published_at=None, language="en")
    assert [(one.iso, one.start, one.precision) for one in found] == [
        ("", None, Precision.DAY),
        ("", None, Precision.MONTH),
        ("2016", date(2016, 1, 1), Precision.YEAR),
    ]


def test_a_mention_says_where_it_stands() -> None:
    """Offsets, surface form, span and precision belong together."""
    text = "Sales fell in the third quarter of 2017."
    (found,) = mentioned(text, published_at=None, language="en")
    assert text[found.start_char : found.end_char] == found.text == "third quarter of 2017"
    assert (found.start, found.end) == (date(2017, 7, 1), date(2017, 9, 30))
    assert (found.iso, found.precision) == ("2017-Q3", Precision.QUARTER)


@pytest.mark.parametrize(
    ("language", "text", "iso"),
    [
        ("pl", "Spotkanie odbyło się 5 stycznia 2018 roku.", "2018-01-05"),
        ("nl", "Op 3 mei 1998 begon het.", "1998-05-03"),
        ("tr", "23 Ocak 2018 tarihinde başladı.", "2018-01-23"),
        ("ar", "في 23 يناير 2018", "2018-01-23"),
        ("ja", "会議は2018年1月23日に始まった。", "2018-01-23"),
        ("ko", "회의는 2018년 1월 23일에 시작됐다.", "2018-01-23"),
        ("und", "seen 2018-01-23", "2018-01-23"),
        ("no-such-language", "seen 2018-01-23", "2018-01-23"),
    ],
)
def test_other_languages_have_explicit_dates(language: str, text: str, iso: str) -> None:
    """Languages without a table here find explicit dates by dateparser's month names; unknown ones find ISO dates."""
    assert isos(text, None, language) == [iso]


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
@pytest.mark.parametrize("unit", ["1 ", "40 May ", "2018-", "Mon", "last ", "a a ", "May 3 to ", "\u00a0", "é"])
def test_hostile_text_ends_in_bounded_time(language: str, unit: str) -> None:
    """A million characters of what looks like dates end within seconds and give a bounded answer."""
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    found = mentioned(text, published_at=FRIDAY, language=language)
    assert time.process_time() - started < 10
    assert len(found) <= MAX_MENTIONS
    assert all(one.end_char <= READ_CHARS for one in found)


PIECES = st.sampled_from(
    ["May", "3", "2018", "last", "week", "Friday", "to", "from", "-", " ", " ", " ", ",", ".", "Q3", "1990s", "am",
     "12.", "Mai", "Jahr", "il y a", "trois", "ans", "в", "2018 году", "31", "February", "9999", "ago", "two", "years"],
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=300), st.sampled_from(LANGUAGES), st.booleans())
def test_any_text_gives_sound_mentions(text: str, language: str, known: bool) -> None:
    """Mentions are in order, do not overlap, quote the text, keep the bounds, and are the same again."""
    published = FRIDAY if known else None
    found = mentioned(text, published_at=published, language=language)
    assert found == mentioned(text, published_at=published, language=language)
    last = 0
    for one in found:
        assert last <= one.start_char < one.end_char <= len(text)
        assert text[one.start_char : one.end_char] == one.text
        assert bool(one.iso) == (one.start is not None) == (one.end is not None)
        if one.start and one.end:
            assert one.start.year >= FIRST_YEAR
            assert one.start <= one.end
            assert one.end.year <= LAST_YEAR
        last = one.end_char


@given(st.dates(date(1700, 1, 1), date(2150, 12, 31)))
def test_a_written_date_comes_back(day: date) -> None:
    """A full date in each of the usual English forms, and as ISO, gives that day."""
    forms = [f"{day:%Y-%m-%d}", f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}, {day.year}"]
    for form in forms:
        assert isos(f"It began on {form} and ended.", None) == [day.isoformat()]
