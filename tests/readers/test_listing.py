"""Listing: locations become partitions, and everything that is there has an outcome."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import pickle
from typing import TYPE_CHECKING

import fsspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.readers import spool
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read, release
from newsdex.transforms.article import RawArticle, Rejection, Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def options(tmp_path_factory: pytest.TempPathFactory) -> ReadOptions:
    """Options with a spool folder of this test's own and small partitions."""
    return ReadOptions(spool_folder=str(tmp_path_factory.mktemp("spool")), partition_articles=7)


def outcome(locations: Sequence[Path | str], options: ReadOptions) -> list[RawArticle | Rejection]:
    """Return everything that listing and reading yield, after a trip of each partition through pickle."""
    found: list[RawArticle | Rejection] = []
    for item in partitions([str(location) for location in locations], options):
        if isinstance(item, Rejection):
            found.append(item)
        else:
            inputs = list(read(pickle.loads(pickle.dumps(item)), options))  # noqa: S301  # made a moment ago
            assert len(inputs) == item.expected
            found += inputs
    return found


def reasons(locations: Sequence[Path | str], options: ReadOptions) -> dict[str, str]:
    """Name of each input that is no article → its reason."""
    found = outcome(locations, options)
    return {one.input_uri.rpartition("/")[2]: one.reason for one in found if isinstance(one, Rejection)}


def json_lines(count: int) -> bytes:
    return b"".join(json.dumps({"title": f"T{n}", "body": f"Body {n}."}).encode() + b"\n" for n in range(count))


def test_text_files_are_read_in_the_order_of_their_names(tmp_path: Path, options: ReadOptions) -> None:
    """A folder yields its text files by name, each under its own file URI."""
    for name in ("b.txt", "a.txt", "c d.md"):
        (tmp_path / name).write_text(f"Text of {name}")
    found = outcome([tmp_path], options)
    assert [one.text for one in found if isinstance(one, RawArticle)] == [
        "Text of a.txt",
        "Text of b.txt",
        "Text of c d.md",
    ]
    assert found[2].input_uri == f"file://{tmp_path}/c%20d.md"


def test_everything_in_a_folder_has_an_outcome(tmp_path: Path, options: ReadOptions) -> None:
    """Hidden, unknown, empty, binary and special files, and links to nowhere or in circles, are named with a reason."""
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "notes.xyz").write_text("x")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.txt").write_text(" \n\n")
    (tmp_path / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "noise.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    assert reasons([tmp_path], options) == {
        ".DS_Store": "hidden-file",
        "notes.xyz": "unknown-format",
        "empty.txt": "empty-file",
        "blank.txt": "empty-file",
        "image.txt": "binary-file",
        "noise.txt": "binary-file",
        "gone.txt": "no-such-path",
        "up": "link-loop",
        "pipe.txt": "not-a-file",
    }


def test_an_unknown_file_is_filtered_in_a_folder_and_rejected_when_named(tmp_path: Path, options: ReadOptions) -> None:
    """Who names a file wants it read; what just lies in a folder may be anything."""
    (tmp_path / "notes.xyz").write_text("plain words")
    (in_folder,) = outcome([tmp_path], options)
    (named,) = outcome([tmp_path / "notes.xyz"], options)
    assert isinstance(in_folder, Rejection)
    assert isinstance(named, Rejection)
    assert (in_folder.result, named.result) == (Result.FILTERED, Result.REJECTED)


def test_a_named_file_is_known_by_its_content(tmp_path: Path, options: ReadOptions) -> None:
    """A file whose name tells nothing is read by how it begins."""
    (tmp_path / "dump").write_bytes(gzip.compress(json_lines(3)))
    assert len([one for one in outcome([tmp_path / "dump"], options) if isinstance(one, RawArticle)]) == 3


def test_what_is_not_there_is_rejected(tmp_path: Path, options: ReadOptions) -> None:
    """A missing path, a pattern without a match, and an unknown kind of URL are rejections, not errors."""
    locations = [f"{tmp_path}/missing", f"{tmp_path}/*.txt", "nosuch://bucket/key"]
    found = [one.reason for one in outcome(locations, options) if isinstance(one, Rejection)]
    assert found == ["no-such-path", "nothing-matched", "unsupported-location"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_must_not_be_read_is_rejected(tmp_path: Path, options: ReadOptions) -> None:
    """A file without the right to read it is a rejection."""
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "secret.txt").chmod(0)
    assert reasons([tmp_path], options) == {"secret.txt": "unreadable"}


