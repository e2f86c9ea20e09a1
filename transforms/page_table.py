"""Loads the reviewed word lists that lie beside the modules for pages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the table `name`, such as `published.toml`, of this package; read once, not to be changed by callers."""
    return tomllib.loads(files("transforms").joinpath(name).read_text(encoding="utf-8"))
