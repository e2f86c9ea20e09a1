"""Exact-span scores, of spans of words or of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.models.tags import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.entity_model.data import Span


def f1(gold: Sequence[Iterable[Span]], found: Sequence[Iterable[Span]]) -> float:
    """Micro F1 over PER, ORG and LOC: a span counts if both its borders and its label are right."""
    return scores(gold, found)["all"][2]


def scores(gold: Sequence[Iterable[Span]], found: Sequence[Iterable[Span]]) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 by label, and under "all" for the three together."""
    wanted = {(number, *span) for number, spans in enumerate(gold) for span in spans}
    given = {(number, *span) for number, spans in enumerate(found) for span in spans}
    result: dict[str, tuple[float, float, float]] = {}
    for name in (*LABELS, "all"):
        want = {span for span in wanted if name in ("all", span[3])}
        give = {span for span in given if name in ("all", span[3])}
        right = len(want & give)
        precision, recall = right / max(1, len(give)), right / max(1, len(want))
        result[name] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return result
