"""A worker has so much time for one article: past it the article is rejected with a reason, and the worker goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from newsdex.flows.config.choices import RunnerKind
from newsdex.flows.config.settings import Settings
from newsdex.flows.prepare.article_limit import ArticleTimeout, article_limit
from newsdex.flows.prepare.recipe import read_options, recipe_for
from newsdex.flows.prepare.staging import Staged, staging_area
from newsdex.flows.runners.processes import Workers
from newsdex.flows.runners.select import make_runner
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition
from newsdex.transforms.article import Article, Rejection

LIMIT = 0.05

SENTENCE = "The council of Port Fell met on Monday and Mayor Anna Reed said that the harbour would open on 3 May 2019. "


def busy(seconds: float) -> None:
    """Compute for so long, in Python."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(100))


def expensive_pattern() -> None:
    """Compute for hours, within one call of C code."""
    re.match(r"(a*)*b", "a" * 60)


def in_a_thread(step: object) -> list[object]:
    """Run a step in a thread of its own; return what it returned or raised."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(step())  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001  # it is what is asked for
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return found


def limited(step: object) -> object:
    """Run a step under the limit."""
    with article_limit(LIMIT):
        return step()  # type: ignore[operator]


@pytest.mark.parametrize("step", [lambda: busy(30), expensive_pattern], ids=["Python", "a regular expression"])
def test_what_takes_too_long_is_interrupted(step: object) -> None:
    """In the main thread of a worker process, also in the middle of a regular expression."""
    with pytest.raises(ArticleTimeout):
        limited(step)


def test_what_takes_too_long_is_interrupted_in_a_thread() -> None:
    """Where no signal arrives: in the threads of the runner `threads`, and of a Dask worker."""
    (found,) = in_a_thread(lambda: limited(lambda: busy(30)))
    assert isinstance(found, ArticleTimeout)


def test_code_that_catches_every_exception_is_interrupted_all_the_same() -> None:
    """A library's `except Exception` does not take the interruption for an error of its own."""

    def stubborn() -> None:
        for _ in range(30):
            try:
                busy(1)
            except Exception:  # noqa: BLE001, S112  # as libraries do
                continue

    assert isinstance(in_a_thread(lambda: limited(stubborn))[0], ArticleTimeout)
    with pytest.raises(ArticleTimeout):
        limited(stubborn)


def test_nothing_is_interrupted_after_the_block() -> None:
    """Blocks that end about when their time is over leave nothing behind that arrives later."""

    def many() -> str:
        for _ in range(40):
            try:
                with article_limit(0.02):
                    busy(0.02)
            except ArticleTimeout:
                pass
            busy(0.02)
        return "whole"

    assert in_a_thread(many) == ["whole"]
    assert many() == "whole"


def records(path: Path, sentences: list[int]) -> Path:
    """Write a file of articles of so many sentences each."""
    lines = [
        json.dumps({"url": f"https://port.example/{number}", "title": f"Story {number}", "body": SENTENCE * count})
        for number, count in enumerate(sentences)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def only_partition(chosen: Settings, source: Path) -> Partition:
    """List a file that is one partition."""
    (found,) = partitions([str(source)], replace(read_options(chosen), partition_bytes=1 << 30))
    assert isinstance(found, Partition)
    return found


def staged(chosen: Settings, partition: Partition) -> list[Article | Rejection | None]:
    """Read what was prepared."""
    lines: list[Staged] = list(staging_area(chosen).read(partition.key))
    return [line.article or line.rejection for line in lines]


@pytest.mark.parametrize("kind", [RunnerKind.PROCESSES, RunnerKind.THREADS])
def test_an_article_that_takes_too_long_is_rejected_alone(kind: RunnerKind, tmp_path: Path) -> None:
    """Its neighbours, before and behind it in one batch, are prepared as ever."""
    chosen = Settings(home=tmp_path, workers=1, runner=kind, article_seconds=1.5)
    partition = only_partition(chosen, records(tmp_path / "a.jsonl", [5, 40_000, 5]))
    with make_runner(chosen, recipe_for(chosen)) as runner:
        assert runner.prepare(partition, read_options(chosen)).read == 3
    first, slow, last = staged(chosen, partition)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(slow, Rejection)
    assert slow.reason == "took-too-long"
    assert "NEWSDEX_ARTICLE_SECONDS" in slow.detail
    assert slow.raw


def test_an_article_that_workers_are_killed_over_is_rejected_alone(tmp_path: Path) -> None:
    """Killed twice while at one article, as for want of memory: it is named, and its neighbours are prepared."""
    chosen = Settings(home=tmp_path, workers=1)
    partition = only_partition(chosen, records(tmp_path / "a.jsonl", [5, 40_000, 5]))
    with Workers(1, recipe_for(chosen), staging_area(chosen).location) as workers:
        trail = Path(workers._folder.name) / partition.key
        killer = threading.Thread(target=kill_twice, args=(trail,), daemon=True)
        killer.start()
        assert workers.prepare(partition, read_options(chosen)).read == 3
        killer.join()
    first, slow, last = staged(chosen, partition)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(slow, Rejection)
    assert slow.reason == "worker-killed"


def kill_twice(trail: Path) -> None:
    """Kill the worker of the pool, and then the one that goes article by article when it is at the second."""
    for wait_for in (None, b"#line=2"):
        while wait_for is not None and not (trail.exists() and wait_for in trail.read_bytes()):
            time.sleep(0.01)
        for child in psutil.Process().children():
            if "spawn_main" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
