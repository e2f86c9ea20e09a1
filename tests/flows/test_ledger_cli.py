"""`newsdex runs` and `newsdex rejected`: which inputs were not indexed, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.home import Newsdex
from support.records import story, write_records
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.flows.runs.report import Report
from newsdex.search.errors import SearchError
from newsdex.search.ledger import run_records as records
from newsdex.search.ledger.excluded import left_out

BROKEN = ("{broken", '{"title": "no text here"}')


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner()


def ingested(newsdex: Newsdex, folder: Path) -> Report:
    """Ten articles, a copy of the first, and two inputs that are rejected."""
    copy = story(0) | {"url": "https://www.other-paper.example/copy", "source": "Other Paper", "date": "2020-01-01"}
    write_records(folder / "a.jsonl", range(10), json.dumps(copy), *BROKEN)
    done = newsdex.ingest(folder)
    newsdex.client.indices.refresh(index=list(newsdex.names.all))
    return done


def lines(cli: CliRunner, *arguments: str) -> list[dict[str, Any]]:
    """Return what a command prints as JSON lines."""
    answer = cli.invoke(app, [*arguments, "--json"])
    assert answer.exit_code == 0, answer.output
    return [json.loads(line) for line in answer.stdout.splitlines()]


def words(cli: CliRunner, *arguments: str) -> str:
    """Return what a command prints, without its line breaks."""
    answer = cli.invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    return " ".join(answer.stdout.split())


def test_every_input_that_a_run_did_not_index_is_named_with_its_reason(
    newsdex: Newsdex, cli: CliRunner, tmp_path: Path
) -> None:
    """Rejected inputs with the sentence, a duplicate with the article that it was folded into; no other input."""
    done = ingested(newsdex, tmp_path)
    told = lines(cli, "runs", "show", done.run_id[:-2])
    run, partition, *inputs = told
    assert (run["kind"], run["status"], run["counts"]) == ("run", "done", done.total.counts)
    assert set(run["versions"]) == {"python", "elasticsearch", "newsdex", "prefect", "spacy"}
    assert run["settings"]["index"] == newsdex.settings.index
    assert (partition["kind"], partition["counts"]) == ("partition", done.total.counts)
    survivor = next(doc["_id"] for doc in newsdex.articles().values() if doc["copy_count"])
    assert [(each["result"], each["reason"]) for each in inputs] == [
        ("duplicate", "exact-copy"), ("rejected", "invalid-json"), ("rejected", "no-body"),
    ]  # fmt: skip
    assert inputs[0]["duplicate_of"] == survivor
    assert inputs[1]["input_uri"].endswith("a.jsonl#line=12")
    assert all(each["detail"].endswith(".") for each in inputs)


def test_a_run_reads_well_on_a_terminal(newsdex: Newsdex, cli: CliRunner, tmp_path: Path) -> None:
    """The list, one run by `last`, only one reason of it, and what to type next."""
    done = ingested(newsdex, tmp_path)
    assert done.run_id in words(cli, "runs")
    (page,) = [json.loads(cli.invoke(app, ["runs", "--json"]).stdout)]
    assert [each["run_id"] for each in page["records"]] == [done.run_id]
    shown = words(cli, "runs", "show", "last")
    assert "13 inputs read" in shown
    assert "duplicate exact-copy" in shown
    assert "The same text as “Aldmoor argues about its bridge, again (0)”" in shown
    one = words(cli, "runs", "show", "last", "--reason", "no-body")
    assert "no-body" in one
    assert "exact-copy" not in one
    assert "replay --reason" in one


def test_what_a_run_did_stays_known_when_the_quarantine_has_moved_on(
    newsdex: Newsdex, cli: CliRunner, tmp_path: Path
) -> None:
    """The record of a run names its rejections also after a later run met them again or took them in."""
    first = ingested(newsdex, tmp_path)
    write_records(tmp_path / "a.jsonl", range(13))
    newsdex.ingest(tmp_path)
    newsdex.client.indices.refresh(index=list(newsdex.names.all))
    assert newsdex.articles(newsdex.names.rejected) == {}
    rejected = list(left_out(newsdex.client, newsdex.names, first.run_id, result="rejected"))
    assert [each.reason for each in rejected] == ["invalid-json", "no-body"]
    assert words(cli, "rejected") == "Nothing lies in the quarantine."


def test_a_run_that_finds_nothing_new_names_what_is_still_left_out(
    newsdex: Newsdex, cli: CliRunner, tmp_path: Path
) -> None:
    """An unchanged file is not read again, but what is wrong with it is still said."""
    ingested(newsdex, tmp_path)
    again = newsdex.ingest(tmp_path)
    newsdex.client.indices.refresh(index=list(newsdex.names.all))
    assert again.total.counts["unchanged"] == 11
    told = lines(cli, "runs", "show", again.run_id, "--result", "rejected")
    assert [each["reason"] for each in told if each["kind"] == "left-out"] == ["invalid-json", "no-body"]


def test_the_quarantine_is_listed_by_reason_and_input_by_input(
    newsdex: Newsdex, cli: CliRunner, tmp_path: Path
) -> None:
    """Each reason with its count, an example and what to type next; one reason with all its inputs."""
    write_records(tmp_path / "a.jsonl", range(1), *["{broken"] * 23, BROKEN[1])
    done = newsdex.ingest(tmp_path)
    by_reason = lines(cli, "rejected")
    assert [(each["reason"], each["count"]) for each in by_reason] == [("invalid-json", 23), ("no-body", 1)]
    assert by_reason[1]["example"]["input_uri"].endswith("a.jsonl#line=25")
    shown = words(cli, "rejected")
    assert "24 inputs in the quarantine" in shown
    assert "replay --reason invalid-json" in shown
    assert "… and 3 more" in words(cli, "rejected", "--reason", "invalid-json")
    every = lines(cli, "rejected", "--reason", "invalid-json", "--run", done.run_id)
    assert len({each["input_uri"] for each in every}) == 23
    assert {each["raw"] for each in every} == {"{broken"}
    assert len(lines(cli, "rejected", "--all")) == 24


def test_a_run_that_is_not_there_is_said_in_one_sentence(newsdex: Newsdex, cli: CliRunner, tmp_path: Path) -> None:
    """An unknown id, and the beginning of several, with what to do."""
    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(1)))
    newsdex.ingest(tmp_path)
    answer = cli.invoke(app, ["runs", "show", "nonsense"])
    assert answer.exit_code == 1
    assert "`newsdex runs` lists them" in " ".join(answer.stderr.split())
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    with pytest.raises(SearchError, match="type more of the id"):
        records.find_run(newsdex.client, newsdex.names, "2")
    assert records.find_run(newsdex.client, newsdex.names, "last").status == "done"
