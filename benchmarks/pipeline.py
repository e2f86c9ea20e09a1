"""Speed and memory of the whole pipeline, Elasticsearch included: `python -m benchmarks.pipeline [--limit N …]`.

Runs `newsdex ingest` over the 20,000 real articles, each time into an empty index, and prints articles a second, the
processor time by stage, and the resident memory of our own processes together (Elasticsearch's apart). With `--plain`
the same steps run once more without Prefect, which gives Prefect's share of the run: of its time, which on a machine
with other work is as wide as two runs differ anyway, and of its processor time (Prefect's temporary server, and what
the main process takes more than without Prefect), which is not. Without real articles, name a file of your own with
`--input`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from benchmarks.gold import gold

SAMPLE_S = 0.25
"""Memory is read four times a second: reading it oftener slows the run, a peak lasts longer."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, nargs="*", default=[5_000, 20_000], help="sizes to run, in articles")
    parser.add_argument("--input", type=Path, help="articles to run over, instead of the 20,000 real ones")
    parser.add_argument("--plain", action="store_true", help="run the last size once more without Prefect")
    given = parser.parse_args()
    source = given.input or gold("corpus/articles-20k.jsonl.gz")
    print(f"{'articles':>9} {'wall s':>8} {'per s':>7} {'our MB':>7} {'ES MB':>7}  processor seconds by stage")
    for limit in given.limit:
        report, peak = through_prefect(source, limit)
        _row(report["total"]["counts"]["read"], report["seconds"], peak, report["stage_seconds"])
    if given.plain:
        seconds, read, main_cpu, share = without_prefect(source, given.limit[-1])
        ours = peak.processor() - peak.processor("java")
        server, main = peak.processor("prefect"), peak.processor("main") - main_cpu
        print(
            f"without Prefect: {read:,} articles in {seconds:.1f} s; Prefect's share of the run: "
            f"{1 - seconds / report['seconds']:.1%} of its time, {(server + main) / ours:.1%} of its "
            f"processor time without Elasticsearch's (server with its start {server:.1f} s, main process {main:.1f} s, "
            f"of {ours:.0f} s)"
        )
        print(share)
    return 0


def _row(read: int, seconds: float, peak: _Peak, stages: dict[str, float]) -> None:
    told = ", ".join(f"{stage} {spent:.1f}" for stage, spent in stages.items())
    print(f"{read:>9,} {seconds:>8.1f} {read / seconds:>7.1f} {peak.ours:>7.0f} {peak.java:>7.0f}  {told}", flush=True)
    kinds = {"Elasticsearch": "java", "workers": "worker", "main process": "main", "Prefect's server": "prefect"}
    told = ", ".join(f"{name} {peak.processor(kind):.0f}" for name, kind in kinds.items())
    print(f"{'':>9} processor seconds by process, their starts included: {told}", flush=True)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "NEWSDEX_HOME": str(home)}


