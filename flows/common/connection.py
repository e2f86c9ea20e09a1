"""Connect to the configured Elasticsearch, else to the embedded node, which is started if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.search.client import ConnectionSettings, cluster_info, connect
from newsdex.search.node import node

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings


def open_client(settings: Settings, progress: Progress, *, start: bool = True) -> Elasticsearch:
    """Return a client for the Elasticsearch of these settings, after checking that it answers.

    Args:
        settings: where to look.
        progress: told about a download and a start.
        start: start the embedded node where it is not running; otherwise say that it is not.

    Raises:
        NodeError: the embedded node cannot be fetched or started, or is not running and must not be started.
        SearchError: the configured Elasticsearch does not answer, refuses, or is of another major version.
    """
    connection = settings.connection()
    if connection is None:
        running = node.start(settings.node(), progress.step) if start else node.status(settings.node())
        if running is None:
            raise node.NodeError(
                "Elasticsearch is not running: `newsdex ingest PATH` starts it and fills it, `newsdex node start` "
                "starts it alone."
            )
        connection = ConnectionSettings(url=running.url, username=running.username, password=running.password)
    client = connect(connection)
    cluster_info(client)
    return client
