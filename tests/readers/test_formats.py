"""Every format: what is declared comes out, what is broken is named, and nothing hostile hangs or crashes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reading

from newsdex.readers.partition import ReadOptions
from newsdex.transforms.article import Origin, RawArticle, Rejection

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = ReadOptions(spool_folder=tempfile.mkdtemp(prefix="newsdex-test-spool-"))
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
BODIES = WORDS.filter(lambda text: text.strip().lower() not in {"nan", "null", "none", "n/a", "nat", "undefined"})


def inputs(place: Path, data: bytes | None = None, options: ReadOptions = OPTIONS) -> list[RawArticle | Rejection]:
    """Return everything in a file, which is written first if `data` is given."""
    if data is not None:
        place.write_bytes(data)
    return reading.inputs(place, options)


def article(place: Path, data: bytes, options: ReadOptions = OPTIONS) -> RawArticle:
    """Return the only article in a file."""
    (found,) = inputs(place, data, options)
    assert isinstance(found, RawArticle), found
    return found


def told(place: Path, data: bytes, options: ReadOptions = OPTIONS) -> list[str]:
    """Return the reason of each rejection, `ok` for each article."""
    return [one.reason if isinstance(one, Rejection) else "ok" for one in inputs(place, data, options)]


# --- text and pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1251", "koi8-r"]
)
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    """A text in any usual encoding is read right although nothing declares it."""
    text = "Паром снова ходит с понедельника, сообщила мэрия. Первый рейс отправится в восемь часов утра."
    assert article(tmp_path / "a.txt", text.encode(encoding)).text == text


def test_a_stray_byte_does_not_spoil_a_text(tmp_path: Path) -> None:
    """UTF-8 with a few bytes of Windows-1252 in it stays UTF-8, and those bytes are read as what they were."""
    data = "Müller und Jäger über Österreich – ".encode() * 5 + b"caf\xe9"
    assert str(article(tmp_path / "a.txt", data).text).endswith("Österreich – café")


def test_a_page_keeps_its_bytes(tmp_path: Path) -> None:
    """The encoding of a page is left to its parser."""
    data = "<html><meta charset=cp1252><p>café".encode("cp1252")
    found = article(tmp_path / "a.html", data)
    assert (found.html, found.text, found.origin) == (data, None, Origin.PAGE)


# --- records ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"articleBody": "B", "headline": "H", "author": [{"@type": "Person", "name": "A"}]},
            {"title": "H", "authors": ("A",)},
        ),
        (
            {"content": "B", "source": {"id": None, "name": "Post"}, "publishedAt": "2018"},
            {"source": "Post", "published": "2018"},
        ),
        (
            {"body_text": "B", "byline": "By A", "versioncreated": "2018-01-02"},
            {"authors": ("By A",), "published": "2018-01-02"},
        ),
        ({"_source": {"text": "B", "title": "T"}, "_id": "1"}, {"title": "T"}),
        (
            {"title": {"rendered": "T"}, "content": {"rendered": "B"}, "link": "https://a.example"},
            {"title": "T", "url": "https://a.example"},
        ),
        ({"text": ["B"], "authors": "['A', 'C']", "keywords": "x, y"}, {"authors": ("A", "C"), "keywords": ("x", "y")}),
        ({"Text": "B", "date": 1514764800}, {"published": "2018-01-01T00:00:00+00:00"}),
        (
            {"body": "B", "date": 20180101, "id": "7", "author": "nan"},
            {"published": "20180101", "url": None, "authors": ()},
        ),
        (
            {"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", "articleBody": "B", "inLanguage": "de"}]},
            {"language": "de"},
        ),
        ({"body": "B", "scraped_at": "2024-05-01T08:00:00+02:00"}, {"fetched_at": datetime(2024, 5, 1, 6, tzinfo=UTC)}),
    ],
)
def test_usual_field_names_are_known(tmp_path: Path, record: dict[str, Any], expected: dict[str, Any]) -> None:
    """Records as common tools and agencies write them need no mapping."""
    found = article(tmp_path / "a.jsonl", json.dumps(record).encode())
    assert found.text == "B"
    assert {name: getattr(found, name) for name in expected} == expected


def test_the_users_mapping_comes_first(tmp_path: Path) -> None:
    """A mapped field is taken although a usual name is there, and what was taken from where is told."""
    options = ReadOptions(field_map={"body": "story_text", "title": "meta.head"})
    found = article(tmp_path / "a.jsonl", b'{"story_text": "S", "body": "B", "meta": {"head": "H"}}', options)
    assert (found.text, found.title) == ("S", "H")
    assert found.field_map == {"body": "story_text", "title": "meta.head"}


def test_a_record_without_body_tells_its_fields(tmp_path: Path) -> None:
    """The sentence names the fields that are there and the option that helps."""
    (found,) = inputs(tmp_path / "a.jsonl", b'{"story_text": "S", "teaser": "T"}')
    assert isinstance(found, Rejection)
    assert found.reason == "no-body"
    assert "story_text, teaser" in found.detail
    assert "--map body=" in found.detail


def test_a_page_in_a_record_is_a_page(tmp_path: Path) -> None:
    """A body that is a whole page becomes `html`; one with some tags stays text."""
    assert article(tmp_path / "a.jsonl", b'{"body": "<!DOCTYPE html><html>x"}').html == "<!DOCTYPE html><html>x"
    assert article(tmp_path / "b.jsonl", b'{"body": "<p>x</p>"}').text == "<p>x</p>"


def test_a_broken_line_names_its_place(tmp_path: Path) -> None:
    """Each bad line is a rejection with line and column, and the others are read."""
    lines = [
        b'{"body": "a"}',
        b"",
        b'{"body": "a" "b"}',
        b"[1]",
        b'{"body": ""}',
        b'{"body": "\xff\xe9t\xe9"}',
        b"[" * 99_999,
    ]
    found = inputs(tmp_path / "a.jsonl", b"\n".join(lines))
    assert [one.reason if isinstance(one, Rejection) else "ok" for one in found] == [
        "ok", "invalid-json", "not-a-record", "empty-body", "ok", "invalid-json",
    ]  # fmt: skip
    assert isinstance(found[1], Rejection)
    assert "Line 3" in found[1].detail
    assert "column 14" in found[1].detail


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b'[{"body": "a"}, {"body": "b"}]', ["ok", "ok"]),
        (b'{"status": "ok", "articles": [{"content": "a"}, {}, 3]}', ["ok", "no-body", "not-a-record"]),
        (b'{"headline": "one", "articleBody": "a", "author": [{"name": "x"}]}', ["ok"]),
        (b'{"body": "a"}\n{"body": "b"}\n', ["ok", "ok"]),
        (b'[{"body": "a"}, {"body": "b"}, {"bo', ["ok", "ok", "invalid-json"]),
        (b"[" * 100_000, ["invalid-json"]),
        (b"7", ["not-a-record"]),
    ],
)
def test_json_documents(tmp_path: Path, document: bytes, expected: list[str]) -> None:
    """Arrays, wrapped arrays, single articles and JSON Lines under a wrong name are read; what breaks is named."""
    assert told(tmp_path / "a.json", document) == expected


def test_a_document_on_one_line_is_no_json_lines(tmp_path: Path) -> None:
    """An API's answer that ends in a line's end is still one document with a list of records."""
    data = b'{"status": "ok", "articles": [{"title": "A", "content": "a"}, {"title": "B", "content": "b"}]}\n'
    assert told(tmp_path / "a.json", data) == ["ok", "ok"]


def test_a_large_json_array_is_streamed(tmp_path: Path) -> None:
    """A document over the size of an article is read record by record; one that is too long ends it."""
    options = ReadOptions(max_article_bytes=5_000, spool_folder=str(tmp_path / "spool"), partition_articles=50)
    records = [{"body": f"{n} " + "x" * 100} for n in range(200)]
    document = json.dumps({"meta": {"n": 1}, "docs": [*records, {"body": "y" * 300_000}]}).encode()
    assert told(tmp_path / "a.json", document, options) == ["ok"] * 200 + ["too-large"]


def test_a_table_with_bad_rows(tmp_path: Path) -> None:
    """A row of another length is rejected under the number that a spreadsheet shows, and the rest goes on."""
    data = b'title;body;date\nA;"two\nlines";2018\nB;short\n\nC;c;2019;extra\nD;d;2020;\n'
    found = inputs(tmp_path / "a.csv", data)
    assert [one.input_uri.rpartition("#")[2] for one in found] == ["row=2", "row=3", "row=4", "row=5"]
    assert told(tmp_path / "a.csv", data) == ["ok", "malformed-row", "malformed-row", "ok"]
    assert isinstance(found[0], RawArticle)
    assert found[0].text == "two\nlines"


def test_a_quotation_mark_that_is_never_closed_is_bounded(tmp_path: Path) -> None:
    """It takes no more than the size of an article with it."""
    options = ReadOptions(max_article_bytes=20_000, spool_folder=OPTIONS.spool_folder)
    data = b'title,body\nA,"open\n' + b"B,b\n" * 10_000
    found = told(tmp_path / "a.csv", data, options)
    assert found[0] == "malformed-row"
    assert "ok" in found


def test_a_table_in_utf16_with_tabs(tmp_path: Path) -> None:
    """What a spreadsheet saves as Unicode text is read."""
    assert article(tmp_path / "a.tsv", "title\tbody\nÉté\tça\n".encode("utf-16")).text == "ça"


def test_parquet(tmp_path: Path) -> None:
    """Rows come out with their types made text; a table without a body and a damaged file are named."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"text": ["a", None], "date": [datetime(2018, 1, 2, tzinfo=UTC)] * 2, "authors": [["x"], []]})
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = inputs(tmp_path / "a.parquet")
    assert isinstance(first, RawArticle)
    assert (first.text, first.published, first.authors) == ("a", "2018-01-02T00:00:00+00:00", ("x",))
    assert isinstance(second, Rejection)
    assert second.reason == "empty-body"
    pq.write_table(pa.table({"label": [1]}), tmp_path / "b.parquet")
    assert told(tmp_path / "b.parquet", (tmp_path / "b.parquet").read_bytes()) == ["no-body"]
    assert told(tmp_path / "c.parquet", (tmp_path / "a.parquet").read_bytes()[:-40]) == ["broken-file"]


