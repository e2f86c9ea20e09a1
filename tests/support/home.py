"""Newsdex as a user has it: what the tests of the flows and commands work with."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.flows.config.settings import Settings
    from newsdex.flows.runs.report import Report
    from newsdex.search.indices.manage import IndexNames


@dataclass(frozen=True)
class Newsdex:
    """Newsdex as a user has it, with its own home and index."""

    settings: Settings
    client: Elasticsearch
    names: IndexNames
    environment: dict[str, str]

    def ingest(self, *paths: Path | str, **options: Any) -> Report:
        """Run the real flow over `paths`."""
        from newsdex.flows.ingest import ingest  # noqa: PLC0415  # after Prefect is configured

        done: Report = ingest([str(path) for path in paths], **options)
        return done

    def run(self, *arguments: str, timeout: float = 100) -> subprocess.CompletedProcess[str]:
        """Run the `newsdex` command in a process of its own."""
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `newsdex` with these arguments."""
        return [sys.executable, "-m", "newsdex", *arguments]

    def articles(self, index: str | None = None) -> dict[str, dict[str, Any]]:
        """Return every document of the index: input URI → `_source`, with its `_id`."""
        self.client.indices.refresh(index=self.names.articles)
        found = self.client.search(index=index or self.names.articles, size=1000, query={"match_all": {}})
        return {hit["_source"]["input_uri"]: {**hit["_source"], "_id": hit["_id"]} for hit in found["hits"]["hits"]}
