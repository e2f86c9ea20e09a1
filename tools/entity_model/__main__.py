"""From the data to the model: `python -m tools.entity_model --work FOLDER`.

Trains the teacher on the gold sets, labels articles with it, trains the student on both, prints the scores. Each step
leaves its result in the work folder and is left out where the result is there already. About two hours on one core.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import spacy

from tools.entity_model import data, silver, student
from tools.entity_model.score import scores

ROOT = Path(__file__).resolve().parents[2]
SHARD = 250
"""Articles in a file of labels: what is lost when the run is stopped."""


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "build/recipe", help="where intermediate results lie")
    parser.add_argument("--out", type=Path, default=ROOT / "newsdex/models/en_newsdex_ner", help="where the model goes")
    parser.add_argument("--articles", type=int, default=7_000, help="articles that the teacher labels")
    parser.add_argument("--epochs", type=int, default=2, help="rounds of the teacher over the gold sets")
    parser.add_argument("--steps", type=int, default=6_000, help="steps of the student")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    gold = Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve()
    if not gold.is_dir():
        parser.exit(2, f"no data at {gold}: set NEWSDEX_GOLD to its folder; docs/data.md says which sets it holds\n")
    given.work.mkdir(parents=True, exist_ok=True)
    sentences, dev = data.read_all(gold, seed=given.seed), data.ewt_dev(gold)
    shards = label_all(gold, given, sentences, dev)
    labelled = [target for shard in shards for target in silver.read(shard)]
    print(f"student: {len(sentences)} gold sentences, {len(labelled)} labelled paragraphs", flush=True)
    student.train(sentences, labelled, dev, given.out, steps=given.steps, seed=given.seed)
    nlp = spacy.load(given.out)
    for name, test in (("EWT test", data.ewt_test(gold)), ("WNUT17 test", data.wnut_test(gold))):
        print(name, scores([s.spans for s in test], student.predict(nlp, test)))


def label_all(
    gold: Path, given: argparse.Namespace, sentences: list[data.Sentence], dev: list[data.Sentence]
) -> list[Path]:
    """Return the files of labels, made where they are missing (and the teacher with them)."""
    firsts = range(0, given.articles, SHARD)
    shards = {first: given.work / f"labels-{first:05}.jsonl" for first in firsts}
    missing = {first: path for first, path in shards.items() if not path.with_suffix(".npy").exists()}
    if missing:
        # Only here are torch and transformers needed: a student can be trained again without them.
        from tools.entity_model import label, teacher  # noqa: PLC0415

        weights = given.work / "teacher.pt"
        if not weights.exists():
            teacher.train(sentences, dev, weights, epochs=given.epochs, seed=given.seed)
        trained, tokenizer = teacher.load(weights), teacher.load_tokenizer()
        bodies = [body for _, body in data.articles(gold, given.articles, seed=given.seed)]
        for first, path in missing.items():
            silver.write(label.label(trained, tokenizer, bodies[first : first + SHARD]), path)
    return list(shards.values())


if __name__ == "__main__":
    main()
