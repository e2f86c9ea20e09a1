"""Whole files at addresses of the web and in S3, through fsspec, read like local ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import reading
from support.loopback import Site, body, status
from support.object_store import ObjectStore

from newsdex.readers.fetch_options import FetchOptions
from newsdex.readers.partition import ReadOptions
from newsdex.transforms.article import RawArticle, Rejection

RECORDS = [{"title": f"News {number}", "body": f"The ferry sails again, {number}. " * 20} for number in range(40)]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def inputs(location: str, tmp_path: Path, **fetch: Any) -> list[RawArticle | Rejection]:
    """Return everything that is read from a location, in partitions of ten."""
    chosen = FetchOptions(archive=str(tmp_path), **{"allow": ("127.0.0.1",), **fetch})
    options = ReadOptions(spool_folder=str(tmp_path / "spool"), partition_articles=10, fetch=chosen)
    return reading.inputs(location, options)


def ranged(data: bytes) -> Callable[[Any], None]:
    """Answer with a file, or with the part of it that is asked for."""

    def answer(handler: Any) -> None:
        asked = handler.headers.get("Range", "")
        if not asked.startswith("bytes="):
            body(data, "application/octet-stream", accept_ranges="bytes")(handler)
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else None]
        told = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        body(part, "application/octet-stream", 206, content_range=told, accept_ranges="bytes")(handler)

    return answer


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
@pytest.mark.parametrize("parts", [False, True])
def test_a_file_on_the_web_is_read_in_partitions(site: Site, tmp_path: Path, name: str, *, parts: bool) -> None:
    """Whether or not the server gives parts of files, plain or compressed; inputs are named by the address."""
    data = gzip.compress(LINES) if name.endswith(".gz") else LINES
    site.pages[f"/{name}"] = ranged(data) if parts else body(data, "application/octet-stream")
    found = inputs(f"{site.url}/{name}", tmp_path)
    assert [one.title for one in found if isinstance(one, RawArticle)] == [record["title"] for record in RECORDS]
    assert found[20].input_uri == f"{site.url}/{name}#line=21"


def test_an_archive_on_the_web_is_read(site: Site, tmp_path: Path, gold: Path) -> None:
    """A web archive of a real crawl, over HTTP, has the same pages as on disk."""
    path = gold / "warc" / "aut" / "example.warc.gz"
    site.pages["/example.warc.gz"] = body(path.read_bytes(), "application/warc")
    there, here = inputs(f"{site.url}/example.warc.gz", tmp_path), inputs(str(path), tmp_path)
    assert [getattr(one, "url", None) for one in there] == [getattr(one, "url", None) for one in here]


@pytest.mark.parametrize(("code", "reason"), [(404, "not-found"), (403, "forbidden"), (500, "server-error")])
def test_a_file_that_is_not_given_is_named(site: Site, tmp_path: Path, code: int, reason: str) -> None:
    """One rejection with its reason, and the run goes on."""
    site.pages["/a.jsonl"] = status(code)
    (found,) = inputs(f"{site.url}/a.jsonl", tmp_path)
    assert isinstance(found, Rejection)
    assert (found.reason, found.input_uri) == (reason, f"{site.url}/a.jsonl")


def test_a_file_that_breaks_off_keeps_what_came(site: Site, tmp_path: Path) -> None:
    """A connection that is lost in the middle is a rejection, not an error."""

    def short(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + LINES)
        handler.close_connection = True

    site.pages["/a.csv"] = short
    found = inputs(f"{site.url}/a.csv", tmp_path)
    assert isinstance(found[-1], Rejection)


def test_no_private_address_is_asked_for_a_file(site: Site, tmp_path: Path) -> None:
    """Neither named outright nor by a redirect, unless the settings allow it."""
    site.pages["/a.jsonl"] = body(LINES)
    site.pages["/b.jsonl"] = status(302, Location="http://169.254.169.254/a.jsonl")
    for url, fetch in ((f"{site.url}/a.jsonl", {"allow": ()}), (f"{site.url}/b.jsonl", {})):
        (found,) = inputs(url, tmp_path, **fetch)
        assert isinstance(found, Rejection)
        assert found.reason == "private-address", found.detail
    assert "/a.jsonl" not in site.paths


@pytest.fixture
def bucket(object_store: ObjectStore) -> str:
    """Return a bucket of an S3 server on loopback with two files."""
    client = object_store.client
    client.create_bucket(Bucket="archive")
    client.put_object(Bucket="archive", Key="2018/a.jsonl.gz", Body=gzip.compress(LINES))
    client.put_object(Bucket="archive", Key="2018/b#1.txt", Body=b"The ferry sails again from Monday.")
    return "s3://archive"


def test_a_bucket_is_read_like_a_folder(bucket: str, tmp_path: Path) -> None:
    """Every object below a prefix, by name, also by pattern; what is not there is a rejection."""
    found = inputs(f"{bucket}/2018", tmp_path)
    assert len(found) == 41
    assert [one.input_uri for one in found[:: len(found) - 1]] == [
        "s3://archive/2018/a.jsonl.gz#line=1",
        "s3://archive/2018/b%231.txt",
    ]
    assert len(inputs(f"{bucket}/*/a.jsonl.gz", tmp_path)) == 40
    (missing,) = inputs(f"{bucket}/2019", tmp_path)
    assert isinstance(missing, Rejection)
    assert missing.reason == "no-such-path"
