"""What a crash leaves behind: kills what runs, for real, and looks afterwards. `python -m benchmarks.crashes`.

Prints the table of docs/reliability.md. Everything happens in a temporary home with an Elasticsearch of its own; a case
is: begin to index 1,500 articles, break something in the middle, wait for what Newsdex and Prefect make of it,
retry the run where a person would, and count. Takes about a quarter of an hour, most of it waiting.

    python -m benchmarks.crashes [CASE…] [--away SECONDS]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "flows")]

from support.node import ElasticsearchNode  # noqa: E402  # after the path is set
from support.served import Served, environment_for, free_port, until  # noqa: E402

from benchmarks.made_articles import made_article  # noqa: E402
from newsdex.flows.service.supervisor import read_state  # noqa: E402
from newsdex.search.client import ConnectionSettings, connect  # noqa: E402
from newsdex.search.indices.manage import IndexNames  # noqa: E402
from newsdex.search.node.node import NodeSettings, default_cache, start, status, stop  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticsearch import Elasticsearch

ARTICLES, PARTITION = 1_500, 500
"""Three partitions of some seconds each: a kill falls between partitions and within one."""


@dataclass(frozen=True)
class Found:
    """What was found after a case."""

    case: str
    done_before: int
    """Articles in the index when it was broken."""
    state: str
    """What the run was shown as, and after how many seconds."""
    retried: str
    in_index: int
    twice: int
    balanced: bool


class Rig:
    """A served Newsdex, its node, and the ways to break them."""

    def __init__(self, folder: Path) -> None:
        """Start both."""
        self.folder = folder
        self.node_settings = NodeSettings(home=folder / "node", cache=default_cache(), port=free_port())
        self.names = IndexNames("crash")
        self._start_node()
        (folder / "work" / "papers").mkdir(parents=True)
        self.service = Served(folder / "work", environment_for(self.node, folder / "home", self.names.articles))

    def _start_node(self) -> None:
        running = start(self.node_settings)
        self.node = ElasticsearchNode(url=running.url, username=running.username, password=running.password)

    def client(self) -> Elasticsearch:
        """Return a client of the node."""
        user, password = self.node.basic_auth or (None, None)
        return connect(ConnectionSettings(url=self.node.url, username=user, password=password))

    def prepare(self, case: str) -> None:
        """Write new articles into a new index."""
        index = f"crash-{case}"
        self.names = IndexNames(index)
        papers = self.folder / "work" / "papers" / case
        papers.mkdir()
        lines = [json.dumps(made_article(case, each)) for each in range(ARTICLES)]
        (papers / "all.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        toml = f'[[source]]\nname = "papers"\nlocation = "papers/{case}/*.jsonl"\n'
        (self.folder / "work" / "newsdex.toml").write_text(toml, encoding="utf-8")
        self.service.environment["NEWSDEX_INDEX"] = index
        self.service.newsdex("serve", "--stop")
        self.service.serve()

    def count(self) -> int:
        """Articles in the index, copies included."""
        with self.client() as client:
            both = [self.names.articles, self.names.copies]
            client.indices.refresh(index=both, ignore_unavailable=True)
            return int(client.count(index=both, ignore_unavailable=True)["count"])

    def doubles(self) -> int:
        """Input URIs that are in the index more than once."""
        with self.client() as client:
            group = {"uri": {"terms": {"field": "input_uri", "size": 10_000, "min_doc_count": 2}}}
            found = client.search(index=[self.names.articles, self.names.copies], size=0, aggs=group)
            return len(found["aggregations"]["uri"]["buckets"])

    def balanced(self) -> bool:
        """Return whether the last run's ledger accounts for every article."""
        with self.client() as client:
            client.indices.refresh(index=self.names.runs)
            found = client.search(
                index=self.names.runs,
                query={"bool": {"filter": [{"term": {"kind": "run"}}, {"term": {"status": "done"}}]}},
                sort=[{"started_at": "desc"}],
                size=1,
            )["hits"]["hits"]
        counts = found[0]["_source"]["counts"] if found else {}
        return bool(counts) and counts["read"] == ARTICLES == sum(counts.values()) - counts["read"]

    def processes(self, *names: str) -> list[psutil.Process]:
        """Return the processes of the service by name; `run` is the flow run's own, with its workers."""
        state = read_state(self.folder / "home")
        if state is None:
            return []
        found = [state.processes[name].process() for name in names if name in state.processes]
        if "supervisor" in names:
            found.insert(0, state.supervisor.process())
        if "run" in names:
            worker = state.processes["worker"].process()
            found += worker.children(recursive=True) if worker else []
        return [process for process in found if process is not None]

    def processes_of_node(self) -> list[psutil.Process]:
        """Return the process of Elasticsearch, with its children."""
        running = status(self.node_settings)
        if running is None:
            return []
        process = psutil.Process(running.pid)
        return [process, *process.children(recursive=True)]

    def kill(self, *names: str) -> None:
        """SIGKILL processes of the service, all at once."""
        for process in self.processes(*names):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def close(self) -> None:
        """End everything that was started."""
        self.service.newsdex("serve", "--stop")
        stop(self.node_settings)


