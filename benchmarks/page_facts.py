"""Title, authors and time of publication: ours beside trafilatura on the world pages, for `benchmarks.extraction`.

A title is right if its letters are the gold title's (quotation marks and blanks aside). Of the authors only persons
count: the gold names the paper, an agency or a town, too, where the byline does, and those are no persons; they count
neither as missed nor, where we leave them out, as found. A time is right within a minute; pages whose gold has no time
of day, or no zone, are left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import trafilatura

from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.attribution import bylines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.page_sets import GoldPage
    from newsdex.transforms.chain import Chain

MINUTE = timedelta(minutes=1)

_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Told:
    """What a system says of a page."""

    title: str | None
    authors: frozenset[str]
    in_time: bool | None
    """`None` where the gold has no time."""


def plain(text: str | None) -> str:
    """Return the letters of a text, casefolded."""
    return "".join(_LETTERS.findall(unicodedata.normalize("NFKC", text or "").casefold()))


def ours(page: GoldPage, chain: Chain) -> Told:
    """Return what Newsdex says of a page."""
    done = chain.clean(RawArticle(input_uri=page.url, origin=Origin.PAGE, html=page.html, url=page.url))
    if isinstance(done, Rejection):
        return Told(None, frozenset(), in_time=False if _has_time(page) else None)
    article = done.article
    authors = frozenset(map(plain, article.authors))
    if page.published is None or not _has_time(page):
        return Told(article.title, authors, in_time=None)
    near = article.published_at is not None and abs(article.published_at - page.published) <= MINUTE
    return Told(article.title, authors, in_time=near)


def theirs(page: GoldPage) -> Told:
    """Return what trafilatura says of a page; it tells no time of day."""
    found = trafilatura.bare_extraction(page.html, url=page.url, with_metadata=True, fast=True)
    if found is None:
        return Told(None, frozenset(), in_time=None)
    names = (found.author or "").split("; ")
    return Told(found.title, frozenset(filter(None, map(plain, names))), in_time=None)


def _has_time(page: GoldPage) -> bool:
    when = page.published
    return when is not None and when.tzinfo is not None and (when.hour, when.minute) != (0, 0)


def persons(page: GoldPage) -> frozenset[str]:
    """Return the persons among the gold authors: what our own rules for names take for one."""
    return frozenset(plain(name) for name in page.authors if bylines.authors([name], (), (page.name.split("-", 1)[1],)))


def figures(pages: Sequence[GoldPage], told: Iterable[Told]) -> dict[str, float]:
    """Return the shares of right titles, authors (precision and recall) and times."""
    titles = found = named = right = timed = in_time = 0
    for page, one in zip(pages, told, strict=True):
        truth, everybody = persons(page), frozenset(map(plain, page.authors))
        titles += plain(one.title) == plain(page.title)
        right += len(truth & one.authors)
        found += len(one.authors - (everybody - truth))
        named += len(truth)
        timed += one.in_time is not None
        in_time += one.in_time is True
    return {
        "title": titles / len(pages),
        "authors_precision": right / max(1, found),
        "authors_recall": right / max(1, named),
        **({"minute": in_time / timed} if timed else {}),
    }
