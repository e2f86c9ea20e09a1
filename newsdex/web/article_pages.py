"""An article in full: its entities, its copies and how they differ, why it matched, and articles like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.search.errors import SearchError
from newsdex.search.query.facet_table import BY_NAME
from newsdex.search.results.explain import matches
from newsdex.search.results.search import get
from newsdex.search.results.similar import more_like_this
from newsdex.search.results.stories import story
from newsdex.transforms.text.diff import differences
from newsdex.web import wording
from newsdex.web.marking import paragraphs
from newsdex.web.site import log, site_of, status_of
from newsdex.web.view import View

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from newsdex.search.results.explain import Matches
    from newsdex.search.results.hits import Hit
    from newsdex.transforms.article import Article
    from newsdex.web.site import Site

ALIKE = 5
"""Articles like this one that are named."""

TOLD = 12
"""Articles of its story that are named, the oldest first."""

_NOT_THERE = "There is no article {!r} in this index: it may have been replaced or removed since this link was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityList:
    """The entities of one kind, each with a search for it."""

    kind: str
    title: str
    values: tuple[tuple[str, str], ...]
    """Name and address."""


def article_page(request: Request) -> Response:
    """Show one article or copy."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    article_id = request.path_params["article_id"]
    try:
        article = get(site.client, site.names, article_id)
        if article is None:
            return _missing(site, view, article_id)
        found = _matches(site, article, view)
        original = get(site.client, site.names, article.duplicate_of) if article.duplicate_of else None
        alike = _alike(site, article)
        told = story(site.client, site.names, article.story_id, size=TOLD) if article.story_id else None
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=view, sentence=str(error), title="Article")
    return site.page(
        "article.html",
        shown=view,
        article=article,
        original=original,
        paragraphs=paragraphs(article.body, article.mentions, found.body if found else None),
        title_passage=found.title if found else None,
        reasons=_reasons(article, view, found),
        entities=_entities(article),
        alike=alike,
        told=told,
        facet_address=_address,
    )


def compare_page(request: Request) -> Response:
    """Show how a copy differs from the article that it was folded into."""
    site, view = site_of(request), View.of(request.query_params.multi_items())
    try:
        pair = []
        for name in ("article_id", "copy_id"):
            found = get(site.client, site.names, request.path_params[name])
            if found is None:
                return _missing(site, view, request.path_params[name])
            pair.append(found)
    except SearchError as error:
        return site.page("fault.html", status_of(error), shown=view, sentence=str(error), title="Compare")
    article, copy = pair
    return site.page(
        "compare.html",
        shown=view,
        article=article,
        copy=copy,
        title_changes=differences(article.title or "", copy.title or ""),
        changes=differences(article.body, copy.body),
    )


def _missing(site: Site, view: View, article_id: str) -> Response:
    return site.page("fault.html", 404, shown=view, sentence=_NOT_THERE.format(article_id[:100]), title="Not found")


def _matches(site: Site, article: Article, view: View) -> Matches | None:
    """Return where the article matches what was searched for; a query that cannot be asked marks nothing."""
    if not view.query:
        return None
    try:
        return matches(site.client, site.names, article.id, view.query)
    except SearchError as error:
        if status_of(error) == 503:
            raise
        return None


def _alike(site: Site, article: Article) -> tuple[Hit, ...]:
    """Return articles like this one; the page does without them where they cannot be had."""
    try:
        return more_like_this(site.client, site.names, article.id, size=ALIKE).hits
    except SearchError as error:
        log.warning("no articles like %s: %s", article.id, error)
        return ()


def _reasons(article: Article, view: View, found: Matches | None) -> list[str]:
    """Return why the article is among the hits of a view, in sentences."""
    reasons = []
    if view.query and found:
        for where, passage in (("title", found.title), ("text", found.body)):
            words = [f"“{word}”{f' ({count} times)' if count > 1 else ''}" for word, count in found.words(passage)]
            if words:
                reasons.append(f"Its {where} has {', '.join(words[:12])}.")
    for facet, values in view.chosen.items():
        named = ", ".join(wording.facet_value(facet, value) for value in values)
        reasons.append(BY_NAME[facet].reason.format(named))
    if (view.since or view.until) and article.published_on:
        reasons.append(f"It was published on {wording.day(article.published_on)}.")
    return reasons


def _address(facet: str, value: str) -> str:
    """Return the address of the search for a facet's value."""
    return View(chosen={facet: (value,)}).address()


def _entities(article: Article) -> list[EntityList]:
    lists = []
    for kind in ("person", "organization", "place"):
        values = getattr(article.entities, kind)
        if values:
            rows = tuple((value, _address(kind, value)) for value in values)
            lists.append(EntityList(kind=kind, title=BY_NAME[kind].title, values=rows))
    return lists
