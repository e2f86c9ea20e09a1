"""Kills a command again and again, and Elasticsearch under it, and looks whether anything is lost or double.

    python -m benchmarks.kills [ingest] [rebuild] [--articles 5000] [--kills 20] [--node-kills 5] [--seed 1]

Real articles where they are at hand, else made ones, with copies, near copies and broken inputs among them, are
ingested once without being disturbed, into an index of their own. Then the command under test does its work while it is
killed (SIGKILL to its whole process group) at random points, and the embedded Elasticsearch at others; each time it is
started again as a person would: the same command. Afterwards both indices must hold the same articles, each once, with
the same contents, the ledger must balance and the quarantine must be the same. Prints the table of docs/reliability.md;
the exit code is 1 where anything differs. Everything happens in a temporary home, with a node of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import elastic_transport
import psutil
from elasticsearch import ApiError

from benchmarks.kills_input import write_input
from newsdex.flows.service import prefect_server
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.ledger.run_records import runs
from newsdex.search.node import node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

ROOT = Path(__file__).resolve().parent.parent

EARLY_SHARE = 0.4
"""So many of the kills fall in the seconds after a start, whatever is written then; the others while it writes."""

EARLY_S = (0.5, 15.0)
"""A start (imports, models, the listing of the inputs) takes some eight seconds."""

PACE = 0.8
"""The writes between two kills come to so much of all that is to be written: the last kill finds some left to do."""

POLL_S = 0.05
"""How often it is looked whether a point has come."""

LONGEST_S = 900.0
"""An attempt that takes longer hangs: that is a finding."""

OTHERWISE = frozenset({"run_id", "ingested_at"})
"""Fields that say when and by which run an article came in: no two ingests have them alike."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One thing to be killed at one point."""

    node: bool
    seconds: float | None
    """After the start of the command, or …"""
    writes: int
    """… after so many writes."""


