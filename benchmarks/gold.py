"""Where the real articles and gold sets lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def gold(name: str = "") -> Path:
    """Return the path of one set below `NEWSDEX_GOLD`.

    Where it is absent, the program ends with a sentence that says so.
    """
    path = place_of(name)
    if not path.exists():
        sys.exit(
            f"No evaluation data at {path}: set NEWSDEX_GOLD to its folder; docs/data.md says where it is to be had."
        )
    return path


def place_of(name: str) -> Path:
    """Return where one set lies if it is at hand: for programs that can do without."""
    return Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve() / name
