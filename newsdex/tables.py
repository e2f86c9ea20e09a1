"""Loads the reviewed tables that lie as TOML files beside the modules that use them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load_table(module_file: str, name: str) -> dict[str, Any]:
    """Return the table `name`, such as `urls.toml`, that lies beside the module whose `__file__` is given.

    It is read once and shared: callers must not change it.
    """
    return tomllib.loads(Path(module_file).with_name(name).read_text(encoding="utf-8"))
