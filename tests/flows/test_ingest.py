"""The flow `ingest`: a real Prefect server, real worker processes, a real Elasticsearch."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import story, write_records

from newsdex.flows.runs.ledger import LedgerError
from newsdex.transforms.article import Article, Result
from newsdex.transforms.duplicates.clusters import THRESHOLD


def test_every_input_is_accounted_for(newsdex: Newsdex, tmp_path: Path) -> None:
    """Good, broken, empty and missing inputs: each has its place in a ledger that balances."""
    write_records(tmp_path / "a.jsonl", range(20), "{broken", '{"title": "no text here"}')
    (tmp_path / "empty.txt").touch()
    done = newsdex.ingest(tmp_path, tmp_path / "nowhere.txt")
    assert done.total.counts == {
        "read": 24, "indexed": 20, "unchanged": 0, "duplicate": 0, "filtered": 0, "rejected": 4,
    }  # fmt: skip
    assert {problem.reason for problem in done.problems} == {"invalid-json", "no-body", "empty-file", "no-such-path"}
    assert len(newsdex.articles()) == 20


def test_rejections_lie_in_the_quarantine_with_their_sentence(newsdex: Newsdex, tmp_path: Path) -> None:
    """Input, stage, reason, sentence and the beginning of the raw input can be looked up; a fixed input leaves."""
    source = tmp_path / "a.jsonl"
    write_records(source, range(2), '{"title": "no text"}')
    newsdex.ingest(source)
    (held,) = newsdex.articles(newsdex.names.rejected).values()
    assert held["input_uri"].endswith("a.jsonl#line=3")
    assert (held["stage"], held["reason"], held["result"]) == ("read", "no-body", "rejected")
    assert "title" in held["detail"]
    write_records(source, range(3))
    newsdex.ingest(source)
    assert newsdex.articles(newsdex.names.rejected) == {}


def test_the_second_run_changes_nothing_and_the_third_only_what_is_new(newsdex: Newsdex, tmp_path: Path) -> None:
    """What is in the index already is `unchanged`, whatever the files' times say; late articles are found."""
    source = write_records(tmp_path / "a.jsonl", range(30))
    assert newsdex.ingest(source).count(Result.INDEXED) == 30
    before = newsdex.articles()
    source.touch()
    again = newsdex.ingest(source)
    assert again.total.counts["unchanged"] == again.read == 30
    assert newsdex.articles() == before
    write_records(tmp_path / "late.jsonl", range(25, 40))
    late = newsdex.ingest(tmp_path)
    assert late.count(Result.INDEXED) == 10
    assert late.count(Result.UNCHANGED) == 35


def test_a_deleted_index_is_filled_again(newsdex: Newsdex, tmp_path: Path) -> None:
    """What the receipts of an earlier run say counts only as long as the index agrees."""
    source = write_records(tmp_path / "a.jsonl", range(10))
    newsdex.ingest(source)
    for uri in list(newsdex.articles().values())[:4]:
        newsdex.client.delete(index=newsdex.names.articles, id=uri["_id"])
    again = newsdex.ingest(source)
    assert (again.count(Result.INDEXED), again.count(Result.UNCHANGED)) == (4, 6)


def test_force_writes_everything_anew(newsdex: Newsdex, tmp_path: Path) -> None:
    """With `force`, unchanged articles are prepared and written again."""
    source = write_records(tmp_path / "a.jsonl", range(5))
    first = newsdex.ingest(source)
    forced = newsdex.ingest(source, force=True)
    assert forced.count(Result.INDEXED) == 5
    assert {document["run_id"] for document in newsdex.articles().values()} == {forced.run_id} != {first.run_id}


def test_the_limit_is_kept(newsdex: Newsdex, tmp_path: Path) -> None:
    """Only so many inputs are read."""
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(story(number)) + "\n" for number in range(50))
    assert newsdex.ingest(tmp_path, limit=7).read == 7


