"""Pages with what a person took from them: the sets that reading pages is measured on, in one form."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from benchmarks.gold import gold

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRACTION = "extraction/article-extraction-benchmark"
WORLD = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """One page and what it says."""

    name: str
    html: bytes
    url: str
    body: str
    half: int
    """0 or 1, by publisher: a rule is chosen on one half and confirmed on the other."""
    country: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    """Without a zone where the gold has none."""


def pages(name: str) -> Iterator[GoldPage]:
    """Yield the pages of a set: `EXTRACTION` or `WORLD`."""
    return _extraction() if name == EXTRACTION else _world()


def _half(publisher: str) -> int:
    return hashlib.sha256(publisher.encode()).digest()[-1] % 2


def _extraction() -> Iterator[GoldPage]:
    folder = gold(EXTRACTION)
    for name, truth in json.loads((folder / "ground-truth.json").read_text(encoding="utf-8")).items():
        html = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield GoldPage(name=name, html=html, url=truth["url"], body=truth["articleBody"], half=_half(name))


def _world() -> Iterator[GoldPage]:
    """Yield the pages of many countries; their text is headings and paragraphs, without the summary above them."""
    folder = gold(WORLD)
    for name, truth in json.loads((folder / "gold.json").read_text(encoding="utf-8")).items():
        parts = [part for section in truth["sections"] for part in (*section["headline"], *section["paragraphs"])]
        published = datetime.fromisoformat(truth["published"]) if truth["published"] else None
        yield GoldPage(
            name=name.removesuffix(".html.gz"),
            html=gzip.decompress((folder / "html" / name).read_bytes()),
            url=truth["url"],
            body="\n".join(parts),
            half=_half(name.split("_")[0]),
            country=name.split("-")[0],
            title=truth["title"],
            authors=tuple(truth["authors"]),
            published=published,
        )
