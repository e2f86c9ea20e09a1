"""Places for files: a folder and a bucket do the same; and a store that goes away is no fault of what lies in it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from support.object_store import ObjectStore
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsdex.readers.errors import StoreError
from newsdex.readers.files.blobs import Blobs, blobs_at
from newsdex.readers.files.compression import plain_file
from newsdex.readers.files.remote import Remote
from newsdex.readers.partition import ReadOptions
from newsdex.readers.read import guarded
from newsdex.readers.registry import FORMATS
from newsdex.transforms.article import RawArticle


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Return an empty place."""
    if request.param == "folder":
        return blobs_at(tmp_path / "place")
    request.getfixturevalue("object_store").client.create_bucket(Bucket="place")
    return blobs_at("s3://place/below/")


def test_what_is_written_again_is_replaced(blobs: Blobs) -> None:
    """Whole, under the same name; what is removed twice is gone."""
    blobs.write("a", [b"first, and longer"])
    blobs.write("a", [b"sec", b"ond"])
    with blobs.open("a") as file:
        assert file.read() == b"second"
    blobs.remove("a")
    blobs.remove("a")
    with pytest.raises(FileNotFoundError):
        blobs.open("a")


def test_folders_are_listed_and_removed(blobs: Blobs) -> None:
    """With the sizes of all that is in them; an empty place has none."""
    blobs.check()
    assert blobs.folders() == []
    for name, data in {"a/1": b"1", "a/b/2": b"22", "c/3": b"333", "4": b"4444"}.items():
        blobs.write(name, [data], durable=True)
    assert sorted(blobs.folders()) == ["a", "c"]
    assert sorted(blobs.sizes("a")) == [1, 2]
    blobs.remove_folder("a")
    assert blobs.folders() == ["c"]


def test_a_bucket_that_is_not_there_is_no_empty_one(object_store: ObjectStore) -> None:
    """Whatever is asked of it, the error names it."""
    assert object_store
    blobs = blobs_at("s3://nowhere/below")
    for step in (blobs.check, blobs.folders, lambda: blobs.write("a", []), lambda: blobs.open("a")):
        with pytest.raises(FileNotFoundError) as raised:
            step()
        assert raised.value.filename == "s3://nowhere/below"


def web_archive() -> bytes:
    """Return a web archive with some pages of 100 kB."""
    data = io.BytesIO()
    writer = WARCWriter(data, gzip=False)
    for number in range(20):
        page = io.BytesIO(f"<html><body><p>{number} sails again.</p></body></html>".encode() * 2_000)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record("http://a.example/", "response", payload=page, http_headers=head))
    return data.getvalue()


class Lost(io.BytesIO):
    """A file that fails in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, up to a place."""
        if self.tell() > len(self.getbuffer()) // 2:
            raise TimeoutError("no answer")
        return super().read(size)


@pytest.mark.parametrize("kind", ["warc", "jsonl", "csv"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_store_that_fails_in_the_middle_is_no_fault_of_the_file(kind: str, *, packed: bool) -> None:
    """What was read before comes out; then the error names the file, which is not rejected."""
    records = b"".join(b'{"title": "%d", "body": "It sails."}\n' % number for number in range(40_000))
    data = {"warc": web_archive(), "jsonl": records, "csv": b"title,body\n" + b"News,It sails.\n" * 60_000}[kind]
    lost = Remote(Lost(gzip.compress(data, 0) if packed else data), f"s3://a/b.{kind}")
    with plain_file(io.BufferedReader(lost)) as file:
        items = guarded(FORMATS[kind].read(file, f"s3://a/b.{kind}", ReadOptions()), f"s3://a/b.{kind}")
        assert isinstance(next(items), RawArticle)
        with pytest.raises(OSError, match="no answer") as raised:
            list(items)
    assert raised.value.filename == f"s3://a/b.{kind}"
    assert isinstance(raised.value.__cause__, StoreError)
