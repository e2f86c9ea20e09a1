"""Inputs made to break a reader: whatever one of them holds, the others are read, and all are accounted for."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import brotli
import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from newsdex.readers.files.address_policy import refusal
from newsdex.readers.files.http_body import body_of
from newsdex.readers.listing import partitions
from newsdex.readers.partition import ReadOptions
from newsdex.readers.read import read
from newsdex.transforms.article import RawArticle, Rejection

SOUND = {"title": "A ferry", "body": "The ferry runs again, the harbour office said."}
ARTICLE = "article"


def outcomes(path: Path) -> Counter[str]:
    """Read everything below a path; count the articles and the reasons, each of which must survive being staged."""
    found: Counter[str] = Counter()
    listed = 0
    options = ReadOptions(spool_folder=str(path.parent / ".spool"))
    for item in partitions([str(path)], options):
        if isinstance(item, Rejection):
            listed += 1
            found[item.reason] += 1
            msgspec.json.encode(item)
            continue
        listed += item.expected
        for one in read(item, options):
            msgspec.json.encode(one)
            found[ARTICLE if isinstance(one, RawArticle) else one.reason] += 1
    assert found.total() == listed, "what is listed and what is read differ"
    return found


BAD_RECORDS = {
    "a day before the calendar": '{"body": "x", "fetched_at": "0001-01-01T00:00:00+05:00"}',
    "nested beyond all bounds": '{{"title": {}"x"{}, "body": "x"}}'.format("[" * 600, "]" * 600),
    "a literal that is none": '{"body": "x", "authors": "[{{}}]"}',
    "half a surrogate in a value": '{"body": "x\\ud800"}',
    "half a surrogate in a name": '{"a\\ud800": 1}',
    "a number of 5,000 digits": '{"body": "x", "n": %s}' % ("9" * 5_000),
}


@pytest.mark.parametrize("record", BAD_RECORDS.values(), ids=BAD_RECORDS)
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_bad_record_touches_no_other(record: str, suffix: str, tmp_path: Path) -> None:
    """Between sound records it is an article or a rejection, and they are all read."""
    records = [json.dumps(SOUND), record, *[json.dumps(SOUND)] * 5]
    text = "\n".join(records) if suffix == ".jsonl" else f"[{','.join(records)}]"
    path = tmp_path / f"records{suffix}"
    path.write_text(text, encoding="utf-8")
    found = outcomes(path)
    assert found.total() == len(records)
    assert found[ARTICLE] >= len(records) - 1


def test_a_row_that_is_too_large_does_not_swallow_those_after_it(tmp_path: Path) -> None:
    """The quotation mark that closes it is cut off with its end; the next line begins a new row all the same."""
    large = "x" * (ReadOptions().max_article_bytes + 10)
    path = tmp_path / "a.csv"
    path.write_text(f'title,body\nA,sails\nB,"{large}"\n' + "C,sails again\n" * 20, encoding="utf-8")
    assert outcomes(path) == {ARTICLE: 21, "too-large": 1}


def test_a_bad_cell_of_parquet_is_its_rows_fault_alone(tmp_path: Path) -> None:
    """A value out of range rejects its row; nanoseconds, which Python has not, lose what is below a microsecond."""
    days = pa.array([0, 2**62, 1], pa.timestamp("us"))
    parquet.write_table(pa.table({"body": ["a", "b", "c"], "date": days}), tmp_path / "range.parquet")
    assert outcomes(tmp_path / "range.parquet") == {ARTICLE: 2, "unreadable-record": 1}
    fine = pa.array([1_500_000_000_000_000_001], pa.timestamp("ns"))
    parquet.write_table(pa.table({"body": ["a"], "date": fine}), tmp_path / "fine.parquet")
    assert outcomes(tmp_path / "fine.parquet") == {ARTICLE: 1}


def test_an_entry_with_half_a_surrogate_leaves_the_rest_of_the_feed(tmp_path: Path) -> None:
    """XML has no such character: it is replaced, and the parser goes on."""
    entry = "<item><title>A ferry</title><description>It runs&#xD800; again.</description></item>"
    path = tmp_path / "feed.xml"
    path.write_text(f'<rss version="2.0"><channel>{entry * 3}</channel></rss>', encoding="utf-8")
    assert outcomes(path) == {ARTICLE: 3}


def test_a_tar_that_lies_about_sizes_ends_at_once(tmp_path: Path) -> None:
    """A header may say 2^64 bytes; nobody reads nothing for so long."""
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name in ("a.txt", "b.txt"):
            info = tarfile.TarInfo(name)
            info.size = 9
            archive.addfile(info, io.BytesIO(b"It sails."))
    data = bytearray(path.read_bytes())
    data[1024 + 124 : 1024 + 136] = b"\x80" + (2**64 - 1).to_bytes(11, "big")
    data[1024 + 148 : 1024 + 156] = b" " * 8
    data[1024 + 148 : 1024 + 156] = b"%06o\0 " % sum(data[1024:1536])
    path.write_bytes(data)
    found = outcomes(path)
    assert found[ARTICLE] == 1
    assert set(found) == {ARTICLE, "broken-archive"}


def test_a_member_whose_name_is_no_utf8_is_read_and_named(tmp_path: Path) -> None:
    """Its bytes are escaped, so that the name can be written anywhere."""
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        info = tarfile.TarInfo("caf\xe9.txt")
        info.size = 9
        archive.addfile(info, io.BytesIO(b"It sails."))
    assert outcomes(path) == {ARTICLE: 1}
    (part,) = partitions([str(path)], ReadOptions())
    assert not isinstance(part, Rejection)
    assert [item.input_uri.rpartition("#")[2] for item in read(part, ReadOptions())] == ["member=caf%E9.txt"]


def packed(path: Path, members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path.read_bytes()


def test_a_zip_without_its_beginning_is_one_rejection(tmp_path: Path) -> None:
    """By its directory the first member begins before the file does."""
    path = tmp_path / "a.zip"
    path.write_bytes(packed(path, {"a.txt": b"It sails.", "b.txt": b"It sails."})[20:])
    assert outcomes(path) == {"broken-archive": 1}


def test_a_zip_whose_members_overlap_is_refused(tmp_path: Path) -> None:
    """Many entries of the directory over one member would be work without end."""
    path = tmp_path / "a.zip"
    data = packed(path, {"a.txt": os.urandom(5_000)})
    begin = data.index(b"PK\x01\x02")
    entry, end = data[begin : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    count = 200
    end = end[:8] + struct.pack("<HHL", count, count, count * len(entry)) + end[16:]
    path.write_bytes(data[:begin] + entry * count + end)
    assert outcomes(path) == {"compression-bomb": 1}


def test_a_member_with_a_wrong_checksum_is_a_broken_archive(tmp_path: Path) -> None:
    """It is told as what it is, and the members around it are read."""
    path = tmp_path / "a.zip"
    text = b"It sails tomorrow."
    data = packed(path, {"a.txt": b"It sails.", "b.txt": text, "c.txt": b"It sails."})
    path.write_bytes(data.replace(struct.pack("<L", zlib.crc32(text)), b"\0\0\0\0"))
    assert outcomes(path) == {ARTICLE: 2, "broken-archive": 1}


def test_millions_of_blank_lines_are_no_work(tmp_path: Path) -> None:
    """They are passed over together; where the file has nothing else, the bomb is told by its ratio."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n" * 5_000_000 + json.dumps(SOUND).encode(), 9))
    assert outcomes(path) == {ARTICLE: 1}
    path.write_bytes(gzip.compress(b"\n" * 70_000_000, 9))
    assert outcomes(path) == {"compression-bomb": 1}


