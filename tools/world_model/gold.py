"""The gold sets of the world's languages as texts with spans of characters, train and held-out parts apart."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from newsdex.models.tags import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Span = tuple[int, int, str]
"""First character, one past the last, label (PER, ORG or LOC)."""

TRAIN = ("ar/anercorp-train", "da/uner-ddt-train", "de/germeval14-test-first3500", "de/europeana-historical",
         "fi/turku-train", "fr/europeana-historical", "he/nemo-train", "hi/hiner-validation-4of5", "hr/uner-set-train",
         "hu/nerkor-news-train", "hu/nerkor-wikipedia-train", "id/idner-news-train", "ja/gsd-ne-train",
         "ja/stockmark-wiki-4of5-chars", "ko/klue-dev-3of4-chars", "lv/fullstack-lv-train", "nb/norne-train",
         "nl/europeana-historical", "nn/norne-train", "pl/kpwr-first2900", "pt/uner-bosque-train", "ro/ronec-train",
         "ru/factrueval-dev", "ru/nerel-train", "sk/uner-snk-train", "sr/uner-set-train", "sv/klintan-webnews-train",
         "sv/uner-talbanken-train", "th/thainer-4of5", "tr/turkish-wiki-train", "zh/uner-gsdsimp-train")  # fmt: skip
"""WikiANN is left out: its licence could not be verified."""
DEV = ("ar/anercorp-dev", "da/uner-ddt-dev", "de/germeval14-dev", "fi/turku-dev", "he/nemo-dev", "hr/uner-set-dev",
       "hu/nerkor-news-devel", "id/idner-news-dev", "ja/gsd-ne-dev", "lv/fullstack-lv-dev", "nb/norne-dev",
       "nn/norne-dev", "pt/uner-bosque-dev", "ro/ronec-valid", "ru/nerel-dev", "sk/uner-snk-dev", "sr/uner-set-dev",
       "tr/turkish-wiki-dev", "zh/uner-gsdsimp-dev")  # fmt: skip
TENTH = ("sv/klintan-webnews-train", "th/thainer-4of5", "hi/hiner-validation-4of5", "ja/stockmark-wiki-4of5-chars",
         "ko/klue-dev-3of4-chars", "pl/kpwr-first2900")  # fmt: skip
"""Sets without a development part: a tenth of each is held out, by the checksum of its sentences' text."""
HISTORICAL = 1_500
"""Sentences taken of each set of old newspapers: their text is read by machine and full of errors."""
MAX_SENTENCES = 9_000
"""Sentences taken of each set."""
UNSPACED = frozenset({"zh", "ja", "th"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the names in it."""

    text: str
    spans: tuple[Span, ...]


def train(root: Path) -> Iterator[Labelled]:
    """Yield the sentences to learn from."""
    for name in TRAIN:
        kept = [s for s in read(root, name) if name not in TENTH or not _held_out(s)]
        yield from kept[: HISTORICAL if "historical" in name else MAX_SENTENCES]


def english(root: Path) -> list[Labelled]:
    """Return sentences of English Web Treebank's training part: names that all languages write alike."""
    found: list[Labelled] = []
    words: list[str] = []
    tags: list[str] = []
    path = next((root / "ner/uner-en-ewt").glob("en_ewt-ud-train*.iob2"))
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if line:
            _, word, tag, *_ = line.split("\t")
            words.append(word)
            tags.append(tag)
        elif words:
            found.append(_labelled(words, tags, " "))
            words, tags = [], []
    return found[:MAX_SENTENCES]


def held_out(root: Path) -> dict[str, list[Labelled]]:
    """Return the sentences of each set that are reported on and never learnt from."""
    parts = {name: read(root, name) for name in DEV}
    parts |= {name: [s for s in read(root, name) if _held_out(s)] for name in TENTH}
    for path in sorted((root / "ner/world/measure-only").glob("*/*.tsv.gz")):
        name = f"measure-only/{path.parent.name}/{path.name.removesuffix('.tsv.gz')}"
        parts[name] = read(root, name)
    return parts


def _held_out(sentence: Labelled) -> bool:
    return crc32(sentence.text.encode()) % 10 == 0


def read(root: Path, name: str) -> list[Labelled]:
    """Return the sentences of one set."""
    language = name.split("/")[-2]
    chars = name.endswith("-chars")
    with gzip.open(root / "ner/world" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        return list(_sentences(lines, "" if chars or language in UNSPACED else " ", chars=chars))


def _sentences(lines: Iterator[str] | gzip.GzipFile, between: str, *, chars: bool) -> Iterator[Labelled]:
    words: list[str] = []
    tags: list[str] = []
    for read_line in lines:
        line = str(read_line).rstrip("\n")
        if not line.strip("\t"):
            if words:
                yield _labelled(words, tags, between)
            words, tags = [], []
            continue
        word, _, tag = line.partition("\t")
        words.append(" " if chars and word == "␣" else word)
        tags.append(tag.strip() or "O")
    if words:
        yield _labelled(words, tags, between)


def _labelled(words: list[str], tags: list[str], between: str) -> Labelled:
    text = ""
    spans: list[Span] = []
    previous = "O"
    for word, tag in zip(words, tags, strict=True):
        text += between if text and word != " " else ""
        start = len(text)
        text += word
        kind = tag[2:]
        if kind in LABELS:
            if tag.startswith("B") or previous[2:] != kind:
                spans.append((start, len(text), kind))
            else:
                spans[-1] = (spans[-1][0], len(text), kind)
        previous = tag
    return Labelled(text, tuple(spans))
