"""Two runs of one source: one at a time by its deployment, and no harm where they meet all the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import FlowFilter, FlowFilterId
from prefect.client.schemas.schedules import IntervalSchedule
from support.home import Newsdex
from support.records import write_records

from newsdex.flows.common.missed_runs import cancel_missed
from newsdex.flows.common.progress import Silent
from newsdex.flows.config.source_schedule import missing_places
from newsdex.flows.prepare.recipe import read_options
from newsdex.flows.runs.run import Run
from newsdex.flows.service.deployments import of_source
from newsdex.readers.partition import Partition
from newsdex.transforms.article import Result

MANY = 40


def begun(newsdex: Newsdex, source: Path, *, force: bool = False) -> tuple[Run, Partition]:
    """Return a run that has listed a file of one partition."""
    run = Run(newsdex.settings, Silent(), force=force, options=read_options(newsdex.settings))
    (partition,) = run.partitions([str(source)])
    assert isinstance(partition, Partition)
    return run, partition


@pytest.mark.parametrize("force", [False, True])
def test_a_staged_file_that_another_run_took_away_is_looked_up_by_its_receipt(
    newsdex: Newsdex, tmp_path: Path, *, force: bool
) -> None:
    """Both have prepared one partition; the first indexes it and tidies up before the second gets to it."""
    source = write_records(tmp_path / "a.jsonl", range(MANY))
    first, partition = begun(newsdex, source)
    second, same = begun(newsdex, source, force=force)
    for run, inputs in ((first, "first"), (second, "second")):
        run.recorder.recording([inputs], run.version, {}).__enter__()
    with first.runner() as workers:
        first.workers = second.workers = workers
        prepared = first.prepare(partition)
        first.index(partition, prepared)
        second.index(same, prepared)
    assert first.report().count(Result.INDEXED) == MANY
    assert second.report().read == MANY
    assert second.report().count(Result.REJECTED) == 0
    assert len(newsdex.articles()) == MANY


def test_a_file_that_was_cut_short_meanwhile_is_read_again_next_time(newsdex: Newsdex, tmp_path: Path) -> None:
    """What was listed and not read gets no receipt, so that the next run does not take it for done."""
    source = write_records(tmp_path / "a.jsonl", range(MANY))
    whole = source.read_bytes()
    run, partition = begun(newsdex, source)
    source.write_bytes(b"".join(whole.splitlines(keepends=True)[: MANY // 2]))
    run.recorder.recording(["cut"], run.version, {}).__enter__()
    with run.runner() as workers:
        run.workers = workers
        run.index(partition, run.prepare(partition))
    source.write_bytes(whole)
    newsdex.ingest(source)
    assert len(newsdex.articles()) == MANY


@pytest.mark.usefixtures("prefect_api")
def test_a_source_has_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of its deployment, at which later runs wait or, where the source says so, are left out."""
    from newsdex.flows.config.source_schedule import scheduled_sources  # noqa: PLC0415  # reads the working directory
    from newsdex.flows.service.register import _limit  # noqa: PLC0415  # after Prefect is configured

    monkeypatch.chdir(tmp_path)
    entries = '[[source]]\nname = "a"\nlocation = "in"\n[[source]]\nname = "b"\nlocation = "in"\noverlap = "skip"\n'
    (tmp_path / "newsdex.toml").write_text(entries, encoding="utf-8")
    limits = [_limit(of_source(source)) for source in scheduled_sources().values()]
    assert [(limit.limit, limit.collision_strategy.value) for limit in limits if limit] == [
        (1, "ENQUEUE"),
        (1, "CANCEL_NEW"),
    ]


@pytest.mark.usefixtures("newsdex")
def test_missed_schedules_are_worked_off_once() -> None:
    """The run that begins first cancels the others that are due, and those that are not due yet stay."""
    made = flow(lambda: None, name=f"missed-{uuid4().hex[:6]}")
    every = IntervalSchedule(interval=timedelta(seconds=1), anchor_date=datetime.now(UTC))
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(made)
        ours = FlowFilter(id=FlowFilterId(any_=[flow_id]))
        deployment = client.create_deployment(flow_id, "d", schedules=[DeploymentScheduleCreate(schedule=every)])
        try:
            client._client.post(f"/deployments/{deployment}/schedule", json={"min_runs": 10})
            runs = client.read_flow_runs(flow_filter=ours, limit=200)
            assert len(runs) >= 10
            due = sorted(runs, key=lambda run: run.expected_start_time or datetime.now(UTC))
            while (due[3].expected_start_time or datetime.now(UTC)) > datetime.now(UTC):
                time.sleep(0.05)
            assert cancel_missed(client, due[0]) >= 3
            states = {run.id: run.state_name for run in client.read_flow_runs(flow_filter=ours, limit=200)}
            assert states[due[0].id] in {"Scheduled", "Late"}
            assert {states[run.id] for run in due[1:4]} == {"Cancelled"}
            assert states[due[-1].id] in {"Scheduled", "Late"}
        finally:  # the server is shared with other tests
            client.delete_deployment(deployment)
            for run in client.read_flow_runs(flow_filter=ours, limit=200):
                client.delete_flow_run(run.id)


def test_a_place_that_is_gone_is_known_from_a_quiet_day(tmp_path: Path) -> None:
    """An unmounted disk, named by a folder, a file or a pattern below it; not a pattern that matches nothing."""
    (tmp_path / "here").mkdir()
    gone = tmp_path / "gone"
    here = [f"{tmp_path}/here", f"{tmp_path}/here/*.jsonl", f"{tmp_path}/here/{{yyyy}}/*.gz", "https://a.example/feed"]
    assert missing_places([*here, "s3://bucket/none"]) == []
    assert missing_places([f"{gone}", f"{gone}/*.jsonl", f"{gone}/{{yyyy}}-{{mm}}.jsonl"]) == [str(gone)]


def test_a_source_whose_folder_is_gone_fails_with_the_path(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies elsewhere is indexed first; the run is recorded as failed, with a sentence."""
    from newsdex.flows.ingest_source import ingest_source  # noqa: PLC0415  # after Prefect is configured
    from newsdex.flows.runs.execute import SourceGoneError  # noqa: PLC0415  # likewise

    monkeypatch.chdir(tmp_path)
    write_records(tmp_path / "a.jsonl", range(3))
    text = f'[[source]]\nname = "echo"\nlocation = ["{tmp_path}/a.jsonl", "{tmp_path}/disk/*.jsonl"]\n'
    (tmp_path / "newsdex.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceGoneError, match=r"There is no .*/disk: mount the disk"):
        ingest_source("echo")
    assert len(newsdex.articles()) == 3
    newsdex.client.indices.refresh(index=newsdex.names.runs)
    (run,) = newsdex.client.search(index=newsdex.names.runs, query={"term": {"kind": "run"}})["hits"]["hits"]
    assert run["_source"]["status"] == "failed"
    assert f"{tmp_path}/disk" in run["_source"]["error"]
