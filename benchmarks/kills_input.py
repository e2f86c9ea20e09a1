"""The articles that `benchmarks.kills` ingests: real ones where they are at hand, with copies and broken inputs."""

from __future__ import annotations

import gzip
import json
import random
from itertools import count, islice
from typing import TYPE_CHECKING

from benchmarks.gold import place_of
from benchmarks.made_articles import made_article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COPY_EVERY, BROKEN_EVERY = 25, 100
"""One input in so many is a copy of an earlier article (some with other words in it), or is broken."""

BROKEN = ("{broken", '{"title": "no text here"}', '{"title": "empty", "body": ""}')


def write_input(path: Path, articles: int) -> int:
    """Write that many articles as JSON Lines, with copies and broken lines among them; return the number of inputs."""
    draw = random.Random(5)
    earlier: list[dict[str, str]] = []
    lines: list[str] = []
    for number, article in enumerate(islice(_articles(), articles), 1):
        lines.append(json.dumps(article))
        earlier.append(article)
        if number % COPY_EVERY == 0:
            lines.append(json.dumps(_copy(draw.choice(earlier), number, draw)))
        if number % BROKEN_EVERY == 0:
            lines.append(draw.choice(BROKEN))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def _copy(article: dict[str, str], number: int, draw: random.Random) -> dict[str, str]:
    """Return an article as another paper ran it: a day later or, as the better original, a day earlier.

    Some with changes.
    """
    body = article["body"]
    if draw.random() < 0.5:
        words = body.split(" ")
        words[draw.randrange(len(words))] = "changed"
        body = " ".join(words)
    date = draw.choice(("2012-01-01", "2021-01-01"))
    return {
        **article,
        "url": f"https://www.other-paper.example/{number}",
        "source": f"Other Paper {number % 7}",
        "date": date,
        "body": body,
    }


def _articles() -> Iterator[dict[str, str]]:
    corpus = place_of("corpus/articles-20k.jsonl.gz")
    if corpus.is_file():
        with gzip.open(corpus, "rt", encoding="utf-8") as file:
            yield from (json.loads(line) for line in file)
    yield from (made_article("made", number) for number in count())
