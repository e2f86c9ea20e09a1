"""What an article costs in bytes and processor time: `python -m benchmarks.unit_costs [--articles 3000]`.

Ingests so many real articles with a home and an Elasticsearch of its own and prints one line a figure, as they are
entered in `scale.toml`. Processor time counts, not the clock: the figures hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.gold import gold

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.flows.config.settings import Settings
    from newsdex.flows.runs.report import Report


STORE_STATS_S = 21.0
"""Elasticsearch looks at the size of its files every ten seconds at most."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=3_000, help="how many to ingest")
    parser.add_argument("--input", type=Path, help="articles to ingest, instead of the 20,000 real ones")
    given = parser.parse_args()
    source = given.input or gold("corpus/articles-20k.jsonl.gz")
    with tempfile.TemporaryDirectory(prefix="newsdex-costs-") as home:
        os.environ["NEWSDEX_HOME"] = home
        os.environ.pop("NEWSDEX_ELASTICSEARCH_URL", None)
        for name, value in measured(source, given.articles).items():
            print(f"{name:32} {value:,.2f}", flush=True)
    return 0


def measured(source: Path, articles: int) -> dict[str, float]:
    """Return every figure, by its name."""
    from newsdex.flows.config import settings  # noqa: PLC0415  # the environment is set by now
    from newsdex.search.node import node  # noqa: PLC0415

    chosen = settings.load()
    try:
        # In this order: staging loads the models into this process, whose memory the run tells.
        return {**ingested(chosen, source, articles), **staged(chosen, source)}
    finally:
        node.stop(chosen.node())


def staged(chosen: Settings, source: Path) -> dict[str, float]:
    """Return the size of a staged article, from the first partition."""
    from newsdex.flows.prepare.prepare import prepare  # noqa: PLC0415
    from newsdex.flows.prepare.recipe import read_options, recipe_for  # noqa: PLC0415
    from newsdex.readers.listing import partitions  # noqa: PLC0415
    from newsdex.readers.partition import Partition  # noqa: PLC0415

    options = read_options(chosen)
    first = next(item for item in partitions([str(source)], options) if isinstance(item, Partition))
    with tempfile.TemporaryDirectory() as folder:
        done = prepare(first, options, recipe_for(chosen), folder)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return {"staged_bytes": size / done.read}


def ingested(chosen: Settings, source: Path, articles: int) -> dict[str, float]:
    """Return what a run of the ordinary flow takes in the index, on disk and of the processors."""
    from newsdex.commands.run_local import run_ingest  # noqa: PLC0415
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415
    from newsdex.flows.common.progress import Silent  # noqa: PLC0415
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415
    from newsdex.search.node import node  # noqa: PLC0415

    running = node.start(chosen.node(), Silent().step)
    java = psutil.Process(running.pid)
    before = _processor(java)
    report: Report = run_ingest(chosen, Silent(), [str(source)], limit=articles)
    cpu = _processor(java) - before
    names = IndexNames(chosen.index)
    with open_client(chosen, Silent()) as client:
        before_merge = _sizes(client, chosen.index)
        client.options(request_timeout=300).indices.forcemerge(index=f"{chosen.index}*", max_num_segments=1)
        after_merge = _sizes(client, chosen.index)
        stats: Any = client.nodes.stats(metric="jvm")
    read = report.read
    beside = (names.copies, names.rejected, names.runs)
    receipts = sum(path.stat().st_size for path in Path(chosen.staging).rglob("*.receipt.zst"))
    stages = report.stage_seconds
    (jvm,) = (each["jvm"]["mem"] for each in stats["nodes"].values())
    return {
        "articles_read": read,
        "articles_indexed": report.total.counts["indexed"],
        "index_bytes": _of(before_merge, chosen.index, beside) / read,
        "index_bytes_merged": _of(after_merge, chosen.index, beside) / read,
        "index_bytes_beside": sum(size for name, size in after_merge.items() if name.startswith(beside)) / read,
        "receipt_bytes": receipts / read,
        "prepare_ms": 1000 * sum(spent for stage, spent in stages.items() if stage != "index") / read,
        "write_ms": 1000 * stages["index"] / read,
        "elasticsearch_ms": 1000 * cpu / read,
        "elasticsearch_heap_mb": jvm["heap_used_in_bytes"] / 2**20,
        "elasticsearch_resident_mb": java.memory_info().rss / 2**20,
        "worker_mb": report.memory_mb["worker"],
        "main_mb": report.memory_mb["main"],
    }


def _sizes(client: Elasticsearch, index: str) -> dict[str, int]:
    """Return the bytes of each index on disk, once Elasticsearch has looked again."""
    client.indices.flush(index=f"{index}*", force=True, wait_if_ongoing=True)
    time.sleep(STORE_STATS_S)
    found: Any = client.cat.indices(index=f"{index}*", format="json", bytes="b", h="index,pri.store.size")
    return {row["index"]: int(row["pri.store.size"]) for row in found}


def _of(sizes: dict[str, int], index: str, beside: tuple[str, ...]) -> int:
    """Return the bytes of the articles themselves."""
    return sum(size for name, size in sizes.items() if name.startswith(index) and not name.startswith(beside))


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    raise SystemExit(main())
