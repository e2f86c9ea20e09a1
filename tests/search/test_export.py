"""Exports and deep paging: every article, once, in order, as files that other programs read."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from newsdex.search.bulk.writer import Action, write
from newsdex.search.errors import SearchError
from newsdex.search.export.export import ExportFormat, export, export_file
from newsdex.search.export.formats import ENCODERS
from newsdex.search.export.rows import COLUMNS, row_of
from newsdex.search.indices.manage import IndexNames
from newsdex.search.query.request import SearchRequest
from newsdex.search.results import search as queries
from newsdex.search.results.search import search
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, Entities, Source

if TYPE_CHECKING:
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.state import Indices

NUMBER = 1_203
"""More than two steps of a scan, and no multiple of one."""


def article(number: int) -> Article:
    return Article(
        id=f"a{number:05}",
        title=['=HYPERLINK("http://x")', "Ein Titel, „zitiert“", 'A "quoted" title'][number % 3],
        body=f"Word number {number}.\n\nSecond paragraph; with a semicolon.",
        source=Source(name="The Courier"),
        entities=Entities(person=("Ada Byron", "John Doe")),
        published_at=datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number),
        input_uri=str(number),
        content_hash=str(number),
        pipeline_version="1",
        language="en",
    )


@pytest.fixture(scope="module")
def names(client: Elasticsearch, indices: Indices) -> IndexNames:
    """Return an index with many small articles."""
    actions = (
        Action(index=indices.names.articles, id=each.id, document=to_document(each, ()))
        for each in map(article, range(NUMBER))
    )
    assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
    return indices.names


def whole(client: Elasticsearch, names: IndexNames, form: ExportFormat, **asked: Any) -> bytes:
    """Return an export as one piece."""
    return b"".join(export(client, names, SearchRequest(**asked), form).chunks)


def test_json_lines_have_every_article_in_order(client: Elasticsearch, names: IndexNames) -> None:
    """Each article once, in the order asked for, with its fields by name."""
    rows = [json.loads(line) for line in whole(client, names, ExportFormat.JSONL, sort="oldest").splitlines()]
    assert [row["id"] for row in rows] == [f"a{number:05}" for number in range(NUMBER)]
    assert rows[1]["title"] == "Ein Titel, „zitiert“"
    assert rows[0]["people"] == ["Ada Byron", "John Doe"]
    assert rows[0]["published_at"].startswith("2018-01-01T00:00:00")


def test_csv_is_read_back_and_runs_no_formula(client: Elasticsearch, names: IndexNames) -> None:
    """A spreadsheet's reader gets the values; one that begins a formula has an apostrophe in front."""
    text = whole(client, names, ExportFormat.CSV, sort="oldest").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == NUMBER
    assert rows[0]["title"].startswith("'=HYPERLINK")
    assert rows[1]["title"] == "Ein Titel, „zitiert“"
    assert rows[2]["title"] == 'A "quoted" title'
    assert rows[0]["people"] == "Ada Byron; John Doe"
    assert rows[0]["body"] == article(0).body


def test_parquet_is_read_back(client: Elasticsearch, names: IndexNames, tmp_path: Path) -> None:
    """The file has typed columns, lists among them, in several row groups."""
    made = export_file(client, names, SearchRequest(sort="oldest"), tmp_path / "all.parquet")
    table = pq.read_table(tmp_path / "all.parquet")
    assert made.total == table.num_rows == NUMBER
    assert table.column_names == [column.name for column in COLUMNS]
    assert table["people"][0].as_py() == ["Ada Byron", "John Doe"]
    assert [path.name for path in tmp_path.iterdir()] == ["all.parquet"]


def test_only_what_matches_is_exported(client: Elasticsearch, names: IndexNames) -> None:
    """Words, filters and typo tolerance hold as in a search; nothing found is an empty file."""
    assert len(whole(client, names, ExportFormat.JSONL, query='"number 7"').splitlines()) == 1
    assert whole(client, names, ExportFormat.JSONL, query="nowhere") == b""
    made = export(client, names, SearchRequest(query="secnod"), ExportFormat.JSONL)
    assert made.total == NUMBER


def test_a_question_that_cannot_be_exported_is_told_before_anything_is_written(
    client: Elasticsearch, names: IndexNames, tmp_path: Path
) -> None:
    """No index, or a name without a format, leaves no file behind."""
    for index, name in ((IndexNames("test-nowhere"), "a.csv"), (names, "a.xlsx")):
        with pytest.raises(SearchError):
            export_file(client, index, SearchRequest(), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", list(ENCODERS))
def test_memory_does_not_grow_with_the_result(form: str) -> None:
    """Rows are written as they come: 12,000 of them (13 MB) take no more memory than a few groups."""
    source = {"title": "t" * 100, "body": "b" * 900, "source": {"name": "s"}}
    rows = (row_of(str(number), source) for number in range(12_000))
    tracemalloc.start()
    try:
        written = sum(len(chunk) for chunk in ENCODERS[form](rows))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written > 0
    assert peak < 8_000_000


def test_pages_go_on_beyond_what_elasticsearch_counts_to(
    client: Elasticsearch, names: IndexNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond its window a page has the hits that would stand there, the last one and one behind it included."""
    by_number = [hit.id for hit in search(client, names, SearchRequest(sort="newest", size=1_000)).hits]
    monkeypatch.setattr("newsdex.search.results.paging.MAX_WINDOW", 100)
    monkeypatch.setattr(queries, "MAX_WINDOW", 100)
    for offset in (90, 250, 900):
        found = search(client, names, SearchRequest(sort="newest", size=20, offset=offset))
        assert [hit.id for hit in found.hits] == by_number[offset : offset + 20]
        assert found.total == NUMBER
    last = search(client, names, SearchRequest(sort="oldest", size=20, offset=1_200))
    assert [hit.id for hit in last.hits] == ["a01200", "a01201", "a01202"]
    assert search(client, names, SearchRequest(sort="newest", size=20, offset=5_000)).hits == ()
