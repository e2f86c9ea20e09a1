"""Score spans of characters: exact, by label and together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.world_model.gold import Span


def scores(pairs: Iterable[tuple[Iterable[Span], Iterable[Span]]]) -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 by label, and of all of them together, of pairs of gold and found spans."""
    right, gold_count, found_count = Counter[str](), Counter[str](), Counter[str]()
    for gold, found in pairs:
        wanted, given = set(gold), set(found)
        for counter, spans in ((right, wanted & given), (gold_count, wanted), (found_count, given)):
            for _, _, label in spans:
                counter[label] += 1
                counter["all"] += 1
    out = {}
    for label in ("all", "PER", "ORG", "LOC"):
        precision = right[label] / max(1, found_count[label])
        recall = right[label] / max(1, gold_count[label])
        out[label] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return out