def test_a_pattern_and_an_overlapping_folder_read_no_file_twice(tmp_path: Path, options: ReadOptions) -> None:
    """A file that two locations lead to is read once."""
    (tmp_path / "a.txt").write_text("once")
    assert len(outcome([f"{tmp_path}/*.txt", tmp_path, f"file://{tmp_path}/a.txt"], options)) == 1


def test_a_file_over_the_limit_is_rejected_unread(tmp_path: Path, options: ReadOptions) -> None:
    """A single article of 50 MB is too large; its size is enough to tell."""
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(50 << 20)
    assert reasons([tmp_path], options) == {"huge.txt": "too-large"}


def test_a_small_file_that_unpacks_to_much_is_rejected(tmp_path: Path, options: ReadOptions) -> None:
    """A compressed page over the limit is told by unpacking no more than the limit."""
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(b"<html>" + b" " * (50 << 20)))
    assert reasons([tmp_path], options) == {"page.html.gz": "too-large"}


def test_a_long_line_is_rejected_and_the_rest_goes_on(tmp_path: Path, options: ReadOptions) -> None:
    """A line over the limit is passed over without holding it."""
    long = b'{"body": "' + b"x" * (11 << 20) + b'"}\n'
    (tmp_path / "a.jsonl").write_bytes(json_lines(2) + long + json_lines(1))
    found = outcome([tmp_path], options)
    assert sorted(one.input_uri.rpartition("#")[2] for one in found) == ["line=1", "line=2", "line=3", "line=4"]
    assert [one.reason for one in found if isinstance(one, Rejection)] == ["too-large"]


PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_lines_are_the_same_lines(tmp_path: Path, options: ReadOptions, suffix: str) -> None:
    """JSON Lines read alike plain and in every compression, in parts and in order, though cut into partitions."""
    (tmp_path / f"a.jsonl{suffix}").write_bytes(PACKERS[suffix](json_lines(50)))
    found = outcome([tmp_path], options)
    assert [one.title for one in found if isinstance(one, RawArticle)] == [f"T{n}" for n in range(50)]
    assert found[-1].input_uri == f"file://{tmp_path}/a.jsonl{suffix}#line=50"


def test_a_second_member_of_a_compressed_file_is_read(tmp_path: Path, options: ReadOptions) -> None:
    """Files that were put behind each other after compression are read whole."""
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json_lines(3)) + gzip.compress(json_lines(2)) + bytes(100))
    (tmp_path / "b.jsonl.zst").write_bytes(zstandard.compress(json_lines(3)) + b"\x50\x2a\x4d\x18\x01\0\0\0x")
    assert len(outcome([tmp_path], options)) == 8


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress), (".bz2", bz2.compress)]
)
def test_a_cut_compressed_file_gives_what_is_before_the_cut(
    tmp_path: Path, options: ReadOptions, suffix: str, pack: type[bytes]
) -> None:
    """The articles before the cut are kept, and the cut is named."""
    lines = b"".join(json.dumps({"body": os.urandom(300).hex()}).encode() + b"\n" for _ in range(3000))
    packed = pack(lines)
    (tmp_path / f"a.jsonl{suffix}").write_bytes(packed[: len(packed) * 2 // 3])
    found = outcome([tmp_path], options)
    assert [one.reason for one in found if isinstance(one, Rejection)] == ["truncated"]
    assert len(found) > 100


def test_a_bomb_is_bounded(tmp_path: Path, options: ReadOptions) -> None:
    """A file that unpacks to far more than news can is given up early."""
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(bytes(200 << 20), 9))
    assert set(reasons([tmp_path], options).values()) <= {"compression-bomb", "too-large"}


def test_the_key_tells_content_and_options_but_not_time(tmp_path: Path, options: ReadOptions) -> None:
    """Touching a file changes no key; changing its content, its name or the reading options does."""

    def keys(other: ReadOptions) -> list[str]:
        return [one.key for one in partitions([str(tmp_path)], other) if isinstance(one, Partition)]

    (tmp_path / "a.txt").write_text("one")
    before = keys(options)
    os.utime(tmp_path / "a.txt", (1, 1))
    assert keys(options) == before
    assert keys(ReadOptions(source="Post", spool_folder=options.spool_folder)) != before
    (tmp_path / "a.txt").write_text("two")
    assert keys(options) != before


def test_a_file_that_grows_keeps_its_first_partitions(tmp_path: Path, options: ReadOptions) -> None:
    """Lines added at the end change only the last partition."""
    place = tmp_path / "a.jsonl"
    place.write_bytes(json_lines(30))
    before = [one.key for one in partitions([str(place)], options) if isinstance(one, Partition)]
    place.write_bytes(json_lines(60))
    after = [one.key for one in partitions([str(place)], options) if isinstance(one, Partition)]
    assert after[: len(before) - 1] == before[:-1]
    assert len(after) == 9


def test_a_lost_spool_is_made_again(tmp_path: Path, options: ReadOptions) -> None:
    """A worker that lacks the spool folder cuts the input anew; one that is done can have it removed."""
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json_lines(40)))
    parts = [one for one in partitions([str(tmp_path)], options) if isinstance(one, Partition)]
    for part in parts:
        release(part, options)
    assert not list(spool.folder(options).iterdir())
    titles = [one.title for part in reversed(parts) for one in read(part, options) if isinstance(one, RawArticle)]
    assert sorted(titles, key=lambda title: int(str(title)[1:])) == [f"T{n}" for n in range(40)]


