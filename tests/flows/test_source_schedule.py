"""Configured sources as operation sees them, intervals of time, and sorting inputs by them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.flows.backfills.intervals import Interval, Step, cut, interval_between, locations_of
from newsdex.flows.backfills.selection import NO_DATE, UNREADABLE, select
from newsdex.flows.config.settings import Settings, SettingsError
from newsdex.flows.config.source_schedule import ScheduledSource, Select, interval_of, scheduled_sources, source_named

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings with a home and a working directory of their own."""
    monkeypatch.chdir(tmp_path)
    return Settings(home=tmp_path / "home")


def configure(*sources: str) -> None:
    Path("newsdex.toml").write_text("".join(f"[[source]]\n{each}\n" for each in sources), encoding="utf-8")


@pytest.mark.usefixtures("chosen")
def test_a_source_is_planned_as_it_is_written() -> None:
    """Name, locations, schedule, zone, jitter and selection come from `newsdex.toml`."""
    configure(
        'name = "harbour"\nlocation = "papers"\nschedule = "0 6 * * *"\n'
        'timezone = "Europe/Berlin"\njitter_seconds = 60',
        'name = "archive"\nlocation = "old/{yyyy}/{mm}/*.jsonl"',
    )
    harbour, archive = scheduled_sources().values()
    assert (harbour.schedule, harbour.timezone, harbour.jitter_seconds) == ("0 6 * * *", "Europe/Berlin", 60)
    assert (harbour.select, archive.select) == (Select.PUBLISHED, Select.PATH)
    assert archive.everything == ("old/[0-9][0-9][0-9][0-9]/[0-9][0-9]/*.jsonl",)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('name = "a"\nlocation = "x"\nschedule = "often"', "no cron line"),
        ('name = "a"\nlocation = "x"\nschedule = "61 * * * *"', "no cron line"),
        ('name = "a"\nlocation = "x"\nschedule = "every now and then"', "every 15 minutes"),
        ('name = "a"\nlocation = "x"\nschedule = "0 6 * * *"\ntimezone = "Europe/Berlln"', "does not exist"),
        ('name = "a"\nlocation = "x"\nschedule = "0 6 * * *"\ntimezone = "berlin"', "Did you mean Europe/Berlin"),
        ('name = "a"\nlocation = "x"\nselect = "mood"', "published, path, fetched"),
        ('name = "a"\nlocation = "x"\nselect = "path"', "{yyyy}"),
        ('name = "a/b"\nlocation = "x"', "begins with a letter"),
        ('name = "a"', "location: it is missing"),
        ('name = "a"\nlocation = "x"\n[[source]]\nname = "A"\nlocation = "y"', "Two sources"),
        ('name = "a', "cannot be read"),
    ],
)
@pytest.mark.usefixtures("chosen")
def test_a_source_that_cannot_be_operated_is_said_in_a_sentence(source: str, words: str) -> None:
    """Before anything runs, with the name of the fix."""
    configure(source)
    with pytest.raises(SettingsError, match=words.replace("{", r"\{")):
        scheduled_sources()


@pytest.mark.usefixtures("chosen")
def test_a_source_that_was_removed_is_named_with_what_to_do() -> None:
    """Its runs fail with the sentence until `newsdex serve` has taken its schedule away."""
    configure('name = "harbour"\nlocation = "papers"')
    with pytest.raises(SettingsError, match=r"no source 'lakes'.*newsdex serve"):
        source_named("lakes")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2020-02-30", "2020-03-01", "no 2020-02-30 in the calendar"),
        ("30.2.2020", "2020-03-01", "no date"),
        ("2020-03-01", "2020-03-01", "does not come after"),
    ],
)
def test_a_span_that_is_none_is_said_in_a_sentence(start: str, end: str, words: str) -> None:
    """What the form's pattern lets through is found first thing in the flow."""
    with pytest.raises(SettingsError, match=words):
        interval_between(start, end)


def test_too_many_intervals_are_refused() -> None:
    """A hundred years of days are not started by mistake."""
    with pytest.raises(SettingsError, match="by month"):
        cut(interval_between("1920-01-01", "2020-01-01"), Step.DAY)


@given(start=DAYS, length=st.integers(1, 900), by=st.sampled_from(Step))
def test_intervals_cover_a_span_exactly_once(start: date, length: int, by: Step) -> None:
    """Whatever the step, every day of the span is in exactly one interval, in order, and none outside."""
    whole = Interval(start, start + timedelta(days=length))
    assert [day for each in cut(whole, by) for day in each.days()] == list(whole.days())


