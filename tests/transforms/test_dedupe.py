from __future__ import annotations

import cProfile
import gzip
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clusters import DAY_ONE, Memory, article, articles, body

from newsdex.transforms.duplicates.clusters import (
    THRESHOLD,
    Assignment,
    Text,
    Version,
    cluster,
    likeness,
    rank,
    replaces,
)
from newsdex.transforms.duplicates.fingerprint import jaccard, shingles

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.transforms.article import Article


def likeness_of(first: Article, second: Article) -> float | None:
    """Return the likeness of two articles, checked to be the same both ways."""
    found = likeness(Text(first), Text(second))
    assert found == likeness(Text(second), Text(first))
    return found


def test_the_earliest_publication_survives() -> None:
    """A copy published later, or without a date, is folded into the first one, with the true similarity."""
    edited = body(0, {50})
    places = cluster([article("a", edited), article("b", edited, day=3), article("c", body(0), day=1)])
    assert places["c"] == Assignment()
    assert places["a"] == places["b"] == Assignment("c", (96 - 5) / (96 + 5))


def test_then_the_most_complete_text_survives() -> None:
    """Of two of one date the longer body is the original."""
    places = cluster([article("a", body(0, words=90), day=1), article("b", body(0), day=1)])
    assert places["b"].survivor is None
    assert places["a"].survivor == "b"


def test_then_the_smaller_id_survives() -> None:
    """Equal dates and lengths leave the id to decide."""
    assert cluster([article("b", body(0)), article("a", body(0))])["b"] == Assignment("a", 1.0)


def test_a_copy_is_truly_similar_to_its_survivor() -> None:
    """A chain of ever more edits is not folded into its beginning: its far end survives by itself."""
    chain = [article(f"id{n}", body(0, set(range(0, 8 * n, 8))), day=n) for n in range(8)]
    places = cluster(chain)
    by_id = {made.id: made for made in chain}
    assert sum(place.survivor is None for place in places.values()) > 1
    for name, place in places.items():
        if place.survivor:
            assert place.similarity == likeness_of(by_id[name], by_id[place.survivor])


@given(articles(), st.randoms(use_true_random=False))
def test_the_order_of_the_articles_changes_nothing(made: list[Article], rng: random.Random) -> None:
    """Shuffled input has the same survivors and the same copies."""
    shuffled = rng.sample(made, len(made))
    assert cluster(shuffled) == cluster(made)


@given(articles(), st.randoms(use_true_random=False))
def test_any_cut_into_chunks_and_runs_ends_in_the_same_clusters(made: list[Article], rng: random.Random) -> None:
    """Articles that come in any order, in chunks of any size, end where all of them at once would."""
    shuffled = rng.sample(made, len(made))
    collection = Memory()
    while shuffled:
        size = rng.randint(1, len(shuffled))
        collection.add(shuffled[:size])
        del shuffled[:size]
    assert collection.places() == cluster(made)


