"""Turns piles of news articles into a clean, de-duplicated, faceted, searchable Elasticsearch index.

For notebooks and scripts (docs/notebooks.md):

>>> import newsdex
>>> for article in newsdex.read("folder"):
...     article.title, article.entities.person
>>> newsdex.to_dataframe(newsdex.read("folder"))
>>> newsdex.Index().search("budget", person="Ada Byron").hits

What is named here is imported when it is first used: `import newsdex` alone costs nearly nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsdex.errors import NewsdexError
    from newsdex.notebook.frames import to_dataframe
    from newsdex.notebook.index import Index
    from newsdex.notebook.reading import read
    from newsdex.transforms.article import Article

__all__ = ["Article", "Index", "NewsdexError", "read", "to_dataframe"]

_HOMES = {
    "Article": "newsdex.transforms.article",
    "Index": "newsdex.notebook.index",
    "NewsdexError": "newsdex.errors",
    "read": "newsdex.notebook.reading",
    "to_dataframe": "newsdex.notebook.frames",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # what the caller asked for
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415  # 10 ms

        return version("newsdex")
    if name not in _HOMES:
        raise AttributeError(f"module 'newsdex' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return sorted([*__all__, "__version__"])
