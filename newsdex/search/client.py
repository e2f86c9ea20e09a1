"""The connection to Elasticsearch: where it is, who asks, and whether it is a version that fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from elasticsearch import ApiError, Elasticsearch

from newsdex.search.errors import SUPPORTED_MAJOR, SearchError, explain, explained

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ClusterInfo", "ConnectionSettings", "SearchError", "cluster_info", "connect", "explain"]

DEFAULT_TIMEOUT = 60.0
"""Seconds for a request: a bulk chunk of some megabytes takes under 2 s; a busy cluster gets thirty times as long."""

CONNECTIONS_PER_NODE = 10
"""The connection pool of one node (the client's own default); bulk loading uses 2 to 4 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where Elasticsearch is and how to log in. Secrets never show in `repr`.

    Either `api_key`, or `username` and `password`, or neither. Credentials in the URL are taken out of it.
    """

    url: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_certs: Path | None = None
    """Certificate file (PEM) of the authority that signed the node's certificate; `None` means the usual ones."""
    verify: bool = True
    """Whether the node's certificate is checked; switch it off only on a machine of one's own."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for one request."""
    address: str = field(init=False)
    """The URL without credentials: what may be shown."""

    def __post_init__(self) -> None:
        """Check the settings and take credentials out of the URL."""
        parts = _checked_url(self.url)
        host = parts.netloc.rpartition("@")[2]
        bare = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        if parts.username and not self.username and not self.api_key:
            object.__setattr__(self, "username", unquote(parts.username))
            object.__setattr__(self, "password", unquote(parts.password or ""))
        object.__setattr__(self, "url", bare)
        object.__setattr__(self, "address", bare)
        if bool(self.username) != (self.password is not None):
            raise SearchError(
                "A user name and a password for Elasticsearch belong together: set both "
                "NEWSDEX_ELASTICSEARCH_USERNAME and NEWSDEX_ELASTICSEARCH_PASSWORD, or an API key instead."
            )
        if self.ca_certs is not None and not self.ca_certs.is_file():
            raise SearchError(f"There is no certificate file at {self.ca_certs}: check NEWSDEX_ELASTICSEARCH_CA_CERTS.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterInfo:
    """What a cluster says of itself."""

    version: str
    """Version number such as `9.5.0`; `unknown` where these credentials may not ask."""
    status: str
    """`green`, `yellow`, `red`, or `unknown` where these credentials may not ask."""
    nodes: int


def connect(settings: ConnectionSettings) -> Elasticsearch:
    """Return a client for these settings. Nothing is sent yet: `cluster_info` tells whether the node answers."""
    options: dict[str, Any] = {}
    if settings.api_key:
        options["api_key"] = settings.api_key
    elif settings.username:
        options["basic_auth"] = (settings.username, settings.password or "")
    if settings.url.startswith("https"):
        options["verify_certs"] = settings.verify
        options["ssl_show_warn"] = False
        if settings.ca_certs is not None:
            options["ca_certs"] = str(settings.ca_certs)
    return Elasticsearch(
        _with_port(settings.url),
        request_timeout=settings.timeout,
        connections_per_node=CONNECTIONS_PER_NODE,
        max_retries=2,
        retry_on_timeout=False,
        **options,
    )


def cluster_info(client: Elasticsearch) -> ClusterInfo:
    """Return what the cluster says of itself, after checking that it answers and that its version fits.

    `GET /` is not asked, because the embedded node does not offer it.

    Raises:
        SearchError: it does not answer, refuses the credentials, or is of another major version.
    """
    with explained():
        health: dict[str, Any] = _allowed(lambda: client.cluster.health().body)
        nodes: dict[str, Any] = _allowed(lambda: client.nodes.info(node_id="_local", metric="_none").body)
    version = next((str(node["version"]) for node in nodes.get("nodes", {}).values()), "unknown")
    if version != "unknown" and int(version.split(".")[0]) != SUPPORTED_MAJOR:
        raise SearchError(
            f"The node is Elasticsearch {version}; Newsdex needs version {SUPPORTED_MAJOR}: upgrade the node."
        )
    return ClusterInfo(version=version, status=health.get("status", "unknown"), nodes=health.get("number_of_nodes", 1))


def _allowed(ask: Any) -> dict[str, Any]:  # noqa: ANN401  # the client's responses are untyped
    """Return an answer, or nothing where these credentials may not ask: a read-only role is enough to search."""
    try:
        answer: dict[str, Any] = ask()
    except ApiError as error:
        if error.meta.status != 403:
            raise
        return {}
    return answer


def _checked_url(url: str) -> Any:  # noqa: ANN401  # urllib's result type has no public name
    fix = "give an address such as https://search.example.org:9200 in NEWSDEX_ELASTICSEARCH_URL"
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError as error:
        raise SearchError(f"The address of Elasticsearch is not a URL: {fix}.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SearchError(f"The address of Elasticsearch is not an http(s) URL: {fix}.")
    return parts


def _with_port(url: str) -> str:
    """Return the URL with its port spelt out, as the client library demands."""
    parts = urlsplit(url)
    if parts.port is not None:
        return url
    port = 443 if parts.scheme == "https" else 80
    return urlunsplit((parts.scheme, f"{parts.netloc}:{port}", parts.path, "", ""))
