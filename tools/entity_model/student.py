"""The student: the small CNN that ships, trained on the teacher's probabilities and on the gold sets."""

from __future__ import annotations

import json
import random
import shutil
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed, set_dropout_rate

from newsdex.models.tagger import FACTORY, model_config
from newsdex.models.tags import TAGS
from tools.entity_model.score import f1
from tools.entity_model.silver import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from spacy.language import Language

    from tools.entity_model.data import Sentence, Span

WIDTH, DEPTH = 96, 3
"""Width and convolutions. The third convolution costs 1.3 ms an article and sees three words to each side."""
ROWS = [8_000, 1_500, 3_000, 3_000]
"""Rows of the hash tables of NORM, PREFIX, SUFFIX and SHAPE: 6 MB together at this width. With 5,000 for NORM news
vocabulary collides: EWT's development F1 fell by a point."""
BATCH_WORDS = (300, 1_500)
"""Words in a batch: it grows from the first to the second."""
RATE = 0.0025
"""Peak learning rate of Adam; it falls to a twentieth of that in a straight line."""
DROPOUT = 0.15
SMOOTHING = 0.03
"""Share of a gold word's target that is spread over all tags: the gold sets disagree with each other that often."""
SMALL_LETTERS, CAPITALS = 0.06, 0.02
"""Shares of the training texts shown in small letters and in capitals throughout."""
CHECK_EVERY = 500
"""Steps between two looks at the development set."""


def from_gold(sentence: Sentence) -> Target:
    """Return a gold sentence as a target, slightly smoothed."""
    tags = np.full((len(sentence.words), len(TAGS)), SMOOTHING / len(TAGS), dtype="f")
    tags[np.arange(len(sentence.words)), [TAGS.index(tag) for tag in sentence.tags()]] += 1 - SMOOTHING
    return Target(sentence.words, tags)


def mixed(gold: Sequence[Target], silver: Sequence[Target], rng: random.Random, gold_share: float) -> Iterator[Target]:
    """Targets for ever: gold and silver each in shuffled rounds, `gold_share` of the draws from gold."""
    first, second = _rounds(gold, rng), _rounds(silver or gold, rng)
    while True:
        yield next(first if rng.random() < gold_share else second)


def _rounds(items: Sequence[Target], rng: random.Random) -> Iterator[Target]:
    while True:
        order = list(range(len(items)))
        rng.shuffle(order)
        yield from (items[index] for index in order)


def blank() -> Language:
    """Return the untrained pipeline."""
    nlp = spacy.blank("en")
    nlp.add_pipe(FACTORY, config={"model": model_config(WIDTH, DEPTH, ROWS)})
    example = Example.from_dict(Doc(nlp.vocab, words=["A", "word"]), {})
    nlp.initialize(lambda: [example])
    return nlp


def train(
    gold: Sequence[Sentence],
    silver: Sequence[Target],
    dev: Sequence[Sentence],
    path: Path,
    *,
    steps: int,
    gold_share: float = 0.6,
    seed: int = 0,
) -> float:
    """Train the student and leave its best state in the folder `path`; returns its development F1."""
    fix_random_seed(seed)
    rng = random.Random(seed)
    nlp = blank()
    optimizer = Adam(RATE, L2=0.0001, grad_clip=1.0, L2_is_weight_decay=True, use_averages=True)
    stream = mixed([from_gold(sentence) for sentence in gold], silver, rng, gold_share)
    best, loss, started = 0.0, 0.0, time.monotonic()
    for step in range(1, steps + 1):
        optimizer.learn_rate = RATE * min(1.0, step / 200) * (1 - 0.95 * step / steps)
        batch = _batch(stream, min(BATCH_WORDS[1], int(BATCH_WORDS[0] * 1.001**step)), rng)
        loss += (_update(nlp, batch, optimizer) - loss) * (0.02 if step > 1 else 1)
        if step % CHECK_EVERY == 0 or step == steps:
            with nlp.use_params(optimizer.averages):
                score = f1([s.spans for s in dev], predict(nlp, dev))
                if score > best:
                    best = score
                    save(nlp, path)
            seconds = time.monotonic() - started
            print(f"step {step}/{steps} loss {loss:.4f} development F1 {score:.4f} {seconds:.0f} s", flush=True)
    return best


def _update(nlp: Language, batch: Sequence[Target], optimizer: Any) -> float:  # noqa: ANN401  # thinc's optimizer
    """One step down the cross entropy between the targets and what the network says; returns its mean error a word."""
    model: Any = nlp.get_pipe(FACTORY).model  # type: ignore[attr-defined]
    set_dropout_rate(model, DROPOUT)
    docs = [Doc(nlp.vocab, words=list(target.words)) for target in batch]
    given, backward = model.begin_update(docs)
    words = sum(len(doc) for doc in docs)
    errors = [said - target.tags for said, target in zip(given, batch, strict=True)]
    backward([error / words for error in errors])
    model.finish_update(optimizer)
    return float(sum((error**2).sum() for error in errors) / words)


def _batch(stream: Iterator[Target], size: int, rng: random.Random) -> list[Target]:
    batch: list[Target] = []
    words = 0
    while words < size:
        batch.append(_recased(next(stream), rng))
        words += len(batch[-1].words)
    return batch


def _recased(target: Target, rng: random.Random) -> Target:
    """Now and then the same words in small letters or in capitals, as people write in posts and headlines."""
    draw = rng.random()
    if draw < SMALL_LETTERS:
        return Target(tuple(word.lower() for word in target.words), target.tags)
    if draw < SMALL_LETTERS + CAPITALS:
        return Target(tuple(word.upper() for word in target.words), target.tags)
    return target


def predict(nlp: Language, sentences: Iterable[Sentence]) -> list[list[Span]]:
    """Spans that the student finds, over the words given."""
    docs = (Doc(nlp.vocab, words=list(sentence.words)) for sentence in sentences)
    return [[(ent.start, ent.end, ent.label_) for ent in doc.ents] for doc in nlp.pipe(docs, batch_size=256)]


def save(nlp: Language, path: Path) -> None:
    """Write the pipeline small: nothing of the words seen in training is needed to read it back."""
    if path.exists():
        for part in ("vocab", FACTORY):
            shutil.rmtree(path / part, ignore_errors=True)
    nlp.meta.update(
        name="newsdex_ner",
        version="1.1.0",
        description="People, organisations and places in English news.",
        license="CC BY-SA 4.0",
    )
    nlp.to_disk(path, exclude=["vectors", "lookups", "key2row"])
    meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    meta["spacy_version"] = ">=3.8.0,<3.9.0"
    (path / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (path / "vocab/strings.json").write_text(json.dumps(list(TAGS)) + "\n", encoding="utf-8")
