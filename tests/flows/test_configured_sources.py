"""Sources of newsdex.toml: checked when read, ingested by name, listed with their last run; live feeds end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.home import Newsdex
from support.loopback import Site, body, status, versioned
from support.records import story, write_records
from typer.testing import CliRunner

from newsdex.cli.app import app
from newsdex.cli.sources import listed
from newsdex.flows.config.settings import SettingsError
from newsdex.flows.config.sources import by_name, configured, papers
from newsdex.transforms.article import Result
from newsdex.transforms.attribution.publishers import resolve


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *entries: str) -> None:
    """Write a newsdex.toml with these entries."""
    (folder / "newsdex.toml").write_text("".join(f"[[source]]\n{entry}\n" for entry in entries), encoding="utf-8")


def test_a_source_has_all_its_keys(folder: Path) -> None:
    """Every key of the documentation is taken; without the file there is no source."""
    assert configured() == ()
    write(
        folder,
        'name = "Harbour Post"\nlocation = ["a.csv", "b.csv"]\nformat = "csv"\nmap = {body = "story_text"}\n'
        'language = "en"\nlicence = "CC BY 4.0"\npublisher = "Harbour Post"\ndomain = "harbourpost.example"\n'
        'country = "PT"\npages = "never"\nschedule = "*/30 * * * *"\ntimezone = "Europe/Lisbon"\nselect = "new"',
        'name = "pile"\nlocation = "pile/"',
    )
    post, pile = configured()
    assert post.locations == ("a.csv", "b.csv")
    assert post.mapping == {"body": "story_text"}
    assert (post.schedule, post.timezone, post.select) == ("*/30 * * * *", "Europe/Lisbon", "new")
    assert (pile.locations, pile.format, pile.mapping) == (("pile/",), None, {})
    assert by_name("pile") == pile
    found = resolve(None, "https://www.harbourpost.example/a", extra=json.loads(papers(configured())))
    assert (found.name, found.domain, found.country) == ("Harbour Post", "harbourpost.example", "PT")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('location = "a"', "source number 1, key name: it is missing"),
        ('name = "a"', "source a, key location: it is missing"),
        ('name = "a"\nlocation = []', "source a, key location:"),
        ('name = "a"\nlocation = "a"\nfromat = "csv"', "source a, key fromat: there is no such key; the keys are"),
        ('name = "a"\nlocation = "a"\nformat = "cvs"', "source a, key format: There is no format cvs: choose one of"),
        ('name = "a"\nlocation = "a"\nmap = {bdy = "x"}', "source a, key map: bdy is no field of an article"),
        ('name = "a"\nlocation = "a"\nlanguage = "English"', "source a, key language:"),
        ('name = "a"\nlocation = "a"\ndomain = "a.example"', "the publisher's: name it with publisher"),
        ('name = "a"\nlocation = "a"\npublisher = "A"\ndomain = "http://a"', "key domain: http://a is no domain"),
        ('name = "a"\nlocation = "a"\npages = "some"', "source a, key pages:"),
        ('name = "a"\nlocation = "a"\n[[source]]\nname = "a"\nlocation = "b"', "two sources of this name"),
        ('name = "a', "newsdex.toml cannot be read"),
    ],
)
def test_a_bad_entry_is_told_in_one_sentence_with_file_and_key(folder: Path, entry: str, words: str) -> None:
    """What is wrong, where, and what to do."""
    write(folder, entry)
    with pytest.raises(SettingsError) as told:
        configured()
    assert words in str(told.value)
    assert str(told.value).startswith("newsdex.toml")
    assert "\n" not in str(told.value)


def test_a_source_that_is_not_there_is_named(folder: Path) -> None:
    """The sentence says which sources there are."""
    write(folder, 'name = "pile"\nlocation = "a"')
    with pytest.raises(SettingsError, match="no source 'heap': it has pile"):
        by_name("heap")
    answer = CliRunner().invoke(app, ["ingest", "--source", "heap"])
    assert answer.exit_code == 1
    assert "it has pile" in " ".join(answer.stderr.split())


def test_paths_and_sources_exclude_each_other(folder: Path) -> None:
    """Wrong usage is exit code 2."""
    write(folder, 'name = "pile"\nlocation = "a"')
    for arguments in (["ingest"], ["ingest", "a.txt", "--source", "pile"], ["ingest", "a.txt", "--all-sources"]):
        assert CliRunner().invoke(app, arguments).exit_code == 2


def test_without_elasticsearch_the_list_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources are listed all the same; their last run is said to be unknown, and why."""
    write(folder, 'name = "pile"\nlocation = "pile/"\nlicence = "CC0"')
    monkeypatch.setenv("NEWSDEX_HOME", str(folder / "home"))
    monkeypatch.delenv("NEWSDEX_ELASTICSEARCH_URL", raising=False)
    shown = CliRunner().invoke(app, ["sources"])
    assert shown.exit_code == 0, shown.output
    assert "pile" in shown.stdout
    assert "CC0" in shown.stdout
    assert "Last runs are not known: Elasticsearch is not running" in " ".join(shown.stdout.split())
    (one,) = json.loads(CliRunner().invoke(app, ["sources", "--json"]).stdout)
    assert one["last_run"] is None
    assert "not running" in one["last_run_unknown"]


