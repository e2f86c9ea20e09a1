"""`newsdex kibana import`, against a stand-in that answers as Kibana does."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from newsdex.cli.kibana import kibana_app
from newsdex.kibana.client import Access, KibanaError
from newsdex.kibana.importer import import_objects, saved_objects

if TYPE_CHECKING:
    from conftest import FakeKibana

SECRET = "geheim"  # noqa: S105  # no real one

STATUS, VIEWS, IMPORT = "/api/status", "/api/data_views", "/api/saved_objects/_import"


def _import(kibana: FakeKibana, index: str = "articles", **options: Any) -> Any:
    access = Access(url=kibana.url, username="elastic", password=SECRET)
    return import_objects(access, index, **{"wait": 5, "pause": 0.02, **options})


def test_the_import_is_asked_for_as_kibana_wants_it(kibana: FakeKibana) -> None:
    """One POST with `overwrite`, the `kbn-xsrf` header, the user, and a part `file` whose name ends in .ndjson."""
    done = _import(kibana)
    (request,) = kibana.imports()
    assert request.path == f"{IMPORT}?overwrite=true"
    assert request.headers["kbn-xsrf"]
    assert request.headers["authorization"].startswith("Basic ")
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert re.search(rb'name="file"; filename="[^"]+\.ndjson"', request.body)
    assert done.objects == len(saved_objects("articles"))
    assert done.version == "9.2.1"


def test_what_is_sent_is_what_was_checked(kibana: FakeKibana) -> None:
    """The part holds the saved objects, one a line."""
    _import(kibana)
    part = kibana.imports()[0].body.partition(b"\r\n\r\n")[2]
    lines = part[: part.rindex(b"\r\n--")].decode().splitlines()
    assert [json.loads(line) for line in lines if line.startswith("{")] == saved_objects("articles")


def test_importing_again_sends_the_same(kibana: FakeKibana) -> None:
    """The ids are fixed, so Kibana replaces what is there."""
    ours = [{"id": each["id"], "title": each["attributes"]["title"]} for each in saved_objects("articles")]
    _import(kibana)
    kibana.answers[VIEWS] = [(200, {"data_view": ours})]
    _import(kibana)
    first, second = (request.body.split(b"\r\n\r\n", 1)[1] for request in kibana.imports())
    assert first[:1000] == second[:1000]
    assert len(first) == len(second)


def test_an_api_key_goes_before_a_user(kibana: FakeKibana) -> None:
    """With both, the key is sent."""
    import_objects(Access(url=kibana.url, api_key="abc=", username="u", password=SECRET), "articles", wait=5)
    assert {request.headers["authorization"] for request in kibana.requests} == {"ApiKey abc="}


def test_a_space_has_its_own_addresses(kibana: FakeKibana) -> None:
    """Everything is asked for below `/s/<space>`."""
    kibana.answers = {f"/s/press{path}": answers for path, answers in kibana.answers.items()}
    import_objects(Access(url=kibana.url + "/", space="press"), "articles", wait=5)
    assert all(request.path.startswith("/s/press/api/") for request in kibana.requests)


def test_a_kibana_that_is_starting_is_waited_for(kibana: FakeKibana) -> None:
    """503, and a proxy's 502, are no failures until the time is up; the wait is told."""
    not_ready = (503, "Kibana server is not ready yet")
    kibana.answers[STATUS] = [not_ready, (502, "Bad gateway"), *kibana.answers[STATUS]]
    kibana.answers[IMPORT] = [not_ready, *kibana.answers[IMPORT]]
    told: list[str] = []
    _import(kibana, step=lambda what, *_: told.append(what))
    assert told == ["Waiting for Kibana"] * 3


def test_a_kibana_that_does_not_get_ready_is_said(kibana: FakeKibana) -> None:
    """When the time is up, the sentence says what was answered, and nothing was imported."""
    kibana.answers[STATUS] = [(503, "Kibana server is not ready yet")]
    with pytest.raises(KibanaError, match=r"not ready .HTTP 503: Kibana server is not ready yet.*--wait"):
        _import(kibana, wait=0.1)
    assert not kibana.imports()