# --- feeds --------------------------------------------------------------------------------------------------------


def test_an_rss_feed(tmp_path: Path) -> None:
    """Entries carry what they and their channel declare; HTML's entities and bare ampersands are fixed."""
    data = b"""<?xml version="1.0" encoding="iso-8859-1"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour Post</title>
      <language>en</language>
      <image><url>x</url></image><item><title>Caf&eacute; &amp; bar</title><link>https://p.example/?a=1&b=2</link>
      <description>Short</description><content:encoded><![CDATA[<p>Long &nbsp;</p>]]></content:encoded>
      <pubDate>Mon, 05 Mar 2018 10:00:00 GMT</pubDate><dc:creator>Ana Reis</dc:creator><category>World</category>
      <enclosure type="image/jpeg" url="https://p.example/a.jpg"/></item><item><title>Only a title</title></item>"""
    first, second = inputs(tmp_path / "a.xml", data)
    assert isinstance(first, RawArticle)
    assert (first.title, first.url, first.text) == ("Café & bar", "https://p.example/?a=1&b=2", "<p>Long &nbsp;</p>")
    assert (first.summary, first.source, first.language, first.authors) == (
        "Short",
        "Harbour Post",
        "en",
        ("Ana Reis",),
    )
    assert (first.published, first.image_url) == ("Mon, 05 Mar 2018 10:00:00 GMT", "https://p.example/a.jpg")
    assert isinstance(second, Rejection)
    assert second.reason == "link-only"


