"""Fit the curve of `transforms/page/confidence.py` again, on one half of the publishers, on the other, and on all.

    NEWSDEX_GOLD=… python -m benchmarks.confidence

For each half it prints the weights, and how good the texts of the other half are for each expected F1. The texts are
what is extracted from a page, its first third, and six elements of the page drawn at random (seeded).
"""

from __future__ import annotations

import random
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import page_sets
from benchmarks.extraction import compare
from newsdex.transforms.page import main_text, tree
from newsdex.transforms.page.blocks import is_prose
from newsdex.transforms.page.confidence import WEIGHTS, Candidate, measures
from newsdex.transforms.page.declared import metadata
from newsdex.transforms.page.declared.facts import choose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from benchmarks.page_sets import GoldPage
    from newsdex.transforms.page.blocks import Block

ELEMENTS, MIN_ELEMENT_CHARS = 6, 100
STEPS, RATE, RIDGE = 8_000, 0.5, 1e-3
BOUNDS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)

Row = tuple[list[float], float, int]
"""Measures of a text, its true F1, the half of its page."""


def _rows(page: GoldPage, chooser: random.Random) -> Iterator[Row]:
    parsed, _ = tree.parse(tree.decode(page.html))
    if parsed is None:
        return
    facts = choose(metadata.collect(parsed), page.url)
    main = main_text.find(tree.body(parsed), facts)
    holders: dict[HtmlElement, list[Block]] = {}
    for block in main.blocks:
        for element in (block.element, *block.element.iterancestors()):
            holders.setdefault(element, []).append(block)
    large = [blocks for blocks in holders.values() if sum(block.chars for block in blocks) >= MIN_ELEMENT_CHARS]
    prose = sum(block.chars for block in main.blocks if not block.suspects and is_prose(block))
    drawn = chooser.sample(large, min(ELEMENTS, len(large)))
    for blocks in (main.kept, main.kept[: max(1, len(main.kept) // 3)], *drawn):
        if blocks:
            values = measures(_candidate(blocks), prose, facts)
            both, extra, lost = compare(page.body, "\n".join(block.text for block in blocks))
            yield [values[name] for name in WEIGHTS], 2 * both / (2 * both + extra + lost) if both else 0.0, page.half


def _candidate(blocks: Sequence[Block]) -> Candidate:
    chars = sum(block.chars for block in blocks)
    return Candidate(
        paragraphs=[block.text for block in blocks],
        lengths=[block.chars for block in blocks],
        links=sum(block.link_chars for block in blocks) / chars if chars else 0.0,
    )


def fit(rows: Sequence[Row]) -> np.ndarray:
    """Return the weights of a logistic curve, the intercept last."""
    values = np.array([[*measured, 1.0] for measured, _, _ in rows])
    truth = np.array([score for _, score, _ in rows])
    weights = np.zeros(values.shape[1])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-values @ weights))
        weights -= RATE * (values.T @ (expected - truth) / len(truth) + RIDGE * weights)
    return weights


def main() -> int:
    """Print weights and calibration."""
    chooser = random.Random(1)
    names = (page_sets.EXTRACTION, page_sets.WORLD)
    rows = [row for name in names for page in page_sets.pages(name) for row in _rows(page, chooser)]
    for half in (0, 1):
        weights = fit([row for row in rows if row[2] == half])
        others = [row for row in rows if row[2] != half]
        expected = 1 / (1 + np.exp(-np.array([[*measured, 1.0] for measured, _, _ in others]) @ weights))
        truth = np.array([score for _, score, _ in others])
        print(f"half {half + 1}: {weights.round(2)}, correlation on the other {np.corrcoef(expected, truth)[0, 1]:.3f}")
        for low, high in pairwise(BOUNDS):
            there = (expected >= low) & (expected < high)
            if there.any():
                print(
                    f"    expected {low:.1f}–{min(high, 1):.1f}: {there.sum()} texts, mean F1 {truth[there].mean():.3f}"
                )
    print(f"all ({len(rows)} texts): {dict(zip([*WEIGHTS, 'intercept'], fit(rows).round(2).tolist(), strict=True))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
