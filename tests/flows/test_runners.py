"""The same flow in processes, in threads and on a Dask cluster: the same documents; and what a cluster must have."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from support.dask_cluster import ROOT, DaskCluster
from support.home import Newsdex
from support.object_store import ObjectStore
from support.records import write_records

from newsdex.commands.doctor import examine
from newsdex.flows.config import settings
from newsdex.flows.config.choices import RunnerKind
from newsdex.flows.config.settings import Settings, SettingsError
from newsdex.flows.prepare.recipe import read_options, recipe_for
from newsdex.flows.prepare.staging import Staged, staging_area
from newsdex.flows.runners.errors import ClusterError
from newsdex.flows.runners.select import make_runner
from newsdex.flows.runs.report import Report
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition
from newsdex.search.indices.manage import IndexNames

pytestmark = pytest.mark.services  # a Dask cluster

needs_unshare = pytest.mark.skipif(
    shutil.which("unshare") is None or os.geteuid() != 0, reason="only the superuser can give a process its own disks"
)

OF_THE_RUN = ("run_id", "ingested_at", "at")
"""Fields that differ between any two runs."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Yield a scheduler with two workers."""
    with DaskCluster(tmp_path_factory.mktemp("dask")) as running:
        running.begin()
        running.begin()
        running.joined(2)
        yield running


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the samples in every format, 150 made articles with copies and broken lines, and the same packed."""
    folder = tmp_path_factory.mktemp("inputs")
    shutil.copytree(ROOT / "samples", folder / "samples")
    write_records(folder / "made.jsonl", range(150), "{broken", '{"title": "no text"}')
    packed = folder / "packed.jsonl.gz"
    with gzip.open(packed, "wb") as file:
        file.write((folder / "made.jsonl").read_bytes().replace(b"Echo", b"Gazette").replace(b"-echo.", b"-gazette."))
    return [folder / "samples", folder / "made.jsonl", packed]


def stored(newsdex: Newsdex, index: str) -> dict[str, Any]:
    """Return everything in the indices of `index`, without what belongs to the run."""
    names = IndexNames(index)
    found: dict[str, Any] = {}
    for place in (names.articles, names.copies, names.rejected):
        newsdex.client.indices.refresh(index=place)
        answer = newsdex.client.search(index=place, size=2000, query={"match_all": {}}, seq_no_primary_term=False)
        kind = place.removeprefix(index)
        for hit in answer["hits"]["hits"]:
            document = {name: value for name, value in hit["_source"].items() if name not in OF_THE_RUN}
            found[f"{kind} {hit['_id']}"] = document
    return found


def ingest(newsdex: Newsdex, inputs: list[Path], runner: RunnerKind, **options: Any) -> tuple[Report, dict[str, Any]]:
    index = f"{newsdex.settings.index}-{runner}"
    report = newsdex.ingest(*inputs, runner=runner, index=index, **options)
    return report, stored(newsdex, index)


@pytest.mark.timeout(300)
def test_a_cluster_makes_the_same_documents(newsdex: Newsdex, inputs: list[Path], cluster: DaskCluster) -> None:
    """As processes of this machine: article by article, copy by copy, rejection by rejection, and the same ledger."""
    report, documents = ingest(newsdex, inputs, RunnerKind.PROCESSES)
    assert report.total.counts["indexed"] > 150
    assert report.total.counts["rejected"] > 2
    other, found = ingest(newsdex, inputs, RunnerKind.DASK, cluster=cluster.address)
    assert found == documents
    assert other.total.counts == report.total.counts
    assert [row.counts for row in other.partitions] == [row.counts for row in report.partitions]


def chosen(home: Path, runner: RunnerKind, **options: Any) -> Settings:
    """Return settings with a home of their own; nothing of Elasticsearch is asked."""
    return settings.load(runner=runner, home=home, elasticsearch_url="http://127.0.0.1:9", **options)


def staged(given: Settings, inputs: Sequence[Path | str]) -> list[list[Staged]]:
    """Return what a runner stages of each partition, many asked for at the same time."""
    options = replace(read_options(given), partition_articles=50)
    listed = [item for item in partitions(list(map(str, inputs)), options) if isinstance(item, Partition)]
    with make_runner(given, recipe_for(given)) as runner, ThreadPoolExecutor(8) as asking:
        done = list(asking.map(runner.prepare, listed, repeat(options)))
    return [list(staging_area(given).read(each.key)) for each in done]


def test_threads_stage_the_same_articles(inputs: list[Path], tmp_path: Path) -> None:
    """Four threads that share one set of models, and one process."""
    by_process = staged(chosen(tmp_path / "a", RunnerKind.PROCESSES, workers=1), inputs)
    by_threads = staged(chosen(tmp_path / "b", RunnerKind.THREADS, workers=4), inputs)
    assert sum(map(len, by_process)) > 350
    assert by_process == by_threads
    made_by = {line.article.pipeline_version for part in by_process for line in part if line.article is not None}
    assert made_by == {recipe_for(chosen(tmp_path, RunnerKind.PROCESSES)).version}


def test_a_worker_of_another_version_is_refused_before_anything_is_read(
    newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path
) -> None:
    """The sentence names the worker's package, both versions and the fix; nothing is in the index."""
    other = tmp_path / "other" / "ftfy-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: ftfy\nVersion: 0.0.1\n", encoding="utf-8")
    source = write_records(tmp_path / "a.jsonl", range(5))
    with cluster.worker(PYTHONPATH=str(other.parent)):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"has ftfy 0\.0\.1 \(the run: [\d.]+\).*same constraints\.txt"):
            newsdex.ingest(source, runner=RunnerKind.DASK, cluster=cluster.address)
    assert newsdex.articles() == {}


