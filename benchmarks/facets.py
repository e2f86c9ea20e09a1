"""The facets of whole articles beside what a person named in them: `python -m benchmarks.facets [--wrong]`.

`data/facets.jsonl` has, for the English samples and the two articles that the project began with, the people,
organisations and places by their canonical names, as one person annotated them by reading. A facet value counts as
right when it is there under that name and kind; what is `either_way` (an agency in a dateline, a parrot) counts neither
for nor against. The two articles come with NEWSDEX_GOLD (docs/data.md); the samples lie in the repository.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.gates import below, hold
from benchmarks.gold import ROOT, gold
from newsdex.commands.inspect_inputs import inspected
from newsdex.flows.config import settings

ANNOTATED = Path(__file__).with_name("data") / "facets.jsonl"
KINDS = ("person", "organization", "place")


def measure() -> tuple[dict[str, Any], list[str]]:
    """Precision, recall and F1 over all facet values, F1 by kind, and what is wrong, a line each."""
    rows = [json.loads(line) for line in ANNOTATED.read_text(encoding="utf-8").splitlines()]
    found = _facets()
    hits, misses, alarms = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    wrong: list[str] = []
    for row in rows:
        for kind in KINDS:
            want, have = set(row[kind]), set(found[row["input"]][kind]) - set(row.get("either_way", ()))
            hits[kind] += len(want & have)
            misses[kind] += len(want - have)
            alarms[kind] += len(have - want)
            wrong += [f"{row['input']}: no {kind} {name!r}" for name in sorted(want - have)]
            wrong += [f"{row['input']}: {name!r} is no {kind}" for name in sorted(have - want)]
    right, missed, false = sum(hits.values()), sum(misses.values()), sum(alarms.values())
    return {
        "articles": len(rows),
        "names": right + missed,
        "precision": round(right / (right + false), 4),
        "recall": round(right / (right + missed), 4),
        "f1": round(_f1(right, missed, false), 4),
        **{f"f1_{kind}": round(_f1(hits[kind], misses[kind], alarms[kind]), 4) for kind in KINDS},
    }, wrong


def check(floors: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is below its floor; empty when all hold."""
    figures, _ = measure()
    print(json.dumps(figures, indent=2))
    return below("facets", figures, floors)


def _facets() -> dict[str, dict[str, list[str]]]:
    """Input, as the annotations call it → kind → the names in its facets."""
    locations = [str(ROOT / "samples/articles"), str(gold("seeds"))]
    found = {}
    for one in inspected(settings.load(), locations, limit=None, field_map={}):
        if one.article is not None:
            entities = one.article.entities
            marker = "samples/articles/" if "/samples/articles/" in one.input_uri else "seeds/"
            key = marker + one.input_uri.partition(f"/{marker}")[2]
            found[key] = {kind: list(getattr(entities, kind)) for kind in KINDS}
    return found


def _f1(right: int, missed: int, false: int) -> float:
    return 2 * right / (2 * right + missed + false)


def main() -> int:
    """Print the figures and hold them to the floors; with `--wrong` name every value that is missing or too many."""
    if "--wrong" in sys.argv:
        print("\n".join(measure()[1]))
        return 0
    return hold("facets", check)


if __name__ == "__main__":
    sys.exit(main())
