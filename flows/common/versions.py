"""Collect the versions of the programs that a run works with: the first question when two runs differ."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from newsdex.search.client import cluster_info

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

PACKAGES = ("newsdex", "prefect", "spacy")
"""Packages that decide what a run does; entity models and rules are in the version of the pipeline."""


def versions(client: Elasticsearch) -> dict[str, str]:
    """Return the version of each program, including the node that `client` talks to.

    Raises:
        SearchError: the node does not answer, or is of another major version.
    """
    found = {"python": platform.python_version(), "elasticsearch": cluster_info(client).version}
    return found | {name: version(name) for name in PACKAGES}
