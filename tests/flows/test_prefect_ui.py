"""The Prefect UI in a real browser: a bad date is refused, a backfill is started, a failed interval is retried there.

With `NEWSDEX_SCREENSHOTS` set to a folder, the pictures of docs/operate.md are taken on the way.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from support.node import ElasticsearchNode
from support.records import story, write_records
from support.served import WAIT_S, Served, environment_for, served, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

NUMBERS = (12, 13)
"""Of the made articles, those of 13 and 14 January 2019."""

PATIENCE_MS = 1_000 * WAIT_S


@pytest.fixture(scope="module")
def service(elasticsearch: ElasticsearchNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a Newsdex that is served, with a source of two articles in January 2019, a day apart."""
    folder = tmp_path_factory.mktemp("work")
    assert {story(number)["date"] for number in NUMBERS[:1]} == {"2019-01-13"}
    lines = [{**story(number), "date": f"2019-01-{number + 1}"} for number in NUMBERS]
    (folder / "papers").mkdir()
    write_records(folder / "papers" / "january.jsonl", range(0), *map(as_line, lines))
    (folder / "newsdex.toml").write_text('[[source]]\nname = "harbour"\nlocation = "papers"\n', encoding="utf-8")
    prefix = f"test-{secrets.token_hex(6)}-"
    environment = environment_for(elasticsearch, tmp_path_factory.mktemp("home"), f"{prefix}articles")
    with served(folder, environment) as one:
        yield one
    elasticsearch.delete_indices(prefix)


def as_line(record: dict[str, str]) -> str:
    import json  # noqa: PLC0415  # only here

    return json.dumps(record)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Yield a tab of Debian's chromium."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("There is no chromium: apt-get install chromium, or leave these tests out with -m 'not browser'.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--no-first-run"])
        tab = chromium.new_page(viewport={"width": 1000, "height": 640})
        tab.set_default_timeout(60_000)
        yield tab
        chromium.close()


def picture(page: Page, name: str) -> None:
    """Take a picture for the documentation, where these are wanted."""
    folder = os.environ.get("NEWSDEX_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(2_500)  # what comes in late
        page.screenshot(path=Path(folder) / f"{name}.png")


def field(page: Page, name: str) -> Locator:
    """Return the control of one parameter in the run form, whose labels name no control."""
    label = page.locator(".schema-form-property__label", has_text=re.compile(rf"^{name}"))
    return page.locator(".schema-form-property").filter(has=label).locator(".p-label__body")


def fill(page: Page, name: str, value: str) -> None:
    field(page, name).locator("textarea, input").first.fill(value)


def block_writes(service: Served, node: ElasticsearchNode, *, on: bool) -> None:
    """Make the index read-only, as a full disk does, or writable again."""
    with node.http() as client:
        path = f"/{service.environment['NEWSDEX_INDEX']}/_settings"
        client.put(path, json={"index.blocks.write": on}).raise_for_status()


def test_a_backfill_is_run_and_fixed_in_the_ui(service: Served, elasticsearch: ElasticsearchNode, page: Page) -> None:
    """From the form to a failed interval, its Retry button, and the articles in the index."""
    page.goto(service.open)
    page.wait_for_url("**/dashboard*")
    page.goto(f"{service.ui}/deployments")
    expect(page.get_by_text("backfill").first).to_be_visible()
    picture(page, "prefect-deployments")
    deployment = service.ask("GET", "/deployments/name/backfill/backfill")["id"]

    # A bad date is refused in the form, and no run starts.
    page.goto(f"{service.ui}/deployments/deployment/{deployment}/run")
    expect(page.get_by_text("Validate parameters")).to_be_visible()
    field(page, "source").locator("button").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".p-select-option")).to_have_text(["harbour"])
    page.keyboard.press("Enter")
    fill(page, "start", "13 January")
    fill(page, "end", "2019-01-15")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text(re.compile("does not match")).first).to_be_visible()
    picture(page, "prefect-form-refused")
    assert service.runs("backfill") == []

    # A good one is started there; its second interval meets an index that is read-only.
    fill(page, "start", "2019-01-13")
    fill(page, "at_once", "1")
    page.get_by_role("button", name="Submit").click()
    until(lambda: len(service.runs("backfill-interval", state={"type": {"any_": ["COMPLETED"]}})) == 1, "an interval")
    block_writes(service, elasticsearch, on=True)
    parent = service.runs("backfill")[0]["id"]
    service.wait(parent, "FAILED", "COMPLETED")
    page.goto(f"{service.ui}/runs/flow-run/{parent}")
    expect(page.get_by_text("Failed").first).to_be_visible()
    picture(page, "prefect-backfill-failed")

    # The failed interval is opened, and retried by its button once the cause is fixed.
    (failed,) = service.runs("backfill-interval", state={"type": {"any_": ["FAILED"]}})
    block_writes(service, elasticsearch, on=False)
    page.goto(f"{service.ui}/runs/flow-run/{failed['id']}")
    page.get_by_role("button", name="Retry").click()
    picture(page, "prefect-retry")
    page.locator(".p-modal__card").get_by_role("button", name="Retry").click()
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=PATIENCE_MS)
    service.wait(failed["id"], "COMPLETED")

    # Started again, the backfill finds nothing to do, and its calendar is whole.
    again = service.start("backfill/backfill", source="harbour", start="2019-01-13", end="2019-01-15", by="day")
    service.wait(again, "COMPLETED")
    assert len(service.runs("backfill-interval")) == 2
    made = service.ask("POST", "/artifacts/filter", artifacts={"flow_run_id": {"any_": [again]}})
    calendar = next(each["id"] for each in made if each["key"] == "calendar")
    page.goto(f"{service.ui}/artifacts/artifact/{calendar}")
    expect(page.get_by_text(re.compile("2 already in the index")).first).to_be_visible()
    picture(page, "prefect-calendar")
    found = service.newsdex("search", "--json")
    assert '"total": 2' in found.stdout
