"""A web site on loopback for tests: what each path answers is a function, hostile ones included."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Answering = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A running server. `pages` may be changed at any time; `asked` holds every request, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Answering] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                try:
                    site.pages.get(self.path.partition("?")[0], status(404))(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def do_HEAD(self) -> None:
                site.asked.append((self.path, {}))
                self.send_response(200 if self.path in site.pages else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Be silent."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:
                """Ignore a client that goes away: that is no fault here."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, without robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def close(self) -> None:
        """Stop answering."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def body(content: bytes | str, kind: str = "text/html; charset=utf-8", code: int = 200, **headers: str) -> Answering:
    """Answer with a body; `etag="x"` becomes the header `etag: x`."""
    data = content.encode() if isinstance(content, str) else content

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def status(code: int, **headers: str) -> Answering:
    """Answer with a status and nothing else."""
    return body(b"", "text/plain", code, **headers)


def versioned(content: str, etag: str, kind: str) -> Answering:
    """Answer 304 to who has this version already."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match") == etag
        (status(304, etag=etag) if known else body(content, kind, etag=etag))(handler)

    return answer


def gated(answer: Answering, gate: threading.Event) -> Answering:
    """Answer the first request at once and later ones when the gate is opened: one may be listed, but not yet read."""
    asked = itertools.count()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        if next(asked):
            gate.wait()
        answer(handler)

    return wait


def endless(site: Site, kind: str, begin: bytes, again: bytes) -> Answering:
    """Answer with a body that never ends, as fast as it is taken."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(begin)
        while not site.closing.is_set():
            handler.wfile.write(again)
        handler.close_connection = True

    return answer


def dripping(site: Site, head: bytes) -> Answering:
    """Send `head` at once and then one byte a tenth of a second, for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while not site.closing.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()
        handler.close_connection = True

    return answer


@pytest.fixture
def site() -> Iterator[Site]:
    """Yield a web site on loopback with nothing on it."""
    running = Site()
    yield running
    running.close()