def run_killed(rig: Rig) -> None:
    """Kill the process of the run, as for want of memory; its worker lives."""
    rig.kill("run")


def worker_process_killed(rig: Rig) -> None:
    """One of the processes that clean and enrich is killed."""
    spawned = [each for each in rig.processes("run") if "spawn_main" in " ".join(each.cmdline())]
    spawned[-1].kill()


def worker_killed(rig: Rig) -> None:
    """Prefect's worker and the run below it are killed together."""
    rig.kill("worker", "run")


def worker_asked_to_stop(rig: Rig) -> None:
    """End the worker in the ordinary way (SIGTERM) in the middle of a run."""
    rig.processes("worker")[0].terminate()


def server_killed(rig: Rig) -> None:
    """Kill the Prefect server; the supervisor starts it again."""
    rig.kill("server")


def machine_reset(rig: Rig) -> None:
    """Kill everything at once, Elasticsearch included; then start both by hand, as after a reboot."""
    node = rig.processes_of_node()
    rig.kill("supervisor", "worker", "server", "run")
    for process in node:
        process.kill()
    time.sleep(2)
    rig._start_node()  # noqa: SLF001  # the machine is up again
    rig.service.serve()


def elasticsearch_away(rig: Rig) -> None:
    """Elasticsearch is stopped, and started again after a while."""
    stop(rig.node_settings)
    time.sleep(AWAY_S)
    rig._start_node()  # noqa: SLF001  # it is back


CASES: dict[str, Callable[[Rig], None]] = {
    "run-killed": run_killed,
    "cleaning-process-killed": worker_process_killed,
    "worker-killed": worker_killed,
    "worker-stopped": worker_asked_to_stop,
    "server-killed": server_killed,
    "machine-reset": machine_reset,
    "elasticsearch-away": elasticsearch_away,
}

AWAY_S = 600.0


def try_case(rig: Rig, case: str) -> Found:
    """Do one case."""
    rig.prepare(case)
    run = rig.service.start("ingest-source/papers", source="papers")
    if not isinstance(run, str):
        sys.exit(f"The server refused to start a run (HTTP {run.status_code}): {run.text}")
    rig.service.wait(run, "RUNNING")
    until(lambda: rig.count() >= PARTITION // 2, "the first partition")
    before = rig.count()
    begin = time.monotonic()
    CASES[case](rig)
    ended = rig.service.wait(run, "COMPLETED", "CRASHED", "FAILED", seconds=AWAY_S + 600)
    state = f"{ended['state_name']} after {time.monotonic() - begin:.0f} s"
    retried = "not needed"
    if ended["state_type"] != "COMPLETED":
        rig.service.retry(run)
        rig.service.wait(run, "RUNNING", "COMPLETED", "FAILED")
        again = rig.service.wait(run, "COMPLETED", "CRASHED", "FAILED")
        retried = again["state_name"]
    return Found(case, before, state, retried, rig.count(), rig.doubles(), rig.balanced())


def main() -> None:
    """Run the cases and print the table."""
    global AWAY_S  # noqa: PLW0603  # an option of the command
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], default=[])
    parser.add_argument("--away", type=float, default=AWAY_S, help="seconds that Elasticsearch is away")
    asked = parser.parse_args()
    AWAY_S = asked.away
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print("| what was done | in the index by then | the run was shown as | retried | in the end | twice | ledger |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="newsdex-crashes-") as folder:
        Path(folder).chmod(0o755)  # Elasticsearch may work as another user
        rig = Rig(Path(folder))
        try:
            for case in asked.cases or CASES:
                found = try_case(rig, case)
                told = (CASES[case].__doc__ or "").rstrip(".")
                ledger = "balances" if found.balanced else "DOES NOT BALANCE"
                end = f"{found.in_index:,} of {ARTICLES:,}"
                row = (told, f"{found.done_before:,}", found.state, found.retried, end, found.twice)
                print(f"| {' | '.join(map(str, row))} | {ledger} |", flush=True)
        finally:
            rig.close()


if __name__ == "__main__":
    main()
