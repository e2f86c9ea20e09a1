"""Language detection against its gold sentences and against langdetect, on the same sentences in the same run.

    python -m benchmarks.language

Accuracy is over the sentences of every language that langdetect knows (52 files of 200 sentences: Norwegian has two);
`und` counts as wrong. The sentences come with NEWSDEX_GOLD (docs/data.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from benchmarks.gates import below, hold
from benchmarks.gold import ROOT, gold
from newsdex.flows.prepare.prepare import BATCH
from newsdex.transforms.text.language import detect, detect_all

SENTENCES = "language/lingua-sentences"

SAME = {"nb": "no", "nn": "no"}
"""Gold files that are not named after the code that is right for them."""

PEER_EVERY = 5
"""langdetect is timed on every fifth sentence: at about 300 a second, seven seconds rather than 35."""

MEMORY_PROBE = """
import psutil
process = psutil.Process()
import langdetect, py3langid.langid
from newsdex.transforms.text import language
start = process.memory_info().rss
language.detect("the first text")
fast = process.memory_info().rss
language._load_langdetect()
print(round((fast - start) / 1e6), round((process.memory_info().rss - fast) / 1e6))
"""


def measure() -> dict[str, Any]:
    """Accuracy, sentences a second of both, and the megabytes that each detector adds to a process."""
    sentences = _sentences()
    _warm(sentences)
    peer = _peer()
    some = sentences[::PEER_EVERY]
    started = time.perf_counter()
    peer_right = sum(_peer_answer(peer, text) == code for code, text in some)
    peer_rate = len(some) / (time.perf_counter() - started)
    started = time.perf_counter()
    told = [found for start in range(0, len(sentences), BATCH) for found in detect_all(_texts(sentences, start))]
    answers = [(code, found.code) for (code, _), found in zip(sentences, told, strict=True)]
    rate = len(sentences) / (time.perf_counter() - started)
    probe = subprocess.run([sys.executable, "-c", MEMORY_PROBE], cwd=ROOT, capture_output=True, text=True, check=True)
    fast_mb, second_mb = map(int, probe.stdout.split())
    return {
        "sentences": len(sentences),
        "accuracy": round(sum(code == answer for code, answer in answers) / len(answers), 4),
        "undetermined": round(sum(answer == "und" for _, answer in answers) / len(answers), 4),
        "per_second": round(rate),
        "langdetect_accuracy": round(peer_right / len(some), 4),
        "langdetect_per_second": round(peer_rate),
        "times_langdetect": round(rate / peer_rate, 1),
        "py3langid_mb": fast_mb,
        "langdetect_mb": second_mb,
    }


def _texts(sentences: list[tuple[str, str]], start: int) -> list[tuple[str, str | None]]:
    """Return a batch, without hints."""
    return [(text, None) for _, text in sentences[start : start + BATCH]]


def check(held: dict[str, Any]) -> list[str]:
    """One sentence for each figure that is below its floor; empty when all hold."""
    figures = measure()
    print(json.dumps(figures, indent=2))
    return below("language", figures, held)


def _sentences() -> list[tuple[str, str]]:
    known = {str(code).split("-")[0] for code in _peer().get_lang_list()}
    return [
        (SAME.get(path.stem, path.stem), line)
        for path in sorted(gold(SENTENCES).glob("*.txt"))
        if SAME.get(path.stem, path.stem) in known
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def _warm(sentences: list[tuple[str, str]]) -> None:
    """Load both detectors before the clock runs."""
    for _, text in sentences[:200]:
        detect(text)
    detect("lorem ipsum dolor sit amet, consectetur adipiscing elit")


def _peer() -> DetectorFactory:
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory


def _peer_answer(factory: DetectorFactory, text: str) -> str:
    detector = factory.create()
    detector.append(text)
    try:
        return str(detector.detect()).split("-")[0]
    except LangDetectException:
        return "und"


if __name__ == "__main__":
    sys.exit(hold("language", check))