@given(articles(), articles(most=4), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_changed_articles_leave_the_clusters_of_the_new_texts(
    made: list[Article], changes: list[Article], rng: random.Random
) -> None:
    """After new versions (another text, another date) the clusters are those of what is there now."""
    collection = Memory()
    collection.add(made)
    changed = [replace(new, id=old.id) for new, old in zip(changes, rng.sample(made, len(made)), strict=False)]
    for new in changed:
        collection.add([new])
    now = {old.id: old for old in made} | {new.id: new for new in changed}
    assert collection.places() == cluster(now.values())


@given(articles())
@settings(max_examples=50)
def test_adding_the_same_again_changes_nothing(made: list[Article]) -> None:
    """The second run leaves every place as it was."""
    collection = Memory()
    collection.add(made)
    before = collection.places()
    collection.add(made)
    assert collection.places() == before


def test_fifty_papers_that_run_one_text_are_one_cluster() -> None:
    """Each reprint with its own small edit is a copy of the first."""
    made = [article(f"id{n:02d}", body(0, {n}), day=n, title=f"Title {n}") for n in range(50)]
    places = cluster(made)
    assert [name for name, place in places.items() if place.survivor is None] == ["id00"]


def test_many_equal_articles_do_not_go_quadratic() -> None:
    """Ten times the copies take about ten times the steps, and all are folded into one."""
    model = article("model", body(0))
    calls = []
    for count in (300, 3_000):
        made = [replace(model, id=f"id{n:06d}") for n in range(count)]
        profile = cProfile.Profile()
        places = profile.runcall(cluster, made)
        calls.append(sum(entry.callcount for entry in profile.getstats()))
        assert sum(place.survivor is None for place in places.values()) == 1
    assert calls[1] < 15 * calls[0]


def test_short_texts_of_other_titles_are_not_copies() -> None:
    """Dividend notes equal word for word for two companies stay apart; those of one company are folded."""
    note = (
        "Quarterly dividend eight cents a share against eight cents previously. Pay April 15. Record March 23. Newswire"
    )
    first = article("a", note, title="Alpha Oats Co <AOT> regular dividend")
    assert likeness_of(first, article("b", note, title="Beta Bancorp Inc <BBI> regular dividend set")) is None
    assert likeness_of(first, article("c", note, title="Alpha Oats Co <AOT> sets dividend")) == 1.0


def test_texts_without_enough_words_are_copies_of_equal_content_only() -> None:
    """A line such as "subscribe to read on" under different titles is no reprint."""
    teaser = "This article is for subscribers only. Log in to read on."
    assert likeness_of(article("a", teaser, title="One"), article("b", teaser, title="Two")) is None
    assert likeness_of(article("a", teaser, title="One"), article("b", teaser, title="One")) == 1.0


def test_empty_bodies_are_never_copies() -> None:
    """Nothing is no copy of nothing."""
    assert likeness_of(article("a", ""), article("b", "  \n")) is None
    assert likeness_of(article("a", " "), article("b", " ")) is None


WEATHER = (
    "The weather office expects a mostly sunny day across the county with a high of {} degrees and a low of {} "
    "degrees, light winds from the west with gusts in the hills, and a chance of rain of {} percent towards evening. "
    "The river stands at {} centimetres at the old bridge and the pollen count is {}, with birch and hazel in the air. "
    "Drivers should watch for fog in the valleys in the early hours of the morning, says the office, and gardeners may "
    "want to cover young plants during the night, since the ground cools quickly under a clear sky at this time of "
    "year. Swimmers are reminded that the water of the lakes is still cold, that the life guards begin their service "
    "in summer only, and that nobody should go in alone or after a meal. The next report follows tomorrow at noon on "
    "this page, where readers also find the archive of past reports, the tables of the tides and the calendar of the "
    "moon."
)


def test_weather_reports_are_not_copies_of_one_another() -> None:
    """A template with other figures each day stays one article a day, though its words are similar enough."""
    days = ((21, 9, 30, 212, 48), (23, 11, 5, 209, 61), (18, 7, 80, 224, 17), (25, 13, 10, 205, 92))
    made = [article(f"day{n}", WEATHER.format(*day), day=n, title="Weather") for n, day in enumerate(days)]
    assert jaccard(shingles(made[0].body), shingles(made[1].body)) > THRESHOLD
    assert all(place.survivor is None for place in cluster(made).values())


CORRECTION = "An article on {} about {} misstated {}. The article has been corrected online. We regret the error."


def test_corrections_are_not_copies_of_one_another() -> None:
    """The fixed words around a correction do not make it a copy of the next."""
    texts = (
        ("Monday", "the new bridge over the harbour", "the year in which the old one was closed to lorries"),
        ("Tuesday", "a dispute over school meals", "the name of the councillor who had asked for the vote"),
        ("Tuesday", "the county fair", "the weight of the pumpkin that won the first prize"),
    )
    made = [article(f"id{n}", CORRECTION.format(*text), day=n, title="Corrections") for n, text in enumerate(texts)]
    assert all(place.survivor is None for place in cluster(made).values())


def test_a_reprint_with_a_corrected_figure_is_a_copy() -> None:
    """The guard for templates leaves true reprints alone."""
    text = WEATHER.format(21, 9, 30, 212, 48)
    corrected = text.replace("212", "221")
    assert likeness_of(article("a", text), article("b", corrected)) is not None


def test_a_date_without_a_zone_counts_as_utc() -> None:
    """The machine's own time zone has no part in the rank."""
    naive = replace(article("a", body(0)), published_at=DAY_ONE.replace(tzinfo=None))
    assert rank(naive)[0] == rank(article("a", body(0), day=0))[0]


@pytest.mark.parametrize("same_run", [True, False])
def test_the_newer_date_wins_over_the_order_of_reading(same_run: bool) -> None:
    """Of two versions with different dates the later one stays, whichever is read first."""
    old = Version(changed_at=DAY_ONE, word_count=500, content_hash="b")
    new = Version(changed_at=DAY_ONE + timedelta(hours=1), word_count=90, content_hash="a")
    assert replaces(new, old, same_run=same_run)
    assert not replaces(old, new, same_run=same_run)


def test_without_dates_the_later_run_wins_and_in_one_run_the_longer_text() -> None:
    """Across runs the order is known; inside one run it is not, so the texts decide."""
    short = Version(changed_at=None, word_count=90, content_hash="b")
    long = Version(changed_at=None, word_count=500, content_hash="a")
    assert replaces(short, long, same_run=False)
    assert not replaces(short, long, same_run=True)
    assert replaces(long, short, same_run=True)


def test_most_true_pairs_of_real_newswire_are_found(gold: Path) -> None:
    """Of the gold pairs of similarity 0.8 and above at least 99 in 100 are alike, of 0.7 and above 95."""
    folder = gold / "dedup"
    pairs = [line.split("\t") for line in (folder / "reuters-10k-pairs.tsv").read_text().splitlines()[1:]]
    wanted = {name for first, second, _ in pairs for name in (first, second)}
    with gzip.open(folder / "reuters-10k.jsonl.gz") as lines:
        records = [record for record in map(json.loads, lines) if str(record["id"]) in wanted]
    texts = {str(r["id"]): Text(article(str(r["id"]), r["body"], title=r["title"])) for r in records}
    for least, recall in ((0.8, 0.99), (0.7, 0.95)):
        true = [(first, second) for first, second, similarity in pairs if float(similarity) >= least]
        found = sum(likeness(texts[first], texts[second]) is not None for first, second in true)
        assert found >= recall * len(true)
