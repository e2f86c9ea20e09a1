"""Names in the world's languages: exact-span F1 on parts that the model never saw, as articles of twenty sentences.

    python -m benchmarks.world_entities

Each part is what the recipe holds out: a set's development part, a tenth chosen by a fixed rule where there is none,
and sets that may only be measured on. The sentences go through the model and the logic of an article, as in a run.
The peer that a user would take, a spaCy pipeline of the language, is measured where one is installed.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import spacy.util

from benchmarks.entities import LABELS
from benchmarks.gates import below, hold
from benchmarks.gold import gold
from newsdex.models.loader import load
from newsdex.models.world.network import load_world
from newsdex.transforms.entities.recognise import recognise
from tools.entity_model.score import scores
from tools.world_model.gold import held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.entities.recognise import NameModel
    from tools.world_model.gold import Labelled, Span

SENTENCES = 400
"""Sentences of a part that are scored: the whole takes a minute."""
PER_ARTICLE = 20
BETWEEN = "\n\n"
CODES = {"nb": "no", "nn": "no"}
"""Languages of the gold sets that the detector calls otherwise."""
PEERS = ("core_news_sm", "core_web_sm")


def measure() -> dict[str, Any]:
    """Return F1 by part, over all names and over persons, and the microseconds that a word takes."""
    figures: dict[str, Any] = {}
    words, seconds = 0, 0.0
    for name, part in held_out(gold()).items():
        language = name.split("/")[-2]
        articles = _articles(part[:SENTENCES])
        begin = time.process_time()
        found = _score(articles, load_world(), CODES.get(language, language))
        seconds += time.process_time() - begin
        words += sum(len(text.split()) for text, _ in articles)
        key = name.removeprefix("measure-only/").replace("/", "-")
        figures[key] = round(found["all"][2], 3)
        figures[f"{key}-persons"] = round(found["PER"][2], 3)
        peer = next((f"{language}_{each}" for each in PEERS if spacy.util.is_package(f"{language}_{each}")), None)
        told = f"  {peer} {_score(articles, load(peer), language)['all'][2]:.3f}" if peer else ""
        print(f"{key:36} {figures[key]:.3f}  persons {figures[f'{key}-persons']:.3f}{told}", flush=True)
    figures["microseconds_a_word"] = round(1e6 * seconds / words)
    return figures


def check(held: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is below its floor; empty when all hold."""
    figures = measure()
    print(f"{figures['microseconds_a_word']} µs a word, one core")
    return below("world_entities", figures, held)


def _score(
    articles: Sequence[tuple[str, list[Span]]], model: NameModel, language: str
) -> dict[str, tuple[float, float, float]]:
    found = recognise((text for text, _ in articles), model, language=language)
    named = [[(each.start, each.end, LABELS[each.type]) for each in names.mentions] for names in found]
    return scores([spans for _, spans in articles], named)


def _articles(part: Sequence[Labelled]) -> list[tuple[str, list[Span]]]:
    """Return the sentences as articles, with where their names stand in them."""
    articles = []
    for first in range(0, len(part), PER_ARTICLE):
        text, spans = "", []
        for sentence in part[first : first + PER_ARTICLE]:
            text += BETWEEN if text else ""
            spans += [(len(text) + start, len(text) + end, label) for start, end, label in sentence.spans]
            text += sentence.text
        articles.append((text, spans))
    return articles


if __name__ == "__main__":
    sys.exit(hold("world_entities", check))
