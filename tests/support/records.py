"""Made articles as inputs: records that are like no other, and two that ask for names and phrases."""

from __future__ import annotations

import json
from pathlib import Path

SEEDS = {
    "witch.txt": (
        'WASHINGTON — President Donald Trump called the inquiry a "witch hunt" on Friday, his spokeswoman said.\n\n'
        "Trump spoke to reporters at the White House before he left for New York. Other presidents, he said, had never "
        "been treated like that, and the country was tired of it."
    ),
    "boxers.txt": (
        "MOSCOW — Foreign Minister Sergei Lavrov compared the two governments to boxers entering the ring.\n\n"
        "Lavrov told RIA Novosti that both sides were showing off before the fight, and that Moscow hoped for talks. "
        "Russia shares a short border with North Korea and has been ready to receive its leader."
    ),
}

TOWNS = ("Aldmoor", "Brackley", "Cranford", "Dunholm", "Eastmere", "Farleigh", "Gorsley", "Harwick", "Ilmouth", "Kelby")
THEMES = ("bridge", "library", "harvest", "ferry", "school", "theatre", "orchard", "tramway", "market", "lighthouse")


def story(number: int) -> dict[str, str]:
    """Return a record of an article that is like no other one."""
    town, theme = TOWNS[number % 10], THEMES[number // 10 % 10]
    sentences = [
        f"The {theme} of {town} was the subject of meeting {number} of the parish council on a wet evening.",
        f"Resident {number * 7} spoke for {number + 3} minutes about the cost of it, put at {number * 131} pounds.",
        f"Nobody in {town} could say when work on the {theme} would begin, nor who would pay share {number * 17}.",
        f"A vote was put off until paper {number * 29} had been read by everyone who lives near the {theme}.",
    ]
    return {
        "url": f"https://www.{town.lower()}-echo.example/{theme}/{number}",
        "source": f"{town} Echo",
        "title": f"{town} argues about its {theme}, again ({number})",
        "date": f"2019-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "body": "\n\n".join(sentences),
    }


def write_records(path: Path, numbers: range, *extra: str) -> Path:
    """Write the records of these numbers as JSON Lines, and `extra` lines after them."""
    lines = [json.dumps(story(number)) for number in numbers]
    path.write_text("\n".join([*lines, *extra]) + "\n", encoding="utf-8")
    return path
