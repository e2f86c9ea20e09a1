"""The same flow in processes, in threads and on a Dask cluster: the same documents; and what a cluster must have."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from conftest import Newsdex
from dask_cluster import ROOT, DaskCluster
from test_ingest import write_records

from flows import settings
from flows.recipe import read_options, recipe_for
from flows.report import Report
from flows.runner import runner_for
from flows.settings import Runner, SettingsError
from flows.staging import Staged
from flows.workers import ClusterError
from readers.listing import partitions
from readers.partition import Partition
from search.indices import IndexNames

OF_THE_RUN = ("run_id", "ingested_at", "at")
"""Fields that differ between any two runs."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler with two workers."""
    with DaskCluster(tmp_path_factory.mktemp("dask")) as running:
        running.begin()
        running.begin()
        running.joined(2)
        yield running


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The samples in every format, 300 made articles with copies and broken lines, and the same packed."""
    folder = tmp_path_factory.mktemp("inputs")
    shutil.copytree(ROOT / "samples", folder / "samples")
    write_records(folder / "made.jsonl", range(300), "{broken", '{"title": "no text"}')
    packed = folder / "packed.jsonl.gz"
    with gzip.open(packed, "wb") as file:
        file.write((folder / "made.jsonl").read_bytes().replace(b"Echo", b"Gazette").replace(b"-echo.", b"-gazette."))
    return [folder / "samples", folder / "made.jsonl", packed]


def stored(newsdex: Newsdex, index: str) -> dict[str, Any]:
    """Everything in the indices of `index`, without what belongs to the run."""
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


def ingest(newsdex: Newsdex, inputs: list[Path], runner: Runner, **options: Any) -> tuple[Report, dict[str, Any]]:
    index = f"{newsdex.settings.index}-{runner}"
    report = newsdex.ingest(*inputs, runner=runner, index=index, **options)
    return report, stored(newsdex, index)


def test_a_cluster_makes_the_same_documents(newsdex: Newsdex, inputs: list[Path], cluster: DaskCluster) -> None:
    """As processes of this machine: article by article, copy by copy, rejection by rejection, and the same ledger."""
    report, documents = ingest(newsdex, inputs, Runner.PROCESSES)
    assert report.total.counts["indexed"] > 300
    assert report.total.counts["rejected"] > 2
    other, found = ingest(newsdex, inputs, Runner.DASK, cluster=cluster.address)
    assert found == documents
    assert other.total.counts == report.total.counts
    assert [row.counts for row in other.partitions] == [row.counts for row in report.partitions]


def test_threads_stage_the_same_articles(inputs: list[Path], tmp_path: Path) -> None:
    """Four threads that share one set of models, and one process."""
    found: list[list[list[Staged]]] = []
    for runner, workers in ((Runner.PROCESSES, 1), (Runner.THREADS, 4)):
        chosen = settings.load(runner=runner, workers=workers, home=tmp_path, staging=tmp_path / runner)
        options = replace(read_options(chosen), partition_articles=50)
        listed = [item for item in partitions(list(map(str, inputs)), options) if isinstance(item, Partition)]
        with runner_for(chosen, recipe_for(chosen)) as begun, ThreadPoolExecutor(8) as asking:
            done = list(asking.map(begun.prepare, listed, repeat(options)))
        area = chosen.staging_area()
        found.append([list(area.read(each.key)) for each in done])
    assert sum(map(len, found[0])) > 600
    assert found[0] == found[1]


def dask(newsdex: Newsdex, cluster: DaskCluster, *inputs: Path, **options: Any) -> Report:
    """Ingest on the cluster."""
    return newsdex.ingest(*inputs, runner=Runner.DASK, cluster=cluster.address, **options)


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
            dask(newsdex, cluster, source)
    assert newsdex.articles() == {}
    cluster.left(2)
    assert dask(newsdex, cluster, source).read == 5


def test_a_worker_without_newsdex_is_refused(newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path) -> None:
    """It cannot even be asked for its version, and is named all the same."""
    broken = tmp_path / "flows"
    broken.mkdir()
    (broken / "__init__.py").touch()
    with cluster.worker(PYTHONPATH=str(tmp_path)):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"cannot run this Newsdex \(ModuleNotFoundError.*install the same"):
            dask(newsdex, cluster, write_records(tmp_path / "a.jsonl", range(5)))
    cluster.left(2)


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs root and unshare")
def test_staging_that_a_worker_does_not_see_is_said_before_anything_is_read(
    newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path
) -> None:
    """A worker for which another disk lies over the folder of staging, or of the inputs, as on another machine."""
    source = write_records(tmp_path / "a.jsonl", range(5))
    newsdex.settings.home.joinpath("staging").mkdir()
    with cluster.worker(hidden=newsdex.settings.home / "staging"):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"does not see what this run writes to .*staging.*set NEWSDEX_STAGING"):
            dask(newsdex, cluster, source)
    cluster.left(2)
    assert newsdex.articles() == {}


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0, reason="needs root and unshare")
def test_an_input_that_a_worker_does_not_see_is_no_rejection(
    newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path
) -> None:
    """The run ends with a sentence instead of calling files unreadable that are there."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for number in range(12):
        write_records(folder / f"{number}.jsonl", range(number * 5, number * 5 + 5))
    with cluster.worker(hidden=folder):
        cluster.joined(3)
        with pytest.raises(ClusterError, match=r"does not see the input .*\.jsonl: put the inputs where"):
            dask(newsdex, cluster, folder)
    cluster.left(2)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path) -> None:
    """The others do its work."""
    for number in range(12):
        write_records(tmp_path / f"{number}.jsonl", range(number * 20, number * 20 + 20))
    with cluster.worker() as extra:
        cluster.joined(3)
        threading.Timer(2.0, extra.kill).start()
        assert dask(newsdex, cluster, tmp_path).total.counts["indexed"] == 240
    cluster.left(2)


def test_a_spooled_part_reaches_a_worker_that_lacks_the_spool(
    newsdex: Newsdex, cluster: DaskCluster, tmp_path: Path
) -> None:
    """Parts of a packed file go through the staging area, and nothing stays there but receipts."""
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(write_records(tmp_path / "a.jsonl", range(30)).read_bytes()))
    assert dask(newsdex, cluster, packed).read == 30
    left = [path.name for path in (newsdex.settings.home / "staging").rglob("*") if path.is_file()]
    assert [name.partition(".")[2] for name in left] == ["receipt.zst"]


def test_a_scheduler_that_is_not_there_is_named(newsdex: Newsdex, tmp_path: Path, monkeypatch: Any) -> None:
    """So is a setting that is missing, and a staging address that cannot be used; before anything runs."""
    monkeypatch.setattr("flows.dask_runner.CONNECT_S", 0.5)
    source = write_records(tmp_path / "a.jsonl", range(5))
    with pytest.raises(ClusterError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9 .*dask scheduler"):
        newsdex.ingest(source, runner=Runner.DASK, cluster="tcp://127.0.0.1:9")
    with pytest.raises(SettingsError, match=r"setting cluster: .* dask needs the address of its cluster .*CLUSTER"):
        settings.load(runner=Runner.DASK)
    with pytest.raises(SettingsError, match=r"setting staging: .*hdfs:// cannot be staged to.*s3://bucket/prefix"):
        settings.load(staging="hdfs://namenode/staging")
