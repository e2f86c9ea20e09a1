"""Quality and speed of entities: exact-span F1 on gold sets that no model here saw, and milliseconds an article.

python -m benchmarks.entities            # measure, print
python -m benchmarks.entities --check    # fail if a figure is below its floor in floors.json
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.gates import below, hold
from benchmarks.gold import gold
from newsdex.models.loader import EntityModel, load
from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.recognise import recognise
from tools.entity_model.data import Sentence, articles, ewt_test, wnut_test
from tools.entity_model.score import scores

LABELS = {EntityType.PERSON: "PER", EntityType.ORGANIZATION: "ORG", EntityType.PLACE: "LOC"}
SPEED_ARTICLES = 300
"""Articles timed: 20 to 40 seconds of one core."""
ARTICLE_WORDS = 500
"""Words in the article that the speed target speaks of."""


def measure(name_or_path: str | None = None) -> dict[str, float]:
    """F1 on the test parts of EWT and WNUT17, and the cost of an article of 500 words on one core in milliseconds."""
    folder, model = gold(), load(name_or_path)
    result: dict[str, float] = {}
    for name, sentences in (("ewt_test", ewt_test(folder)), ("wnut17_test", wnut_test(folder))):
        found = score(model, sentences)
        result[f"{name}_f1"] = round(found["all"][2], 4)
        for label in ("PER", "ORG", "LOC"):
            result[f"{name}_{label.lower()}_f1"] = round(found[label][2], 4)
    return result | speed(model, [body for _, body in articles(folder, SPEED_ARTICLES, seed=1)])


def score(model: EntityModel, sentences: list[Sentence]) -> dict[str, tuple[float, float, float]]:
    """Scores of the model alone over the sets' own words: a span counts if both borders and its type are right."""
    found = model.tag_words(sentence.words for sentence in sentences)
    named = [[(start, end, LABELS[kind]) for start, end, kind in spans] for spans in found]
    return scores([sentence.spans for sentence in sentences], named)


def speed(model: EntityModel, bodies: list[str]) -> dict[str, float]:
    """Processor time on one core: of the model in tokens a second, of model and article logic for 500 words."""
    list(recognise(bodies[:5], model))
    tokens = sum(len(model.nlp.make_doc(body)) for body in bodies)
    words = sum(len(body.split()) for body in bodies)
    started = time.process_time()
    for _ in model.pipe(bodies):
        pass
    middle = time.process_time()
    for _ in recognise(bodies, model):
        pass
    ended = time.process_time()
    return {
        "tokens_per_second": round(tokens / (middle - started)),
        "milliseconds_per_article": round((ended - middle) / words * ARTICLE_WORDS * 1000, 2),
    }


def check(floors: dict[str, float]) -> list[str]:
    """One sentence for every figure below its floor; speed is measured but has no floor, since machines differ."""
    figures = measure()
    print(json.dumps(figures, indent=2))
    return below("entities", figures, floors)


def main() -> int:
    """Print the figures; with `--check` hold them to the floors."""
    if "--check" in sys.argv:
        return hold("entities", check)
    print(json.dumps(measure(sys.argv[1] if len(sys.argv) > 1 else None), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
