"""Record what became of a run's inputs: in its ledger, in the runs index, and in the report that it ends with."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.retry import retry_transient
from newsdex.flows.common.versions import versions
from newsdex.flows.runs.ledger import Ledger, LedgerEntry, counts
from newsdex.flows.runs.report import PROBLEMS_SHOWN, LedgerRow, Problem, Reason, Report
from newsdex.search.ledger.run_log import Account
from newsdex.transforms.article import Result, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runs.session import ElasticsearchSession
    from newsdex.transforms.article import Outcome


class Recorder:
    """The account of one run.

    Args:
        session: through which it is recorded.
        progress: told how many inputs are accounted for.
        run_id: of the run.
    """

    def __init__(self, session: ElasticsearchSession, progress: Progress, run_id: str) -> None:
        self.ledger = Ledger()
        self._session, self._progress, self._run_id = session, progress, run_id
        self._started, self._began = datetime.now(UTC), time.monotonic()
        self._problems: list[Problem] = []
        self._languages, self._without_model = Counter[str](), Counter[str]()
        self._memory = {"main": 0.0, "worker": 0.0}
        self._reused = 0

    @contextmanager
    def recording(self, inputs: Sequence[str], version: str, settings: Mapping[str, str]) -> Iterator[None]:
        """Keep the run's record in the runs index: running, then done, failed or interrupted.

        Args:
            inputs: what the run was asked to read, as typed.
            version: of the pipeline.
            settings: what it works with; no secrets.
        """

        def begin() -> None:
            with self._session.connected() as there:
                there.log.start(self._started, inputs, version, settings, versions(there.client))

        def finish() -> None:
            with self._session.connected() as there:
                there.log.finish("done", _account(self.ledger.total()))

        retry_transient(begin)
        try:
            yield
        except BaseException as error:
            status = "failed" if isinstance(error, Exception) else "interrupted"
            with suppress(Exception):  # the error that ended the run matters more than its record
                sentence = error_sentence(error) or repr(error)
                self._session.connection.log.finish(status, _account(self.ledger.total()), error=sentence)
            raise
        retry_transient(finish)

    def enter(
        self, key: str, label: str, read: int, outcomes: Sequence[Outcome], seconds: Mapping[Stage, float] | None = None
    ) -> None:
        """Enter what became of some inputs that were read together.

        Args:
            key: of their partition.
            label: what a person calls it.
            read: how many were read; the ledger balances where there are as many outcomes.
            outcomes: one for each.
            seconds: processor seconds by stage.
        """
        entry = LedgerEntry(key, label, read)
        entry.add(outcomes)
        entry.seconds.update(seconds or {})
        # Recorded first: where Elasticsearch goes away in this moment, the step is done again, and must count once.
        with self._session.connected() as there:
            there.log.partition(len(self.ledger.entries), key, label, _account(entry), outcomes)
        self.ledger.add(entry)
        for outcome in outcomes:
            if outcome.result is Result.REJECTED:
                self.add_problem(outcome.input_uri, outcome.reason, outcome.detail)
        self._progress.advance(read)

    def add_prepared(self, prepared: Prepared) -> None:
        """Add what a worker tells of a partition beside its articles."""
        self._languages.update(prepared.languages)
        self._without_model.update(prepared.without_model)
        self._memory["worker"] = max(self._memory["worker"], prepared.peak_memory_mb)
        self._memory["main"] = max(self._memory["main"], psutil.Process().memory_info().rss / 2**20)
        self._reused += prepared.reused

    def add_problem(self, input_uri: str, reason: str, detail: str) -> None:
        """Show the person who started the run what went wrong, unless there is more than a person reads."""
        if len(self._problems) < PROBLEMS_SHOWN:
            self._problems.append(Problem(input_uri, reason, detail))

    def sentence(self, key: str) -> str:
        """Return what became of a partition, in one line for the log."""
        entry = next(each for each in reversed(self.ledger.entries) if each.key == key)
        parts = ", ".join(f"{count:,} {name}" for name, count in counts(entry).items() if count)
        return f"{entry.label}: {parts}"

    def report(self, index: str) -> Report:
        """Return the account of the run.

        Raises:
            LedgerError: it does not balance.
        """
        self.ledger.check()
        total = self.ledger.total()
        return Report(
            run_id=self._run_id,
            index=index,
            started_at=self._started,
            seconds=time.monotonic() - self._began,
            total=LedgerRow("total", dict(counts(total))),
            partitions=[LedgerRow(entry.label, dict(counts(entry))) for entry in self.ledger.entries],
            reasons=[
                Reason(result, reason, count) for result in Result for reason, count in total.by_reason(result).items()
            ],
            problems=self._problems,
            stage_seconds={stage.value: round(total.seconds[stage], 3) for stage in Stage},
            memory_mb=dict(self._memory),
            languages=dict(self._languages.most_common()),
            without_model=dict(self._without_model.most_common()),
            analysis=dict(self._session.connection.analysis),
            reused=self._reused,
        )


def _account(entry: LedgerEntry) -> Account:
    return Account(
        counts=counts(entry),
        reasons={result.value: entry.by_reason(result) for result in Result},
        stage_seconds={stage.value: round(seconds, 3) for stage, seconds in entry.seconds.items()},
    )
