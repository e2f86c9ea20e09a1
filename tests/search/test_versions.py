"""Which of two versions of one article counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsdex.search.store.lookup import StoredArticle
from newsdex.search.store.version_policy import Verdict, decide
from newsdex.transforms.article import Article, Source

STORED = Article(
    id="a",
    title="T",
    body="B",
    input_uri="file:///a.jsonl#line=3",
    content_hash="h",
    pipeline_version="1",
    language="en",
    published_at=datetime(2019, 1, 1, tzinfo=UTC),
    source=Source(name="Echo"),
    run_id="old",
)
LATER = datetime(2019, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stored_in", "comes_from", "verdict"),
    [
        ("file:///a.jsonl#line=3", "file:///a.jsonl#line=3", Verdict.UPDATED),
        ("file:///a.jsonl#line=3", "file:///a.jsonl#line=9", Verdict.UPDATED),
        ("file:///a.txt", "file:///a.txt", Verdict.UPDATED),
        ("file:///a.jsonl#line=3", "file:///b.jsonl#line=3", Verdict.UNCHANGED),
        ("file:///a.warc.gz#record=3", "file:///a.warc.gz#record=9", Verdict.UNCHANGED),
        ("file:///a.warc.gz#record=3", "file:///a.warc.gz#record=3", Verdict.UPDATED),
    ],
)
def test_another_date_counts_where_the_same_input_says_it(stored_in: str, comes_from: str, verdict: Verdict) -> None:
    """A correction is what the same file says now; another file or capture that says otherwise is another witness."""
    there = StoredArticle(article=replace(STORED, input_uri=stored_in), index="articles", seq_no=1, primary_term=1)
    incoming = replace(STORED, input_uri=comes_from, published_at=LATER, run_id=None)
    assert decide(incoming, [there], run_id="new", force=False).verdict is verdict
    assert decide(incoming, [there], run_id="old", force=False).verdict is Verdict.UNCHANGED


def test_another_paper_counts_too_and_nothing_new_changes_nothing() -> None:
    """The paper's name is a fact of the input; authors are compared by nobody."""
    there = StoredArticle(article=STORED, index="articles", seq_no=1, primary_term=1)
    renamed = replace(STORED, source=Source(name="Post"), run_id=None)
    assert decide(renamed, [there], run_id="new", force=False).verdict is Verdict.UPDATED
    assert decide(replace(STORED, run_id=None), [there], run_id="new", force=False).verdict is Verdict.UNCHANGED
