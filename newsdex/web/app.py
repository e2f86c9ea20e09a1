"""The application: which address leads to which page, and what is said where none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from newsdex.web.api import create_api
from newsdex.web.article_pages import article_page, compare_page
from newsdex.web.headers import SecurityHeaders
from newsdex.web.ledger_pages import quarantine_page, run_page, runs_page
from newsdex.web.replay import start_replay
from newsdex.web.search_pages import export_results, search_page, suggest
from newsdex.web.site import STATIC, Site, site_of
from newsdex.web.view import View

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from newsdex.search.indices.naming import IndexNames
    from newsdex.web.site import Replayer

HOSTS = ["127.0.0.1", "localhost"]
"""Names under which the page answers: a name that somebody else points at this machine (DNS rebinding) gets nothing."""

_SENTENCES = {
    404: "There is no such page here.",
    405: "That cannot be done to this page.",
}


def create_app(client: Elasticsearch, names: IndexNames, replayer: Replayer | None = None) -> ASGIApp:
    """Return the search page of one index as an ASGI application; without a `replayer` it only reads."""
    site = Site(client=client, names=names, replayer=replayer)
    app = Starlette(
        routes=[
            Route("/", search_page),
            Route("/suggest", suggest),
            Route("/export/{form}", export_results),
            Route("/article/{article_id}", article_page),
            Route("/article/{article_id}/compare/{copy_id}", compare_page),
            Route("/runs", runs_page),
            Route("/runs/{run_id}", run_page),
            Route("/quarantine", quarantine_page),
            Route("/quarantine/replay", start_replay, methods=["POST"]),
            Mount("/api", create_api(site)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=4),
        ],
        exception_handlers={404: _no_page, 405: _no_page, 500: _own_fault},
    )
    app.state.site = site
    return SecurityHeaders(app)


def _no_page(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return site_of(request).page(
        "fault.html", status, shown=View(), sentence=_SENTENCES.get(status, _SENTENCES[404]), title="Not found"
    )


def _own_fault(request: Request, _error: Exception) -> Response:
    """Say that the fault is Newsdex's own; what it was goes to the terminal, never to the page."""
    sentence = "Newsdex has made a mistake of its own: the terminal that it runs in says more."
    return site_of(request).page("fault.html", 500, shown=View(), sentence=sentence, title="Fault")
