"""`newsdex serve` for real: started twice, a schedule that fires, deployments, refusals, stopped."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.node import ElasticsearchNode
from support.records import write_records
from support.served import ROOT, Served, environment_for, served, until

from newsdex.flows.service.supervisor import read_state

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HARBOUR = '[[source]]\nname = "harbour"\nlocation = "papers/*.jsonl"\n'
SCHEDULED = HARBOUR + 'schedule = "every 10 seconds"\njitter_seconds = 1\n'


@pytest.fixture(scope="module")
def service(elasticsearch: ElasticsearchNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a Newsdex that is served, with one source."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "papers").mkdir()
    write_records(folder / "papers" / "a.jsonl", range(3))
    (folder / "newsdex.toml").write_text(HARBOUR, encoding="utf-8")
    prefix = f"test-{secrets.token_hex(6)}-"
    environment = environment_for(elasticsearch, tmp_path_factory.mktemp("home"), f"{prefix}articles")
    with served(folder, environment) as one:
        yield one
    elasticsearch.delete_indices(prefix)


def test_serving_twice_changes_nothing(service: Served) -> None:
    """The same processes, the same address, the same deployments."""
    home = Path(service.environment["NEWSDEX_HOME"])
    before = read_state(home)
    again = service.serve()
    after = read_state(home)
    assert before is not None
    assert after is not None
    assert (before.supervisor, before.processes, before.api) == (after.supervisor, after.processes, after.api)
    assert not again["started"]
    assert {"ingest-source/harbour", "backfill/backfill", "maintenance/daily"} <= set(again["deployments"])
    assert len(service.ask("POST", "/deployments/filter", limit=50)) == len(again["deployments"])


def test_every_deployment_and_parameter_is_explained(service: Served) -> None:
    """Who opens the UI for the first time reads what each deployment does and what each field wants."""
    for deployment in service.ask("POST", "/deployments/filter", limit=50):
        assert len(deployment["description"]) > 40, deployment["name"]
        assert "newsdex" in deployment["tags"]
        for name, field in deployment["parameter_openapi_schema"]["properties"].items():
            assert field.get("description"), f"{deployment['name']}: {name}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "yesterday"},
        {"end": "2020-13-01"},
        {"source": "lakes"},
        {"by": "hour"},
        {"at_once": 0},
        {"redo": "it"},
    ],
)
def test_nonsense_is_refused_before_a_run_starts(service: Served, wrong: dict[str, object]) -> None:
    """The server answers 409 and names the parameter."""
    good = {"source": "harbour", "start": "2020-01-01", "end": "2020-02-01"}
    refusal = service.start("backfill/backfill", **{**good, **wrong})
    assert refusal.status_code == 409
    assert next(iter(wrong)) in refusal.text


def test_a_schedule_fires(service: Served) -> None:
    """Two runs come by themselves, are completed, and the articles are in the index; removed, none comes any more."""
    (service.folder / "newsdex.toml").write_text(SCHEDULED, encoding="utf-8")
    service.serve()
    state = {"state": {"type": {"any_": ["COMPLETED"]}}}
    until(lambda: len(service.runs("ingest-source", **state)) >= 2, "two scheduled runs")
    assert all(run["auto_scheduled"] for run in service.runs("ingest-source", **state))
    found = service.newsdex("search", "--json")
    assert json.loads(found.stdout)["total"] == 3
    (service.folder / "newsdex.toml").write_text(HARBOUR, encoding="utf-8")
    service.serve()
    deployment = service.ask("GET", "/deployments/name/ingest-source/harbour")
    assert deployment["schedules"] == []


def test_a_backfill_and_a_scheduled_run_at_once(service: Served, elasticsearch: ElasticsearchNode) -> None:
    """Both write the same articles; afterwards each is there once. The backfill again finds nothing to do."""
    write_records(service.folder / "papers" / "b.jsonl", range(100, 160))
    span = {"source": "harbour", "start": "2019-01-01", "end": "2019-04-01", "by": "month", "at_once": 2}
    both = [service.start("backfill/backfill", **span), service.start("ingest-source/harbour", source="harbour")]
    for run in both:
        service.wait(run, "COMPLETED")
    with elasticsearch.http() as client:
        index = service.environment["NEWSDEX_INDEX"]
        body = {"size": 1_000, "_source": ["input_uri"]}
        hits = client.post(f"/{index},{index}-copies/_search", json=body).json()["hits"]["hits"]
    uris = [hit["_source"]["input_uri"] for hit in hits]
    assert len(uris) == len(set(uris)) == 63
    intervals = len(service.runs("backfill-interval"))
    service.wait(service.start("backfill/backfill", **span), "COMPLETED")
    assert len(service.runs("backfill-interval")) == intervals


def test_a_run_leaves_its_report(service: Served) -> None:
    """Ledger, facets and report are artifacts of the run; its log has a line for a partition, none for an article."""
    run = service.start("ingest-source/harbour", source="harbour", force=True)
    service.wait(run, "COMPLETED")
    artifacts = service.ask("POST", "/artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})
    assert {each["key"] for each in artifacts} == {"progress", "ledger", "facets", "report"}
    ledger = json.loads(next(each["data"] for each in artifacts if each["key"] == "ledger"))
    assert ledger[-1]["read"] == ledger[-1]["indexed"] == 63
    log = [line["message"] for line in service.ask("POST", "/logs/filter", logs={"flow_run_id": {"any_": [run]}})]
    assert any(line.endswith(": 63 read, 63 indexed") for line in log)


def test_maintenance_says_what_it_would_remove(service: Served) -> None:
    """Looking only, it removes nothing."""
    run = service.start("maintenance/daily", only_look=True)
    service.wait(run, "COMPLETED")
    artifacts = service.ask("POST", "/artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})
    rows = json.loads(next(each["data"] for each in artifacts if each["key"] == "maintenance"))
    assert [row["what"] for row in rows] == ["runs in Prefect", "staged files", "fetched feeds and pages", "indices"]


def test_somebody_is_told_of_a_run_that_failed(service: Served) -> None:
    """With an address in the settings, a failed run is POSTed there, and so are many rejections and a silent source."""
    told: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Do nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service.environment["NEWSDEX_NOTIFY_WEBHOOK"] = f"http://127.0.0.1:{server.server_port}/"
    service.serve()
    (service.folder / "newsdex.toml").write_text("", encoding="utf-8")
    run = service.start("ingest-source/harbour", source="harbour")
    ended = service.wait(run, "FAILED")
    assert "There is no source 'harbour' in newsdex.toml" in ended["state"]["message"]
    until(lambda: bool(told), "the webhook")
    assert told[0]["what"] == "a run failed"
    assert told[0]["state"] == "Failed"
    assert "There is no source 'harbour'" in told[0]["message"]
    assert told[0]["address"].endswith(run)
    broken = service.folder / "broken.jsonl"
    broken.write_text("{broken\n" * 20, encoding="utf-8")
    service.wait(service.start("ingest/files", locations=[str(broken)]), "COMPLETED")
    until(lambda: len(told) > 1, "the webhook after the broken file")
    assert (told[1]["what"], told[1]["rejected"]) == ("a run rejected many inputs", 20)
    code = (
        "from prefect.events import emit_event; from prefect.events.worker import EventsWorker;"
        "from newsdex.flows.common.prefect_names import COVERAGE_FELL;"
        "emit_event(COVERAGE_FELL, resource={'prefect.resource.id': 'newsdex.coverage.articles'}, payload="
        "{'about': 'ingest x', 'read': 0, 'usual': 20, 'run_id': 'r', 'message': 'The \"Post\" went silent.'});"
        "EventsWorker.drain_all(timeout=20)"
    )
    subprocess.run([sys.executable, "-c", code], env=service.client_environment(), cwd=ROOT, check=True)
    until(lambda: len(told) > 2, "the webhook again")
    assert told[2]["what"] == "a source gave far less than it used to"
    assert (told[2]["message"], told[2]["usual"]) == ('The "Post" went silent.', 20)
    server.shutdown()


def test_a_source_that_was_removed_loses_its_deployment(service: Served) -> None:
    """`newsdex serve` takes it away and says so."""
    (service.folder / "newsdex.toml").write_text(HARBOUR.replace("harbour", "lakes"), encoding="utf-8")
    assert service.serve()["removed"] == ["ingest-source/harbour"]


@pytest.mark.parametrize(
    ("toml", "variables", "words"),
    [
        (HARBOUR + 'schedule = "sometimes"\n', {}, "no cron line"),
        (HARBOUR + HARBOUR, {}, "two sources"),
        (HARBOUR, {"PREFECT_API_URL": "http://127.0.0.1:9/api"}, "No Prefect server answers"),
    ],
)
def test_what_keeps_it_from_serving_is_said_in_one_sentence(
    service: Served, toml: str, variables: dict[str, str], words: str
) -> None:
    """Before anything is started or changed."""
    (service.folder / "newsdex.toml").write_text(toml, encoding="utf-8")
    answer = service.newsdex("serve", **variables)
    assert answer.returncode == 1
    assert words in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_what_was_killed_is_started_again(service: Served) -> None:
    """The supervisor starts a server and a worker anew that somebody killed."""
    home = Path(service.environment["NEWSDEX_HOME"])
    before = read_state(home)
    assert before is not None
    for each in before.processes.values():
        psutil.Process(each.pid).kill()

    def anew() -> bool:
        state = read_state(home)
        return state is not None and all(state.processes[name] != each for name, each in before.processes.items())

    until(anew, "new processes")


def test_waiting_ends_with_a_signal(service: Served) -> None:
    """With `--wait` the command stays; told to end, it ends what it watched over."""
    (service.folder / "newsdex.toml").write_text(HARBOUR, encoding="utf-8")
    command = [sys.executable, "-m", "newsdex", "serve", "--wait", "--json"]
    with subprocess.Popen(command, cwd=service.folder, env=service.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"{" in process.stdout.readline()
        process.terminate()
        assert process.wait(100) == 0
    state = read_state(Path(service.environment["NEWSDEX_HOME"]))
    assert state is None
    service.serve()


def test_stopping_leaves_no_process(service: Served) -> None:
    """`newsdex serve --stop` ends supervisor, server and worker; done again, there is nothing to end."""
    (service.folder / "newsdex.toml").write_text(HARBOUR, encoding="utf-8")
    state = read_state(Path(service.environment["NEWSDEX_HOME"]))
    assert state is not None
    assert "stopped" in service.newsdex("serve", "--stop").stdout
    assert all(each.process() is None for each in (state.supervisor, *state.processes.values()))
    assert "was not running" in service.newsdex("serve", "--stop").stdout
