"""The floors in one file, `floors.json`, and how a benchmark is held to its own.

A floor under a gate's own name is one of quality: it is the same on every machine, and CI holds it. A floor under its
`speed` is a ratio to a peer in the same run: it says what was promised, is held where a person asks for it, and never
in CI, whose machine is shared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FLOORS = Path(__file__).with_name("floors.json")

AT_MOST = "milliseconds"
"""How the name of a figure begins that must not exceed its floor; every other must not fall below it."""


def names() -> list[str]:
    """Return all gates that have a floor, in alphabetical order."""
    return sorted(json.loads(FLOORS.read_text(encoding="utf-8")))


def floors(name: str, *, speed: bool = True) -> dict[str, Any]:
    """One gate's floors as one flat dictionary, those of speed among them if wanted."""
    found = dict(json.loads(FLOORS.read_text(encoding="utf-8"))[name])
    speeds = found.pop("speed", {})
    return found | (speeds if speed else {})


def below(name: str, figures: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    """One sentence for each figure that is on the wrong side of its floor; empty when all hold."""
    return [
        f"{name}: {figure} is {figures[figure]}, its floor is {floor}"
        for figure, floor in held.items()
        if (figures[figure] > floor if figure.startswith(AT_MOST) else figures[figure] < floor)
    ]


def hold(name: str, check: Callable[[dict[str, Any]], list[str]]) -> int:
    """Run one gate with all its floors, print what failed, and return the exit code for it."""
    failures = check(floors(name))
    print("\n".join(failures) or "All floors hold.")
    return 1 if failures else 0
