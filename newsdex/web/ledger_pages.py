"""What was read and what became of it: the runs, one run, and the quarantine."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from newsdex.search.errors import SearchError
from newsdex.search.ledger.excluded import left_out
from newsdex.search.ledger.quarantine_records import quarantined
from newsdex.search.ledger.run_records import run, runs
from newsdex.web.site import site_of, status_of
from newsdex.web.view import View

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PAGE_SIZE = 50
"""Records a page."""


def runs_page(request: Request) -> Response:
    """List the runs."""
    site, number = site_of(request), View.of(request.query_params.multi_items()).page
    try:
        found = runs(site.client, site.names, size=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=View(), sentence=str(error), title="Runs")
    return site.page("runs.html", found=found, number=number, pages=-(-found.total // PAGE_SIZE), path="/runs?")


def run_page(request: Request) -> Response:
    """Show one run and its partitions."""
    site, run_id = site_of(request), request.path_params["run_id"]
    try:
        records = run(site.client, site.names, run_id)
        inputs = list(islice(left_out(site.client, site.names, run_id), PAGE_SIZE + 1))
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=View(), sentence=str(error), title="Run")
    if not records or records[0].started_at is None:
        sentence = f"There is no run {run_id[:100]!r} in the ledger."
        return site.page("fault.html", 404, shown=View(), sentence=sentence, title="Not found")
    return site.page(
        "run.html", run=records[0], partitions=records[1:], inputs=inputs[:PAGE_SIZE], more=inputs[PAGE_SIZE:]
    )


def quarantine_page(request: Request) -> Response:
    """List the inputs that were left out, and why."""
    site = site_of(request)
    asked = {name: request.query_params.get(name, "") for name in ("reason", "result", "run_id")}
    number = View.of(request.query_params.multi_items()).page
    try:
        found = quarantined(
            site.client,
            site.names,
            reason=asked["reason"] or None,
            result=asked["result"] or None,
            run_id=asked["run_id"] or None,
            size=PAGE_SIZE,
            offset=(number - 1) * PAGE_SIZE,
        )
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=View(), sentence=str(error), title="Quarantine")

    def address(**changes: str) -> str:
        return "/quarantine?" + urlencode({name: value for name, value in {**asked, **changes}.items() if value})

    return site.page(
        "quarantine.html",
        found=found,
        asked=asked,
        replayer=site.replayer,
        address=address,
        number=number,
        pages=-(-found.total // PAGE_SIZE),
        path=address() + "&",
    )
