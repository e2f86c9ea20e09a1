"""What the boilerplate rules take out of real articles, and how many true sentences are lost to them.

    python -m benchmarks.boilerplate [--rule NAME] [--samples N] [--unjudged]

Runs markup removal, repair and the rules over the 20,000 articles (NEWSDEX_GOLD, docs/data.md), and prints for each
rule how often it fired and a seeded sample of what it took.

What counts as lost. A removed piece is cut into sentences: what ends in a full stop, question or exclamation mark
(with closing quotes), has at least five words, and a small letter in its second half, so that headlines, labels and
buttons are none. Headlines of other texts inside a frame of fixed words ("JUST WATCHED … Replay", "Related: …",
"… Read more") are left out. A sentence that stands in at least three articles (digits aside) is boilerplate by its
repetition. Every other one counts as LOST unless a person has judged it: `boilerplate_judged.json` holds the
judgements, keyed by a hash, without the text: "boilerplate" or "lost". A new rule's unjudged sentences count as lost
until somebody reads them (`--unjudged` prints them with their hashes).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.gold import gold
from newsdex.transforms.text.boilerplate import strip
from newsdex.transforms.text.markup import strip_markup
from newsdex.transforms.text.repair import repair

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = "corpus/articles-20k.jsonl.gz"
JUDGED = Path(__file__).with_name("boilerplate_judged.json")

MIN_WORDS = 5
"""A shorter "sentence" is a label or a button."""

REPEATED = 3
"""A sentence in so many articles is boilerplate: agencies' texts that run in two papers stay below."""

MAX_FRAMED_CHARS = 400
"""A headline in its frame is shorter; the longest, with the player's words around it twice, has 320."""

HASH_BYTES = 8

_SENTENCE = re.compile(r"[^.!?\n]{2,}[.!?]+[\"'”’)\]]*(?=\s|$)")
_FRAMED = re.compile(
    r"^(?:JUST WATCHED|MUST WATCH|\W*(?:Also on POLITICO|PHOTOS|RELATED|Related|SEE ALSO|Read [Mm]ore|READ NEXT|"
    r"READ MORE|Recommended|Also see|Also read):)|(?: Read more|Replay More Videos .*)$",
    re.DOTALL,
)
"""Headlines of other texts inside a frame of fixed words: a piece in such a frame is no sentence of the article,
however it reads. Two hundred of them were read."""

_DIGITS = re.compile(r"\d+")


@dataclass
class Found:
    """What one run over the corpus found."""

    articles: int = 0
    sentences: int = 0
    paywalled: int = 0
    seconds: float = 0.0
    pieces: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    removed_sentences: list[tuple[str, str]] = field(default_factory=list)
    """(rule, sentence) of every removed piece that looks like prose."""


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text that look like prose."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        words = sentence.split()
        if len(words) >= MIN_WORDS and any(word[0].islower() for word in words[len(words) // 2 :]):
            yield sentence


def run() -> Found:
    """Apply the rules to the whole corpus."""
    found = Found()
    with gzip.open(gold(CORPUS), "rt", encoding="utf-8") as lines:
        for line in lines:
            body = repair(strip_markup(json.loads(line)["body"]))
            found.articles += 1
            found.sentences += sum(1 for _ in sentences(body))
            started = time.process_time()
            stripped = strip(body)
            found.seconds += time.process_time() - started
            found.paywalled += stripped.paywalled
            for item in stripped.removed:
                found.pieces[item.rule].append(item.text)
                if _FRAMED.search(item.text) and "\n" not in item.text and len(item.text) <= MAX_FRAMED_CHARS:
                    continue
                found.removed_sentences.extend((item.rule, sentence) for sentence in sentences(item.text))
    return found


def plain(sentence: str) -> str:
    """Return a sentence without case and digits: what repeated sentences have in common."""
    return _DIGITS.sub("0", sentence.casefold())


def key(sentence: str) -> str:
    """Return the hash under which a sentence's judgement is kept."""
    return hashlib.blake2b(plain(sentence).encode(), digest_size=HASH_BYTES).hexdigest()


def unjudged(found: Found) -> tuple[list[tuple[str, str]], int]:
    """Return the removed sentences that are neither repeated nor judged, and the number judged as lost."""
    judged: dict[str, str] = json.loads(JUDGED.read_text(encoding="utf-8")) if JUDGED.exists() else {}
    counts = Counter(plain(sentence) for _, sentence in found.removed_sentences)
    rare = [(rule, sentence) for rule, sentence in found.removed_sentences if counts[plain(sentence)] < REPEATED]
    verdicts = [(rule, sentence, judged.get(key(sentence))) for rule, sentence in rare]
    open_cases = [(rule, sentence) for rule, sentence, verdict in verdicts if verdict is None]
    return open_cases, sum(verdict == "lost" for _, _, verdict in verdicts)


def measure() -> dict[str, Any]:
    """Articles, sentences, pieces removed, sentences lost, and the rate of lost ones per 10,000."""
    return _figures(run())


def _figures(found: Found) -> dict[str, Any]:
    open_cases, lost = unjudged(found)
    return {
        "articles": found.articles,
        "sentences": found.sentences,
        "pieces_removed": sum(map(len, found.pieces.values())),
        "sentences_removed": len(found.removed_sentences),
        "paywalled": found.paywalled,
        "lost": lost + len(open_cases),
        "of_them_unjudged": len(open_cases),
        "lost_per_10000": round((lost + len(open_cases)) / max(1, found.sentences) * 10_000, 3),
        "microseconds_an_article": round(found.seconds / max(1, found.articles) * 1e6),
    }


def check(floors: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is worse than its floor; empty when all hold."""
    figures = measure()
    for name, value in figures.items():
        print(f"{name:<26} {value}")
    most = floors["max_lost_per_10000"]
    if figures["lost_per_10000"] >= most:
        return [
            (
                f"boilerplate: {figures['lost_per_10000']} sentences in 10,000 are lost, below {most} is allowed; "
                f"{figures['of_them_unjudged']} wait for a judgement (python -m benchmarks.boilerplate --unjudged)."
            )
        ]
    return []


def main() -> int:
    """Print what each rule took, or the sentences that wait for a judgement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rule", help="only this rule")
    parser.add_argument("--samples", type=int, default=8, help="pieces shown for each rule")
    parser.add_argument("--unjudged", action="store_true", help="print the sentences that wait for a judgement")
    options = parser.parse_args()
    found = run()
    if options.unjudged:
        for rule, sentence in unjudged(found)[0]:
            print(f"{key(sentence)}  {rule}: {sentence}")
    else:
        chooser = random.Random(1)
        for rule, pieces in sorted(found.pieces.items(), key=lambda item: -len(item[1])):
            if options.rule in {None, rule}:
                print(f"\n{rule}: {len(pieces)} removed")
                for piece in chooser.sample(sorted(set(pieces)), min(options.samples, len(set(pieces)))):
                    print(f"    {piece[:200]}")
    for name, value in _figures(found).items():
        print(f"{name:<26} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
