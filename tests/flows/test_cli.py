"""The `newsdex` command as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import SEEDS, story, write_records
from typer.testing import CliRunner

from newsdex.cli.app import app


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner()


@pytest.fixture
def filled(newsdex: Newsdex, tmp_path: Path) -> Newsdex:
    """Return an index with two articles in it."""
    for name, text in SEEDS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    newsdex.ingest(tmp_path)
    return newsdex


def test_search_and_facets_find_what_was_ingested(filled: Newsdex, cli: CliRunner) -> None:
    """A phrase with a person filter, words in any order, and a singular that finds its plural."""
    for arguments, name in (
        (['"witch hunt"', "--person", "donald trump"], "witch.txt"),
        (["boxers ring"], "boxers.txt"),
        (["president"], "witch.txt"),
    ):
        answer = cli.invoke(app, ["search", *arguments, "--json"])
        assert answer.exit_code == 0, answer.output
        found = json.loads(answer.stdout)
        assert found["total"] == 1, arguments
        documents = filled.articles()
        assert next(uri for uri, doc in documents.items() if doc["_id"] == found["hits"][0]["id"]).endswith(name)
    shown = cli.invoke(app, ["search", "boxers ring"])
    assert "boxers entering the ring" in " ".join(shown.stdout.split())
    facets = json.loads(cli.invoke(app, ["facets", "--json"]).stdout)
    assert facets["total"] == 2
    assert {"value": "RIA Novosti", "count": 1} in facets["agency"]
    assert "Donald Trump" in {value["value"] for value in facets["person"]}


def test_copies_are_compared_with_the_article_that_names_them(newsdex: Newsdex, cli: CliRunner, tmp_path: Path) -> None:
    """Asked by the address of the copy: the article, how alike they are, and the words that differ."""
    first = story(1)
    copy = first | {
        "url": "https://www.other-paper.example/a-copy",
        "source": "Other Paper",
        "date": "2020-01-01",
        "body": first["body"].replace("wet evening", "dry evening"),
    }
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, (first, copy))), encoding="utf-8")
    newsdex.ingest(tmp_path)
    told = cli.invoke(app, ["copies", copy["url"], "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["url"], found["total"]) == (first["url"], 1)
    assert found["copies"][0]["source"] == "Other Paper"
    assert 0.8 < found["copies"][0]["similarity"] < 1
    shown = " ".join(cli.invoke(app, ["copies", copy["url"]]).stdout.split())
    assert "[-wet-]{+dry+} evening" in shown
    assert "1 word taken out, 1 put in" in shown
    missing = cli.invoke(app, ["copies", "https://nowhere.example/"])
    assert missing.exit_code == 1
    assert "There is no article" in " ".join(missing.stderr.split())


def test_inspect_shows_what_would_be_indexed_and_needs_no_index(cli: CliRunner, tmp_path: Path) -> None:
    """One JSON line an input; mentions carry type, canonical name and offsets into the body."""
    (tmp_path / "a.txt").write_text(SEEDS["boxers.txt"], encoding="utf-8")
    (tmp_path / "b.txt").touch()
    answer = cli.invoke(app, ["inspect", str(tmp_path), "--json"])
    assert answer.exit_code == 3
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    rejection = next(line["rejection"] for line in lines if "rejection" in line)
    assert rejection["reason"] == "empty-file"
    article = next(line["article"] for line in lines if "article" in line)
    assert article["mentions"]
    for mention in article["mentions"]:
        assert article["body"][mention["start"] : mention["end"]] == mention["text"]
        assert mention["type"] in {"person", "organization", "place"}
        assert mention["canonical"]


def test_inspect_says_from_which_fields_a_record_was_read(cli: CliRunner, tmp_path: Path) -> None:
    """With --map, an unusual field is the body, and the output says so."""
    record = {"story_text": SEEDS["witch.txt"], "headline": "On a hunt"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    answer = cli.invoke(app, ["inspect", str(tmp_path / "a.jsonl"), "--map", "body=story_text"])
    assert answer.exit_code == 0, answer.output
    assert "story_text" in answer.stdout
    assert "On a hunt" in answer.stdout


def test_ingest_tells_by_its_exit_code_that_inputs_were_rejected(newsdex: Newsdex, tmp_path: Path) -> None:
    """Exit code 3, the ledger on standard output as JSON, and one sentence for each rejected input."""
    write_records(tmp_path / "a.jsonl", range(3), "{broken")
    answer = newsdex.run("ingest", str(tmp_path), str(tmp_path / "*.nothing"), "--json")
    assert answer.returncode == 3, answer.stderr
    report = json.loads(answer.stdout)
    assert report["total"]["counts"]["indexed"] == 3
    assert {problem["reason"] for problem in report["problems"]} == {"invalid-json", "nothing-matched"}
    assert all(problem["detail"].endswith(".") for problem in report["problems"])


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"NEWSDEX_ELASTICSEARCH_URL": "http://127.0.0.1:9"}, "connection refused"),
        ({"NEWSDEX_ELASTICSEARCH_USERNAME": "nobody", "NEWSDEX_ELASTICSEARCH_PASSWORD": "wrong"}, "credentials"),
        ({"NEWSDEX_INDEX": "Not An Index"}, "NEWSDEX_INDEX"),
        ({"NEWSDEX_ELASTICSEARCH_URL": "", "NEWSDEX_HOME": "empty"}, "not running"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    newsdex: Newsdex,
    cli: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    words: str,
) -> None:
    """No stack trace, exit code 1, and the sentence names what to look at."""
    assert newsdex
    for name, value in variables.items():
        if value == "":
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, str(tmp_path) if value == "empty" else value)
    answer = cli.invoke(app, ["search", "anything"])
    assert answer.exit_code == 1
    assert words in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.output


def test_a_missing_entity_model_is_named_before_any_work(
    newsdex: Newsdex, cli: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The sentence says how to install it."""
    assert newsdex
    monkeypatch.setenv("NEWSDEX_ENTITY_MODEL", "xx_no_such_model")
    (tmp_path / "a.txt").write_text(SEEDS["witch.txt"], encoding="utf-8")
    answer = cli.invoke(app, ["inspect", str(tmp_path)])
    assert answer.exit_code == 1
    assert "spacy download xx_no_such_model" in " ".join(answer.stderr.split())