def test_sources_are_ingested_by_name_and_listed_with_their_last_run(newsdex: Newsdex, folder: Path) -> None:
    """Format, mapping, paper and language hint come from the entry; what a source's run did is in the list."""
    rows = "\n".join(f'"{story(number)["body"]}"' for number in range(3))
    (folder / "export.dat").write_text(f"story_text\n{rows}\n", encoding="utf-8")
    write_records(folder / "pile.jsonl", range(10, 12), "{broken")
    write(
        folder,
        'name = "Harbour Post"\nlocation = "export.dat"\nformat = "csv"\nmap = {body = "story_text"}\nlanguage = "en"\n'
        'publisher = "Harbour Post"',
        'name = "pile"\nlocation = "pile.jsonl"',
        'name = "waiting"\nlocation = "not-yet/"',
    )
    post = newsdex.ingest(source="Harbour Post")
    assert post.count(Result.INDEXED) == 3
    answer = CliRunner().invoke(app, ["ingest", "--source", "pile", "--json"])
    assert answer.exit_code == 3, answer.output
    assert json.loads(answer.stdout)["pile"]["total"]["counts"]["indexed"] == 2
    sources = [doc["source"]["name"] for uri, doc in newsdex.articles().items() if "export.dat" in uri]
    assert sources == ["Harbour Post"] * 3
    found, unknown = listed(newsdex.settings)
    assert unknown is None
    runs = {one.name: one.last_run for one in found}
    assert runs["waiting"] is None
    assert runs["pile"] is not None
    assert (runs["pile"].status, runs["pile"].counts["rejected"]) == ("done", 1)
    shown = CliRunner().invoke(app, ["sources"])
    assert "never" in shown.stdout
    assert "done" in shown.stdout


def test_inspect_fetches_and_keeps_nothing(folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is shown as it would be indexed; neither the archive nor the memory of fetches is written."""
    monkeypatch.setenv("NEWSDEX_FETCH_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("NEWSDEX_FETCH_DELAY", "0")
    monkeypatch.setenv("NEWSDEX_HOME", str(folder / "home"))
    text = "".join(f"<p>{part}</p>" for part in story(1)["body"].split("\n\n"))
    site.pages["/a"] = body(f"<!doctype html><html><head><title>News</title></head><body>{text}</body></html>")
    for _ in range(2):
        answer = CliRunner().invoke(app, ["inspect", f"{site.url}/a", "--json"])
        assert answer.exit_code == 0, answer.output
        assert json.loads(answer.stdout)["article"]["url"] == f"{site.url}/a"
    assert not list(folder.rglob("*.warc.gz"))
    assert not list(folder.rglob("*.sqlite"))


def quarantined(newsdex: Newsdex) -> set[str]:
    """Return what lies in quarantine."""
    newsdex.client.indices.refresh(index=newsdex.names.rejected)
    hits = newsdex.client.search(index=newsdex.names.rejected, size=100, query={"match_all": {}})["hits"]["hits"]
    return {hit["_source"]["input_uri"] for hit in hits}


def test_a_live_feed_goes_into_the_index_once(newsdex: Newsdex, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages that a feed links to are articles; asked again nothing is new; from the archive nothing changes."""
    monkeypatch.setenv("NEWSDEX_FETCH_ALLOW", "127.0.0.1")
    monkeypatch.setenv("NEWSDEX_FETCH_DELAY", "0")
    pages = {f"/news/{number}": story(number)["body"] for number in range(3)}
    items = "".join(f"<item><title>News {path}</title><link>{path}</link></item>" for path in pages)
    feed = f"<rss version='2.0'><channel><title>Harbour Post</title>{items}</channel></rss>"
    site.pages["/feed.xml"] = versioned(feed, '"1"', "application/rss+xml")
    for path, text in pages.items():
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        title = f"<title>News {path}</title>"
        site.pages[path] = body(
            f"<!doctype html><html><head>{title}</head><body><article>{paragraphs}</article></body>"
        )
    site.pages["/news/2"], kept = status(503), site.pages["/news/2"]
    failed = newsdex.ingest(f"{site.url}/feed.xml")
    assert (failed.count(Result.INDEXED), failed.problems[0].reason) == (2, "server-error")
    assert quarantined(newsdex) == {f"{site.url}/news/2"}
    site.pages["/news/2"] = kept
    first = newsdex.ingest(f"{site.url}/feed.xml")
    assert quarantined(newsdex) == set()
    assert (first.count(Result.INDEXED), first.read) == (1, 1)
    assert {doc["url"] for doc in newsdex.articles().values()} == {f"{site.url}{path}" for path in pages}
    second = newsdex.ingest(f"{site.url}/feed.xml")
    assert [(reason.reason, reason.count) for reason in second.reasons] == [("not-modified", 1)]
    asked = len(site.asked)
    archived = newsdex.ingest(newsdex.settings.home / "archive")
    assert (archived.count(Result.UNCHANGED), archived.read, len(site.asked)) == (3, 3, asked)