def test_no_kibana_at_all_is_said() -> None:
    """Nobody listens: the sentence names the address and the option."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(KibanaError, match=f"{url} does not answer.*--url"):
        import_objects(Access(url=url), "articles", wait=0.1, pause=0.02)


def test_success_false_is_a_failure(kibana: FakeKibana) -> None:
    """HTTP 200 with `success: false` names each object that was refused, and why."""
    errors = [
        {
            "type": "dashboard",
            "id": "newsdex-news",
            "error": {"type": "missing_references", "references": [{"type": "index-pattern", "id": "gone"}]},
        },
        {"type": "search", "id": "newsdex-latest", "error": {"type": "unknown", "message": "too new"}},
    ]
    kibana.answers[IMPORT] = [(200, {"success": False, "successCount": 8, "errors": errors})]
    with pytest.raises(KibanaError) as caught:
        _import(kibana)
    assert "took in 8 of" in str(caught.value)
    assert "dashboard newsdex-news (missing_references: index-pattern gone)" in str(caught.value)
    assert "search newsdex-latest (unknown: too new)" in str(caught.value)


def test_a_short_count_is_a_failure(kibana: FakeKibana) -> None:
    """`success: true` with fewer objects than were sent is not taken for done."""
    kibana.answers[IMPORT] = [(200, {"success": True, "successCount": 1})]
    with pytest.raises(KibanaError, match="took in 1 of"):
        _import(kibana)


@pytest.mark.parametrize(
    ("path", "status", "body", "said"),
    [
        (IMPORT, 400, {"message": "Non-unique import objects detected"}, "HTTP 400.: Non-unique import"),
        (IMPORT, 403, {"message": "Unable to bulk_create"}, "kibana_system"),
        (STATUS, 401, {"message": "Unauthorized"}, "does not know this user"),
        (STATUS, 404, {"message": "Not Found"}, "is not Kibana"),
        (STATUS, 200, "<html>Welcome</html>", "is not Kibana"),
        (STATUS, 302, "", "is not Kibana"),
        (STATUS, 200, {"version": {"number": "8.17.0"}}, "8.17.0.*upgrade Kibana"),
    ],
)
def test_each_refusal_is_one_sentence(kibana: FakeKibana, path: str, status: int, body: Any, said: str) -> None:
    """What Kibana says is passed on with what to do, and no secret in it."""
    kibana.answers[path] = [(status, body)]
    with pytest.raises(KibanaError, match=said) as caught:
        _import(kibana)
    assert SECRET not in str(caught.value)
    assert path == IMPORT or not kibana.imports()


def test_a_version_that_is_not_told_is_no_obstacle(kibana: FakeKibana) -> None:
    """Kibana hides its version from users who may not see it."""
    kibana.answers[STATUS] = [(200, {"status": {"overall": {"level": "available"}}})]
    assert _import(kibana).version == "unknown"


def test_a_data_view_under_another_id_is_said_before_anything_is_written(kibana: FakeKibana) -> None:
    """The sentence names it; `--beside` imports all the same."""
    kibana.answers[VIEWS] = [(200, {"data_view": [{"id": "mine", "title": "articles-runs", "name": "My runs"}]})]
    with pytest.raises(KibanaError, match=r"'articles-runs' under another id .mine, named 'My runs'.*--beside"):
        _import(kibana)
    assert not kibana.imports()
    _import(kibana, beside=True)
    assert len(kibana.imports()) == 1


@pytest.mark.parametrize(
    ("access", "said"),
    [
        (Access(url="kibana:5601"), "no address"),
        (Access(url="http://[::1"), "no address"),
        (Access(url="http://elastic:geheim@kibana:5601"), "Keep the user out"),
        (Access(ca_certs=Path("nowhere.pem")), "no certificate file at nowhere.pem"),
        (Access(ca_certs=Path(__file__)), "no certificate file .PEM"),
    ],
)
def test_an_address_that_cannot_be_used_is_said(access: Access, said: str) -> None:
    """Before anything is sent."""
    with pytest.raises(KibanaError, match=said) as caught:
        import_objects(access, "articles", wait=0)
    assert SECRET not in str(caught.value)


def test_the_command_tells_where_the_dashboards_are(kibana: FakeKibana) -> None:
    """It takes its options from the environment, and without Kibana's own user that of Elasticsearch."""
    environment = {
        "NEWSDEX_KIBANA_URL": kibana.url,
        "NEWSDEX_ELASTICSEARCH_URL": "http://127.0.0.1:9",
        "NEWSDEX_ELASTICSEARCH_API_KEY": "key",
        "NEWSDEX_INDEX": "wire",
    }
    done = CliRunner().invoke(kibana_app, ["import"], env=environment)
    assert done.exit_code == 0, done.output
    assert f"{kibana.url}/app/dashboards#/view/newsdex-wire-news" in done.output
    assert kibana.imports()[0].headers["authorization"] == "ApiKey key"


def test_the_command_fails_with_the_sentence(kibana: FakeKibana) -> None:
    """Exit code 1, and no traceback."""
    kibana.answers[IMPORT] = [(200, {"success": False, "successCount": 0, "errors": []})]
    done = CliRunner().invoke(kibana_app, ["import", "--url", kibana.url])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
