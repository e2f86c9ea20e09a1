"""A run's connection to Elasticsearch, and what it writes through: opened when first asked for, and again once lost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.flows.common.connection import open_client
from newsdex.search.errors import is_transient
from newsdex.search.indices import manage
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import RunLog
from newsdex.search.store.plan_writer import CopyPolicy
from newsdex.search.store.store import ArticleStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticsearch import Elasticsearch

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One client, and all that writes through it."""

    client: Elasticsearch
    store: ArticleStore
    quarantine: Quarantine
    log: RunLog
    analysis: Mapping[str, str]
    """How each language is stemmed in this index."""


class ElasticsearchSession:
    """The connection of one run.

    Args:
        settings: which Elasticsearch, which index, what becomes of copies.
        progress: told about the download and the start of an embedded node.
        run_id: whose record is written.
    """

    def __init__(self, settings: Settings, progress: Progress, run_id: str) -> None:
        self.names = manage.IndexNames(settings.index)
        self._settings, self._progress, self._run_id = settings, progress, run_id
        self._open: Connection | None = None

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Lend the connection to a step that may be done again.

        Where Elasticsearch goes away in the middle, the next attempt opens a new client, and starts an embedded node
        again: one that was killed comes back on another port.
        """
        try:
            yield self.connection
        except Exception as error:
            if is_transient(error):
                self._open = None
            raise

    @property
    def connection(self) -> Connection:
        """The connection as it is, opened where there is none."""
        if self._open is None:
            self._open = self._connect()
        return self._open

    def _connect(self) -> Connection:
        client = open_client(self._settings, self._progress)
        indices = manage.ensure(client, self.names, self._settings.layout())
        return Connection(
            client=client,
            store=ArticleStore(
                client,
                indices,
                policy=CopyPolicy(self._settings.duplicates.value),
                threshold=self._settings.copy_threshold,
            ),
            quarantine=Quarantine(client, self.names),
            log=RunLog(client, self.names, self._run_id),
            analysis=indices.analysis,
        )