def test_doctor_finds_everything_in_order(newsdex: Newsdex, cli: CliRunner) -> None:
    """On a machine that is ready, every check is fine, and no password is shown."""
    answer = cli.invoke(app, ["doctor", "--json"])
    assert answer.exit_code == 0, answer.output
    assert {check["name"] for check in json.loads(answer.stdout)} >= {"Python", "disk", "Java", "Elasticsearch"}
    password = newsdex.settings.elasticsearch_password
    assert password is None or password.get_secret_value() not in answer.stdout


def test_the_version_is_told(cli: CliRunner) -> None:
    """`newsdex --version` names the program and its version."""
    assert cli.invoke(app, ["--version"]).stdout.startswith("newsdex 0.")


def test_inspect_says_where_each_field_was_found(cli: CliRunner, tmp_path: Path) -> None:
    """Every field that has a value has its provenance: the record's own field, or what declares it on the page."""
    record = {"headline": "On a hunt", "story": SEEDS["witch.txt"], "pubDate": "2018-01-23", "byline": "By Ana Reis"}
    (tmp_path / "a.jsonl").write_text((json.dumps(record) + "\n") * 2, encoding="utf-8")
    head = '<title>On a hunt</title><meta property="article:published_time" content="2018-01-23T10:00:00Z">'
    text = "".join(f"<p>{part}</p>" for part in SEEDS["witch.txt"].split("\n\n"))
    page = f"<!doctype html><html><head>{head}</head><body><article>{text}</article></body></html>"
    (tmp_path / "b.html").write_text(page, encoding="utf-8")
    answer = cli.invoke(app, ["inspect", str(tmp_path / "a.jsonl"), "--limit", "1", "--json"])
    assert answer.exit_code == 0, answer.output
    (line,) = answer.stdout.splitlines()
    found = json.loads(line)
    told = found["provenance"]
    assert told["title"] == "record: headline"
    assert told["published_at"] == "record: pubDate"
    assert told["authors"] == "record: byline"
    assert told["body"] == "record: story"
    absent = {"source", "ingested_at", "run_id", "copies", "copy_count", "copy_sources", "superseded_hashes"}
    valued = {name for name, value in found["article"].items() if value} - absent
    assert {name for name in valued if name not in told} == set()
    page_told = json.loads(cli.invoke(app, ["inspect", str(tmp_path / "b.html"), "--json"]).stdout)["provenance"]
    assert page_told["published_at"] == "page: opengraph"
    assert page_told["body"] == "page: visible"
    shown = cli.invoke(app, ["inspect", str(tmp_path / "b.html")])
    assert "page: opengraph" in " ".join(shown.stdout.split())


def test_a_file_tells_its_order_of_day_and_month(cli: CliRunner, tmp_path: Path) -> None:
    """`3/4/2018` is read like its neighbours in the same file, which allow one order only."""
    texts = [SEEDS["witch.txt"], SEEDS["boxers.txt"]]
    for order, dates, expected in (
        ("day", ("23/1/2018", "3/4/2018"), "2018-04-03"),
        ("month", ("1/23/2018", "3/4/2018"), "2018-03-04"),
    ):
        rows = [{"title": f"News {date}", "body": text, "date": date} for date, text in zip(dates, texts, strict=True)]
        place = tmp_path / f"{order}.jsonl"
        place.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        lines = cli.invoke(app, ["inspect", str(place), "--json"]).stdout.splitlines()
        assert json.loads(lines[1])["article"]["published_at"].startswith(expected)
