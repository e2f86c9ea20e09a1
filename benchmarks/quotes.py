"""Quotations and their speakers against PolNeAR's articles, beside plain rules in the same run.

    python -m benchmarks.quotes [train|dev]

Of direct speech: how much of what is found somebody is quoted with (precision), how much of what stands in quotation
marks is found (recall), and how often the words taken for the speaker overlap the annotated ones. Of all attributions,
reported speech included: F1, where half of the words of each side must be the other's and the speakers must overlap.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.gates import below, hold
from benchmarks.gold import gold
from newsdex.models.loader import load
from newsdex.transforms.entities.recognise import recognise
from newsdex.transforms.quotes.find import quotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Stretch = tuple[int, int]

HALF = 0.5
"""Of the words of one side that must be the other's too."""

OPENING, CLOSING = '“"', '”"'

PLAIN = re.compile(r"[“\"]([^“”\"\n]{10,}?)[”\"]")
"""The peer, as one would write it in an hour: what stands between two marks and has ten characters …"""
PLAIN_SPEAKER = re.compile(r",? ?(?:said ([A-Z]\w+(?: [A-Z]\w+)*)|([A-Z]\w+(?: [A-Z]\w+)*|he|she|they) said)")
"""… and who "said" right after it."""


class Attribution(NamedTuple):
    """One annotated attribution, each part in one or more stretches of the text."""

    source: tuple[Stretch, ...]
    content: tuple[Stretch, ...]


class Found(NamedTuple):
    """One quotation that was found."""

    content: Stretch
    speaker: Stretch | None
    direct: bool


@dataclass
class Tally:
    """Counts of one system."""

    direct: int = 0
    direct_right: int = 0
    spoken: int = 0
    speaker_right: int = 0
    marked: int = 0
    marked_found: int = 0
    all: int = 0
    all_right: int = 0
    annotated: int = 0

    def figures(self) -> dict[str, Any]:
        """Return the shares."""
        return {
            "direct_precision": round(self.direct_right / max(1, self.direct), 3),
            "direct_recall": round(self.marked_found / max(1, self.marked), 3),
            "speaker": round(self.speaker_right / max(1, self.spoken), 3),
            "all_f1": round(2 * self.all_right / max(1, self.all + self.annotated), 3),
        }


def measure(part: str = "dev") -> dict[str, Any]:
    """Return the figures of ours and of plain rules, and the milliseconds an article of 900 words takes."""
    articles = list(_articles(gold("quotes/polnear") / part))
    named = list(recognise((text for text, _ in articles), load()))
    ours, plain, seconds, words = Tally(), Tally(), 0.0, 0
    for (text, annotated), names in zip(articles, named, strict=True):
        begin = time.perf_counter()
        told = quotations(text, names.mentions)
        seconds += time.perf_counter() - begin
        words += len(text.split())
        found = [
            Found(
                (each.start, each.end),
                (each.speaker_start, each.speaker_end)
                if each.speaker_start is not None and each.speaker_end is not None
                else None,
                each.direct,
            )
            for each in told
        ]
        _count(ours, text, found, annotated)
        _count(plain, text, list(_plain(text)), annotated)
    return {
        "articles": len(articles),
        **ours.figures(),
        "milliseconds_900_words": round(1000 * seconds * 900 / words, 2),
        **{f"plain_{name}": value for name, value in plain.figures().items()},
    }


def check(held: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is below its floor; empty when all hold."""
    figures = measure()
    for name, value in figures.items():
        print(f"{name:28} {value}")
    return below("quotes", figures, held)


def _plain(text: str) -> Iterator[Found]:
    for match in PLAIN.finditer(text):
        after = PLAIN_SPEAKER.match(text, match.end())
        group = (1 if after[1] else 2) if after else 0
        yield Found(match.span(1), after.span(group) if after else None, direct=True)


def _count(tally: Tally, text: str, found: Sequence[Found], annotated: Sequence[Attribution]) -> None:
    contents = [stretch for each in annotated for stretch in each.content]
    for each in found:
        if not each.direct:
            continue
        tally.direct += 1
        if _covered(each.content, contents) < HALF:
            continue
        tally.direct_right += 1
        best = max(annotated, key=lambda one: _covered(each.content, one.content))
        if best.source:
            tally.spoken += 1
            tally.speaker_right += _overlaps(each.speaker, best.source)
    marks = [(each.content[0] - 1, each.content[1] + 2) for each in found if each.direct]
    free = list(annotated)
    for attribution in annotated:
        first, last = attribution.content[0][0], attribution.content[-1][1] - 1
        if text[first] in OPENING and text[last] in CLOSING:
            tally.marked += 1
            length = sum(end - start for start, end in attribution.content)
            inside = sum(_covered(stretch, marks) * (stretch[1] - stretch[0]) for stretch in attribution.content)
            tally.marked_found += inside / length >= HALF
    tally.all += len(found)
    tally.annotated += len(annotated)
    for each in found:
        match = next((one for one in free if _same(each, one)), None)
        if match is not None:
            tally.all_right += 1
            free.remove(match)


def _same(found: Found, attribution: Attribution) -> bool:
    length = sum(end - start for start, end in attribution.content)
    common = _covered(found.content, attribution.content) * (found.content[1] - found.content[0])
    speaker = not attribution.source or _overlaps(found.speaker, attribution.source)
    return common / length >= HALF and _covered(found.content, attribution.content) >= HALF and speaker


def _covered(stretch: Stretch, by: Sequence[Stretch]) -> float:
    start, end = stretch
    return sum(max(0, min(end, b) - max(start, a)) for a, b in by) / max(1, end - start)


def _overlaps(stretch: Stretch | None, others: Sequence[Stretch]) -> bool:
    return stretch is not None and any(min(stretch[1], end) > max(stretch[0], start) for start, end in others)


def _articles(folder: Path) -> Iterator[tuple[str, list[Attribution]]]:
    """Yield each text with its attributions, by the first of its annotators."""
    for path in sorted((folder / "text").glob("*.txt")):
        files = sorted((folder / "attributions").glob(f"{path.stem}_*.ann"))
        if files:
            yield path.read_text(encoding="utf-8"), list(_attributions(files[0]))


def _attributions(path: Path) -> Iterator[Attribution]:
    stretches: dict[str, tuple[Stretch, ...]] = {}
    relations = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("\t")
        if name.startswith("T") and rest:
            told = rest.split("\t")[0].split(" ", 1)[1]
            pairs = (pair.split() for pair in told.split(";"))
            stretches[name] = tuple((int(start), int(end)) for start, end in pairs)
        elif name.startswith("E") and rest:
            relations.append(re.findall(r"(Source|Content)\d*:(T\d+)", rest))
    for relation in relations:
        parts = {
            kind: tuple(stretch for one, name in relation if one == kind for stretch in stretches.get(name, ()))
            for kind in ("Source", "Content")
        }
        if parts["Content"]:
            yield Attribution(parts["Source"], parts["Content"])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(sys.argv[1]))
        sys.exit(0)
    sys.exit(hold("quotes", check))
