"""The button of the quarantine page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from support.web_articles import Noted

from newsdex.web.app import create_app

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

ADDRESS = "http://127.0.0.1"


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def page(client: Elasticsearch, names: IndexNames, noted: Noted) -> TestClient:
    return TestClient(create_app(client, names, noted), base_url=ADDRESS, follow_redirects=False)


def test_the_button_replays_the_reason_that_is_shown(page: TestClient, noted: Noted) -> None:
    """The form of a reason's list starts a replay of that reason, and the page then says so."""
    assert 'action="/quarantine/replay"' in page.get("/quarantine?reason=no-body").text
    answer = page.post(
        "/quarantine/replay", data={"reason": "no-body"}, headers={"origin": "null", "sec-fetch-site": "same-origin"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/quarantine?reason=no-body")
    assert noted.reasons == ["no-body"]
    assert "A replay is under way." in page.get("/quarantine").text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {},
        {"origin": ADDRESS, "sec-fetch-site": "cross-site"},
    ],
)
def test_no_other_page_can_start_a_replay(page: TestClient, noted: Noted, headers: dict[str, str]) -> None:
    """A form of another site, or one that hides where it comes from, is refused."""
    answer = page.post("/quarantine/replay", data={"reason": ""}, headers=headers)
    assert answer.status_code == 403
    assert noted.reasons == []


def test_a_reason_that_is_none_is_refused(page: TestClient, noted: Noted) -> None:
    """What is no reason's code is never handed on."""
    answer = page.post("/quarantine/replay", data={"reason": "--help"}, headers={"origin": ADDRESS})
    assert answer.status_code == 400
    assert noted.reasons == []


def test_a_page_that_only_reads_has_no_button(client: Elasticsearch, names: IndexNames) -> None:
    """Without a replayer there is no button, and its address does nothing."""
    page = TestClient(create_app(client, names), base_url=ADDRESS)
    assert "/quarantine/replay" not in page.get("/quarantine").text
    assert page.post("/quarantine/replay", headers={"origin": ADDRESS}).status_code == 404
