"""What every page needs: the index it shows, and its templates."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import elastic_transport
import jinja2
from elasticsearch import ApiError
from starlette.responses import HTMLResponse

from newsdex.search.query.codes import language_name
from newsdex.search.query.facet_table import BY_NAME
from newsdex.web import wording
from newsdex.web.view import View

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from starlette.requests import Request
    from starlette.responses import Response

    from newsdex.search.errors import SearchError
    from newsdex.search.indices.naming import IndexNames

log = logging.getLogger("newsdex.web")

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions = (
        wording.number, wording.counted, wording.day, wording.published, wording.moment, wording.seconds,
        wording.facet_value, language_name, wording.language_tag, wording.web_address, wording.input_name,
        wording.reason,
    )  # fmt: skip
    environment.filters |= {each.__name__: each for each in functions}
    environment.globals |= {"FACETS": BY_NAME}
    return environment


class Replayer(Protocol):
    """What reads the quarantine again; `newsdex.commands.web` has one."""

    def start(self, reason: str | None) -> None:
        """Begin to read again what was left out for a reason, or all; nothing where a replay is under way."""
        ...

    def state(self) -> str | None:
        """One sentence on the replay that is under way, or on the last one; `None` before the first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One index, shown."""

    client: Elasticsearch
    names: IndexNames
    replayer: Replayer | None = None
    """What the quarantine's button starts; without it there is no button."""
    templates: jinja2.Environment = field(default_factory=_templates)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401  # a template's values
        """Return a page. Every value is escaped where it is put in: no template marks anything as safe."""
        page = self.templates.get_template(template).render(view=View(), index=self.names.articles, **values)
        # A page shows what the index holds now; going back shows it as it was.
        return HTMLResponse(page, status, headers={"cache-control": "private, no-cache"})


def site_of(request: Request) -> Site:
    """Return the site that a request is for."""
    site: Site = request.app.state.site
    return site


def status_of(error: SearchError) -> int:
    """Return the HTTP status for a fault: whose it is, the question's, the index's or the node's."""
    cause = error.__cause__
    if isinstance(cause, ApiError):
        return 404 if cause.meta.status == 404 else 400 if cause.meta.status == 400 else 503
    return 503 if isinstance(cause, elastic_transport.TransportError) else 400