def test_folders_of_any_depth_are_walked(tmp_path: Path) -> None:
    """1,500 levels are beyond Python's recursion; the file at the bottom is beyond no one."""
    begin = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1_500):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.txt").write_text("It sails.", encoding="utf-8")
    finally:
        os.chdir(begin)
    (tmp_path / "b.txt").write_text("It sails, too.", encoding="utf-8")
    try:
        assert outcomes(tmp_path)[ARTICLE] == 2
    finally:
        subprocess.run(["/bin/rm", "-rf", tmp_path / "d"], check=True)  # pytest itself cannot remove what lies so deep


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    """Whoever may put a link into the folder cannot have any file of the machine indexed."""
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere"
    for each in (folder, elsewhere):
        each.mkdir()
        (each / "a.txt").write_text("It sails.", encoding="utf-8")
    (folder / "inside.txt").symlink_to("a.txt")
    (folder / "outside.txt").symlink_to(elsewhere / "a.txt")
    (folder / "folder").symlink_to(elsewhere)
    (folder / "itself").symlink_to("itself")
    assert outcomes(folder) == {ARTICLE: 2, "link-outside": 2, "unreadable": 1}
    (tmp_path / "named").symlink_to(elsewhere)
    assert outcomes(tmp_path / "named") == {ARTICLE: 1}, "a link that the user names is followed"


@pytest.mark.parametrize(
    ("transfer", "content", "data"),
    [
        ("", "gzip", b"<p>plain</p>"),
        ("", "br", b"<p>plain</p>"),
        ("", "deflate", b"<p>plain</p>"),
        ("chunked", "", b"<p>plain</p>"),
        ("chunked", "", b"c\r\n<p>plain</p>\r\n0\r\n\r\n"),
        ("chunked", "", b"6;x=y\r\n<p>pla\r\n6\r\nin</p>\r\n0\r\n\r\n"),
        ("", "gzip", gzip.compress(b"<p>plain</p>", mtime=0)),
        ("chunked", "gzip", gzip.compress(b"<p>plain</p>", mtime=0)),
        ("", "deflate", zlib.compress(b"<p>plain</p>")),
        ("", "deflate", zlib.compress(b"<p>plain</p>", wbits=-15)),
        ("", "br", brotli.compress(b"<p>plain</p>")),
        ("identity", "identity", b"<p>plain</p>"),
    ],
)
def test_a_header_is_believed_only_where_it_is_true(transfer: str, content: str, data: bytes) -> None:
    """Crawlers keep headers and often the unpacked body: what does not look packed is taken as it is."""
    assert body_of(data, transfer=transfer, content=content, max_bytes=1_000) == b"<p>plain</p>"


def test_a_packed_answer_is_unpacked_no_further_than_asked() -> None:
    """A page's limit holds for what comes out, too."""
    for content, data in (("gzip", gzip.compress(b"x" * 10_000_000)), ("deflate", zlib.compress(b"x" * 10_000_000))):
        assert 1_000 < len(body_of(data, transfer="", content=content, max_bytes=1_000)) < 1_000_000


@pytest.mark.parametrize(
    "address", ["fec0::1", "::7f00:1", "::a00:1", "64:ff9b:1::a00:1", "64:ff9b::7f00:1", "::ffff:10.0.0.1", "::1", "::"]
)
def test_old_ways_of_writing_private_addresses_are_refused(address: str) -> None:
    """Site-local, IPv4-compatible and translated addresses lead into private networks, too."""
    assert refusal(address, ())
