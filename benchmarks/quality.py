"""All quality gates in one go: `python -m benchmarks.quality [NAME…]`; exit code 1 where a floor is not reached."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

FLOORS = Path(__file__).with_name("floors.json")


def main() -> int:
    """Run the gates named on the command line, else all that have a floor; print each and what failed."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    chosen = sys.argv[1:] or sorted(floors.keys() - {"samples"})  # tests/flows/test_samples.py holds that one
    failures: list[str] = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        failures += importlib.import_module(f"benchmarks.{name}").check(floors[name])
    print("\n" + ("\n".join(failures) if failures else f"All floors hold: {', '.join(chosen)}."))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
