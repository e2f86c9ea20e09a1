"""Sources and languages that gave far less than they used to, told by what the index holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.ledger.volume_alarm import Fallen, _judged, fallen, remember
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, Source

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

NOW = datetime.now(UTC)
INPUTS = ("source wires", "/wires")


@pytest.fixture
def made(client: Elasticsearch, names: IndexNames) -> IndexNames:
    ensure(client, names, IndexSettings(languages=("en",)))
    return names


def day(
    client: Elasticsearch, names: IndexNames, ago: int, volumes: dict[tuple[str, str], int], inputs: tuple[str, ...]
) -> str:
    """Return a run so many days ago that brought so many articles of each paper and language; return its id."""
    run_id, at = f"run-{inputs[-1].strip('/')}-{ago:02}", NOW - timedelta(days=ago, hours=1)
    log = RunLog(client, names, run_id)
    log.start(at, inputs, "1", {})
    log.finish("done", Account(counts={"read": sum(volumes.values())}, reasons={}))
    actions = [
        Action(
            index=names.articles,
            id=f"{run_id}-{paper}-{number}",
            document=to_document(
                Article(
                    id="", title="T", body="B", input_uri="file:///a", content_hash="h", pipeline_version="1",
                    language=language, source=Source(name=paper), run_id=run_id, ingested_at=at,
                ),
                (),
            ),
        )
        for (paper, language), count in volumes.items()
        for number in range(count)
    ]  # fmt: skip
    assert all(outcome.ok for outcome in write(client, actions))
    return run_id


def test_what_went_silent_or_vanished_is_told(client: Elasticsearch, made: IndexNames) -> None:
    """A daily paper without a word, another with far fewer, and a language that is gone; steady ones are not told."""
    steady, silent, lean, german = ("Steady", "en"), ("Silent", "en"), ("Lean", "en"), ("Zeitung", "de")
    for ago in range(12, 0, -1):
        day(
            client, made, ago, {steady: 6 + ago % 3, silent: 5, lean: 12 + ago % 2, german: 4 if ago > 2 else 0}, INPUTS
        )
        day(client, made, ago, {("Other", "en"): 9}, ("/other",))
    day(client, made, 0, {steady: 5, lean: 3}, INPUTS)
    found = fallen(client, made, INPUTS, now=NOW)
    assert {(one.kind, one.name, one.now, one.usual, one.silent_days) for one in found} == {
        ("source", "Silent", 0, 5, 1),
        ("source", "Lean", 3, 12, 0),
        ("source", "Zeitung", 0, 4, 3),
        ("language", "de", 0, 4, 3),
        ("language", "en", 8, 24, 0),
    }
    assert all(one.new for one in found)
    assert "vanished: nothing new for 3 days" in next(one for one in found if one.kind == "language").sentence()


def test_an_alarm_that_was_raised_is_not_raised_again(client: Elasticsearch, made: IndexNames) -> None:
    """The next run says the same, but not as something new."""
    for ago in range(9, 0, -1):
        day(client, made, ago, {("Silent", "en"): 7, ("Steady", "en"): 7}, INPUTS)
    first = day(client, made, 0, {("Steady", "en"): 7}, INPUTS)
    (told,) = fallen(client, made, INPUTS, now=NOW)
    assert told.new
    remember(client, made, first, [told])
    log = RunLog(client, made, "run-next")
    log.start(NOW, INPUTS, "1", {})
    log.finish("done", Account(counts={"read": 0}, reasons={}))
    (again,) = fallen(client, made, INPUTS, now=NOW)
    assert (again.key, again.new) == (told.key, False)


def test_nothing_is_said_of_what_was_read_for_less_than_a_week(client: Elasticsearch, made: IndexNames) -> None:
    """Nor of a first ingest, nor of days on which nothing was read."""
    assert fallen(client, made, INPUTS, now=NOW) == ()
    for ago in (20, 19, 3, 2, 1):
        day(client, made, ago, {("Silent", "en"): 9}, INPUTS)
    day(client, made, 0, {}, INPUTS)
    assert fallen(client, made, INPUTS, now=NOW) == ()


@pytest.mark.parametrize(
    ("volumes", "told"),
    [
        ([20] * 10 + [0], 1),
        ([20] * 10 + [9], 0),
        ([20] * 10 + [10], None),
        ([2] * 10 + [0, 0], None),
        ([2] * 10 + [0, 0, 0], 3),
        ([8, 8, 8, 8, 8, 0, 0] * 3 + [8, 8, 8, 8, 8, 0, 0], None),
        ([8, 8, 8, 8, 8, 0, 0] * 3 + [0], 3),
        ([8, 8, 8, 8, 8, 0, 0] * 3 + [0, 0], 4),
        ([5_000] + [1] * 9 + [0], None),
        ([0] * 20 + [9] * 5 + [0], None),
    ],
)
def test_each_is_held_against_its_own_past(volumes: list[int], told: int | None) -> None:
    """A weekend is no silence for who rests at weekends; a first import of everything makes nobody large."""
    found = _judged("source", "paper", volumes)
    assert (found and found.silent_days) == told


@given(st.lists(st.integers(0, 50), max_size=40))
@effort(max_examples=100)
def test_a_day_like_the_leanest_before_is_never_told(volumes: list[int]) -> None:
    """Whatever the past was, a day no worse than its worst gives no alarm."""
    if volumes and min(volumes) > 0:
        assert _judged("source", "paper", [*volumes, min(volumes)]) is None
    found = _judged("source", "paper", volumes)
    assert found is None or isinstance(found, Fallen)