def test_an_atom_feed(tmp_path: Path) -> None:
    """The alternate link is the address, markup in content is kept, the author is the name."""
    data = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title><entry><title>T</title>
      <link rel="self" href="https://p.example/self"/><link href="https://p.example/a"/><author><name>A</name><email>m</email>
      </author><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p></div></content>
      <updated>2018-03-05T10:00:00Z</updated></entry></feed>"""
    found = article(tmp_path / "a.atom", data)
    assert (found.url, found.authors, found.modified) == ("https://p.example/a", ("A",), "2018-03-05T10:00:00Z")
    assert "<p>One</p>" in str(found.text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><channel/></rss>',
            ["no-articles"],
        ),
        (b"<rss>" + b"<a>" * 10_000, ["not-a-feed"]),
        (b"<rss><channel>" + b"<![CDATA[" * 100_000, ["no-articles"]),
        (b"<other><x/></other>", ["not-a-feed"]),
        (b"<html><body>page", ["ok"]),
        (b"<urlset><url><loc>https://p.example/a</loc></url></urlset>", ["link-only"]),
        (b"<rss><channel><item><description>a</description></item><item><description>cut", ["ok", "ok"]),
    ],
)
def test_hostile_and_other_xml(tmp_path: Path, data: bytes, expected: list[str]) -> None:
    """Entity bombs, deep nesting, endless CDATA and XML that is no feed end quickly with a clear outcome."""
    assert told(tmp_path / "a.xml", data) == expected


def test_a_json_feed(tmp_path: Path) -> None:
    """A JSON Feed's items are feed entries."""
    data = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "content_html": "<p>a"}]}'
    assert article(tmp_path / "a.json", data).origin is Origin.FEED


