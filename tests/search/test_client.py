"""Connecting, and saying in plain words what is wrong."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsdex.search.client import ConnectionSettings, cluster_info, connect
from newsdex.search.errors import SearchError, explain, sentence_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames


def refusal(settings: ConnectionSettings) -> str:
    """Return the sentence with which a connection fails."""
    with connect(settings) as client, pytest.raises(SearchError) as caught:
        cluster_info(client)
    return str(caught.value)


def test_a_node_tells_its_version(client: Elasticsearch) -> None:
    """A node that answers is of the major version that the mapping is made for."""
    info = cluster_info(client)
    assert info.version.startswith("9.")
    assert info.nodes >= 1


def test_secrets_are_not_shown() -> None:
    """Neither a password, an API key nor a URL with credentials shows in `repr`."""
    for settings in (
        ConnectionSettings(url="https://me:s3cret@example.org:9200"),
        ConnectionSettings(url="https://example.org", username="me", password="s3cret"),  # noqa: S106
        ConnectionSettings(url="https://example.org", api_key="s3cret"),
    ):
        assert "s3cret" not in repr(settings)
        assert "s3cret" not in settings.url


def test_credentials_in_a_url_are_used() -> None:
    """User and password of a URL are taken out of it, decoded, and used to log in."""
    settings = ConnectionSettings(url="https://me:p%40ss@example.org:9200/")
    assert (settings.url, settings.username, settings.password) == ("https://example.org:9200", "me", "p@ss")


@pytest.mark.parametrize("url", ["", "localhost:9200", "ftp://example.org", "http://", "http://[", "http://a:b:c"])
def test_a_bad_address_is_named(url: str) -> None:
    """An address that is no http(s) URL is refused with an example of one."""
    with pytest.raises(SearchError, match=r"https://search\.example\.org:9200"):
        ConnectionSettings(url=url)


def test_a_user_without_password_is_refused() -> None:
    """Half of a login is an error before anything is sent."""
    with pytest.raises(SearchError, match="belong together"):
        ConnectionSettings(url="http://example.org", username="me")


def test_wrong_credentials_name_the_fix(settings: ConnectionSettings) -> None:
    """A wrong password is told as such, without showing it."""
    sentence = refusal(ConnectionSettings(url=settings.url, username="elastic", password="wr0ng"))  # noqa: S106
    assert "refused the credentials" in sentence
    assert "wr0ng" not in sentence


def test_a_port_without_listener_names_the_fix() -> None:
    """Where nothing listens, the sentence says so and points to the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert "connection refused" in refusal(ConnectionSettings(url=f"http://127.0.0.1:{port}"))


def test_an_unknown_host_is_named() -> None:
    """A host name that does not resolve is told as such."""
    assert "host name" in refusal(ConnectionSettings(url="http://no-such-host.invalid:9200"))


def test_tls_to_a_plain_node_names_the_fix(settings: ConnectionSettings) -> None:
    """https:// to a node that speaks http says to use http://."""
    if settings.url.startswith("https"):
        pytest.skip("the node at NEWSDEX_TEST_ELASTICSEARCH_URL speaks TLS: this needs one that does not")
    address = urlsplit(settings.url)
    assert "use http://" in refusal(ConnectionSettings(url=f"https://{address.hostname}:{address.port}"))


@pytest.fixture
def tls_port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """Yield a port with a TLS server whose self-signed certificate is valid for as many days as the parameter says."""
    now = dt.datetime.now(dt.UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=10))
        .not_valid_after(now + dt.timedelta(days=request.param))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "node.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, context), daemon=True).start()
        yield server.getsockname()[1]


def serve(server: socket.socket, context: ssl.SSLContext) -> None:
    """Shake hands with whoever comes, until the socket is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()


@pytest.mark.parametrize("tls_port", [10], indirect=True)
def test_an_untrusted_certificate_names_the_fix(tls_port: int) -> None:
    """A certificate of an unknown authority says which setting makes it known."""
    assert "NEWSDEX_ELASTICSEARCH_CA_CERTS" in refusal(ConnectionSettings(url=f"https://localhost:{tls_port}"))


@pytest.mark.parametrize("tls_port", [-5], indirect=True)
def test_an_expired_certificate_is_told(tls_port: int, tmp_path: Path) -> None:
    """A trusted certificate that has expired is told as expired."""
    settings = ConnectionSettings(url=f"https://localhost:{tls_port}", ca_certs=tmp_path / "node.pem")
    assert "has expired" in refusal(settings)


@pytest.mark.parametrize("tls_port", [10], indirect=True)
def test_plain_http_to_a_tls_node_names_the_fix(tls_port: int) -> None:
    """http:// to a node that speaks TLS says to use https://."""
    assert "https://" in refusal(ConnectionSettings(url=f"http://localhost:{tls_port}"))


def test_a_timeout_is_explained(settings: ConnectionSettings) -> None:
    """A node that accepts the connection and never answers ends in a sentence about time."""
    del settings
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "in time" in refusal(ConnectionSettings(url=f"http://127.0.0.1:{port}", timeout=0.2))


def test_a_missing_index_is_explained(client: Elasticsearch, names: IndexNames) -> None:
    """A search before the first ingest says to ingest."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever the client raises is to be explained
        client.search(index=names.articles)
    assert explain(caught.value) == (
        f"The index {names.articles!r} does not exist yet: run `newsdex ingest` first, or check the index name."
    )


def test_a_read_only_index_is_explained(client: Elasticsearch, names: IndexNames) -> None:
    """A write to an index that the disk watermark closed names the disk."""
    index = f"{names.articles}-v0-000001"
    client.indices.create(index=index, settings={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(Exception) as caught:  # noqa: PT011
        client.options(max_retries=0).index(index=index, id="1", document={"a": 1})
    assert "free disk space" in explain(caught.value)


def test_another_major_version_is_explained(client: Elasticsearch) -> None:
    """A node that does not know version 9 of the protocol is told as too old (here: asked for version 5)."""
    headers = {"accept": "application/vnd.elasticsearch+json; compatible-with=5"}
    with pytest.raises(Exception) as caught:  # noqa: PT011
        client.perform_request("GET", "/_cluster/health", headers=headers)
    assert "Newsdex needs version 9" in explain(caught.value)


def test_an_unknown_error_quotes_the_node() -> None:
    """What has no sentence of its own quotes the node's reason, on one line."""
    sentence = sentence_for("odd_exception", "something\nodd " + "x" * 1000, 418)
    assert "something odd" in sentence
    assert len(sentence) < 450
