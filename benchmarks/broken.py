"""Broken inputs: every file of the hostile sets ends in time and with an outcome that says what it is about.

    NEWSDEX_GOLD=… python -m benchmarks.broken

Each file is read and cleaned in a process of its own, which is given `MOST_SECONDS` and `MOST_MB`. A file counts when
each of its inputs is an article or has a reason and a sentence of its own; `unreadable-content` and `internal-error`
are what Newsdex says when a parser or a step gave up in a way that nobody foresaw, and do not count.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.gates import hold
from benchmarks.gold import gold
from newsdex.flows.prepare.prepare import prepared
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read
from newsdex.transforms.article import Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


SETS = ("feeds/feedparser/encoding", "feeds/feedparser/illformed", "warc")
MOST_SECONDS = 30.0
"""For one file; the largest of them is read in under two."""
MOST_MB = 4096
"""Address space above what the process begins with."""
UNFORESEEN = frozenset({"unreadable-content", "internal-error"})


def outcomes(file: Path) -> list[tuple[str, str]]:
    """Return reason and sentence of each input of a file; `ok` for an article."""
    with tempfile.TemporaryDirectory() as folder:
        options = ReadOptions(spool_folder=folder)
        chain = Chain(ChainOptions(), {}, latest=datetime.now(UTC))
        found: list[tuple[str, str]] = []
        for item in partitions([str(file)], options):
            done = prepared(read(item, options), chain) if isinstance(item, Partition) else [item]
            found += [(one.reason, one.detail) if isinstance(one, Rejection) else ("ok", "") for one in done]
    return found


def _child(file: Path, pipe: Connection) -> None:
    begin = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (begin + MOST_MB * 2**20,) * 2)
    pipe.send(outcomes(file))


def judged(file: Path) -> tuple[str, Counter[str], float]:
    """Return whether a file ended well ("" if so), its reasons, and the seconds that it took."""
    ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(file, theirs))
    started = time.monotonic()
    process.start()
    theirs.close()
    try:
        found = ours.recv() if ours.poll(MOST_SECONDS) else None
    except EOFError:
        return "it crashed", Counter(), time.monotonic() - started
    finally:
        process.kill()
        process.join()
    seconds = time.monotonic() - started
    if found is None:
        return f"it was not done after {MOST_SECONDS:g} s", Counter(), seconds
    reasons = Counter(reason for reason, _ in found)
    vague = [reason for reason, told in found if reason in UNFORESEEN or (reason != "ok" and not told.endswith("."))]
    return ("no outcome" if not found else f"vague: {vague[0]}" if vague else ""), reasons, seconds


def measure() -> dict[str, dict[str, object]]:
    """Return for each set how many files ended well, what was wrong with the others, and all reasons."""
    figures: dict[str, dict[str, object]] = {}
    for name in SETS:
        files = sorted(path for path in gold(name).rglob("*") if path.is_file() and path.name != "LICENSE")
        faults, reasons, slowest = [], Counter[str](), 0.0
        for file in files:
            fault, told, seconds = judged(file)
            reasons += told
            slowest = max(slowest, seconds)
            faults += [f"{name}/{file.name}: {fault}"] if fault else []
        figures[name] = {"files": len(files), "faults": faults, "slowest": slowest, "reasons": dict(reasons)}
    return figures


def check(floors: dict[str, float], figures: dict[str, dict[str, object]] | None = None) -> list[str]:
    """Print the figures; return one sentence for each file that did not end well."""
    figures = figures or measure()
    faults: list[str] = []
    for name, row in figures.items():
        wrong = row["faults"]
        assert isinstance(wrong, list)
        print(f"{name}: {row['files']} files, {len(wrong)} without a clear outcome, slowest {row['slowest']:.1f} s")
        print(f"    {row['reasons']}")
        faults += [f"broken: {fault}" for fault in wrong[int(floors["without_outcome"]) :]]
    return faults


def main() -> int:
    return hold("broken", check)


if __name__ == "__main__":
    sys.exit(main())
