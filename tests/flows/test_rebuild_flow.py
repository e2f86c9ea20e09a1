"""The flow `rebuild` and the commands: real worker processes, a real Elasticsearch, a real SIGKILL."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.home import Newsdex
from support.records import write_records

from newsdex.flows.config import settings
from newsdex.flows.prepare.recipe import recipe_for
from newsdex.flows.prepare.refresh import Refresher, refresh
from newsdex.search.indices.state import resolve
from newsdex.transforms.article import Article, DateSource, Result, Source
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.refresh import refreshed


def stored(**facts: Any) -> Article:
    """Return an article as an older pipeline left it."""
    body = "Angela Merkel met Emmanuel Macron in Paris on Tuesday.\n\n" + "The talks went on until the evening. " * 9
    told = {
        "id": "1",
        "title": "A meeting",
        "language": "en",
        "language_confidence": 0.5,
        "url": "https://www.theguardian.com/a/1",
        **facts,
    }
    return Article(body=body, input_uri="memory:1", content_hash="h", pipeline_version="0", **told)


def test_what_the_text_tells_is_made_anew() -> None:
    """Entities, language and the paper's record; the date's provenance and the version that cleaned it are kept."""
    old = stored(
        language="fr",
        source=Source(name="the guardian", provenance="declared"),
        published_at_source=DateSource.FEED,
        agencies=("Reuters",),
    )
    (new,), kept = refresh([old], recipe_for(settings.load()))
    assert kept == 0
    assert "Angela Merkel" in new.entities.person
    assert new.language == "en"
    assert (new.source.name, new.source.country) == ("The Guardian", "GB")
    assert new.minhash_bands
    facts = ("id", "body", "title", "content_hash", "published_at_source", "agencies", "pipeline_version")
    assert [getattr(new, name) for name in facts] == [getattr(old, name) for name in facts]


def test_the_same_language_is_no_surer_than_before() -> None:
    """What was found before is only a hint: found again, its confidence stays; another language gets one of its own."""
    (same, other), _ = refresh([stored(), stored(id="2", language="und")], recipe_for(settings.load()))
    assert (same.language, same.language_confidence) == ("en", 0.5)
    assert other.language == "en"
    assert other.language_confidence > 0.9


def test_an_article_that_breaks_a_step_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted; the others are made anew."""

    def breaks(articles: list[Article], chain: Chain, options: ChainOptions) -> list[Article]:
        if any(each.title == "broken" for each in articles):
            raise ValueError(articles)
        return refreshed(articles, chain, options)

    monkeypatch.setattr("newsdex.flows.prepare.refresh.refreshed", breaks)
    done, kept = refresh([stored(), stored(id="2", title="broken")], recipe_for(settings.load()))
    assert kept == 1
    assert [bool(each.entities.person) for each in done] == [True, False]


def test_pages_keep_their_order() -> None:
    """What the workers make of several pages at the same time comes out page by page."""
    pages = [[stored(id=f"{page}-{number}") for number in range(3)] for page in range(9)]

    def work(articles: list[Article]) -> tuple[list[Article], int]:
        time.sleep(0.01 * (hash(articles[0].id) % 3))
        return articles, 1

    refresher = Refresher(work, 2)
    assert list(refresher(iter(pages))) == pages
    assert (refresher.anew, refresher.kept) == (18, 9)


@pytest.mark.slow
def test_the_flow_rebuilds(newsdex: Newsdex, tmp_path: Path) -> None:
    """Articles made anew by the same transforms are the same; the next run finds them unchanged."""
    from newsdex.flows.rebuild import rebuild  # noqa: PLC0415  # after Prefect is configured

    source = write_records(tmp_path / "a.jsonl", range(30))
    newsdex.ingest(source)
    before = newsdex.articles()
    done = rebuild()
    assert done.documents[newsdex.names.articles] == 30
    assert (done.read, done.written, done.anew, done.kept) == (30, 30, 30, 0)
    assert newsdex.articles() == before
    assert newsdex.ingest(source).count(Result.UNCHANGED) == 30
    assert rebuild(mapping_only=True).anew == 0
    assert newsdex.articles() == before


@pytest.mark.slow
def test_the_commands(newsdex: Newsdex, tmp_path: Path) -> None:
    """`newsdex rebuild`, `newsdex rollback`, and what they say when there is nothing to do."""
    nothing = newsdex.run("rollback")
    assert nothing.returncode == 1
    assert "There is nothing to go back to: there is no index yet." in " ".join(nothing.stderr.split())
    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(5)))
    done = newsdex.run("rebuild", "--mapping-only", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["documents"] == {newsdex.names.articles: 5, newsdex.names.copies: 0}
    back = newsdex.run("rollback")
    assert back.returncode == 0, back.stderr
    assert f"{newsdex.names.articles} is {newsdex.names.articles}-v2-000001 again" in " ".join(back.stdout.split())
    assert "was not made by a rebuild" in " ".join(newsdex.run("rollback").stderr.split())
    assert "no unfinished rebuild" in newsdex.run("rebuild", "--discard").stdout


@pytest.mark.slow
def test_a_chosen_period_is_carried_out(newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild moves what is stored to the index of its year, where a run finds it; the way back is whole."""
    source = write_records(tmp_path / "a.jsonl", range(30))
    newsdex.ingest(source)
    before = newsdex.articles()
    monkeypatch.setenv("NEWSDEX_INDEX_PERIOD", "year")  # for the flow that runs here
    yearly = replace(newsdex, environment={**newsdex.environment, "NEWSDEX_INDEX_PERIOD": "year"})
    done = yearly.run("rebuild", "--mapping-only")
    assert done.returncode == 0, done.stderr
    assert "30 articles were moved to the index of their period." in " ".join(done.stdout.split())
    assert newsdex.articles() == before
    assert newsdex.ingest(source).count(Result.UNCHANGED) == 30
    back = yearly.run("rollback")
    assert "is not searched any more (was" in " ".join(back.stdout.split())
    assert newsdex.articles() == before


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_killed_again_and_again(newsdex: Newsdex, tmp_path: Path) -> None:
    """SIGKILL at several moments: the index stays whole each time, an ingest works, and a last rebuild ends it."""
    newsdex.ingest(write_records(tmp_path / "a.jsonl", range(300)))
    before = newsdex.articles()
    found = resolve(newsdex.client, newsdex.names)
    whole = time.monotonic()
    assert newsdex.run("rebuild", "--json").returncode == 0
    whole = time.monotonic() - whole
    for share in (0.5, 0.75, 0.9):
        child = subprocess.Popen(
            newsdex.command("rebuild", "--json"), env=newsdex.environment, stdout=subprocess.DEVNULL
        )
        time.sleep(whole * share)
        child.kill()
        child.wait()
        assert newsdex.articles() == before
    done = newsdex.run("rebuild", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"][newsdex.names.articles] == 300
    assert newsdex.articles() == before
    assert resolve(newsdex.client, newsdex.names) != found
    assert newsdex.ingest(write_records(tmp_path / "b.jsonl", range(300, 310))).count(Result.INDEXED) == 10
