"""Fetching over TLS: HTTP/2 where the server has it, and nothing from a server whose certificate is not sound."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from test_live import fetch, made, page, reasons

from newsdex.transforms.article import RawArticle


def certificate(folder: Path) -> Path:
    """Return a certificate for 127.0.0.1, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    made_for = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(made_for, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return place


class Http2Site:
    """A server that speaks HTTP/2 alone, and answers everything but robots.txt with one page."""

    def __init__(self, folder: Path) -> None:
        self.certificate = certificate(folder)
        self.asked: list[dict[str, str]] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            with self._context.wrap_socket(raw, server_side=True) as stream:
                talk = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
                talk.initiate_connection()
                stream.sendall(talk.data_to_send())
                while data := stream.recv(65_536):
                    for event in talk.receive_data(data):
                        if isinstance(event, h2.events.RequestReceived):
                            self._answer(talk, event)
                    stream.sendall(talk.data_to_send())
        except OSError:
            return

    def _answer(self, talk: h2.connection.H2Connection, event: h2.events.RequestReceived) -> None:
        headers = {_text(name): _text(value) for name, value in event.headers or ()}
        self.asked.append(headers)
        status = "404" if headers[":path"] == "/robots.txt" else "200"
        stream_id = event.stream_id or 0
        talk.send_headers(stream_id, [(":status", status), ("content-type", "text/html; charset=utf-8")])
        talk.send_data(stream_id, page(1).encode(), end_stream=True)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def http2(tmp_path: Path) -> Iterator[Http2Site]:
    """Yield a site that speaks HTTP/2."""
    running = Http2Site(tmp_path)
    yield running
    running.close()


def test_http_2_is_spoken_and_archived(http2: Http2Site, tmp_path: Path) -> None:
    """A page over HTTP/2 comes out of the archive like any other, under its own name and not the checked address's."""
    options = made(tmp_path, ca_certs=str(http2.certificate))
    (found,) = fetch(options, f"{http2.url}/p1")
    assert isinstance(found, RawArticle)
    assert found.url == f"{http2.url}/p1"
    assert "The ferry sails again" in str(found.html)
    assert [asked[":path"] for asked in http2.asked] == ["/robots.txt", "/p1"]
    assert {asked[":authority"] for asked in http2.asked} == {http2.url.removeprefix("https://")}


def test_a_certificate_that_nobody_vouches_for_ends_it(http2: Http2Site, tmp_path: Path) -> None:
    """Nothing is sent to a server that may be another one."""
    assert reasons(fetch(made(tmp_path), f"{http2.url}/p1")) == ["tls-failed"]
    assert http2.asked == []
