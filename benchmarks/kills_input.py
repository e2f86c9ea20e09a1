"""The articles that `benchmarks.kills` ingests: real ones where they are at hand, with copies and broken inputs."""

from __future__ import annotations

import gzip
import json
import os
import random
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent

COPY_EVERY, BROKEN_EVERY = 25, 100
"""One input in so many is a copy of an earlier article (some with other words in it), or is broken."""

SENTENCES = (
    "The {0} of {1} was the subject of a meeting of the {2} council on a wet evening in the {3} hall.",
    "A {4} spoke for the {5} about the cost of the {6}, which the {7} had put far too low.",
    "Nobody from the {8} could say when the {9} would begin, nor who would pay for the {10}.",
    "The vote on the {11} was put off until the {12} had been read by all who live near the {13}.",
    "In the {14} the {15} was mended by the {16}, and the {17} was glad of the {18}.",
)
"""With words that are drawn for each made article, so that none is a copy of another one."""

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
    """An article as another paper ran it: a day later or, as the better original, a day earlier; some with changes."""
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
    gold = Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve()
    corpus = gold / "corpus" / "articles-20k.jsonl.gz"
    if corpus.is_file():
        with gzip.open(corpus, "rt", encoding="utf-8") as file:
            yield from (json.loads(line) for line in file)
    number = 0
    while True:
        number += 1
        yield _made(number)


def _made(number: int) -> dict[str, str]:
    draw = random.Random(number)
    words = ["".join(draw.choice("bdfgklmnprst") + draw.choice("aeiou") for _ in range(3)) for _ in range(60)]
    body = " ".join(each.format(*draw.sample(words, 20)) for each in SENTENCES * 3)
    return {
        "url": f"https://{words[0]}.example/{number}",
        "title": f"The {words[1]} of {words[2]} ({number})",
        "date": f"2019-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "body": body,
    }