# --- web archives, archives ---------------------------------------------------------------------------------------


def warc(*records: tuple[str, bytes]) -> bytes:
    """Return a WARC file of (type, block) records."""
    parts = (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://p.example/%d\r\nWARC-Date: 2018-03-05T10:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:%d>\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (kind.encode(), number, number, len(block), block)
        for number, (kind, block) in enumerate(records)
    )
    return b"".join(parts)


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>page"


def test_a_web_archive(tmp_path: Path) -> None:
    """Pages are articles with address, time and content type; what is no page is filtered, each with its reason."""
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nx"
    image = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx"
    data = warc(("warcinfo", b"x"), ("response", PAGE), ("response", missing), ("response", image), ("revisit", PAGE))
    found = inputs(tmp_path / "a.warc", data)
    assert [one.reason for one in found if isinstance(one, Rejection)] == ["http-status", "not-a-page", "revisit"]
    page = found[0]
    assert isinstance(page, RawArticle)
    assert (page.html, page.url, page.content_type) == (
        b"<html>page",
        "https://p.example/1",
        "text/html; charset=utf-8",
    )
    assert page.fetched_at == datetime(2018, 3, 5, 10, tzinfo=UTC)


def test_a_cut_web_archive_keeps_what_is_before(tmp_path: Path) -> None:
    """Nonsense in the middle ends the file with a reason, after the pages before it."""
    assert told(tmp_path / "a.warc", warc(("response", PAGE)) + b"nonsense\r\n" * 3) == ["ok", "broken-record"]


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9])
def test_a_record_that_the_file_ends_in_is_named(tmp_path: Path, left: float) -> None:
    """A page of which only the beginning is there is not taken for the page, plain or compressed."""
    page = PAGE + b"<p>word</p>" * 9_000
    whole, last = warc(("response", PAGE)), warc(("response", page))
    cut = whole + last[: int(len(last) * left)]
    assert told(tmp_path / "a.warc", whole + last) == ["ok", "ok"]
    assert told(tmp_path / "b.warc", cut) == ["ok", "broken-record"]
    packed = gzip.compress(whole) + gzip.compress(last)
    found = told(tmp_path / "c.warc.gz", packed[: len(gzip.compress(whole)) + 150])
    assert found[0] == "ok"
    assert set(found[1:]) <= {"broken-record", "truncated"}
    assert len(found) > 1


