"""Write the trained network as the arrays that `newsdex.models.world` reads: pieces in eight bits, the rest in half."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import torch

LEVELS = 127
"""Steps of a number in eight bits to each side of zero."""


def export(
    state: Mapping[str, torch.Tensor], pieces: Sequence[tuple[str, float]], meta: Mapping[str, Any], folder: Path
) -> None:
    """Write `weights.npz`, `pieces.txt.gz` and `meta.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {name: tensor.detach().numpy() for name, tensor in state.items()}
    vectors = plain["pieces.weight"]
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-6) / LEVELS
    arrays = {
        "pieces": np.round(vectors / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float16),
        "likelihoods": np.array([score for _, score in pieces], dtype=np.float32),
        "first": plain["first.weight"],
        "last": plain["last.weight"],
        "shape": plain["shape.weight"],
        "mix": plain["mix.weight"].T,
        "mix_bias": plain["mix.bias"],
        "mix_scale": plain["mix_norm.weight"],
        "mix_shift": plain["mix_norm.bias"],
        "out": plain["out.weight"].T,
        "out_bias": plain["out.bias"],
    }
    for number in range(sum(name.startswith("layers.") and name.endswith("weight") for name in plain)):
        stacked = np.concatenate([plain[f"layers.{number}.weight"].T, plain[f"layers.{number}.bias"][None]])
        arrays[f"weights_{number}"] = stacked
        arrays[f"scale_{number}"] = plain[f"norms.{number}.weight"]
        arrays[f"shift_{number}"] = plain[f"norms.{number}.bias"]
    halved = {
        name: array.astype(np.float16) if array.dtype == np.float32 and name != "likelihoods" else array
        for name, array in arrays.items()
    }
    np.savez_compressed(folder / "weights.npz", **halved)
    with gzip.GzipFile(folder / "pieces.txt.gz", "wb", mtime=0) as out:
        out.write("\n".join(piece for piece, _ in pieces).encode())
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
