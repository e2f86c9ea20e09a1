"""The commands that read the index, and what they say to questions that cannot be answered."""

from __future__ import annotations

import csv
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.web_articles import ARTICLES
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.search.bulk.writer import Action, write
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.store.documents import to_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from support.node import ElasticsearchNode


@pytest.fixture(scope="module")
def filled(elasticsearch: ElasticsearchNode) -> str:
    """Return the name of an index with a handful of articles."""
    names = IndexNames("test-search-cli")
    settings = ConnectionSettings(
        url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password
    )
    with connect(settings) as client:
        indices = ensure(client, names, IndexSettings(languages=("en",)))
        actions = [
            Action(index=names.articles, id=each.id, document=to_document(each, indices.stemmed)) for each in ARTICLES
        ]
        assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
    return names.prefix


@pytest.fixture
def run(elasticsearch: ElasticsearchNode, filled: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on that index."""
    monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", elasticsearch.url)
    if elasticsearch.username:
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_USERNAME", elasticsearch.username)
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_PASSWORD", elasticsearch.password or "")
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--index", filled])


def test_a_search_is_ordered_and_exported(run: Callable[..., Result], tmp_path: Path) -> None:
    """All that matches goes to a file in the format of its name, in the order asked for."""
    answer = run("search", "mayor", "--sort", "newest", "--export", str(tmp_path / "a.csv"))
    assert answer.exit_code == 0, answer.output
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows][:2] == ["filler-12", "filler-11"]
    assert len(rows) == 13
    printed = run("search", "geneva", "--export", "-")
    assert json.loads(printed.stdout.splitlines()[0])["id"] == "summit"


def test_every_part_of_the_search_layer_has_its_command(run: Callable[..., Result]) -> None:
    """A timeline, like articles, names that begin so, alternatives and respelt words."""
    found = json.loads(run("timeline", "mayor", "--json").stdout)
    assert found["interval"] == "month"
    assert "█" in run("timeline", "mayor").stdout
    assert {hit["id"] for hit in json.loads(run("like", "filler-3", "--json").stdout)["hits"]} >= {"filler-4"}
    assert json.loads(run("suggest", "ada b", "--json").stdout)[0]["value"] == "Ada Byron"
    either = ("search", "--person", "Ada Byron", "--person", "John Doe", "--json")
    assert json.loads(run(*either).stdout)["total"] == 1
    assert json.loads(run(*either, "--either").stdout)["total"] == 14
    assert "'presidents' besides 'presidnets'" in " ".join(run("search", "presidnets").stdout.split())
    assert json.loads(run("search", "presidnets", "--exact", "--json").stdout)["total"] == 0


def test_facets_show_what_they_count(run: Callable[..., Result]) -> None:
    """Countries and languages by name; with `--over` one facet alone."""
    everything = run("facets").stdout
    assert all(title in everything for title in ("People", "Countries", "Switzerland", "English", "Published"))
    alone = run("facets", "--over", "country").stdout
    assert "Switzerland" in alone
    assert "People" not in alone
    assert json.loads(run("facets", "--country", "switzerland", "--json").stdout)["total"] == 1


def test_an_article_is_shown(run: Callable[..., Result]) -> None:
    """`show` prints facts, names, copies and where it came from, by id or by address."""
    shown = " ".join(run("show", "https://courier.example/summit").stdout.split())
    for told in ("Leaders meet in Geneva", "Ada Byron", "Switzerland", "Evening Echo", "90% alike", "Two presidents"):
        assert told in shown
    assert json.loads(run("show", "summit", "--json").stdout)["agencies"] == ["Reuters"]


def test_the_old_name_of_the_quarantine_still_works(run: Callable[..., Result]) -> None:
    """`rejected` does as `quarantine` does, and says that it is old."""
    assert "quarantine" in run("quarantine").stdout
    assert run("rejected").stdout == run("quarantine").stdout
    assert "deprecated" in run("rejected").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("search", "x" * 10_000), "shorten it"),
        (("search", "a* b* c* d* e* f*"), "with * or ~"),
        (("search", "((("), "no word to search for"),
        (("search", "since:yesterday"), "is not a date"),
        (("search", "--since", "0000"), "no day of the calendar"),
        (("search", "--since", "2019", "--until", "2018"), "swap the two dates"),
        (("search", "--person", "x" * 600), "longer than 512"),
        (("search", "--offset", "99999"), "narrow the search"),
        (("search", "a", "--export", "hits.xlsx"), ".jsonl, .csv or .parquet"),
        (("search", "a", "--export", "/nowhere/hits.csv"), "/nowhere"),
        (("facets", "x" * 10_000), "shorten it"),
        (("like", "nobody"), "There is no article 'nobody'"),
        (("show", "nobody"), "There is no article 'nobody'"),
        (("copies", "nobody"), "There is no article 'nobody'"),
        (("search", "date:april"), "is not a date"),
        (("search", "--names-date", "2019..2018"), "swap the two dates"),
        (("facets", "--over", "planet"), "There is no facet 'planet'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told(
    run: Callable[..., Result], arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 1, no trace."""
    answer = run(*arguments)
    assert answer.exit_code == 1
    assert sentence in " ".join(answer.output.split())
    assert "Traceback" not in answer.output


@pytest.mark.parametrize("command", ["search", "facets", "timeline"])
def test_dates_at_both_ends_of_the_calendar_are_answered(run: Callable[..., Result], command: str) -> None:
    """From year 1 to 9999 is all time."""
    assert run(command, "--since", "0001", "--until", "9999").exit_code == 0


@pytest.mark.parametrize("arguments", [("search", "a"), ("facets",), ("timeline",), ("like", "x"), ("suggest", "ab")])
def test_no_index_and_no_node_are_told(
    run: Callable[..., Result], arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first run and without an answer from the node, each command says what to do."""
    missing = CliRunner().invoke(app, [*arguments, "--index", "test-never-made"])
    assert missing.exit_code == 1
    assert "newsdex ingest" in " ".join(missing.output.split())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        away = run(*arguments)
    assert away.exit_code == 1
    assert "connection refused" in " ".join(away.output.split())
