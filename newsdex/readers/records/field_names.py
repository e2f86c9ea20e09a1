"""The table of field names, fields.toml, made ready."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from newsdex.tables import load_table

MAX_NAMES = 10_000
"""Names remembered in their compared form: far more than real records have, and a bound for hostile ones."""

_SQUASH = re.compile(r"[^0-9a-z]+")


class FieldTable:
    """fields.toml, made ready."""

    def __init__(self) -> None:
        table = dict(load_table(__file__, "fields.toml"))
        reading = table.pop("_reading")
        self.kinds = {name: entry["kind"] for name, entry in table.items()}
        self.names = {name: tuple(squash(known) for known in entry["names"]) for name, entry in table.items()}
        self.wrappers = frozenset(squash(name) for name in reading["wrappers"])
        self.inside: tuple[str, ...] = tuple(reading["inside"])
        self.absent = frozenset(reading["absent"])


@cache
def table() -> FieldTable:
    """Return the table, read once."""
    return FieldTable()


@lru_cache(MAX_NAMES)
def squash(path: str) -> str:
    """Return a name as it is compared: lower case, letters and digits only, dots between the parts."""
    parts = path.split(".")
    return ".".join(_SQUASH.sub("", part.lower()) or part for part in parts)
