"""A source that went silent is said in the run's report and on the terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.home import Newsdex
from support.records import write_records

from newsdex.cli.views import report as show
from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import ensure
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Article, Source


def test_a_source_that_went_silent_is_in_the_report(
    newsdex: Newsdex, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After nine days with a paper's articles, a run of the same inputs without any names it, and a limited one not."""
    ensure(newsdex.client, newsdex.names)
    for ago in range(9, 0, -1):
        at = datetime.now(UTC) - timedelta(days=ago, hours=1)
        log = RunLog(newsdex.client, newsdex.names, f"past-{ago}")
        log.start(at, [str(tmp_path)], "1", {})
        actions = [
            Action(
                index=newsdex.names.articles,
                id=f"{ago}-{number}",
                document=to_document(
                    Article(
                        id="", body="B", input_uri="file:///a", content_hash=f"{ago}-{number}", pipeline_version="1",
                        language="en", source=Source(name="Silent Post"), run_id=f"past-{ago}", ingested_at=at,
                    ),
                    (),
                ),
            )
            for number in range(8)
        ]  # fmt: skip
        assert all(outcome.ok for outcome in write(newsdex.client, actions))
        log.finish("done", Account(counts={"read": 8}, reasons={}))
    write_records(tmp_path / "a.jsonl", range(5))
    assert newsdex.ingest(tmp_path, limit=1).coverage == []
    done = newsdex.ingest(tmp_path)
    (said,) = [sentence for sentence in done.coverage if "source" in sentence]
    assert "'Silent Post' went silent: nothing new for 24 hours" in said
    show.report(done)
    assert "'Silent Post' went silent" in " ".join(capsys.readouterr().out.split())
    record = newsdex.client.get(index=newsdex.names.runs, id=done.run_id)["_source"]
    assert "source:Silent Post" in record["report"]["coverage"]
    assert record["counts"] == done.total.counts
