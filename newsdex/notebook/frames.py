"""`newsdex.to_dataframe`: articles or hits as a table of pandas or polars, whichever is installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from newsdex.errors import NewsdexError
from newsdex.search.export.rows import COLUMNS, row_of
from newsdex.transforms.article import Article

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsdex.search.results.hits import Hit

LIBRARIES = ("pandas", "polars")
"""In the order in which they are looked for."""


def to_dataframe(articles: Iterable[Article | Hit], library: Literal["pandas", "polars"] | None = None) -> Any:  # noqa: ANN401  # a data frame of either
    """Return one row an article, with the columns of `newsdex search --export`.

    Args:
        articles: what `newsdex.read` yields, or the hits of a search (which have no body).
        library: `pandas` or `polars`; without it whichever is installed, pandas first.

    Raises:
        NewsdexError: neither is installed, the one asked for is not, or something else than articles was given.
    """
    frames = _library(library)
    rows, names = [_row(each) for each in articles], [column.name for column in COLUMNS]
    if frames.__name__ == "polars":
        return frames.DataFrame(rows, schema=names, infer_schema_length=None)  # a title may be missing a thousand times
    return frames.DataFrame(rows, columns=names)


def _row(article: object) -> dict[str, Any]:
    from newsdex.search.results.hits import Hit  # noqa: PLC0415  # the client takes 0.2 s to import

    if not isinstance(article, Article | Hit):
        raise NewsdexError(
            f"A {type(article).__name__} is no article: give what newsdex.read(…) yields, or the hits of a search."
        )
    return row_of(article.id, article.to_dict()) | {"published_at": article.published_at}


def _library(wanted: str | None) -> Any:  # noqa: ANN401  # a module
    if wanted is not None and wanted not in LIBRARIES:
        raise NewsdexError(f"There are no data frames of {wanted!r} here: choose pandas or polars.")
    for name in (wanted,) if wanted else LIBRARIES:
        try:
            return import_module(name)
        except ImportError:
            continue
    missing = wanted or "pandas or polars"
    raise NewsdexError(f"A data frame needs {missing}: `pip install {wanted or 'pandas'}`.")
