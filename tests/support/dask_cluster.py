"""A real Dask cluster on loopback: a scheduler and worker processes, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from distributed import Client

ROOT = Path(__file__).resolve().parents[2]


class DaskCluster:
    """A scheduler, and the workers that it is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start the scheduler."""
        told = self._folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        with Client(scheduler_file=str(told), timeout=30, set_as_default=False) as client:
            self.address = str(client.scheduler.address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    def begin(self, hidden: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, with further variables; for it, a folder may be empty and of its own."""
        before: tuple[str, ...] = ()
        if hidden is not None:
            mount = f"mount -t tmpfs none '{hidden}' && exec \"$@\""
            before = ("unshare", "--mount", "sh", "-c", mount, "sh")
        return self._start(
            "worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--memory-limit", "0", "--local-directory", str(self._folder), environment=environment, before=before,
        )  # fmt: skip

    def joined(self, count: int) -> None:
        """Wait until so many workers are there."""
        with Client(self.address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)

    def left(self, count: int) -> None:
        """Wait until only so many workers are there."""
        with Client(self.address, timeout=30, set_as_default=False) as client:
            while len(client.nthreads()) > count:
                time.sleep(0.05)

    @contextmanager
    def worker(self, hidden: Path | None = None, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """One worker more, for the length of the block; when it ends, the worker is known to be gone."""
        with Client(self.address, timeout=30, set_as_default=False) as client:
            before = len(client.nthreads())
        process = self.begin(hidden, **environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            self.left(before)

    def _start(
        self, *arguments: str, environment: Mapping[str, str] | None = None, before: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, ((environment or {}).get("PYTHONPATH"), str(ROOT))))
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "dask", *arguments],
            env={**os.environ, **(environment or {}), "PYTHONPATH": path},
            cwd=self._folder,
            stdout=(self._folder / f"{len(self._processes)}.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        self._processes.append(process)
        return process
