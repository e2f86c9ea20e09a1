"""What has been read is known by its content: late, moved, changed and re-dated files are never missed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import story, write_records

from newsdex.search.bulk.writer import write
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.store.documents import Document, to_document
from newsdex.transforms.article import Article, Result

pytestmark = pytest.mark.slow

LONG_AGO = time.time() - 10 * 365 * 86_400


def written(path: Path, *records: dict[str, str]) -> Path:
    """Return a file of records whose time says that it was written ten years ago."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_new_content_is_found_behind_an_old_time(newsdex: Newsdex, tmp_path: Path) -> None:
    """A file that comes late with an old time, and one of the same length whose text changed behind its old time."""
    source = written(tmp_path / "b.jsonl", story(1), story(2))
    assert newsdex.ingest(tmp_path).count(Result.INDEXED) == 2
    changed = story(2) | {"body": story(2)["body"].replace("wet evening", "dry evening")}
    assert written(source, story(1), changed).stat().st_size == len(json.dumps(story(1)) + json.dumps(story(2))) + 2
    written(tmp_path / "a-late.jsonl", story(3))
    again = newsdex.ingest(tmp_path)
    assert (again.count(Result.INDEXED), again.count(Result.UNCHANGED)) == (2, 1)
    assert sum("dry evening" in document["body"] for document in newsdex.articles().values()) == 1
    assert len(newsdex.articles()) == 3


def test_a_file_that_was_moved_leaves_no_double(newsdex: Newsdex, tmp_path: Path) -> None:
    """Under its new name it is read again, and what is in it is known, with an address and without."""
    without = {name: value for name, value in story(2).items() if name != "url"}
    source = written(tmp_path / "a.jsonl", story(1), without)
    newsdex.ingest(tmp_path)
    before = newsdex.articles()
    (tmp_path / "moved").mkdir()
    source.rename(tmp_path / "moved" / "z.jsonl")
    again = newsdex.ingest(tmp_path)
    assert again.count(Result.UNCHANGED) == again.read == 2
    assert newsdex.articles() == before


def test_a_corrected_date_is_taken_in(newsdex: Newsdex, tmp_path: Path) -> None:
    """The same text with another date or another paper in the same file, whatever line it is on, is a new version."""
    source = written(tmp_path / "a.jsonl", story(1), story(2))
    newsdex.ingest(source)
    corrected = story(1) | {"date": "2017-03-04"}
    written(source, story(3), corrected, story(2))
    again = newsdex.ingest(source)
    assert (again.count(Result.INDEXED), again.count(Result.UNCHANGED)) == (2, 1)
    newsdex.client.indices.refresh(index=newsdex.names.articles)
    hits = newsdex.client.search(index=newsdex.names.articles)["hits"]["hits"]
    dates = {hit["_source"]["url"]: hit["_source"]["published_at"][:10] for hit in hits}
    assert dates[story(1)["url"]] == "2017-03-04"
    assert len(dates) == 3
    assert newsdex.ingest(source).count(Result.UNCHANGED) == 3


def test_two_inputs_that_disagree_on_a_date_do_not_take_turns(newsdex: Newsdex, tmp_path: Path) -> None:
    """One article under one address in two files with two dates: the first stays, run after run."""
    written(tmp_path / "a.jsonl", story(1))
    written(tmp_path / "b.jsonl", story(1) | {"date": "2018-08-08"})
    newsdex.ingest(tmp_path)
    before = newsdex.articles()
    for late in ("c.jsonl", "0.jsonl"):
        written(tmp_path / late, story(ord(late[0])))
        newsdex.ingest(tmp_path)
    mine = story(1)["url"]
    now = [document for document in newsdex.articles().values() if document["url"] == mine]
    assert now == [document for document in before.values() if document["url"] == mine]


def misfit(article: Article, stemmed: Collection[str]) -> Document:
    """Return a document of which the long article's has a field that the mapping does not know."""
    document = to_document(article, stemmed)
    return document | {"no_such_field": 1} if article.word_count > 1_000 else document


REFUSALS = {
    "too-large": ("newsdex.search.store.plan_writer.write", partial(write, max_document_bytes=10_000)),
    "mapping-error": ("newsdex.search.store.plan_writer.to_document", misfit),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_what_a_replay_took_in_does_not_go_back_into_the_quarantine(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """What the index refused lies in the quarantine; fixed and replayed, it is known to be well by a later run."""
    from newsdex.flows.replay import replay  # noqa: PLC0415  # after Prefect is configured

    long = story(2) | {"body": "\n\n".join(story(number)["body"] for number in range(2, 60))}
    source = write_records(tmp_path / "a.jsonl", range(2), json.dumps(long))
    with monkeypatch.context() as small:
        small.setattr(*REFUSALS[reason])
        assert newsdex.ingest(source).count(Result.REJECTED) == 1
    assert [held["reason"] for held in newsdex.articles(newsdex.names.rejected).values()] == [reason]
    done = replay(reason=reason)
    assert done is not None
    assert done.count(Result.INDEXED) == 1
    again = newsdex.ingest(source)
    assert again.count(Result.UNCHANGED) == again.read == 3
    assert newsdex.articles(newsdex.names.rejected) == {}


def test_a_replay_that_is_killed_in_between_is_fixed_by_the_next(
    newsdex: Newsdex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after an input was indexed and before it left the quarantine, the input leaves with the next replay."""
    from newsdex.flows.replay import replay  # noqa: PLC0415  # after Prefect is configured

    source = write_records(tmp_path / "a.jsonl", range(2), "{broken")
    newsdex.ingest(source)
    write_records(source, range(3))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Quarantine, "release", killed)
        with pytest.raises(KeyboardInterrupt):
            replay()
    assert (len(newsdex.articles()), len(newsdex.articles(newsdex.names.rejected))) == (3, 1)
    done = replay()
    assert done is not None
    assert done.total.counts["read"] == 1
    assert (len(newsdex.articles()), newsdex.articles(newsdex.names.rejected)) == (3, {})
