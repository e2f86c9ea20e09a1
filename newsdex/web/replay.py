"""The one thing that the page changes: it has inputs in the quarantine read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from starlette.responses import RedirectResponse

from newsdex.web.site import site_of
from newsdex.web.view import View

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_REASON = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

MAX_FORM_BYTES = 1_000
"""The form has one field."""


async def start_replay(request: Request) -> Response:
    """Start a replay and go back to the quarantine; asked for by another site's page, nothing is done."""
    site = site_of(request)
    if site.replayer is None:
        sentence = "This page only reads: replay with `newsdex replay`."
        return site.page("fault.html", 404, shown=View(), sentence=sentence, title="Replay")
    if not _is_own(request):
        sentence = "A replay is started with the button on the quarantine page, not from another page."
        return site.page("fault.html", 403, shown=View(), sentence=sentence, title="Replay")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            break
    reason = parse_qs(body[:MAX_FORM_BYTES].decode("utf-8", "replace")).get("reason", [""])[0]
    if reason and not _REASON.fullmatch(reason):
        return site.page("fault.html", 400, shown=View(), sentence="There is no such reason.", title="Replay")
    site.replayer.start(reason or None)
    return RedirectResponse("/quarantine" + (f"?{urlencode({'reason': reason})}" if reason else ""), 303)


def _is_own(request: Request) -> bool:
    """Return whether the form sent is ours: a browser says from which site it comes, and no page can make it lie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"  # "Origin" is "null" then: our pages send no referrer
    return request.headers.get("origin") == f"{request.url.scheme}://{request.headers.get('host')}"
