"""The demonstration: the whole way, on the sample articles, in an index and a home of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from newsdex.cli.views import report
from newsdex.cli.views import search as show
from newsdex.commands.run_local import run_ingest
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.console import out
from newsdex.flows.config import settings
from newsdex.search.indices.manage import IndexNames, delete_all
from newsdex.search.node import node
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.facets import facets
from newsdex.search.results.search import search
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from newsdex.flows.common.progress import Progress
    from newsdex.flows.config.settings import Settings

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "articles"

NAME = "demo"
"""The index of the samples, and the folder in the user's home that everything of theirs lies in."""

QUERY = "council"
"""Found in several of the samples, in more than one form."""

FACET_SIZE = 6
HITS = 3


def demo_settings() -> Settings:
    """Return the settings of the demonstration, which hold for this process and for those that it starts.

    Raises:
        SettingsError: the user's settings cannot be used.
    """
    # The flow reads its settings from the environment.
    os.environ.update(NEWSDEX_HOME=str(settings.load().home / NAME), NEWSDEX_INDEX=NAME)
    return settings.load()


def run_demo(chosen: Settings, bars: Progress) -> None:
    """Ingest the samples, then show the ledger, the facets, one search and what to type next.

    Raises:
        FileNotFoundError: the samples are not there (an installation without the repository).
    """
    if not SAMPLES.is_dir():
        raise FileNotFoundError(2, "The sample articles are part of the repository, and are not there", str(SAMPLES))
    out.print(
        "[bold]Newsdex[/] reads the articles in [bold]samples/articles[/], cleans, enriches and de-duplicates them, "
        "and indexes them in an Elasticsearch of its own, apart from any articles of yours.\n"
    )
    done = run_ingest(chosen, bars, [str(SAMPLES)])
    bars.close()
    report.report(done)
    if not done.count(Result.INDEXED):
        out.print("\n[cyan]Nothing has changed since the last run:[/] everything that can be indexed is in the index.")
    names = IndexNames(chosen.index)
    with open_client(chosen, bars, start=False) as client:
        show.facets(facets(client, names, size=FACET_SIZE), FACET_SIZE)
        out.print(f"\n[bold]$ {report.command()} search {QUERY}[/]")
        show.hits(search(client, names, SearchRequest(query=QUERY, size=HITS)))
    report.what_next(chosen.home, chosen.index)


def remove_demo(chosen: Settings, bars: Progress) -> bool:
    """Remove the samples' index, their Elasticsearch and their home; return whether there was anything."""
    if chosen.connection() is not None:
        with open_client(chosen, bars, start=False) as client:
            gone = bool(delete_all(client, IndexNames(chosen.index)))
    else:
        gone = node.stop(chosen.node())
    if chosen.home.is_dir():
        shutil.rmtree(chosen.home)
        return True
    return gone
