"""Publication dates: read or dropped with a reason, never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.article import DateSource, Precision
from newsdex.transforms.dates import parse, published, url_date
from newsdex.transforms.dates.candidate import DateCandidate, Provenance

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2018-01-23", "2018-01-23T00:00", Precision.DAY),
        ("2018-01-23T10:00:00Z", "2018-01-23T10:00", Precision.TIME),
        ("2018-01-23T22:00:00-05:00", "2018-01-24T03:00", Precision.TIME),
        ("2018-01-23T10:00:00.000+0000", "2018-01-23T10:00", Precision.TIME),
        ("2018-01-23 10:00:00", "2018-01-23T10:00", Precision.DAY),
        ("2018-01-23T00:00:00Z", "2018-01-23T00:00", Precision.DAY),
        ("Mon, 18 Nov 2019 10:00:00 -0500", "2019-11-18T15:00", Precision.TIME),
        ("Monday, 18-Nov-19 10:00:00 GMT", "2019-11-18T10:00", Precision.TIME),
        ("Mon Nov 18 10:00:00 EST 2019", "2019-11-18T15:00", Precision.TIME),
        ("4/23/18", "2018-04-23T00:00", Precision.DAY),
        ("23/4/2018", "2018-04-23T00:00", Precision.DAY),
        ("07.06.2018", "2018-06-07T00:00", Precision.DAY),
        ("20180123", "2018-01-23T00:00", Precision.DAY),
        ("1574121884", "2019-11-19T00:04", Precision.TIME),
        ("1574121884000", "2019-11-19T00:04", Precision.TIME),
        ("November 18, 2019", "2019-11-18T00:00", Precision.DAY),
        ("Published Monday, Nov. 18, 2019 5:30 PM EST", "2019-11-18T22:30", Precision.TIME),
        ("18 de noviembre de 2019", "2019-11-18T00:00", Precision.DAY),
        ("18. November 2019", "2019-11-18T00:00", Precision.DAY),
        ("18 ноября 2019", "2019-11-18T00:00", Precision.DAY),
        ("3 Ağustos 2018", "2018-08-03T00:00", Precision.DAY),
        ("2019年11月18日", "2019-11-18T00:00", Precision.DAY),
        ("2019년 11월 18일", "2019-11-18T00:00", Precision.DAY),
        ("18/11/2019, 10:00 (GMT+7)", "2019-11-18T03:00", Precision.TIME),
        ("November 2019", "2019-11-01T00:00", Precision.MONTH),
        ("2019-11", "2019-11-01T00:00", Precision.MONTH),
        ("2019", "2019-01-01T00:00", Precision.YEAR),
    ],
)
def test_dates_are_read(text: str, moment: str, precision: Precision) -> None:
    """ISO, RFC 822 and 850, epoch numbers, numeric dates of one reading, dates in words; stored as UTC."""
    found = published.parse(text, latest=NOW)
    assert found.moment is not None
    assert (found.moment.strftime("%Y-%m-%dT%H:%M"), found.precision) == (moment, precision)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unreadable-date"),
        ("yesterday", "unreadable-date"),
        ("x" * 1_000_000, "unreadable-date"),
        ("2018-02-30", "impossible-date"),
        ("31/31/2018", "impossible-date"),
        ("0001-01-01", "date-out-of-bounds"),
        ("2050-01-01", "date-out-of-bounds"),
        ("9999-12-31T00:00:00", "date-out-of-bounds"),
        ("1604-05-05", "date-out-of-bounds"),
        ("1970-01-01T00:00:00Z", "placeholder-date"),
        ("0", "unreadable-date"),
        ("7/6/2018", "ambiguous-day-month"),
    ],
)
def test_junk_is_dropped_with_a_reason(text: str, problem: str) -> None:
    """No date is made of what is none, and the reason is named."""
    assert published.parse(text, latest=NOW).problem == problem


def test_day_and_month_are_ordered_by_evidence_only() -> None:
    """The order comes from the input's other dates, the address, or the moment that nothing can be later than."""
    assert published.day_order(["7/6/2018", "23/4/2018"]) is True
    assert published.day_order(["7/6/2018", "4/23/2018"]) is False
    assert published.day_order(["4/23/2018", "23/4/2018"]) is None
    assert published.parse("7/6/2018", day_first=True).day == date(2018, 6, 7)
    assert published.parse("7/6/2018", latest=datetime(2018, 6, 9, tzinfo=UTC)).day == date(2018, 6, 7)
    found = published.find(declared="7/6/2018", url="https://example.org/2018/07/06/a")
    assert found is not None
    assert found.day == date(2018, 7, 6)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2018/01/23/title", date(2018, 1, 23)),
        ("2018/jan/23/title", date(2018, 1, 23)),
        ("2018-01-23-title", date(2018, 1, 23)),
        ("news/20180123/1.html", date(2018, 1, 23)),
        ("a/23-01-2018-title", date(2018, 1, 23)),
        ("a/03-04-2018-title", None),
        ("2018/10/3-things-to-know", None),
        ("2018/13/45/title", None),
        ("1918/01/23/title", None),
        ("2018/01/23/2018/01/24", None),
        ("story-1234201801235678", None),
    ],
)
def test_addresses_are_read(path: str, day: date | None) -> None:
    """The day in an address, if it names one and only one."""
    assert url_date.find(f"https://example.org/{path}") == day


