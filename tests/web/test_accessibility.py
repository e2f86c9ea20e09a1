"""The pages for everybody: axe-core finds nothing, on a desk and a phone; Arabic reads from the right."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from support.web_articles import ARTICLES, COPY, Noted, article

from newsdex.search.bulk.writer import Action, write
from newsdex.search.indices.manage import IndexNames, IndexSettings, delete_all, ensure
from newsdex.search.store.documents import to_document
from newsdex.transforms.article import Entities, EntityMention, EntityType, Source
from newsdex.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ARABIC = article(
    "arabic",
    title="افتتاح الجسر الجديد في القاهرة",
    body="افتتح المهندسون الجسر الجديد في القاهرة صباح اليوم.\n\nقالت سارة منصور إن العمل استغرق عامين (2017-2019).",
    language="ar",
    url="https://nil.example/jisr",
    source=Source(name="أخبار النيل", domain="nil.example"),
    copy_sources=("أخبار النيل",),
    authors=("ليلى حداد",),
    section="محليات",
    published_at=datetime(2019, 6, 1, tzinfo=UTC),
    entities=Entities(person=("سارة منصور",), place=("القاهرة",), country=("EG",)),
    mentions=(EntityMention(type=EntityType.PLACE, text="القاهرة", canonical="القاهرة", start=32, end=39),),
)

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}

PAGES = (
    "/",
    "/?q=mayor&person=John+Doe&more=person",
    "/?q=presidnets",
    "/?q=nothing-has-this-word",
    "/?q=الجسر",
    "/?since=x",
    "/article/summit?q=geneva",
    "/article/arabic",
    "/article/summit/compare/copy",
    "/article/nowhere",
    "/runs",
    "/quarantine",
)


@pytest.fixture(scope="module")
def address(client: Elasticsearch) -> Iterator[str]:
    """Yield the address of a page that also has an article in Arabic."""
    unique = IndexNames(f"test-{uuid.uuid4().hex[:12]}")
    indices = ensure(client, unique, IndexSettings(languages=("en", "ar")))
    stored = [(unique.articles, each) for each in (*ARTICLES, ARABIC)] + [(unique.copies, COPY)]
    actions = [Action(index=index, id=each.id, document=to_document(each, indices.stemmed)) for index, each in stored]
    assert all(outcome.ok for outcome in write(client, actions, refresh="wait_for"))
    server = uvicorn.Server(uvicorn.Config(create_app(client, unique, Noted()), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    delete_all(client, unique)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("There is no chromium: apt-get install chromium, or leave these tests out with -m 'not browser'.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=SIZES)
def tab(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Yield a tab of a desk's or a phone's width."""
    with browser.new_context(base_url=address, viewport=SIZES[request.param], reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(tab: Page, path: str) -> None:
    """No violation of any rule of axe-core; where one is found, the message names the elements."""
    tab.goto(path)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_the_screen(tab: Page, path: str) -> None:
    """No page scrolls sideways."""
    tab.goto(path)
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_arabic_reads_from_the_right(tab: Page) -> None:
    """Title, text, names and passages run from the right, and the page around them from the left."""
    tab.goto("/article/arabic")
    directions = "elements => elements.map(each => getComputedStyle(each).direction)"
    assert set(tab.locator("h1, .body").evaluate_all(directions)) == {"rtl"}
    assert tab.locator("html").evaluate("each => getComputedStyle(each).direction") == "ltr"
    tab.goto("/?q=الجسر")
    assert set(tab.locator(".hits h3 a, .passages").evaluate_all(directions)) == {"rtl"}
    assert tab.locator(".hits mark").first.inner_text() in {"الجسر", "جسر"}


def test_everything_is_reached_by_keyboard(tab: Page) -> None:
    """Tab alone leads to each link, field and button of the page in sight, and each shows that it has the focus."""
    tab.goto("/?q=mayor")
    # The bars of the timeline are one stop: arrows move within it.
    wanted = tab.locator("a:visible:not(svg a), button:visible, input:visible, summary:visible").count()
    reached = set()
    for _ in range(wanted + 5):
        tab.keyboard.press("Tab")
        told = tab.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " const f = e.querySelector ? e.querySelector('.field') : null;"
            " return [[...document.querySelectorAll('*')].indexOf(e), e.tagName, s.outlineStyle,"
            " f ? getComputedStyle(f).stroke : 'none']; })()"
        )
        if told[1] != "BODY":
            reached.add(told[0])
            assert told[2] != "none" or told[3] != "none", told
    assert len(reached) >= wanted
