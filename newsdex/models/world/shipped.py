"""Where the model of the world's languages lies, what it reads and how well; apart, so that nobody need load it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "data"
"""The model, trained by `python -m tools.world_model`."""

NAME = "newsdex-world"
"""What the model is called in settings and reports."""


@cache
def meta() -> dict[str, Any]:
    """Return what the model says of itself: name, version, languages with their scores, sources."""
    facts: dict[str, Any] = json.loads((SHIPPED / "meta.json").read_text(encoding="utf-8"))
    return facts


def languages() -> tuple[str, ...]:
    """Return the languages (ISO 639-1) that the model is used for."""
    return tuple(meta()["languages"])


def by_language() -> dict[str, str]:
    """Return the model's name under each of its languages."""
    return dict.fromkeys(languages(), NAME)
