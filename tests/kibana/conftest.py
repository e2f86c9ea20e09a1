"""Saved objects, a real index with something in it, and a stand-in for Kibana's HTTP side that records requests."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from newsdex.kibana.importer import saved_objects
from newsdex.search.client import ConnectionSettings, connect
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.ledger.quarantine import Quarantine
from newsdex.search.ledger.run_log import Account, RunLog
from newsdex.search.store.store import ArticleStore
from newsdex.transforms.article import (
    Article,
    DateMention,
    DateSource,
    Entities,
    GeoPoint,
    Precision,
    Rejection,
    Result,
    Source,
    Stage,
)

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from support.node import ElasticsearchNode

RUN_ID = "20260102T030405-abcdef"


MAY = DateMention(
    iso="2024-05", start=date(2024, 5, 1), end=date(2024, 5, 31), precision=Precision.MONTH, text="May",
    start_char=0, end_char=3,
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A real index with two articles, one copy, two inmates of the quarantine and one run."""

    client: Elasticsearch
    names: IndexNames
    objects: list[dict[str, Any]]
    """The saved objects for this index."""


@pytest.fixture(scope="module")
def filled(elasticsearch: ElasticsearchNode) -> Iterator[Filled]:
    """Yield indices as `newsdex ingest` leaves them, filled through the same code."""
    access = ConnectionSettings(url=elasticsearch.url, username=elasticsearch.username, password=elasticsearch.password)
    names = IndexNames(f"test-{uuid.uuid4().hex[:12]}")
    with connect(access) as client:
        try:
            _fill(client, names)
            yield Filled(client, names, saved_objects(names.articles))
        finally:
            delete_all(client, names)


def _fill(client: Elasticsearch, names: IndexNames) -> None:
    indices = ensure(client, names, IndexSettings(languages=("en",)))
    copied = [_article("one"), _article("two", content="other"), _article("three", paper="Lakes Post")]
    outcomes = ArticleStore(client, indices).index(copied, RUN_ID)
    assert [outcome.result for outcome in outcomes].count(Result.DUPLICATE) == 1
    rejections = [
        Rejection(input_uri="file:///a.txt", stage=Stage.READ, reason="empty-file", detail="Nothing in it."),
        Rejection(
            input_uri="file:///b.html",
            stage=Stage.CLEAN,
            reason="section-front",
            detail="No article.",
            result=Result.FILTERED,
        ),
    ]
    Quarantine(client, names).add(rejections, RUN_ID)
    account = Account(
        counts={"read": 6, "indexed": 2, "unchanged": 1, "duplicate": 1, "filtered": 1, "rejected": 1},
        reasons={"rejected": {"empty-file": 1}},
        stage_seconds=dict.fromkeys((stage.value for stage in Stage), 0.5),
    )
    log = RunLog(client, names, RUN_ID)
    log.start(datetime.now(UTC), ["folder"], "0", {})
    log.partition(0, "key", "folder/a", account)
    log.finish("done", account)
    client.indices.refresh(index=list(names.all))


def _article(name: str, *, paper: str = "Harbour Ledger", content: str = "same") -> Article:
    """Return an article with every field that a dashboard shows."""
    url = f"https://{name}.example.org/a"
    return Article(
        id=name,
        title="Bridge reopens",
        body=f"The bridge over the river is open again ({content}).",
        input_uri=f"file:///{name}.txt",
        content_hash=content,
        pipeline_version="0",
        url=url,
        canonical_url=url,
        source=Source(name=paper, domain="example.org"),
        agencies=("Reuters",),
        language="en",
        published_at=datetime(2024, 5, 6, tzinfo=UTC),
        published_at_precision=Precision.DAY,
        published_at_source=DateSource.METADATA,
        entities=Entities(person=("Ada Berg",), organization=("City Council",), place=("Bergen",), country=("NO",)),
        location=(GeoPoint(lat=60.4, lon=5.3),),
        word_count=9,
        paywalled=True,
        authors=("Signe Dahl",),
        section="Local",
        dates_mentioned=(MAY,),
        minhash_bands=(f"0:{content}",),
    )


@dataclass
class Recorded:
    """One request that the stand-in got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeKibana:
    """What Kibana's HTTP side answers, in the order that a test asks for."""

    url: str
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    """Path → answers; the last one is given again and again."""
    requests: list[Recorded] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, Any]:
        """Return the next answer for a path."""
        waiting = self.answers.get(path, [(404, {"message": "Not Found"})])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def imports(self) -> list[Recorded]:
        """Return the imports that were asked for."""
        return [each for each in self.requests if each.path.startswith("/api/saved_objects/_import")]


@pytest.fixture
def kibana() -> Iterator[FakeKibana]:
    """Yield a stand-in that is up, is of a version that fits, and takes everything in."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._record("GET", b"")

        def do_POST(self) -> None:
            self._record("POST", self.rfile.read(int(self.headers["Content-Length"])))

        def _record(self, method: str, body: bytes) -> None:
            fake.requests.append(Recorded(method, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, said = fake.answer(self.path.partition("?")[0])
            payload = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_arguments: object) -> None:
            """Keep the terminal clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeKibana(f"http://127.0.0.1:{server.server_port}")
    count = len(saved_objects("articles"))
    fake.answers = {
        "/api/status": [(200, {"version": {"number": "9.2.1"}, "status": {"overall": {"level": "available"}}})],
        "/api/data_views": [(200, {"data_view": []})],
        "/api/saved_objects/_import": [(200, {"success": True, "successCount": count, "successResults": []})],
    }
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()
