from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsdex.flows.prepare.staging import Prepared, Receipt, StagingArea
from newsdex.transforms.article import Article, DateSource, Entities, Precision, Rejection, Stage


def article(number: int) -> Article:
    return Article(
        id=f"id-{number}",
        body="Zwölf Boxkämpfer jagen Viktor.\n\nNoch ein Absatz. " * number,
        input_uri=f"file:///a.jsonl#line={number}",
        content_hash=f"hash-{number}",
        pipeline_version="1",
        published_at=datetime(2020, 2, 3, 4, 5, tzinfo=UTC),
        published_at_precision=Precision.TIME,
        published_at_source=DateSource.METADATA,
        entities=Entities(person=("Viktor",)),
    )


def rejection() -> Rejection:
    return Rejection(input_uri="file:///b", stage=Stage.READ, reason="empty-file", detail="The file is empty.")


def stage(area: StagingArea, *items: Article | Rejection) -> Prepared:
    with area.writing("key") as writer:
        for item in items:
            writer.write(item)
        summary = Prepared(
            key="key",
            label="a.jsonl 1 to 3",
            read=len(items),
            seconds={Stage.CLEAN: 0.5},
            languages={"de": 2},
            without_model={},
            peak_memory_mb=1.0,
        )
        writer.summarise(summary)
    return summary


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where is staged to."""
    return str(tmp_path) if request.param == "folder" else str(request.getfixturevalue("bucket"))


def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    """What cannot be written is an error with the address in it; what is not there to read is not staged."""
    area = StagingArea(bucket.replace("staging", "nowhere"))
    with pytest.raises(OSError, match="bucket does not exist") as raised:
        stage(area, article(1))
    assert raised.value.filename == "s3://nowhere/newsdex"
    assert area.summary("key") is None
    assert area.receipt("key") is None
    area.forget("key")


def test_what_is_staged_comes_back_as_it_was(place: str) -> None:
    """Articles and rejections make the round trip through the file in their order."""
    area = StagingArea(place)
    items = [article(1), rejection(), article(900)]
    stage(area, *items)
    assert [line.article or line.rejection for line in area.read("key")] == items


def test_the_summary_of_a_staged_partition_can_be_picked_up_by_a_later_run(tmp_path: Path) -> None:
    """It is as it was written, and says that it is not from this run."""
    area = StagingArea(tmp_path)
    written = stage(area, article(1))
    found = area.summary("key")
    assert found is not None
    assert found.reused
    assert (found.read, found.seconds) == (written.read, written.seconds)


def test_a_partition_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    """A fault while writing leaves neither the file nor a part of it."""
    area = StagingArea(tmp_path)
    with pytest.raises(OSError, match="disk"), area.writing("key") as writer:
        writer.write(article(1))
        raise OSError("disk full")
    assert area.summary("key") is None
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_staged_file_counts_as_not_there(tmp_path: Path) -> None:
    """Whatever happened to the disk, the partition is only done again."""
    area = StagingArea(tmp_path)
    stage(area, article(1))
    (tmp_path / "key.staged.zst").write_bytes(b"nonsense")
    assert area.summary("key") is None


def test_an_indexed_partition_leaves_only_its_receipt(place: str) -> None:
    """The receipt comes back as written, and the staged articles are gone."""
    area = StagingArea(place)
    stage(area, article(1), rejection())
    receipts = [Receipt("file:///a", "id-1", "hash-1"), Receipt("file:///b", rejection=rejection())]
    area.replace_by_receipt("key", receipts)
    assert area.receipt("key") == receipts
    assert area.summary("key") is None


def test_a_forgotten_partition_is_unknown(tmp_path: Path) -> None:
    """Neither staged file nor receipt is left."""
    area = StagingArea(tmp_path)
    stage(area, article(1))
    area.replace_by_receipt("key", [])
    area.forget("key")
    assert area.receipt("key") is None
    assert list(tmp_path.iterdir()) == []
