"""The commands about one article: `show`, `copies` and `like`."""

from __future__ import annotations

from typing import Annotated

import typer

from newsdex.cli.common import Index, Json, faults, print_json, reading
from newsdex.cli.options import ArticleName


def show(article: ArticleName, *, index: Index = None, as_json: Json = False) -> None:
    """Show one article of the index: its facts, names, dates, copies, where each came from, and its text."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import article as view  # noqa: PLC0415
        from newsdex.search.results.search import get_or_fail  # noqa: PLC0415  # the client takes 0.2 s to import

        found = get_or_fail(client, names, article)
        if as_json:
            print_json(found)
        else:
            view.indexed(found)


def like(
    article: ArticleName,
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=100, help="Articles to show.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show the articles that are most like a given one."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import search as view  # noqa: PLC0415
        from newsdex.search.results.search import get_or_fail  # noqa: PLC0415  # the client takes 0.2 s to import
        from newsdex.search.results.similar import more_like_this  # noqa: PLC0415

        found = more_like_this(client, names, get_or_fail(client, names, article).id, size=size)
        if as_json:
            print_json(found)
        else:
            view.hits(found)


def copies(
    article: ArticleName,
    *,
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=1000, help="Copies to show, earliest first.")] = 10,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show an article's copies: who ran it when, how alike the texts are, and what differs."""
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import copies as view  # noqa: PLC0415
        from newsdex.search.results.copies import article_with_copies  # noqa: PLC0415  # as above

        compared = view.compare(article_with_copies(client, names, article, size=size))
        if as_json:
            print_json(compared)
        else:
            view.show(compared)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (show, copies, like):
        app.command()(command)