def test_a_worker_with_an_older_newsdex_is_refused(cluster: DaskCluster, tmp_path: Path) -> None:
    """It cannot even be asked for its versions, and is named all the same."""
    old = tmp_path / "old" / "newsdex" / "flows" / "runners"
    old.mkdir(parents=True)
    for name in ("__init__.py", "../__init__.py", "../../__init__.py", "handshake.py"):
        (old / name).touch()
    given = chosen(tmp_path, RunnerKind.DASK, cluster=cluster.address)
    with cluster.worker(PYTHONPATH=str(tmp_path / "old")):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"cannot run this Newsdex \(AttributeError.*install the same"):
            make_runner(given, recipe_for(given)).__enter__()


@needs_unshare
def test_staging_that_a_worker_does_not_see_is_said(cluster: DaskCluster, tmp_path: Path) -> None:
    """A worker for which another disk lies over the folder, as on another machine."""
    given = chosen(tmp_path, RunnerKind.DASK, cluster=cluster.address)
    (tmp_path / "staging").mkdir()
    with cluster.worker(hidden=tmp_path / "staging"):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"does not see what this run writes to .*staging.*set NEWSDEX_STAGING"):
            make_runner(given, recipe_for(given)).__enter__()
    assert [path for path in (tmp_path / "staging").rglob("*") if path.is_file()] == []


@needs_unshare
def test_an_input_that_a_worker_does_not_see_is_no_rejection(tmp_path: Path) -> None:
    """The run ends with a sentence instead of calling files unreadable that are there."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    write_records(folder / "a.jsonl", range(5))
    with DaskCluster(tmp_path) as apart, apart.worker(hidden=folder):
        apart.joined(1)
        with pytest.raises(ClusterError, match=r"does not see the input .*\.jsonl: put the inputs where"):
            staged(chosen(tmp_path, RunnerKind.DASK, cluster=apart.address), [folder])


def test_an_input_in_a_bucket_that_a_worker_does_not_reach_is_no_rejection(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    """A worker without the settings of the store is named; one that has them reads it."""
    source = write_records(tmp_path / "a.jsonl", range(5))
    object_store.client.create_bucket(Bucket="inputs")
    object_store.client.put_object(Bucket="inputs", Key="a.jsonl", Body=source.read_bytes())
    with DaskCluster(tmp_path) as apart:
        given = chosen(tmp_path, RunnerKind.DASK, cluster=apart.address)
        with apart.worker(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"):
            apart.joined(1)
            with pytest.raises(ClusterError, match=r"does not see the input s3://inputs/a\.jsonl: .*AWS_"):
                staged(given, ["s3://inputs"])
        with apart.worker():
            apart.joined(1)
            assert [len(part) for part in staged(given, ["s3://inputs"])] == [5]


def test_an_input_that_is_gone_everywhere_is_a_rejection(cluster: DaskCluster, tmp_path: Path) -> None:
    """As on one machine: the file was moved after it had been listed."""
    source = write_records(tmp_path / "a.jsonl", range(5))
    given = chosen(tmp_path, RunnerKind.DASK, cluster=cluster.address)
    options = read_options(given)
    (partition,) = partitions([str(source)], options)
    assert isinstance(partition, Partition)
    source.unlink()
    with make_runner(given, recipe_for(given)) as runner:
        done = runner.prepare(partition, options)
    (line,) = staging_area(given).read(done.key)
    assert line.rejection is not None
    assert line.rejection.reason == "no-such-path"


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(cluster: DaskCluster, tmp_path: Path) -> None:
    """The others do its work."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for number in range(12):
        write_records(folder / f"{number}.jsonl", range(number * 40, number * 40 + 40))
    with cluster.worker() as extra:
        cluster.joined(3)
        threading.Timer(2.0, extra.kill).start()
        found = staged(chosen(tmp_path, RunnerKind.DASK, cluster=cluster.address), [folder])
    assert sum(map(len, found)) == 480


