"""Two roles with the least that Newsdex needs, one for the pipeline and one for searching, and API keys with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from newsdex.search.errors import SearchError, error_reason, explain

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames


ANALYZE = "cluster:admin/analyze"
"""Asking a node for its analyzers: of the named privileges only `manage` has it, and far more."""


class Kind(StrEnum):
    """Who a role is for."""

    PIPELINE = "pipeline"
    """Ingests, rebuilds, maintenance, the quarantine, and searches."""
    SEARCH = "search"
    """Searches alone: `newsdex search`, `facets` and the like, and the search page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A new API key. It is shown once: Elasticsearch keeps only a hash of it."""

    id: str
    name: str
    encoded: str = field(repr=False)
    """What `NEWSDEX_ELASTICSEARCH_API_KEY` takes."""


def role_name(names: IndexNames, kind: Kind) -> str:
    """Return the name of a role; each collection has roles of its own."""
    return f"newsdex-{names.prefix}-{kind}"


def role(names: IndexNames, kind: Kind) -> dict[str, Any]:
    """Return a role as Elasticsearch takes it (`PUT _security/role/NAME`, `role_descriptors` of an API key).

    `<index>-*` covers the versions that the aliases point to. `manage` makes, swaps and removes indices and sets their
    refresh and replicas. On the cluster `monitor` reads health and version, and the one action beside it tells which
    languages the node can stem; nothing can be changed.
    """
    indices = [names.prefix, f"{names.prefix}-*"]
    if kind is Kind.PIPELINE:
        return {
            "cluster": ["monitor", ANALYZE],
            "indices": [{"names": indices, "privileges": ["manage", "read", "write"]}],
        }
    return {"cluster": [], "indices": [{"names": indices, "privileges": ["read", "view_index_metadata"]}]}


def create_roles(client: Elasticsearch, names: IndexNames) -> dict[str, dict[str, Any]]:
    """Create both roles, or set them right where they are there; return name → role.

    Raises:
        SearchError: this Elasticsearch keeps no roles, or these credentials may not make any.
    """
    made = {role_name(names, kind): role(names, kind) for kind in Kind}
    try:
        for name, body in made.items():
            client.security.put_role(name=name, **body)
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(_why(error)) from error
    return made


def create_key(client: Elasticsearch, names: IndexNames, kind: Kind, *, days: int | None = None) -> Key:
    """Create an API key that may do what a role may.

    Args:
        client: the connection.
        names: whose indices.
        kind: of the role.
        days: after which it runs out; `None`: never.

    Raises:
        SearchError: this Elasticsearch keeps no API keys, or these credentials may not make any.
    """
    name = role_name(names, kind)
    try:
        answer = client.security.create_api_key(
            name=name, role_descriptors={name: role(names, kind)}, expiration=f"{days}d" if days else None
        )
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(_why(error)) from error
    return Key(id=answer["id"], name=name, encoded=answer["encoded"])


def _why(error: ApiError | elastic_transport.TransportError) -> str:
    if not isinstance(error, ApiError):
        return explain(error)
    if "pattern_capture" in error_reason(error) or "api_key.enabled" in error_reason(error):
        return (
            "This Elasticsearch keeps neither roles nor API keys: the one that Newsdex keeps for you has one user and "
            "listens on this machine alone, and needs none. On a cluster of your own set NEWSDEX_ELASTICSEARCH_URL."
        )
    if error.meta.status == 403:
        return (
            "These credentials may not make roles or API keys (HTTP 403): use a user with the cluster privileges "
            "`manage_security` or, for keys alone, `manage_own_api_key`, just for this command."
        )
    return explain(error)