@dataclass(slots=True)
class Found:
    """What was found in the end."""

    command: str
    kills: int = 0
    node_kills: int = 0
    ended_by_node: int = 0
    """How often the command ended because its Elasticsearch was killed, rather than going on by itself."""
    seconds: float = 0.0
    articles: int = 0
    expected: int = 0
    twice: int = 0
    lost: int = 0
    other: int = 0
    """Articles that are stored otherwise than in the undisturbed index."""
    ledger: str = ""
    quarantine: str = ""
    points: list[str] = field(default_factory=list)
    differing: Counter[str] = field(default_factory=Counter)
    """Fields that differ, with the number of articles."""

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, doubled or changed."""
        bad = self.twice or self.lost or self.other or self.articles != self.expected
        return not bad and self.ledger == "balances" and self.quarantine == "as it was"


class Rig:
    """A home with a node of its own, a Prefect server, and what is ingested."""

    def __init__(self, folder: Path, api: str, articles: int) -> None:
        """Write the input and start the node."""
        self.folder, self.articles = folder, articles
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.node_settings = node.NodeSettings(home=self.home, cache=node.default_cache())
        self.input = folder / "articles.jsonl"
        self.inputs = write_input(self.input, articles)
        self.environment = {
            **os.environ,
            "NEWSDEX_HOME": str(self.home),
            "NEWSDEX_WORKERS": "2",
            "PREFECT_API_URL": api,
            "PREFECT_LOGGING_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        self.environment.pop("NEWSDEX_ELASTICSEARCH_URL", None)
        self._asking: Elasticsearch | None = None

    def client(self) -> Elasticsearch:
        """Return a client of the node, which is started where it is not running."""
        running = node.start(self.node_settings)
        settings = ConnectionSettings(url=running.url, username=running.username, password=running.password)
        return connect(settings)

    def start(self, command: list[str], index: str) -> subprocess.Popen[bytes]:
        """Start a command of `newsdex`, in a process group of its own."""
        log = (self.folder / "commands.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "newsdex", *command],
                env={**self.environment, "NEWSDEX_INDEX": index},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self, command: list[str], index: str) -> int:
        """Run a command to its end; return its exit code."""
        return self.start(command, index).wait(LONGEST_S)

    def writes(self, index: str) -> int | None:
        """Return how many writes the node has done for an index since it was started; `None` where it cannot tell."""
        if self._asking is None:
            running = node.status(self.node_settings)
            if running is None or running.health is None:
                return None
            settings = ConnectionSettings(url=running.url, username=running.username, password=running.password)
            self._asking = connect(settings).options(max_retries=0, request_timeout=5)
        try:
            told = self._asking.indices.stats(index=f"{index}*", metric="indexing", filter_path="_all.total.indexing")
            return int(told["_all"]["total"]["indexing"]["index_total"])
        except (ApiError, elastic_transport.TransportError, KeyError):
            self._asking = None  # the node is away, and may come back at another port
            return None

    def kill_node(self) -> bool:
        """SIGKILL Elasticsearch, with whatever it started; return whether it ran."""
        running = node.status(self.node_settings)
        if running is None:
            return False
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(running.pid)
            for each in (*process.children(recursive=True), process):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            process.wait(20)
        return True


def plan(kills: int, node_kills: int, writes: int, draw: random.Random) -> list[Kill]:
    """Return when to kill what, in an order that the seed decides."""
    share = PACE * writes / max(1, kills * (1 - EARLY_SHARE) + node_kills)
    wanted = [True] * node_kills + [False] * kills
    draw.shuffle(wanted)
    made = []
    for is_node in wanted:
        early = not is_node and draw.random() < EARLY_SHARE
        made.append(
            Kill(
                is_node, draw.uniform(*EARLY_S) if early else None, 0 if early else int(share * draw.uniform(0.2, 1.8))
            )
        )
    return made


class Attempts:
    """A command that is started until it has ended well, and killed on the way."""

    def __init__(self, rig: Rig, command: list[str], index: str, found: Found) -> None:
        """Start it for the first time."""
        self._rig, self._command, self._index, self._found = rig, command, index, found
        self._begin()

    def _begin(self) -> None:
        self._written: int | None = self._rig.writes(self._index)
        self._process = self._rig.start(self._command, self._index)
        self._since = time.monotonic()
        self._node_killed = False

    @property
    def seconds(self) -> float:
        """Since the last start, or since Elasticsearch was killed under it."""
        return time.monotonic() - self._since

    @property
    def writes(self) -> int:
        """Likewise."""
        now = self._rig.writes(self._index)
        if now is None:
            return 0
        # A node that was started again counts from 0.
        self._written = now if self._written is None else min(self._written, now)
        return now - self._written

    def ended(self, *, wait: bool) -> bool:
        """Return whether it has ended well, or is waited for until it has; where it failed, it is started again."""
        try:
            code = self._process.wait(LONGEST_S if wait else POLL_S)
        except subprocess.TimeoutExpired:
            if self.seconds < LONGEST_S:
                return False
            os.killpg(self._process.pid, signal.SIGKILL)
            raise SystemExit(f"`newsdex {self._command[0]}` hangs: nothing ended within {LONGEST_S:.0f} s.") from None
        if code in {0, 3}:
            return True
        told = (self._rig.folder / "commands.log").read_text(errors="replace")[-1_500:]
        if not self._node_killed:
            raise SystemExit(f"`newsdex {self._command[0]}` failed by itself with exit code {code}: {told}")
        print(f"    ended with exit code {code} as Elasticsearch was killed: {told}", file=sys.stderr)
        self._found.ended_by_node += 1
        self._begin()
        return self.ended(wait=wait)

    def kill(self, due: Kill) -> None:
        """Kill it, and start it again; or kill Elasticsearch, which is its business to start again."""
        what = "Elasticsearch" if due.node else self._command[0]
        point = f"{what} after {self.seconds:.1f} s, {self.writes:,} writes"
        self._found.points.append(point)
        print(f"    killed: {point}", file=sys.stderr, flush=True)
        if due.node:
            self._found.node_kills += self._rig.kill_node()
            self._node_killed, self._written, self._since = True, 0, time.monotonic()
        else:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._found.kills += 1
            self._begin()

    def again(self) -> None:
        """Start it once more, after it ended well."""
        self._begin()


def disturb(rig: Rig, command: list[str], index: str, kills: list[Kill], found: Found) -> None:
    """Run a command to its end, killing as planned and starting it again."""
    running = Attempts(rig, command, index, found)
    draw = random.Random(len(kills))
    waiting = list(kills)
    while waiting:
        due = waiting[0]
        if running.ended(wait=False):
            # It was done before the next point came: what is left of the plan is done in the starts that follow.
            running.again()
            waiting = [Kill(each.node, draw.uniform(*EARLY_S), 0) for each in waiting]
        elif running.seconds >= due.seconds if due.seconds is not None else running.writes >= due.writes:
            running.kill(waiting.pop(0))
    while not running.ended(wait=True):
        pass


def stored(client: Elasticsearch, index: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every document behind an alias with its `_id`."""
    client.indices.refresh(index=index)
    after = None
    view = client.open_point_in_time(index=index, keep_alive="2m")["id"]
    while True:
        answer = client.search(
            pit={"id": view, "keep_alive": "2m"}, size=1_000, sort=["_shard_doc"], search_after=after
        )
        hits = answer["hits"]["hits"]
        yield from ((hit["_id"], hit["_source"]) for hit in hits)
        if len(hits) < 1_000:
            client.close_point_in_time(id=view)
            return
        after = hits[-1]["sort"]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that an index holds."""

    articles: dict[str, dict[str, Any]]
    copies: dict[str, dict[str, Any]]
    quarantine: dict[str, tuple[Any, ...]]

    @classmethod
    def of(cls, client: Elasticsearch, names: IndexNames) -> Contents:
        """Read all of it."""
        kept = ("result", "stage", "reason", "detail", "raw")
        return cls(
            articles={name: _told(document) for name, document in stored(client, names.articles)},
            copies={name: _told(document) for name, document in stored(client, names.copies)},
            quarantine={
                document["input_uri"]: tuple(document.get(each) for each in kept)
                for _, document in stored(client, names.rejected)
            },
        )

    def uris(self) -> Counter[str]:
        """Return the inputs with the number of documents that came from them."""
        return Counter(document["input_uri"] for document in (*self.articles.values(), *self.copies.values()))


def compare(found: Found, now: Contents, undisturbed: Contents) -> None:
    """Write down in what one index is otherwise than the undisturbed one."""
    found.articles = len(now.articles) + len(now.copies)
    found.expected = len(undisturbed.articles) + len(undisturbed.copies)
    found.twice = len(now.articles.keys() & now.copies.keys()) + sum(count > 1 for count in now.uris().values())
    for mine, theirs in ((now.articles, undisturbed.articles), (now.copies, undisturbed.copies)):
        found.lost += len(theirs.keys() - mine.keys())
        for name in mine.keys() | theirs.keys():
            differing = _differing(mine.get(name, {}), theirs.get(name, {}))
            found.other += bool(differing)
            found.differing.update(differing)
    same = now.quarantine == undisturbed.quarantine
    found.quarantine = "as it was" if same else f"{len(now.quarantine)}, not {len(undisturbed.quarantine)}"


def try_command(rig: Rig, name: str, kills: int, node_kills: int, undisturbed: Contents, seed: int) -> Found:
    """Disturb one command, and look."""
    found, index = Found(name), f"killed-{name}"
    ingest = ["ingest", str(rig.input), "--json"]
    command = ingest
    if name != "ingest":
        # The command under test works on an index that is there already, whole.
        command = [name, "--json"]
        if rig.finish(ingest, index) not in {0, 3}:
            raise SystemExit(f"The ingest before `{name}` failed: see {rig.folder / 'commands.log'}")
    begin = time.monotonic()
    disturb(rig, command, index, plan(kills, node_kills, rig.articles, random.Random(seed)), found)
    found.seconds = time.monotonic() - begin
    with rig.client() as client:
        names = IndexNames(index)
        compare(found, Contents.of(client, names), undisturbed)
        (last,) = runs(client, names, size=1).records
    outcomes = sum(count for result, count in last.counts.items() if result != "read")
    balances = last.status == "done" and last.counts["read"] == outcomes == rig.inputs
    found.ledger = "balances" if balances else f"{last.status}: {last.counts}"
    return found


def main() -> int:
    """Do the commands and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commands", nargs="*", default=["ingest"], help="ingest, rebuild")
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=20, help="of the command's process group")
    parser.add_argument("--node-kills", type=int, default=5, help="of Elasticsearch")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    all_found = []
    with tempfile.TemporaryDirectory(prefix="newsdex-kills-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # Elasticsearch may work as another user
        prefect_server.configure(folder, quiet=True)
        with prefect_server.server(folder) as api:
            rig = Rig(folder, api, asked.articles)
            try:
                print(f"    {rig.inputs:,} inputs, undisturbed first", file=sys.stderr, flush=True)
                undisturbed = _undisturbed(rig)
                for command in asked.commands:
                    found = try_command(rig, command, asked.kills, asked.node_kills, undisturbed, asked.seed)
                    all_found.append(found)
            finally:
                node.stop(rig.node_settings)
    _print(all_found)
    return 0 if all(found.sound for found in all_found) else 1


def _undisturbed(rig: Rig) -> Contents:
    names = IndexNames("undisturbed")
    with rig.client() as client:
        ensure(client, names, IndexSettings())
    if rig.finish(["ingest", str(rig.input), "--json"], names.prefix) not in {0, 3}:
        raise SystemExit(f"The undisturbed ingest failed: {(rig.folder / 'commands.log').read_text()[-2000:]}")
    with rig.client() as client:
        return Contents.of(client, names)


def _print(all_found: list[Found]) -> None:
    print(
        "| command | killed | Elasticsearch killed | went on by itself | articles and copies | lost | twice |", end=""
    )
    print(" otherwise than undisturbed | ledger | quarantine | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for found in all_found:
        went_on = f"{found.node_kills - found.ended_by_node} of {found.node_kills}"
        end = f"{found.articles:,} of {found.expected:,}"
        cells = (f"`{found.command}`", found.kills, found.node_kills, went_on, end, found.lost, found.twice)
        more = (found.other, found.ledger, found.quarantine, f"{found.seconds:.0f}")
        print(f"| {' | '.join(map(str, (*cells, *more)))} |")
        if found.differing:
            print(f"    fields that differ: {json.dumps(found.differing)}", file=sys.stderr)


def _told(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in OTHERWISE}


def _differing(mine: dict[str, Any], theirs: dict[str, Any]) -> set[str]:
    return {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}


if __name__ == "__main__":
    raise SystemExit(main())