@given(start=DAYS, length=st.integers(1, 900))
@settings(max_examples=50)
def test_weeks_begin_on_monday_and_months_on_the_first(start: date, length: int) -> None:
    """But for the first, which begins where the span does."""
    whole = Interval(start, start + timedelta(days=length))
    assert all(each.start.weekday() == 0 for each in cut(whole, Step.WEEK)[1:])
    assert all(each.start.day == 1 for each in cut(whole, Step.MONTH)[1:])


def test_an_interval_is_a_list_of_paths() -> None:
    """A source that is kept by date is not searched: its paths are known."""
    source = ScheduledSource(name="a", locations=("in/{yyyy}/{mm}-{dd}.jsonl",), select=Select.PATH)
    assert locations_of(source, interval_between("2020-02-28", "2020-03-01")) == [
        "in/2020/02-28.jsonl",
        "in/2020/02-29.jsonl",
    ]


def test_days_of_a_source_that_is_kept_by_month_cannot_be_told_apart() -> None:
    """A sentence, rather than a month indexed thirty times."""
    source = ScheduledSource(name="a", locations=("in/{yyyy}-{mm}.jsonl",), select=Select.PATH)
    with pytest.raises(SettingsError, match="by month"):
        locations_of(source, interval_between("2020-02-01", "2020-02-02"))
    assert locations_of(source, interval_between("2020-02-01", "2020-03-01")) == ["in/2020-02.jsonl"]


def test_schedules_in_words() -> None:
    """Seconds to days; what is not of the form is cron."""
    assert interval_of("every 90 seconds") == timedelta(seconds=90)
    assert interval_of("every 1 day") == timedelta(days=1)
    assert interval_of("0 6 * * *") is None


def articles(path: Path, dates: list[str | None]) -> Path:
    lines = [json.dumps({"title": f"T{n}", "body": f"Text {n} of it.", "date": day}) for n, day in enumerate(dates)]
    path.write_text("\n".join([*lines, "{broken"]) + "\n", encoding="utf-8")
    return path


def test_one_scan_serves_many_intervals(chosen: Settings, tmp_path: Path) -> None:
    """A file is read once; what has no date or cannot be read is counted; what lies outside is not kept."""
    file = articles(tmp_path / "a.jsonl", ["2020-01-02", "2020-01-01T23:59:00Z", "2020-01-02", None, "2019-05-05"])
    source = ScheduledSource(name="a", locations=(str(file),))
    days = cut(interval_between("2020-01-01", "2020-01-04"), Step.DAY)
    found = select(chosen, source, days)
    assert [found.content[day].inputs for day in days] == [1, 2, 0]
    assert found.left_out == {NO_DATE: 1, UNREADABLE: 1}
    assert found.scanned
    again = select(chosen, source, days)
    assert not again.scanned
    assert [each.digest for each in again.content.values()] == [each.digest for each in found.content.values()]


def test_only_the_interval_changes_whose_content_does(chosen: Settings, tmp_path: Path) -> None:
    """A late article makes its own day another, and leaves the rest as it was."""
    dates: list[str | None] = ["2020-01-01", "2020-01-02"]
    source = ScheduledSource(name="a", locations=(str(tmp_path / "a.jsonl"),))
    days = cut(interval_between("2020-01-01", "2020-01-03"), Step.DAY)
    articles(tmp_path / "a.jsonl", dates)
    before = select(chosen, source, days).content
    articles(tmp_path / "a.jsonl", [*dates, "2020-01-02"])
    after = select(chosen, source, days).content
    assert [before[day].digest == after[day].digest for day in days] == [True, False]


def test_a_day_without_a_file_is_empty(chosen: Settings, tmp_path: Path) -> None:
    """A path made from a date need not be there."""
    articles(tmp_path / "2020-01-01.jsonl", ["2020-01-01"])
    source = ScheduledSource(name="a", locations=(f"{tmp_path}/{{yyyy}}-{{mm}}-{{dd}}.jsonl",), select=Select.PATH)
    days = cut(interval_between("2020-01-01", "2020-01-03"), Step.DAY)
    found = select(chosen, source, days).content
    assert [found[day].empty for day in days] == [False, True]
