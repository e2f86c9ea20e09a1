"""How two versions of an article differ: paragraph by paragraph, and word by word where a paragraph changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["same", "removed", "added"]

MAX_CHARS = 400_000
"""How much of each text is compared: several times the longest news article, some hundred milliseconds."""

MAX_PARAGRAPHS = 2_000
"""Paragraphs compared: difflib takes time that grows faster than their number."""

MAX_WORDS = 3_000
"""Words of a changed passage that are compared one by one; longer ones are shown as removed and added whole."""

CONTEXT = 1
"""Unchanged paragraphs shown before and after a change; those between are folded."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of words."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class DiffBlock:
    """A paragraph or a few, in stretches; or unchanged paragraphs that are folded away."""

    paragraphs: tuple[tuple[Change, ...], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """The whole comparison."""

    blocks: tuple[DiffBlock, ...]
    removed: int
    """Words that only the first text has."""
    added: int
    """Words that only the second has."""
    cut: bool
    """Whether the texts are so long that only their beginnings were compared."""

    @property
    def equal(self) -> bool:
        """Whether the texts do not differ."""
        return not (self.removed or self.added)


def differences(first: str, second: str) -> Differences:
    """Return how the second text differs from the first, in the order of reading."""
    olds, news = _paragraphs(first), _paragraphs(second)
    cut = max(len(first), len(second)) > MAX_CHARS or max(len(olds), len(news)) > MAX_PARAGRAPHS
    compared = _compared(olds[:MAX_PARAGRAPHS], news[:MAX_PARAGRAPHS])
    changes = [change for paragraph in compared for change in paragraph]
    return Differences(
        blocks=tuple(_folded(compared)),
        removed=sum(_count(each.text) for each in changes if each.kind == "removed"),
        added=sum(_count(each.text) for each in changes if each.kind == "added"),
        cut=cut,
    )


def _paragraphs(text: str) -> list[str]:
    return [each.strip() for each in text[:MAX_CHARS].split("\n\n") if each.strip()]


def _compared(olds: Sequence[str], news: Sequence[str]) -> list[tuple[Change, ...]]:
    """Return every paragraph of both, those that are in both once."""
    result: list[tuple[Change, ...]] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, olds, news).get_opcodes():
        if operation == "equal":
            result.extend((Change("same", each),) for each in olds[i1:i2])
        elif operation == "replace" and i2 - i1 == j2 - j1:
            result.extend(tuple(_by_words(old, new)) for old, new in zip(olds[i1:i2], news[j1:j2], strict=True))
        elif operation == "replace":
            result.extend(_split(_by_words("\n\n".join(olds[i1:i2]), "\n\n".join(news[j1:j2]))))
        else:
            result.extend((Change("removed", each),) for each in olds[i1:i2])
            result.extend((Change("added", each),) for each in news[j1:j2])
    return result


def _by_words(old: str, new: str) -> Iterator[Change]:
    olds, news = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(olds), len(news)) > MAX_WORDS:
        yield Change("removed", old)
        yield Change("added", new)
        return
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, olds, news).get_opcodes():
        if operation == "equal":
            yield Change("same", "".join(olds[i1:i2]))
            continue
        if i2 > i1:
            yield Change("removed", "".join(olds[i1:i2]))
        if j2 > j1:
            yield Change("added", "".join(news[j1:j2]))


def _split(changes: Iterator[Change]) -> Iterator[tuple[Change, ...]]:
    """Cut changes that go over paragraphs at the blank lines."""
    paragraph: list[Change] = []
    for change in changes:
        for number, part in enumerate(change.text.split("\n\n")):
            if number and paragraph:
                yield tuple(paragraph)
                paragraph = []
            if part:
                paragraph.append(Change(change.kind, part))
    if paragraph:
        yield tuple(paragraph)


def _folded(compared: Sequence[tuple[Change, ...]]) -> Iterator[DiffBlock]:
    """Fold runs of unchanged paragraphs that are far from any change."""
    changed = [number for number, paragraph in enumerate(compared) if any(each.kind != "same" for each in paragraph)]
    near = {other for number in changed for other in range(number - CONTEXT, number + CONTEXT + 1)}
    run: list[tuple[Change, ...]] = []
    shown = True
    for number, paragraph in enumerate(compared):
        if (number in near) != shown:
            if run:
                yield DiffBlock(tuple(run), folded=not shown)
            run, shown = [], number in near
        run.append(paragraph)
    if run:
        yield DiffBlock(tuple(run), folded=not shown)


def _count(text: str) -> int:
    return len(re.findall(r"\w+", text))
