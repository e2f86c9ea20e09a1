"""Train the network: vectors of pieces that know all languages, four convolutions, one of seven tags for each token."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from newsdex.models.tags import LABELS
from newsdex.models.world.features import COLUMNS, HASH_ROWS, MAX_PIECES, SHAPES, Pieces, RunKey
from newsdex.models.world.splitting import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from tools.world_model.gold import Labelled

WIDTH, DEPTH, PARTS = 96, 4, 3
"""Numbers a token, convolutions, and pieces of each maxout."""
LETTERS, SHAPE_WIDTH = 32, 16
BATCH = 2_500
"""Tokens in a batch."""
RATE, PIECE_RATE = 2e-3, 6e-4
"""Peak learning rates: of the network, and of the pieces, which must stay near their kin in other languages."""
SMOOTHING = 0.03
DROPOUT = 0.15
GAP = DEPTH
"""Empty rows between sentences, so that none sees its neighbour."""
SHOUTED = 0.02
"""Share of sentences shown in capitals, as headlines are."""


@dataclass
class Encoded:
    """Sentences as rows of a table of different tokens."""

    features: NDArray[np.int32]
    """(different tokens, `COLUMNS`); the first row is empty."""
    rows: list[NDArray[np.int32]]
    tags: list[NDArray[np.int8]]
    offsets: list[list[tuple[int, int]]]


def encode(sentences: Iterable[Labelled], pieces: Pieces) -> Encoded:
    """Return the sentences as the network reads them."""
    number: dict[str, int] = {}
    words: list[str] = []
    run_row: dict[RunKey, int] = {}
    runs: list[NDArray[np.int32]] = []
    rows_of: list[list[tuple[int, int]]] = []
    tags_of, offsets_of = [], []
    for sentence in sentences:
        mine: list[tuple[int, int]] = []
        offsets: list[tuple[int, int]] = []
        for start, end, run in tokens(sentence.text):
            if run:
                keys = pieces.run_keys([sentence.text[start:end]])[0]
                for place, (key, row) in enumerate(zip(keys, pieces.of_run_keys(keys), strict=True)):
                    if key not in run_row:
                        run_row[key] = len(runs)
                        runs.append(row)
                    mine.append((1, run_row[key]))
                    offsets.append((start + place, start + place + 1))
            else:
                word = sentence.text[start:end]
                if word not in number:
                    number[word] = len(words)
                    words.append(word)
                mine.append((0, number[word]))
                offsets.append((start, end))
        tag = np.zeros(len(mine), dtype=np.int8)
        for first, last, kind in sentence.spans:
            inside = [n for n, (a, b) in enumerate(offsets) if a < last and b > first]
            base = 1 + 2 * LABELS.index(kind)
            for n in inside:
                tag[n] = base + (n != inside[0])
        rows_of.append(mine)
        tags_of.append(tag)
        offsets_of.append(offsets)
    table = [np.zeros((1, COLUMNS), np.int32), pieces.of_words(words)]
    if runs:
        table.append(np.stack(runs))
    shift = (1, 1 + len(words))
    rows = [np.array([shift[kind] + n for kind, n in mine], dtype=np.int32) for mine in rows_of]
    return Encoded(np.concatenate(table), rows, tags_of, offsets_of)


class Net(nn.Module):
    """The network."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        super().__init__()
        padded = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])
        self.pieces = nn.Embedding.from_pretrained(torch.from_numpy(padded), freeze=False, padding_idx=0, sparse=True)
        self.first = nn.Embedding(HASH_ROWS, LETTERS)
        self.last = nn.Embedding(HASH_ROWS, LETTERS)
        self.shape = nn.Embedding(len(SHAPES), SHAPE_WIDTH)
        for each in (self.first, self.last, self.shape):
            nn.init.normal_(each.weight, std=0.1)
        self.mix = nn.Linear(2 * vectors.shape[1] + 2 * LETTERS + SHAPE_WIDTH, WIDTH * PARTS)
        self.mix_norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(nn.Linear(3 * WIDTH, WIDTH * PARTS) for _ in range(DEPTH))
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(DEPTH))
        self.out = nn.Linear(WIDTH, 7)
        self.drop = nn.Dropout(DROPOUT)

    def words(self, features: torch.Tensor) -> torch.Tensor:
        """Vectors of different tokens, (tokens, `WIDTH`)."""
        ids = features[:, :MAX_PIECES]
        each = self.pieces(ids)
        mask = (ids > 0).float().unsqueeze(-1)
        if self.training:
            # A word that nobody has seen must be known by its neighbours.
            mask = mask * (torch.rand(len(ids), 1, 1) > 0.07).float()
        mean = (each * mask).sum(1) / (ids > 0).float().sum(1, keepdim=True).clamp(min=1)
        joined = torch.cat(
            [
                mean,
                each[:, 0] * mask[:, 0],
                self.drop(self.first(features[:, -3])),
                self.drop(self.last(features[:, -2])),
                self.shape(features[:, -1]),
            ],
            1,
        )
        return self.mix_norm(self.mix(joined).view(-1, PARTS, WIDTH).max(1).values)

    def forward(self, features: torch.Tensor, rows: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Tag scores of tokens in a row, (tokens, 7)."""
        hidden = self.drop(self.words(features))[rows] * real
        edge = torch.zeros(1, WIDTH)
        for linear, norm in zip(self.layers, self.norms, strict=True):
            seen = torch.cat([torch.cat([edge, hidden[:-1]]), hidden, torch.cat([hidden[1:], edge])], 1)
            hidden = (self.drop(norm(linear(seen).view(-1, PARTS, WIDTH).max(1).values)) + hidden) * real
        return self.out(hidden)


def batches(data: Encoded, *, size: int = BATCH) -> list[list[int]]:
    """Return the sentences' numbers in batches of about `size` tokens, in an order by chance."""
    order = [n for n, rows in enumerate(data.rows) if len(rows)]
    random.shuffle(order)
    out: list[list[int]] = [[]]
    count = 0
    for n in order:
        if count > size:
            out.append([])
            count = 0
        out[-1].append(n)
        count += len(data.rows[n]) + GAP
    return out


def packed(data: Encoded, batch: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, NDArray[np.int64]]:
    """Return a batch's different tokens' features, rows, a mask of real tokens, and tags (-1 between sentences)."""
    gap, none = np.zeros(GAP, np.int32), np.full(GAP, -1, np.int64)
    rows = np.concatenate([part for n in batch for part in (data.rows[n], gap)])
    tags = np.concatenate([part for n in batch for part in (data.tags[n].astype(np.int64), none)])
    different, inverse = np.unique(rows, return_inverse=True)
    return (
        torch.from_numpy(data.features[different].astype(np.int64)),
        torch.from_numpy(inverse),
        torch.from_numpy((rows > 0).astype(np.float32)).unsqueeze(1),
        tags,
    )


def train(net: Net, data: Encoded, minutes: float, epochs: int, after_epoch: Callable[[Net], None]) -> None:
    """Train for some epochs, or until the time is over; the rates fall with whichever is nearer its end."""
    slow = torch.optim.SparseAdam([net.pieces.weight], lr=PIECE_RATE)
    fast = torch.optim.Adam([p for n, p in net.named_parameters() if n != "pieces.weight"], lr=RATE)
    loss_of = nn.CrossEntropyLoss(ignore_index=-1, label_smoothing=SMOOTHING)
    begin, steps, running = time.monotonic(), 0, 0.0
    for epoch in range(epochs):
        plan = batches(data)
        for number, batch in enumerate(plan):
            spent = (time.monotonic() - begin) / 60
            done = max((epoch + number / len(plan)) / epochs, spent / minutes)
            if done >= 1:
                break
            rate = min(1, (steps + 1) / 200) * max(0.03, 1 - done)
            for optimizer, peak in ((slow, PIECE_RATE), (fast, RATE)):
                optimizer.param_groups[0]["lr"] = peak * rate
            features, rows, real, tags = packed(data, batch)
            loss = loss_of(net(features, rows, real), torch.from_numpy(tags))
            fast.zero_grad()
            slow.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for n, p in net.named_parameters() if n != "pieces.weight"], 1.0)
            fast.step()
            slow.step()
            steps += 1
            running = 0.99 * running + 0.01 * loss.item() if steps > 1 else loss.item()
            if steps % 100 == 0:
                print(f"epoch {epoch} step {number}/{len(plan)} loss {running:.4f} {spent:.1f} min", flush=True)
        after_epoch(net)
        if done >= 1:
            break
