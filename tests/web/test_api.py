"""The JSON interface: the examples of docs/search.md, its description, and what it says to nonsense."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from support.web_articles import EVIL

from newsdex.search.query.facet_table import FACETS

if TYPE_CHECKING:
    from starlette.testclient import TestClient

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"curl -s '(http://127.0.0.1:8260/api/[^']+)'", PAGE)


@pytest.mark.parametrize("address", EXAMPLES)
def test_an_example_is_answered(page: TestClient, address: str) -> None:
    """Each of the three, with something in it."""
    assert len(EXAMPLES) == 3
    parts = urlsplit(address)
    answer = page.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200, answer.text
    assert answer.json().get("total", 1) > 0


def test_hits_are_followed_to_the_end(page: TestClient) -> None:
    """`next_offset` leads from answer to answer; each hit comes once."""
    seen, offset = [], 0
    while offset is not None:
        found = page.get("/api/search", params={"size": 6, "offset": offset, "sort": "newest"}).json()
        seen += [hit["id"] for hit in found["hits"]]
        offset = found["next_offset"]
    assert len(seen) == len(set(seen)) == found["total"]


def test_filters_are_those_of_the_page(page: TestClient) -> None:
    """By name of the facet, several of one, with dates of both kinds."""
    asked = [("person", "Ada Byron"), ("person", "John Doe"), ("either", "1"), ("date_mentioned", "2018-03")]
    assert page.get("/api/search", params=asked).json()["total"] == 1
    counted = page.get("/api/facets", params={"over": "country", "since": "2018"}).json()
    assert counted["country"] == [{"value": "CH", "count": 1}]
    assert set(counted) == {"total", "country", "undated", "notes"}


def test_the_description_names_what_can_be_asked(page: TestClient) -> None:
    """OpenAPI has each path with every filter of the table of facets."""
    told = page.get("/api/openapi.json").json()
    assert set(told["paths"]) == {"/search", "/facets", "/articles/{article_id}"}
    names = {each["name"] for each in told["paths"]["/search"]["get"]["parameters"]}
    assert names >= {facet.name for facet in FACETS} | {"q", "since", "until", "size", "offset", "sort"}
    assert page.get("/api/docs").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/api/search?since=May", 400, "is not a date"),
        ("/api/search?size=many", 400, "give a whole number"),
        ("/api/search?size=5000", 400, "ask for 0 to 1,000"),
        ("/api/search?sort=best", 400, "There is no order"),
        ("/api/search?offset=999999999", 400, "narrow the search"),
        ("/api/facets?over=planet", 400, "There is no facet"),
        ("/api/articles/nobody", 404, "There is no article"),
        (f"/api/articles/{quote(EVIL, safe='')}", 404, ""),
    ],
)
def test_nonsense_is_answered_in_a_sentence(page: TestClient, path: str, status: int, sentence: str) -> None:
    """As JSON, with the status that says whose fault it is."""
    answer = page.get(path)
    assert answer.status_code == status
    assert sentence in str(answer.json())
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_host_gets_nothing(page: TestClient) -> None:
    """The same rule as for the page; and nothing can be written."""
    assert page.get("/api/search", headers={"host": "evil.example"}).status_code == 400
    assert page.post("/api/search").status_code == 405
