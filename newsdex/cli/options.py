"""Options that several commands have: one place for each, whatever the command."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdex.readers.fetch_options import Pages
from newsdex.search.query.facet_table import FACETS

if TYPE_CHECKING:
    from collections.abc import Callable

FieldMap = Annotated[
    list[str] | None, typer.Option("--map", metavar="OURS=THEIRS", help="For records: body=story_text, and the like.")
]
InputFormat = Annotated[
    str | None, typer.Option("--format", help="Format of the inputs, where their names do not tell: csv, feed, html, …")
]
LanguageHint = Annotated[
    str | None, typer.Option("--language", help="Language of articles that declare none: en, de, …")
]
FetchPages = Annotated[
    Pages | None,
    typer.Option("--pages", help="Of live feeds: fetch the pages that they link to.", case_sensitive=False),
]
Query = Annotated[
    str,
    typer.Argument(help='Words, "a phrase", -without, either | or, begin*, title:word; empty means every article.'),
]
Exact = Annotated[bool, typer.Option("--exact", help="Only the words as typed, even where they look misspelt.")]
ArticleName = Annotated[
    str, typer.Argument(metavar="ARTICLE", help="An article's id or address, as `newsdex search --json` gives them.")
]

_PANEL = "Filters"
"""Heading of the filters in the help."""


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of every filter; it is called with `filters`, which has what was given."""
    signature = inspect.signature(command, eval_str=True)
    options = {option.name: option for option in _filter_options()}

    @functools.wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401  # what typer read
        command(filters={name: given.pop(name) for name in options}, **given)

    own = [each for name, each in signature.parameters.items() if name != "filters"]
    before = [each for each in own if each.kind is not inspect.Parameter.KEYWORD_ONLY]
    after = [each for each in own if each.kind is inspect.Parameter.KEYWORD_ONLY]
    parameters = [*before, *options.values(), *after]
    called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _filter_options() -> list[inspect.Parameter]:
    options = [
        _option(facet.name, list[str] | None, facet.flag, facet.help, metavar=facet.noun.upper()) for facet in FACETS
    ]
    since = "Published then or later: 2018-01-23, 2018-01, 2018."
    doubtful = "Only articles whose text may be wrong: what was read does not look like the article of its page."
    either = "One of several people, organisations, places … is enough."
    return [
        *options,
        _option("since", str | None, "--since", since, metavar="DATE"),
        _option("until", str | None, "--until", "Published then or before.", metavar="DATE"),
        _option("either", bool, "--either", either, default=False),
        _option("doubtful", bool, "--doubtful", doubtful, default=False),
        _option("copies", bool, "--copies", "Show copies too that are kept beside their article.", default=False),
    ]


def _option(
    name: str,
    kind: Any,  # noqa: ANN401  # a type, as typer reads it
    flag: str,
    text: str,
    *,
    metavar: str | None = None,
    default: object = None,
) -> inspect.Parameter:
    option = typer.Option(flag, help=text, metavar=metavar, rich_help_panel=_PANEL)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
