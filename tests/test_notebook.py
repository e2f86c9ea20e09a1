"""Newsdex as a Python package: the examples of docs/notebooks.md, and what it says to wrong arguments."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.node import ElasticsearchNode
from support.web_articles import ARTICLES

import newsdex
from newsdex.search.bulk.writer import Action, write
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, ensure
from newsdex.search.store.documents import to_document

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def index(elasticsearch: ElasticsearchNode, monkeypatch: pytest.MonkeyPatch) -> newsdex.Index:
    """Return an index with a handful of articles, as the settings name it."""
    names = IndexNames("test-notebook")
    access = ConnectionSettings(url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password)
    with connect(access) as client:
        indices = ensure(client, names, IndexSettings(languages=("en",)))
        actions = [
            Action(index=names.articles, id=each.id, document=to_document(each, indices.stemmed)) for each in ARTICLES
        ]
        assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
    monkeypatch.setenv("NEWSDEX_INDEX", names.prefix)
    monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_URL", elasticsearch.url)
    if elasticsearch.username:
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_USERNAME", elasticsearch.username)
        monkeypatch.setenv("NEWSDEX_ELASTICSEARCH_PASSWORD", elasticsearch.password or "")
    return newsdex.Index()


@pytest.mark.filterwarnings("ignore:.*inputs were left out")
def test_the_examples_of_the_guide_run(
    index: newsdex.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All five, one after the other, as a notebook runs them."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    index.close()
    assert len(EXAMPLES) == 5
    known: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(example, "notebooks.md", "exec"), known)  # noqa: S102  # our own guide
    printed = capsys.readouterr().out
    assert "John Doe 12" in printed
    assert "12 articles written" in printed
    assert (tmp_path / "council.csv").is_file()


def test_reading_says_what_it_leaves_out(tmp_path: Path) -> None:
    """A file that is no article stops nothing; it is named with its reason, and counted in a warning."""
    (tmp_path / "a.txt").write_text("The bridge opened on 3 May 2019. " * 30, encoding="utf-8")
    (tmp_path / "b.txt").write_text("", encoding="utf-8")
    reading = newsdex.read(tmp_path)
    with pytest.warns(UserWarning, match="1 input was left out"):
        (article,) = list(reading)
    assert [each.reason for each in reading.rejected] == ["empty-file"]
    assert json.loads(json.dumps(article.to_dict()))["language"] == "en"


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_articles_become_a_data_frame(library: str) -> None:
    """Columns are there, and have their kind, with a thousand articles as with none."""
    frame = newsdex.to_dataframe(ARTICLES * 100, library)
    assert len(frame) == 100 * len(ARTICLES)
    assert list(frame["people"][0]) == ["Ada Byron"]
    assert frame["published_at"][0].year == 2018
    assert list(newsdex.to_dataframe([], library).columns) == list(frame.columns)


def test_hits_become_a_data_frame(index: newsdex.Index) -> None:
    """What a search finds, without the texts."""
    frame = newsdex.to_dataframe(index.search("mayor", person=["John Doe"], size=50).hits)
    assert set(frame["source"]) == {"The Herald"}
    assert index.get("summit").title == index.copies("summit").survivor.title
    assert index.like("filler-3").hits


def test_wrong_arguments_are_told_in_a_sentence(index: newsdex.Index, tmp_path: Path) -> None:
    """Each is a `NewsdexError` that says what to do."""
    wrong = [
        (newsdex.read, "Name what to read"),
        (lambda: newsdex.read("a", limit=0), "give 1 or more"),
        (lambda: list(newsdex.read("/nowhere")), "There is no /nowhere"),
        (lambda: newsdex.read(tmp_path, format="docx"), "docx"),
        (lambda: newsdex.to_dataframe([1]), "is no article"),
        (lambda: newsdex.to_dataframe([], "excel"), "choose pandas or polars"),
        (lambda: newsdex.Index("ftp://x"), "is not an http(s) URL"),
        (lambda: newsdex.Index(name="BAD NAME"), "index"),
        (lambda: newsdex.Index(name="test-never-made").search("a"), "newsdex ingest"),
        (lambda: index.search("a", planet="Mars"), "There is no filter 'planet'"),
        (lambda: index.search("a", sort="best"), "There is no order 'best'"),
        (lambda: index.search("a", since="May"), "is not a date"),
        (lambda: index.facets(over="planet"), "There is no facet 'planet'"),
        (lambda: index.get("nobody"), "There is no article 'nobody'"),
        (lambda: index.export(tmp_path / "a.xlsx"), ".jsonl, .csv"),
    ]
    for call, sentence in wrong:
        with pytest.raises(newsdex.NewsdexError, match=re.escape(sentence)):
            call()


def test_importing_costs_nearly_nothing() -> None:
    """Only the package itself is loaded: no client, no models, no table of settings."""
    code = "import sys, newsdex; print([n for n in sys.modules if n.startswith(('newsdex.', 'elastic', 'spacy'))])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    """As with any module; the names that there are can be listed."""
    with pytest.raises(AttributeError, match="nothing"):
        newsdex.nothing  # noqa: B018
    assert {"read", "Index", "to_dataframe", "NewsdexError"} <= set(dir(newsdex))
    assert newsdex.__version__
