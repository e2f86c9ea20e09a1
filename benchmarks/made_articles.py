"""Articles that are made, for benchmarks that run where no real ones are at hand, or that want them all different."""

from __future__ import annotations

import random

SENTENCES = (
    "The {0} of {1} was the subject of a meeting of the {2} council on a wet evening in the {3} hall.",
    "A {4} spoke for the {5} about the cost of the {6}, which the {7} had put far too low.",
    "Nobody from the {8} could say when the {9} would begin, nor who would pay for the {10}.",
    "The vote on the {11} was put off until the {12} had been read by all who live near the {13}.",
    "In the {14} the {15} was mended by the {16}, and the {17} was glad of the {18}.",
)
"""With words that are drawn for each article, so that none is a copy of another one."""


def made_article(name: str, number: int) -> dict[str, str]:
    """Return the article with a number of a set with a name, always the same one and a copy of no other."""
    draw = random.Random(f"{name} {number}")
    words = ["".join(draw.choice("bdfgklmnprst") + draw.choice("aeiou") for _ in range(3)) for _ in range(60)]
    body = " ".join(each.format(*draw.sample(words, 20)) for each in SENTENCES * 3)
    return {
        "url": f"https://{words[0]}.example/{name}/{number}",
        "title": f"The {words[1]} of {words[2]} ({name} {number})",
        "date": f"2019-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "body": body,
    }