def test_the_run_is_recorded(newsdex: Newsdex, tmp_path: Path) -> None:
    """The runs index has a document for the run and one for its partition, with the same figures."""
    done = newsdex.ingest(write_records(tmp_path / "a.jsonl", range(5), "{broken"))
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    found = newsdex.client.search(index=newsdex.names.runs, query={"term": {"run_id": done.run_id}})["hits"]["hits"]
    by_kind = {hit["_source"]["kind"]: hit["_source"] for hit in found}
    assert by_kind["run"]["status"] == "done"
    assert by_kind["run"]["counts"] == by_kind["partition"]["counts"] == done.total.counts
    assert by_kind["run"]["reasons"]["rejected"] == {"invalid-json": 1}
    assert newsdex.settings.elasticsearch_password is None or (
        newsdex.settings.elasticsearch_password.get_secret_value() not in json.dumps([hit["_source"] for hit in found])
    )


def test_tasks_have_names_that_a_person_can_read(newsdex: Newsdex, tmp_path: Path) -> None:
    """In Prefect, a run shows what was prepared and indexed by the partition's name, and its ledger."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415  # after Prefect is configured

    source = write_records(tmp_path / "papers.jsonl", range(5))
    newsdex.ingest(source)
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(limit=20, sort="START_TIME_DESC")  # type: ignore[arg-type]
        (run,) = (run for run in runs if run.parameters.get("locations") == [str(source)])  # others run beside this one
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId  # noqa: PLC0415

        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])))
    assert run.state is not None
    assert run.state.is_completed()
    assert {"prepare papers.jsonl", "index papers.jsonl"} <= {task.name for task in tasks}


def test_a_run_whose_ledger_does_not_balance_fails(newsdex: Newsdex, tmp_path: Path) -> None:
    """If an article is lost on the way, the run fails, and says so, rather than counting what is left."""
    source = write_records(tmp_path / "a.jsonl", range(5))
    lose_one_article(newsdex, source)
    with pytest.raises(LedgerError, match=r"a\.jsonl"):
        newsdex.ingest(source)
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    runs = newsdex.client.search(index=newsdex.names.runs, query={"term": {"kind": "run"}})["hits"]["hits"]
    assert [hit["_source"]["status"] for hit in runs] == ["failed"]


def lose_one_article(newsdex: Newsdex, source: Path) -> None:
    """Stage the partition as a killed run would have left it, with one line fewer than its summary says."""
    from newsdex.flows.common.progress import Silent  # noqa: PLC0415
    from newsdex.flows.prepare.prepare import prepare  # noqa: PLC0415  # loads the models
    from newsdex.flows.prepare.recipe import read_options  # noqa: PLC0415
    from newsdex.flows.prepare.staging import staging_area  # noqa: PLC0415
    from newsdex.flows.runs.run import Run  # noqa: PLC0415

    run = Run(newsdex.settings, Silent(), force=False, options=read_options(newsdex.settings))
    (partition,) = run.partitions([str(source)])
    area = staging_area(newsdex.settings)
    summary = prepare(partition, run.options, run.recipe, area.location)
    lines = [line.article for line in area.read(partition.key) if isinstance(line.article, Article)]
    with area.writing(partition.key) as writer:
        for article in lines[1:]:
            writer.write(article)
        writer.summarise(summary)


def test_a_higher_threshold_keeps_edited_reprints_apart(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NEWSDEX_COPY_THRESHOLD says from which similarity on a text is a copy; the default was measured."""
    assert newsdex.settings.copy_threshold == THRESHOLD
    reprint = story(2)
    reprint |= {"url": "https://reprint.example/2", "body": reprint["body"].replace("a wet evening", "a dry evening")}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(story(2))}\n{json.dumps(reprint)}\n", encoding="utf-8")
    monkeypatch.setenv("NEWSDEX_COPY_THRESHOLD", "0.99")
    assert newsdex.ingest(tmp_path / "a.jsonl", force=True).total.counts["indexed"] == 2
    monkeypatch.delenv("NEWSDEX_COPY_THRESHOLD")
    counts = newsdex.ingest(tmp_path / "a.jsonl", force=True).total.counts
    assert (counts["indexed"], counts["duplicate"]) == (1, 1)