def candidate(text: str, provenance: Provenance, **options: bool) -> DateCandidate:
    return DateCandidate(text=text, provenance=provenance, **options)


def test_a_declared_date_of_the_record_goes_first() -> None:
    """What the input itself declares is believed before its page."""
    page_date = candidate("2019-01-01", Provenance.JSON_LD)
    found = published.find(declared="2018-05-05", declared_source=DateSource.FEED, candidates=[page_date])
    assert found is not None
    assert (found.day, found.source) == (date(2018, 5, 5), DateSource.FEED)


def test_the_address_gives_the_day_and_a_declared_date_its_time() -> None:
    """The moment is exact, the day that of the place of publication."""
    declared = candidate("2023-11-09T02:10:00+00:00", Provenance.JSON_LD)
    found = published.find(candidates=[declared], url="https://example.org/2023/11/08/a")
    assert found is not None
    assert (found.moment.hour, found.precision, found.day) == (2, Precision.TIME, date(2023, 11, 8))


def test_most_kinds_of_declaration_win() -> None:
    """One wrong field does not outvote two that agree."""
    dates = [
        candidate("2015-01-16", Provenance.JSON_LD),
        candidate("2017-12-01", Provenance.OPENGRAPH),
        candidate("2017-12-01", Provenance.TIME),
    ]
    found = published.find(candidates=dates)
    assert found is not None
    assert found.day == date(2017, 12, 1)


def test_the_shown_date_goes_before_a_lone_meta_element() -> None:
    """Systems write the last change into `<meta name="date">`."""
    dates = [candidate("2020-02-12", Provenance.META), candidate("05.02.2020", Provenance.VISIBLE)]
    found = published.find(candidates=dates)
    assert found is not None
    assert (found.day, found.source) == (date(2020, 2, 5), DateSource.TEXT)


def test_a_change_is_no_publication() -> None:
    """Only modified dates means no date."""
    assert published.find(candidates=[candidate("2020-02-12", Provenance.JSON_LD, modified=True)]) is None


def test_nothing_later_than_the_fetch_is_believed() -> None:
    """A date after the page was fetched is wrong, in its fields and in its address."""
    assert (
        published.find(candidates=[candidate("2020-02-12", Provenance.META)], latest=datetime(2019, 1, 1, tzinfo=UTC))
        is None
    )
    assert published.find(url="https://example.org/2020/02/12/a", latest=datetime(2019, 1, 1, tzinfo=UTC)) is None


@given(st.text(max_size=60) | st.text(alphabet="0123456789/-.: TZ+年月日,JanFeb", max_size=40))
def test_no_text_raises(text: str) -> None:
    """Any text is read or has a problem, never both."""
    found = published.parse(text, latest=NOW)
    assert (found.moment is None) == (found.problem is not None)
    published.find(declared=text, url=f"https://example.org/{text}", latest=NOW)


@given(st.datetimes(min_value=datetime(1605, 1, 2), max_value=datetime(2024, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # Hypothesis wants naive bounds
def test_iso_moments_come_back(moment: datetime) -> None:
    """What is written as ISO 8601 is read as the same moment, but for placeholders."""
    found = published.parse(moment.isoformat(), latest=NOW)
    assert found.moment == moment or found.problem == "placeholder-date"


@pytest.mark.parametrize("text", ["Thu, 03 Sep 15 00:01:01 +0200", "03 Sep 15 00:01:01 +0200"])
def test_a_year_of_two_digits_in_rfc_822(text: str) -> None:
    """The first standard of mail and feeds writes the year with two digits."""
    assert published.parse(text).moment == datetime(2015, 9, 2, 22, 1, 1, tzinfo=UTC)


def test_a_declared_moment_goes_to_the_day_of_the_printed_issue() -> None:
    """A page that shows the day of its issue and declares the evening before has that moment and this day."""
    found = published.find(
        candidates=[
            DateCandidate(text="2024-04-25T19:30:04+02:00", provenance=Provenance.JSON_LD),
            DateCandidate(text="2024-04-26", provenance=Provenance.META),
            DateCandidate(text="Ausgabe vom 26.04.2024", provenance=Provenance.VISIBLE, by_name=False),
        ],
        latest=NOW,
    )
    assert found is not None
    assert (found.moment, found.precision) == (datetime(2024, 4, 25, 17, 30, 4, tzinfo=UTC), Precision.TIME)
    assert found.day == date(2024, 4, 26)


def test_a_time_with_its_zone_goes_before_one_without() -> None:
    """Of two declarations of one day the one that tells the moment is taken, also where the other is more trusted."""
    found = published.find(
        candidates=[
            DateCandidate(text="2023-04-28 18:11:01.0", provenance=Provenance.JSON_LD),
            DateCandidate(text="2023-04-28T18:11:01+02:00", provenance=Provenance.META),
        ],
        latest=NOW,
    )
    assert found is not None
    assert found.moment == datetime(2023, 4, 28, 16, 11, 1, tzinfo=UTC)


def test_a_length_of_a_video_is_no_time_of_day() -> None:
    """In "05.08.2024 00:52 min" the minutes are a length."""
    assert parse.first_in("05.08.2024 00:52 min").moment == datetime(2024, 8, 5, tzinfo=UTC)  # type: ignore[union-attr]
