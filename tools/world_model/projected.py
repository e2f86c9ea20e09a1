"""Carry the names of English news sentences over to their translations (NTREX-128, CC BY-SA 4.0).

Only a sentence in which every English name is found again is kept: there is gold for no Spanish, French, Italian,
Dutch or Czech that a model may be made from.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING

from babel import Locale

from tools.world_model.gold import Labelled, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LANGUAGES = ("cs", "da", "de", "es", "fi", "fr", "hr", "hu", "id", "it", "lv", "nb", "nl", "nn", "pl", "pt", "ro", "sk",
             "sl", "sv", "tr", "vi")  # fmt: skip
"""Those that write a foreign name as English does, endings aside."""
LABELS = {"person": "PER", "organization": "ORG", "place": "LOC"}
STEM = 4
"""Letters of a word that must agree; up to `ENDING` letters after them may differ."""
ENDING = 3
CODE = 2
"""Letters of a country's code; regions have numbers."""


def english_names(root: Path, known: Path | None) -> list[list[tuple[str, str]]]:
    """Return the names of each English sentence by the shipped model, or from a file that has them, JSON a line."""
    if known is not None:
        return [[(name, kind) for name, kind in json.loads(line)] for line in known.read_text().splitlines()]
    from newsdex.models.loader import load  # noqa: PLC0415  # needs spaCy, which the machine that trains may lack

    with gzip.open(root / "ner/world/en/ntrex128-parallel.txt.gz", "rt", encoding="utf-8") as lines:
        texts = [line.rstrip("\n") for line in lines]
    found = zip(texts, load().pipe(texts), strict=True)
    return [[(text[start:end], kind.value) for start, end, kind in spans] for text, spans in found]


def territories() -> dict[str, dict[str, str]]:
    """Return what each language calls the countries, under their English names."""
    english = Locale("en").territories
    found = {}
    for language in LANGUAGES:
        own = Locale.parse(language).territories
        found[language] = {english[code]: own[code] for code in english if code in own and len(str(code)) == CODE}
    return found


def projected(
    root: Path, names: list[list[tuple[str, str]]], territories: dict[str, dict[str, str]]
) -> Iterator[Labelled]:
    """Yield the labelled translations.

    Args:
        root: the folder of the gold sets.
        names: the names of each English sentence, with their types.
        territories: the names of countries by language, under their English names.
    """
    for language in LANGUAGES:
        path = root / "ner/world" / language / "ntrex128-parallel.txt.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line, wanted in zip(lines, names, strict=True):
                text = line.rstrip("\n")
                spans = _found(text, wanted, territories.get(language, {}))
                if spans is not None:
                    yield Labelled(text, tuple(sorted(spans)))


def _found(text: str, wanted: list[tuple[str, str]], territories: dict[str, str]) -> list[Span] | None:
    spans: list[Span] = []
    for name, kind in sorted(wanted, key=lambda each: -len(each[0])):
        match = None
        for form in (name, territories.get(name, "")):
            if not form:
                continue
            for match in re.finditer(_pattern(form), text):
                if not any(start < match.end() and match.start() < end for start, end, _ in spans):
                    spans.append((match.start(), match.end(), LABELS[kind]))
                    break
            else:
                match = None
            if match:
                break
        if match is None:
            return None
    return spans


def _pattern(name: str) -> str:
    words = []
    for word in name.split():
        stem = word[: max(STEM, len(word) - 2)]
        words.append(re.escape(stem) + (rf"\w{{0,{ENDING}}}" if len(word) >= STEM else ""))
    return r"\b" + r"\s+".join(words) + r"\b"