def through_prefect(source: Path, limit: int) -> tuple[dict[str, Any], _Peak]:
    """Return the report of `newsdex ingest`, and what its processes took."""
    with _home() as home:
        command = [sys.executable, "-m", "newsdex", "ingest", str(source), "--limit", str(limit), "--json"]
        process = subprocess.Popen(command, env=_environment(home), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        peak = _Peak(process.pid, home)
        output, _ = process.communicate()
        peak.stop()
        return json.loads(output), peak


def without_prefect(source: Path, limit: int) -> tuple[float, int, float, str]:
    """Seconds, articles, processor seconds of this process and de-duplication's share, of the same steps by hand."""
    begin_cpu = time.process_time()  # before the imports, which `newsdex ingest` pays for as well
    from benchmarks.dedupe_share import measured  # noqa: PLC0415
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415
    from newsdex.flows.common.progress import Silent  # noqa: PLC0415
    from newsdex.flows.config import settings  # noqa: PLC0415  # reads the environment
    from newsdex.flows.prepare.recipe import read_options  # noqa: PLC0415
    from newsdex.flows.runners.select import make_runner  # noqa: PLC0415
    from newsdex.flows.runs.run import Run  # noqa: PLC0415
    from newsdex.transforms.article import Rejection  # noqa: PLC0415

    with _home() as home:
        chosen = settings.load(home=home)
        client = open_client(chosen, Silent())  # the flow, too, finds its node running
        begin = time.monotonic()
        run = Run(chosen, Silent(), force=False, options=read_options(chosen, limit=limit))
        with (
            client,
            measured(client) as share,
            run.recording([str(source)]),
            make_runner(chosen, run.recipe) as pool,
            ThreadPoolExecutor(8) as threads,
        ):
            run.workers = pool
            waiting: deque[object] = deque()
            for partition in run.partitions([str(source)]):
                if isinstance(partition, Rejection):
                    run.reject(partition)
                    continue
                waiting.append((partition, threads.submit(run.prepare, partition)))
                if len(waiting) > 2 * chosen.workers:
                    done, future = waiting.popleft()
                    run.index(done, future.result())
            for done, future in waiting:
                run.index(done, future.result())
            run.reconcile()
            report = run.report()
        seconds = time.monotonic() - begin
    return seconds, report.read, time.process_time() - begin_cpu, share.sentence(report.stage_seconds)


_SERVER = "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch"
"""The main module of a node; other Javas only check its options."""


class _Peak:
    """Watches a process, its children and its home's node: resident memory in MB at its peak, and processor seconds."""

    def __init__(self, pid: int, home: Path) -> None:
        self.ours = self.java = 0.0
        self._home = str(home)
        self._node: psutil.Process | None = None
        self._seconds: dict[int, tuple[str, float]] = {}
        self._process, self._over = psutil.Process(pid), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()

    def processor(self, kind: str = "") -> float:
        """Processor seconds of the processes of one kind: `main`, `prefect`, `java`, `worker`; without one, of all."""
        return sum(seconds for each, seconds in self._seconds.values() if kind in {"", each})

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            try:
                family = [self._process, *self._process.children(recursive=True), *self._nodes()]
            except psutil.NoSuchProcess:
                return
            ours = java = 0.0
            for each in {process.pid: process for process in family}.values():
                try:
                    kind = self._kind(each)
                    held = each.memory_info()
                    # The index files that the node maps are the system's cache, not the node's memory.
                    megabytes = (held.rss - (getattr(held, "shared", 0) if kind == "java" else 0)) / 2**20
                    spent = each.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                self._seconds[each.pid] = kind, spent.user + spent.system
                if kind == "java":
                    java += megabytes
                else:
                    ours += megabytes
            self.ours, self.java = max(self.ours, ours), max(self.java, java)

    def _nodes(self) -> list[psutil.Process]:
        """Return the node, which is nobody's child once it has started."""
        if self._node is None:
            for each in psutil.process_iter(["name", "cmdline"]):
                command = each.info["cmdline"] or []
                if each.info["name"] == "java" and any(self._home in word for word in command) and _SERVER in command:
                    self._node = each
        return [] if self._node is None else [self._node]

    def _kind(self, process: psutil.Process) -> str:
        if process.pid == self._process.pid:
            return "main"
        if process.pid in self._seconds:
            return self._seconds[process.pid][0]
        if process.name() == "java":
            return "java"
        return "prefect" if "newsdex.flows.service.prefect_app:create_app" in process.cmdline() else "worker"


class _home:  # noqa: N801  # reads as a function
    """An empty home of its own, whose node is stopped in the end."""

    def __enter__(self) -> Path:
        self._folder = Path(tempfile.mkdtemp(prefix="newsdex-bench-"))
        self._folder.chmod(0o755)
        return self._folder

    def __exit__(self, *_error: object) -> None:
        subprocess.run(
            [sys.executable, "-m", "newsdex", "node", "stop"],
            env=_environment(self._folder),
            check=False,
            capture_output=True,
        )
        shutil.rmtree(self._folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
