"""Keeps other web pages away from a Prefect server on loopback, and opens its UI to who has a signed link.

A browser sends what any page asks it to, also to loopback: under a name that its owner points there (so the Host is
checked), and from another origin (so the Origin is). Programs send no Origin; they need the password.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from newsdex.flows.service.api_password import OPEN_PATH, encoded, is_valid_link

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"

NAMES = frozenset({HOST, "localhost", "::1"})
"""Names under which this machine is asked by itself."""

POLICY_VIOLATION = 1008
"""The code with which a web socket is refused."""

OPENS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Newsdex</title>
<p>Opening Prefect…</p><script>localStorage.setItem("prefect-password", {password}); location.replace("/");</script>
"""
"""Prefect's UI keeps the password there, under this name, when a person has typed it."""


class LocalOnly:
    """An application that answers requests of this machine's own programs and of its own pages only.

    Args:
        app: Prefect's application.
        password: what its API asks for.
    """

    def __init__(self, app: ASGIApp, password: str) -> None:
        self._app = app
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = refusal(headers)
        if refused is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})  # before it is accepted: HTTP 403
        elif refused is not None:
            await JSONResponse({"exception_message": refused}, 403)(scope, receive, send)
        elif (own := self._own_answer(scope, headers)) is not None:
            await own(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _own_answer(self, scope: Scope, headers: Headers) -> Response | None:
        """Return what is answered here and not by Prefect."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        host = urlsplit(f"//{headers['host']}")
        if host.hostname != HOST and not scope["path"].startswith("/api"):
            # The pages ask the API under this name, and would be strangers to it under another one.
            port = f":{host.port}" if host.port else ""
            query = f"?{scope['query_string'].decode('ascii', 'replace')}" if scope["query_string"] else ""
            return RedirectResponse(f"http://{HOST}{port}{scope['path']}{query}")
        if scope["path"] != OPEN_PATH:
            return None
        never_kept = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
        if not is_valid_link(self._password, QueryParams(scope["query_string"])):
            return HTMLResponse(
                "<!doctype html><p>This link has expired: run <code>newsdex serve</code> again for a new one.",
                403,
                never_kept,
            )
        return HTMLResponse(OPENS.replace("{password}", json.dumps(encoded(self._password))), 200, never_kept)


def refusal(headers: Headers) -> str | None:
    """Return why a request is refused, in one sentence; `None` where it is let through."""
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in NAMES:
        return f"This Prefect server answers to {HOST} and localhost, not to the name that was asked for."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "This Prefect server takes no requests from pages of other origins."
    return None
