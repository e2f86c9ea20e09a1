"""Write docs/facets.md, the most frequent values of each facet of an index: `python -m docs.facets`.

Meant for the 20,000 real articles (NEWSDEX_GOLD, docs/data.md): `newsdex ingest …/corpus/articles-20k.jsonl.gz` first.
It is there to be read: a name twice, a place that is a person, a year 9999 are what this project is against.
"""

from __future__ import annotations

from pathlib import Path

from newsdex.flows.common.connection import open_client
from newsdex.flows.common.progress import Silent
from newsdex.flows.config import settings
from newsdex.search.indices.manage import IndexNames
from newsdex.search.query.facet_table import FACETS
from newsdex.search.results.facets import facets

PAGE = Path(__file__).with_name("facets.md")
VALUES = 100
BY_TIME = {"year": "Years of publication"}


def page() -> str:
    """Return the page, from the index of the settings."""
    chosen = settings.load()
    with open_client(chosen, Silent()) as client:
        found = facets(client, IndexNames(chosen.index), size=VALUES)
    lines = [
        "# What the facets hold",
        "",
        f"The {VALUES} most frequent values of each facet over {found.total:,} news articles, as `newsdex facets`",
        "counts them, with the number of articles. Written by `python -m docs.facets`, to be read.",
        "",
        "What readers may wonder at, and what is so on purpose: a surname alone (Clinton, Bush, Warren, Sanders) comes",
        "from articles that never say which of several people is meant. The White House, the Kremlin, the Pentagon and",
        "Capitol Hill are organisations, as news names them for who works there. ABC and ABC News are kept apart as",
        "the papers do.",
    ]
    titles = {facet.name: facet.title for facet in FACETS} | BY_TIME
    for name, title in titles.items():
        values = ", ".join(f"{each.value} {each.count:,}" for each in found.of(name))
        lines += ["", f"## {title}", "", values]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
