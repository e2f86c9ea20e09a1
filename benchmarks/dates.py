"""Dates mentioned: precision and recall on sentences annotated by hand, and speed beside dateparser's `search_dates`.

    python -m benchmarks.dates            figures and floors
    python -m benchmarks.dates --wrong    every sentence that does not come out as annotated
    python -m benchmarks.dates --show 30  what comes out of real articles, for reading (NEWSDEX_GOLD, docs/data.md)

`data/dates.jsonl` holds 150 sentences written for this project: 99 English, 51 in six other languages; 50 are traps. A
mention counts as right when it overlaps an annotated one and has the same ISO form.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dateparser.search import search_dates

from benchmarks.gates import below, hold
from benchmarks.gold import ROOT, gold
from newsdex.transforms.dates.mentioned import mentioned

if TYPE_CHECKING:
    from newsdex.transforms.article import DateMention

SENTENCES = Path(__file__).with_name("data") / "dates.jsonl"
SAMPLES = ROOT / "samples/articles/records/wire.jsonl"

ARTICLE_BYTES = 3_000
"""Length of the article that the speed floor is about."""

ROUNDS = 50
"""How often each text is timed; the fastest round counts, as everything slower is the machine's other work."""


def measure() -> dict[str, Any]:
    """Precision, recall, milliseconds for an article of 3 KB, and how many times faster than the peer."""
    rows = _rows()
    right = missed = wrong = 0
    for row in rows:
        hits, misses, alarms = _compare(row)
        right += len(hits)
        missed += len(misses)
        wrong += len(alarms)
    article = _article()
    ours = min(
        _timed(lambda: mentioned(article, published_at=_day("2020-10-01"), language="en")) for _ in range(ROUNDS)
    )
    sentences = [row for row in rows if row["published"]]
    all_ours = min(_timed(lambda: [_found(row) for row in sentences]) for _ in range(3))
    _peer(sentences[:20])
    all_peer = _timed(lambda: _peer(sentences))
    return {
        "sentences": len(rows),
        "dates": sum(len(row["dates"]) for row in rows),
        "precision": round(right / (right + wrong), 4),
        "recall": round(right / (right + missed), 4),
        "milliseconds_3kb": round(ours * 1000, 3),
        "times_search_dates": round(all_peer / all_ours, 1),
    }


def check(held: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is on the wrong side of its floor; empty when all hold."""
    figures = measure()
    print(json.dumps(figures, indent=2))
    return below("dates", figures, held)


def _rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _found(row: dict[str, Any]) -> tuple[DateMention, ...]:
    return mentioned(row["text"], published_at=_day(row["published"]), language=row["language"])


def _compare(row: dict[str, Any]) -> tuple[list[DateMention], list[dict[str, Any]], list[DateMention]]:
    """Return what was found and right, what was missed, and what was found and wrong."""
    left = list(row["dates"])
    hits, alarms = [], []
    for mention in _found(row):
        same = next(
            (
                gold
                for gold in left
                if gold["iso"] == mention.iso and gold["start"] < mention.end_char and mention.start_char < gold["end"]
            ),
            None,
        )
        if same:
            left.remove(same)
            hits.append(mention)
        else:
            alarms.append(mention)
    return hits, left, alarms


def _article() -> str:
    """Return 3 KB of English news, from the samples."""
    bodies = [json.loads(line).get("body", "") for line in SAMPLES.read_text(encoding="utf-8").splitlines()[:3]]
    return ("\n\n".join(bodies) * 5)[:ARTICLE_BYTES]


def _timed(work: Any) -> float:  # noqa: ANN401  # any callable
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peer(rows: list[dict[str, Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in rows:
            base = datetime.fromisoformat(row["published"])
            search_dates(row["text"], languages=[row["language"]], settings={"RELATIVE_BASE": base})


def _wrong() -> None:
    for row in _rows():
        _, misses, alarms = _compare(row)
        if misses or alarms:
            print(f"[{row['language']} {row['published']}] {row['text']}")
            print("    missed", [(gold["text"], gold["iso"]) for gold in misses])
            print("    wrong ", [(one.text, one.iso) for one in alarms])


def _show(count: int) -> None:
    with gzip.open(gold("corpus/articles-20k.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in itertools.islice(lines, 0, count * 50, 50):
            record = json.loads(line)
            day = record["date"] if len(record.get("date") or "") == 10 and record["date"][4] == "-" else None
            for one in mentioned(record["body"], published_at=_day(day), language="en"):
                left = record["body"][max(0, one.start_char - 45) : one.start_char].replace("\n", " ")
                right = record["body"][one.end_char : one.end_char + 25].replace("\n", " ")
                print(f"{day}  {left:>45}[{one.text}]{right:25}  {one.iso}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wrong", action="store_true")
    arguments.add_argument("--show", type=int)
    options = arguments.parse_args()
    if options.wrong:
        _wrong()
    elif options.show:
        _show(options.show)
    else:
        sys.exit(hold("dates", check))
