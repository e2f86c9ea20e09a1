"""Write to the terminal: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

out = Console(highlight=False)
"""What a command was asked for: may be piped on."""

err = Console(stderr=True, highlight=False)
"""Everything else: progress, warnings, errors."""


class Bars:
    """Progress bars on standard error; nothing at all where that is no terminal and the step is short."""

    def __init__(self) -> None:
        """Draw nothing until there is something to show."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        self._steps = Progress(*columns, TextColumn("{task.fields[told]}"), console=err, transient=True)
        self._articles = Progress(
            *columns,
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()
        self._ingest: TaskID | None = None
        self._lock = threading.Lock()
        self._live = err.is_terminal

    def __enter__(self) -> Self:
        """Begin to draw."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self.close()

    def close(self) -> None:
        """Take the bars off the terminal."""
        if self._live:  # Elsewhere rich ends even what never began with a blank line.
            self._steps.stop()
            self._articles.stop()

    def step(self, what: str, done: int, total: int | None, unit: str) -> None:
        """Show how far a download or a start is; without a terminal, say once that it goes on."""
        told = f"{done / 1e6:.0f} MB" if unit == "bytes" else f"{done} s"
        with self._lock:
            if not self._live:
                if what not in self._said:
                    self._said.add(what)
                    err.print(f"{what} …")
                return
            if what not in self._tasks:
                for task in self._tasks.values():
                    self._steps.update(task, visible=False)
                self._steps.start()
                self._tasks[what] = self._steps.add_task(what, total=total, told=told)
            self._steps.update(self._tasks[what], completed=done, total=total, told=told)
            if total is not None and done >= total:
                self._steps.update(self._tasks[what], visible=False)

    def expect(self, articles: int) -> None:
        """Make the bar so many articles longer."""
        with self._lock:
            if not self._live:
                return
            if self._ingest is None:
                self._steps.stop()
                self._articles.start()
                self._ingest = self._articles.add_task("articles", total=0, rate="")
            task = self._articles.tasks[0]
            self._articles.update(self._ingest, total=(task.total or 0) + articles)

    def advance(self, articles: int) -> None:
        """Move the bar on by so many articles."""
        with self._lock:
            if self._ingest is None:
                return
            self._articles.update(self._ingest, advance=articles)
            speed = self._articles.tasks[0].speed
            self._articles.update(self._ingest, rate=f"{speed:.0f}/s" if speed else "")


def fail(sentence: str, code: int) -> None:
    """Say what is wrong and end the program with exit code `code`."""
    err.print(f"[bold red]newsdex:[/] {_plain(sentence)}")
    sys.exit(code)


def _plain(text: str) -> str:
    from rich.markup import escape  # noqa: PLC0415  # only on the way out

    return escape(text)
