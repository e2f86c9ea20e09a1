"""What the teacher labelled, on disk: words as JSON Lines, probabilities beside them as half floats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Target:
    """Words and, for each of them, how likely every tag is."""

    words: tuple[str, ...]
    tags: NDArray[np.float32]


def write(targets: Iterable[Target], path: Path) -> int:
    """Write targets to `path` (words as JSON Lines, probabilities beside them as half floats); returns the words."""
    rows, count = [], 0
    with path.open("w", encoding="utf-8") as out:
        for target in targets:
            out.write(json.dumps(target.words, ensure_ascii=False) + "\n")
            rows.append(target.tags.astype(np.float16))
            count += len(target.words)
    np.save(path.with_suffix(".npy"), np.concatenate(rows))
    return count


def read(path: Path) -> Iterator[Target]:
    """Targets that `write` wrote."""
    rows = np.load(path.with_suffix(".npy"))
    start = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            words = tuple(json.loads(line))
            yield Target(words, rows[start : start + len(words)].astype("f"))
            start += len(words)
