"""`newsdex.read`: articles cleaned and enriched as a run would index them, without Elasticsearch."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from newsdex.commands.inspect_inputs import inspected
from newsdex.errors import NewsdexError
from newsdex.flows.config import settings
from newsdex.readers.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from newsdex.transforms.article import Article, Rejection

_UNREADABLE = frozenset({"no-such-path", "nothing-matched"})
"""Reasons that mean that there was nothing to read at all."""


class Reading:
    """An iterator of articles, in the order of the inputs; `rejected` has what was left out so far, and why."""

    def __init__(self, articles: Iterator[Article], rejected: list[Rejection]) -> None:
        self._articles = articles
        self.rejected = rejected
        """Inputs that are no articles or could not be used: `input_uri`, `reason`, `detail`."""

    def __iter__(self) -> Iterator[Article]:
        """Return itself: a reading can be gone through once."""
        return self

    def __next__(self) -> Article:
        """Return the next article."""
        return next(self._articles)


def read(
    *locations: str | PathLike[str],
    format: str | None = None,  # noqa: A002  # as the option is called
    language: str | None = None,
    limit: int | None = None,
    field_map: Mapping[str, str] | None = None,
) -> Reading:
    """Read, clean and enrich articles as `newsdex ingest` would index them; nothing is written.

    Args:
        locations: files, folders, patterns or addresses.
        format: of the inputs, where their names do not tell: `csv`, `feed`, `html`, …
        language: of articles that declare none: `en`, `de`, …
        limit: stop after so many inputs.
        field_map: for records, our field → the input's field: `{"body": "story_text"}`.

    Returns:
        An iterator of articles. What is left out does not stop it: `.rejected` says what and why, and a warning at the
        end how many.

    Raises:
        NewsdexError: no location, one that is not there, or a wrong option; the message is one sentence.
    """
    if not locations:
        raise NewsdexError("Name what to read: newsdex.read('folder'), a file, a pattern or an address.")
    if limit is not None and limit < 1:
        raise NewsdexError(f"The limit {limit} reads nothing: give 1 or more.")
    if format is not None and format not in FORMATS:
        raise NewsdexError(f"There is no format {format[:40]!r}: choose one of {', '.join(sorted(FORMATS))}.")
    places = [str(each) for each in locations]
    rejected: list[Rejection] = []

    def articles() -> Iterator[Article]:
        options = {"input_format": format, "language": language, "pages": None}
        for item in inspected(settings.load(), places, limit=limit, field_map=field_map or {}, **options):
            if item.article is not None:
                yield item.article
            elif item.rejection is not None:
                if item.rejection.reason in _UNREADABLE and item.rejection.input_uri in places:
                    raise NewsdexError(item.rejection.detail)
                rejected.append(replace(item.rejection, raw=""))
        if rejected:
            left = "1 input was" if len(rejected) == 1 else f"{len(rejected):,} inputs were"
            warnings.warn(f"{left} left out: `.rejected` says which, and why.", stacklevel=3)

    return Reading(articles(), rejected)