@pytest.mark.parametrize("limit", [0, 1, 7, 8, 23])
def test_a_limit_is_exact(tmp_path: Path, options: ReadOptions, limit: int) -> None:
    """No more inputs come than were asked for, and the first ones."""
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(json_lines(40)))
    limited = ReadOptions(limit=limit, spool_folder=options.spool_folder, partition_articles=7)
    assert outcome([tmp_path], limited) == outcome([tmp_path], options)[:limit]


def test_another_file_system_reads_alike(options: ReadOptions) -> None:
    """Everything that fsspec knows works like a local folder."""
    system = fsspec.filesystem("memory")
    system.pipe({"/press/a.txt": b"Text", "/press/sub/b.jsonl.gz": gzip.compress(json_lines(20)), "/press/.x": b""})
    found = outcome(["memory://press"], options)
    assert [one.input_uri for one in found][:3] == [
        "memory:///press/.x",
        "memory:///press/a.txt",
        "memory:///press/sub/b.jsonl.gz#line=1",
    ]
    assert len(found) == 22
    assert len(outcome(["memory://press/*.txt"], options)) == 1


def test_listing_is_lazy(tmp_path: Path, options: ReadOptions) -> None:
    """The first partition comes before the rest of the input is looked at."""
    (tmp_path / "a.jsonl").write_bytes(json_lines(20))
    (tmp_path / "b.txt").write_text("x")
    listing = partitions([str(tmp_path)], options)
    assert isinstance(next(listing), Partition)
    (tmp_path / "b.txt").unlink()
    assert [one.reason for one in listing if isinstance(one, Rejection)] == ["no-such-path"]


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(0, 30), max_size=30),
    articles=st.integers(1, 40),
    size=st.integers(1, 2_000),
    packed=st.booleans(),
)
def test_partitions_of_any_size_yield_the_same(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], articles: int, size: int, *, packed: bool
) -> None:
    """However the lines are cut, the same inputs come out in the same order, under the same names."""
    folder = tmp_path_factory.mktemp("any")
    lines = b"\n".join(json.dumps({"body": "x" * n}).encode() if n % 5 else b"{" * (n % 2) for n in sizes)
    (folder / "a.jsonl").write_bytes(gzip.compress(lines) if packed else lines)
    (folder / "b.txt").write_text("last")
    one = ReadOptions(spool_folder=str(folder / ".spool"))
    many = ReadOptions(spool_folder=str(folder / ".spool"), partition_articles=articles, partition_bytes=size)
    assert outcome([folder / "a.jsonl", folder / "b.txt"], many) == outcome([folder / "a.jsonl", folder / "b.txt"], one)
