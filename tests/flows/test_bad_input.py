"""The list of bad inputs: each ends in bounded time and memory with a named reason, and what lies beside it goes on."""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.home import Newsdex
from support.records import SEEDS, story
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsdex.transforms.article import Result

ROOT = Path(__file__).resolve().parents[2]

MOST_SECONDS = 120
"""For all of them together, models loaded included, on a busy machine; alone it takes a tenth of it."""

MOST_BYTES = 4 << 30
"""Address space of the process: models, libraries and all."""

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom " * 100}">' for n in range(10))


def page(text: str, head: str = "") -> str:
    """Return a page with one article."""
    return f"<!doctype html><html><head><title>News</title>{head}</head><body><article>{text}</article></body></html>"


def paragraphs(number: int) -> str:
    """Return the paragraphs of an article that is like no other one."""
    return "".join(f"<p>{part}</p>" for part in story(number)["body"].split("\n\n"))


def zip_bomb() -> bytes:
    """Return a zip archive with one member of 400 MB of nothing."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.txt", "w", force_zip64=True) as file,
    ):
        for _ in range(400):
            file.write(bytes(1 << 20))
    return data.getvalue()


def web_archive(*numbers: int) -> bytes:
    """Return a web archive with these articles."""
    data = io.BytesIO()
    writer = WARCWriter(data, gzip=False)
    for number in numbers:
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        content = page(paragraphs(number)).encode()
        url = f"https://p.example/{number}"
        writer.write_record(
            writer.create_warc_record(url, "response", io.BytesIO(content), len(content), http_headers=head)
        )
    return data.getvalue()


def table_file(place: Path, columns: dict[str, list[str]]) -> None:
    """Write a Parquet file."""
    pq.write_table(pa.table(columns), place)


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every kind of bad input, and good ones in and beside them."""
    folder = tmp_path_factory.mktemp("pile")
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [["title", "body"], ["A", story(1)["body"]], ["short"], ["B", "x", "extra"], ["C", story(2)["body"]]]
    )
    cut = web_archive(3, 4)
    files: dict[str, bytes | str] = {
        "bomb.zip": zip_bomb(),
        "bomb.jsonl.gz": gzip.compress(bytes(400 << 20), 1),
        "entities.xml": f"<!DOCTYPE rss [{ENTITIES}]><rss><channel><item><title>&e9;</title></item></channel></rss>",
        "deep.html": page("<div>" * 10_000 + paragraphs(5) + "</div>" * 10_000),
        "charset.html": page(paragraphs(6) + "<p>Café Müller, Århus.</p>", '<meta charset="utf-16">').encode(),
        "nulls.txt": story(7)["body"].replace(". ", ".\0\0 "),
        "only-nulls.txt": bytes(5_000),
        "rows.csv": rows.getvalue(),
        "cut.warc": cut[:-2_00],
        "lines.jsonl": f"{json.dumps(story(8))}\n{{broken\n{json.dumps(story(9))}\n",
        "good.txt": SEEDS["boxers.txt"],
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    table_file(folder / "no-body.parquet", {"headline": ["A"], "published": ["2018-01-23"]})
    table_file(folder / "good.parquet", {"headline": ["A"], "text": [story(10)["body"]]})
    return folder


EXPECTED = {
    "bomb.zip": {"compression-bomb"},
    "bomb.jsonl.gz": {"compression-bomb"},
    "entities.xml": {"link-only"},
    "deep.html": {"page-too-deep"},
    "charset.html": {"ok"},
    "nulls.txt": {"ok"},
    "only-nulls.txt": {"empty-file"},
    "rows.csv": {"ok", "malformed-row"},
    "cut.warc": {"ok", "broken-record"},
    "lines.jsonl": {"ok", "invalid-json"},
    "good.txt": {"ok"},
    "no-body.parquet": {"no-body"},
    "good.parquet": {"ok"},
}
"""File → the outcomes that it may have."""


def bounded() -> None:
    """Give the process no more memory than the bad inputs may need."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


@pytest.mark.services
def test_every_bad_input_ends_with_its_reason(pile: Path, tmp_path: Path) -> None:
    """`newsdex inspect` on the pile, in a process with little memory: each file has its outcome, in time."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "newsdex", "inspect", str(pile), "--json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "NEWSDEX_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
        preexec_fn=bounded,  # no threads yet
    )
    assert done.returncode == 3, done.stderr[-2_000:]
    found: dict[str, set[str]] = {}
    for line in map(json.loads, done.stdout.splitlines()):
        name = line["input_uri"].partition("#")[0].rpartition("/")[2]
        rejection = line.get("rejection")
        found.setdefault(name, set()).add(rejection["reason"] if rejection else "ok")
        assert rejection is None or rejection["detail"].endswith((".", ")"))
    assert found.keys() == EXPECTED.keys()
    wrong = {name: reasons for name, reasons in found.items() if not reasons <= EXPECTED[name]}
    assert not wrong
    assert time.monotonic() - began < MOST_SECONDS


@pytest.mark.timeout(300)  # it may be the one for which Elasticsearch is started
def test_the_ledger_of_a_pile_of_bad_inputs_balances(newsdex: Newsdex, pile: Path) -> None:
    """`newsdex ingest` indexes what is good in it; what is not lies in quarantine under its reason."""
    report = newsdex.ingest(pile)
    assert report.read == sum(report.count(result) for result in Result)
    assert report.count(Result.INDEXED) >= 9
    newsdex.client.indices.refresh(index=newsdex.names.rejected)
    hits = newsdex.client.search(index=newsdex.names.rejected, size=100, query={"match_all": {}})["hits"]["hits"]
    kept = {hit["_source"]["reason"] for hit in hits}
    assert kept >= {
        "compression-bomb",
        "invalid-json",
        "malformed-row",
        "no-body",
        "broken-record",
        "empty-file",
        "page-too-deep",
    }
