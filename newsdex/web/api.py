"""The JSON interface beside the page, under `/api`: search, facets and articles, read only, described by OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from newsdex.search.errors import SearchError
from newsdex.search.query.facet_table import FACETS
from newsdex.search.query.filters import make_filters
from newsdex.search.query.request import SORTS, SearchRequest
from newsdex.search.results.facets import facets
from newsdex.search.results.search import get, search
from newsdex.web.site import site_of, status_of

if TYPE_CHECKING:
    from newsdex.search.query.filters import Filters
    from newsdex.search.query.request import Sort
    from newsdex.web.site import Site

_SWITCHES = ("either", "copies", "exact")


def create_api(site: Site) -> FastAPI:
    """Return the interface to one index; its description is at `/api/openapi.json`."""
    # The pages that FastAPI would add for trying it out load their scripts from elsewhere.
    api = FastAPI(title="Newsdex", docs_url=None, redoc_url=None, version="1", description=__doc__ or "")
    api.state.site = site
    api.add_exception_handler(SearchError, _refused)
    for path, endpoint, parameters in (
        ("/search", _search, [*_FILTERS, *_PAGING]),
        ("/facets", _facets, [*_FILTERS, *_COUNTING]),
        ("/articles/{article_id}", _article, []),
    ):
        api.add_api_route(
            path,
            endpoint,
            name=endpoint.__name__.removeprefix("_"),
            summary=(endpoint.__doc__ or "").partition("\n")[0],
            openapi_extra={"parameters": parameters} if parameters else None,
            responses={400: {"description": "The question cannot be asked: `fault` says why, in one sentence."}},
        )
    return api


def _search(request: Request) -> Response:
    """Return the articles that match: `total`, `hits`, `next_offset` and what `newsdex search --json` prints else."""
    site, given = site_of(request), _Given(request)
    sort = given.text("sort") or "relevance"
    if sort not in SORTS:
        raise SearchError(f"There is no order {sort[:40]!r}: choose from {', '.join(SORTS)}.")
    asked = SearchRequest(
        query=given.text("q"),
        filters=given.filters(),
        size=given.number("size", 10),
        offset=given.number("offset", 0),
        sort=cast("Sort", sort),
        exact=given.on("exact"),
        by_story=given.on("by_story"),
    )
    return _answer(search(site.client, site.names, asked))


def _facets(request: Request) -> Response:
    """Return the most frequent values of each facet, or of those of `over`, as `newsdex facets --json` prints them."""
    site, given = site_of(request), _Given(request)
    over = given.all("over")
    found = facets(
        site.client,
        site.names,
        given.filters(),
        query=given.text("q"),
        size=given.number("size", 10),
        exact=given.on("exact"),
        over=over,
    )
    return _answer(found.to_dict(over))


def _article(request: Request, article_id: str) -> Response:
    """Return one whole article or copy, by its id."""
    site = site_of(request)
    found = get(site.client, site.names, article_id)
    if found is None:
        return JSONResponse({"fault": f"There is no article {article_id[:100]!r} in this index."}, 404)
    return _answer(found)


class _Given:
    """What an address asks for."""

    def __init__(self, request: Request) -> None:
        self._parameters = request.query_params

    def text(self, name: str) -> str:
        return self._parameters.get(name, "").strip()

    def all(self, name: str) -> list[str]:
        return [value for value in self._parameters.getlist(name) if value.strip()]

    def on(self, name: str) -> bool:
        return self.text(name) in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        typed = self.text(name)
        if not typed:
            return default
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            raise SearchError(f"{name} is {typed[:40]!r}: give a whole number.")
        return int(typed)

    def filters(self) -> Filters:
        values: dict[str, Any] = {facet.name: self.all(facet.name) for facet in FACETS}
        return make_filters(
            **values,
            since=self.text("since"),
            until=self.text("until"),
            either=self.on("either"),
            copies=self.on("copies"),
        )


def _answer(found: object) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json", headers={"cache-control": "no-cache"})


def _refused(_request: Request, error: Exception) -> Response:
    status = status_of(error) if isinstance(error, SearchError) else 500
    return JSONResponse({"fault": str(error)}, status)


def _parameter(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


_TEXT: dict[str, Any] = {"type": "string"}
_LIST: dict[str, Any] = {"type": "array", "items": _TEXT}

_FILTERS = [
    _parameter("q", "Words, phrases and operators, as in the search box; empty means every article.", _TEXT),
    *(_parameter(facet.name, facet.help, _LIST) for facet in FACETS),
    _parameter("since", "Published then or later: 2018-01-23, 2018-01, 2018.", _TEXT),
    _parameter("until", "Published then or before.", _TEXT),
    *(_parameter(name, "1 switches it on.", {"type": "string", "enum": ["1"]}) for name in _SWITCHES),
]
_PAGING = [
    _parameter("size", "Hits to return, up to 1,000.", {"type": "integer", "default": 10}),
    _parameter("offset", "Hits to skip: `next_offset` of the answer before.", {"type": "integer", "default": 0}),
    _parameter("sort", "Order of hits.", {"type": "string", "enum": list(SORTS)}),
    _parameter("by_story", "1 shows only the best article of each story.", {"type": "string", "enum": ["1"]}),
]
_COUNTING = [
    _parameter("size", "Values a facet, up to 1,000.", {"type": "integer", "default": 10}),
    _parameter("over", "Count only these facets.", _LIST),
]