def test_a_spooled_part_goes_through_the_staging_area(cluster: DaskCluster, tmp_path: Path) -> None:
    """Also to a worker that lacks the spool; nothing of it is left there."""
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(write_records(tmp_path / "a.jsonl", range(60)).read_bytes()))
    given = chosen(tmp_path, RunnerKind.DASK, cluster=cluster.address)
    assert sum(map(len, staged(given, [packed]))) == 60
    left = {path.name.partition(".")[2] for path in (tmp_path / "staging").rglob("*") if path.is_file()}
    assert left == {"staged.zst"}


@needs_unshare
@pytest.mark.slow
def test_staging_in_a_bucket(bucket: str, tmp_path: Path) -> None:
    """Workers that have neither the home nor the spool of the run stage into a bucket what it then reads there."""
    source = write_records(tmp_path / "a.jsonl", range(60))
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    home = tmp_path / "home"
    home.mkdir()
    with DaskCluster(tmp_path) as apart, apart.worker(hidden=home):
        apart.joined(1)
        given = chosen(home, RunnerKind.DASK, cluster=apart.address, staging=bucket)
        found = staged(given, [source, packed])
        (runner,) = [check for check in examine(given) if check.name == "runner"]
    assert sum(map(len, found)) == 120
    assert all(line.article is not None for part in found for line in part)
    assert runner.finding == f"dask at {apart.address}, 1 workers, staging at {bucket}"


@pytest.mark.slow
def test_ray_stages_the_same_articles(inputs: list[Path], tmp_path: Path) -> None:
    """A Ray of the run's own, where it is installed."""
    pytest.importorskip("ray", reason="Ray is not installed here: pip install 'newsdex[ray]'")
    by_process = staged(chosen(tmp_path / "a", RunnerKind.PROCESSES, workers=1), inputs)
    assert staged(chosen(tmp_path / "b", RunnerKind.RAY, cluster="local"), inputs) == by_process


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a setting that is missing, and a staging address that cannot be used; before anything runs."""
    monkeypatch.setattr("newsdex.flows.runners.dask_runner.CONNECT_S", 0.5)
    given = chosen(tmp_path, RunnerKind.DASK, cluster="tcp://127.0.0.1:9")
    with pytest.raises(ClusterError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9 .*dask scheduler"):
        make_runner(given, recipe_for(given)).__enter__()
    with pytest.raises(SettingsError, match=r"setting cluster: .* dask needs the address of its cluster .*CLUSTER"):
        settings.load(runner=RunnerKind.DASK)
    with pytest.raises(SettingsError, match=r"setting staging: .*hdfs:// cannot be written to.*s3://bucket/prefix"):
        settings.load(staging="hdfs://namenode/staging")
    with pytest.raises(SettingsError, match=r"^setting index_period: Input should be 'year' or 'month' \([^\n]*$"):
        settings.load(index_period="decade")


def test_a_scheduler_without_workers_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it was given the time in which one starts."""
    monkeypatch.setattr("newsdex.flows.runners.dask_runner.WORKERS_S", 0.2)
    with DaskCluster(tmp_path) as empty:
        given = chosen(tmp_path, RunnerKind.DASK, cluster=empty.address)
        with pytest.raises(ClusterError, match=r"has no worker: .*dask worker tcp://127"):
            make_runner(given, recipe_for(given)).__enter__()