def test_archives_hold_any_format(tmp_path: Path) -> None:
    """Members of zip and tar archives are read as files of their own; names that lead elsewhere do no harm."""
    members = {"../../up.txt": b"up", "a/b.jsonl": b'{"body": "x"}\n{', "x.bin": b"x", ".hidden": b"", "in.zip": b"PK"}
    expected = ["ok", "ok", "invalid-json", "unknown-format", "hidden-file", "nested-archive"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed_tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed_tar.addfile(info, io.BytesIO(data))
    for name in ("a.zip", "a.tar.gz"):
        assert told(tmp_path / name, (tmp_path / name).read_bytes()) == expected
    assert inputs(tmp_path / "a.zip")[1].input_uri.endswith("a.zip#member=a/b.jsonl&line=1")
    assert told(tmp_path / "cut.zip", (tmp_path / "a.zip").read_bytes()[:-30]) == ["broken-archive"]


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A member that unpacks to far more than news can is not unpacked."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", bytes(100 << 20))
    assert told(tmp_path / "a.zip", (tmp_path / "a.zip").read_bytes()) == ["compression-bomb"]


# --- properties ---------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(records=st.lists(st.fixed_dictionaries({"body": BODIES, "title": BODIES}), min_size=1, max_size=8))
def test_records_survive_every_format(tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str]]) -> None:
    """What is written as JSON Lines, a JSON array or CSV comes out as it was."""
    folder = tmp_path_factory.mktemp("round")
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, ["body", "title"], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    files = {
        "a.jsonl": b"\n".join(json.dumps(record).encode() for record in records),
        "a.json": json.dumps(records).encode(),
        "a.csv": table.getvalue().encode(),
    }
    for name, data in files.items():
        found = inputs(folder / name, data)
        told_back = [(one.text or one.html, one.title) for one in found if isinstance(one, RawArticle)]
        assert told_back == [(record["body"], record["title"]) for record in records], name


@settings(max_examples=60)
@given(
    data=st.binary(max_size=300),
    head=st.sampled_from(
        [b"", b"{", b"<rss>", b"WARC/1.0\r\n", b"PK\x03\x04", b"\x1f\x8b\x08", b"a,b\n", b"\x28\xb5\x2f\xfd"]
    ),
    suffix=st.sampled_from(
        ["txt", "html", "jsonl", "json", "csv", "xml", "warc", "arc", "zip", "tar", "jsonl.gz", "parquet"]
    ),
)
def test_no_bytes_crash_a_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes, suffix: str
) -> None:
    """Any bytes under any name end as articles or rejections, at least one, each under a name of its own."""
    found = inputs(tmp_path_factory.mktemp("any") / f"a.{suffix}", head + data)
    assert found
    assert len({one.input_uri for one in found}) == len(found)


# --- real data ----------------------------------------------------------------------------------------------------


def test_every_item_of_every_real_feed_is_found(gold: Path) -> None:
    """The 47 feeds of FeedReader's tests have 1,115 items."""
    found = inputs(gold / "feeds" / "feedreader")
    assert sum("#entry=" in one.input_uri for one in found) == 1_115


def test_every_broken_feed_and_web_archive_has_an_outcome(gold: Path) -> None:
    """No file of the hostile sets ends without an article or a reason that is about it."""
    for folder in ("feeds/feedparser", "warc"):
        found = inputs(gold / folder)
        assert "unreadable-content" not in {one.reason for one in found if isinstance(one, Rejection)}
        named = {one.input_uri.partition("#")[0] for one in found}
        assert len(named) == sum(place.is_file() for place in (gold / folder).rglob("*"))


def test_the_pages_of_a_real_crawl(gold: Path) -> None:
    """The crawl that the documentation uses has 299 responses."""
    found = inputs(gold / "warc/aut/example.warc.gz")
    assert len(found) == 299
