"""The programs that a run works with, by version: what one asks first when two runs differ."""

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
    """Return program → version, the node that `client` talks to included.

    Raises:
        SearchError: the node does not answer, or is of another major version.
    """
    found = {"python": platform.python_version(), "elasticsearch": cluster_info(client).version}
    return found | {name: version(name) for name in PACKAGES}
