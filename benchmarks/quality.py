"""All quality gates in one go: `python -m benchmarks.quality [--speed] [NAME…]`; exit code 1 below a floor.

With `--speed` the promised speeds, ratios to a peer in the same run, are held too.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks import gates

ELSEWHERE = {"samples"}
"""Floors that a test of the suite holds, since the samples are in the repository: tests/flows/test_samples.py."""


def main() -> int:
    """Run the gates named on the command line, else all that have a floor; print each and what failed."""
    speed = "--speed" in sys.argv
    chosen = [name for name in sys.argv[1:] if name != "--speed"] or sorted(set(gates.names()) - ELSEWHERE)
    failures: list[str] = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        failures += importlib.import_module(f"benchmarks.{name}").check(gates.floors(name, speed=speed))
    print("\n" + ("\n".join(failures) if failures else f"All floors hold: {', '.join(chosen)}."))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
