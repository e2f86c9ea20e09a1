"""The search page in a real browser: Debian's chromium, which also enforces the security policy."""

from __future__ import annotations

import csv
import shutil
import threading
import time
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright
from support.web_articles import Noted

from newsdex.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch
    from playwright.sync_api import Browser, Page

    from newsdex.search.indices.manage import IndexNames

pytestmark = pytest.mark.browser

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]

REPLAYER = Noted()
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def address(client: Elasticsearch, names: IndexNames) -> Iterator[str]:
    """Yield the page as it is served: by uvicorn, on this machine."""
    server = uvicorn.Server(uvicorn.Config(create_app(client, names, REPLAYER), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("There is no chromium: apt-get install chromium, or leave these tests out with -m 'not browser'.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """Yield a tab on the front page; a dialog (an article's script ran) or a browser's complaint fails the test."""
    context = browser.new_context(base_url=address)
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
    page.on("pageerror", lambda error: faults.append(f"error {error}"))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto("/")
    yield page
    context.close()
    assert not faults


def parameters(page: Page) -> dict[str, list[str]]:
    """Return the parameters of the address that the tab shows."""
    return parse_qs(urlsplit(page.url).query)


def test_search_facet_open_and_come_back(tab: Page, browser: Browser) -> None:
    """A person searches, narrows, opens an article, goes back; the address alone brings another tab to the same."""
    tab.keyboard.press("/")
    tab.keyboard.type("mayor")
    tab.keyboard.press("Enter")
    expect(tab.locator("#found")).to_have_text("13 articles")
    tab.locator("#facet-person").get_by_role("link", name="Ada Byron").click()
    expect(tab.locator("#found")).to_have_text("1 article")
    expect(tab.get_by_label("Filters that are on")).to_contain_text("Ada Byron")
    copied = tab.url
    tab.get_by_role("link", name="A witch hunt, he said").click()
    expect(tab.locator("h1")).to_have_text("A witch hunt, he said")
    expect(tab.get_by_label("About this article")).to_contain_text("“mayor”")
    tab.get_by_role("link", name="Back to the results").click()
    assert tab.url == copied
    with browser.new_context() as other:
        page = other.new_page()
        page.goto(copied)
        expect(page.locator("#found")).to_have_text("1 article")


def test_dragging_over_the_timeline_chooses_a_span(tab: Page, browser: Browser) -> None:
    """Pressed on one bar and let go on another, the mouse chooses the time between; the address brings it back."""
    bars = tab.locator("svg.brush").first.locator("a")
    first, last = bars.nth(11), bars.nth(15)
    wanted = (first.get_attribute("data-first"), last.get_attribute("data-last"))
    for bar, act in ((first, tab.mouse.down), (last, tab.mouse.up)):
        box = bar.bounding_box()
        assert box is not None
        tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        act()
    tab.wait_for_url("**since=**")
    assert (parameters(tab)["since"], parameters(tab)["until"]) == ([wanted[0]], [wanted[1]])
    found = tab.locator("#found").inner_text()
    copied = tab.url
    tab.get_by_role("link", name="Notes of month 3", exact=False).first.click()
    tab.go_back()
    assert tab.url == copied
    with browser.new_context() as other:
        page = other.new_page()
        page.goto(copied)
        expect(page.locator("#found")).to_have_text(found)
        expect(page.locator("svg.brush a.outside").first).to_be_attached()


def test_a_result_is_downloaded(tab: Page) -> None:
    """What matches comes as a file that has a row for each hit."""
    tab.goto("/?q=mayor")
    with tab.expect_download() as begun:
        tab.get_by_role("link", name="CSV").click()
    assert begun.value.suggested_filename == "newsdex.csv"
    with begun.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 13


def test_a_misspelt_word_is_told_and_can_be_taken_as_typed(tab: Page) -> None:
    """The page says which like word it searched for as well, and a link takes it away."""
    tab.goto("/?q=presidnets")
    expect(tab.locator("#found")).to_have_text("1 article")
    expect(tab.locator(".note")).to_contain_text("besides presidnets")
    tab.get_by_role("link", name="Only as typed").click()
    expect(tab.locator("#found")).to_have_text("0 articles")


def test_everything_is_reached_by_keyboard(tab: Page) -> None:
    """From the first Tab, which skips to the content, facets and hits are reached and followed without a mouse."""
    tab.keyboard.press("Tab")
    expect(tab.get_by_text("Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.closest('#facet-person') !== null"):
            break
    expect(tab.locator("#facet-person a").first).to_be_focused()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**person=**")
    expect(tab.get_by_label("Filters that are on")).to_be_visible()


def test_the_timeline_works_by_keyboard(tab: Page) -> None:
    """One stop for Tab, arrows within, Shift and arrows choose a span, Enter shows it; it is said in words."""
    bars = tab.locator("svg.brush").first.locator("a")
    assert bars.evaluate_all("all => all.filter(each => each.tabIndex === 0).length") == 1
    bars.first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    expect(tab.locator(".brush-said").first).to_contain_text("Press Enter to show them")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**since=**")
    assert parameters(tab)["since"] == ["2018-02-01"]
    assert parameters(tab)["until"] == ["2018-04-30"]


def test_suggestions_are_chosen_by_keyboard(tab: Page) -> None:
    """Typing the beginning of a name suggests it; arrow down and Enter filter by it."""
    box = tab.get_by_role("combobox", name="Search the articles")
    box.type("ada")
    expect(tab.get_by_role("option").first).to_contain_text("Ada Byron")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**person=Ada**")
    expect(tab.locator("#found")).to_have_text("2 articles")


def test_what_an_article_contains_is_never_run(tab: Page) -> None:
    """Hostile titles, bodies, names and addresses are shown as they are written; nothing runs, nothing is loaded."""
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto("/?q=hostile")
    expect(tab.locator("h3 a").first).to_contain_text("<script>alert(1)</script>")
    tab.goto("/article/hostile?q=hostile")
    expect(tab.locator(".body")).to_contain_text("onerror=alert(2)")
    expect(tab.locator("dd", has_text="javascript:alert(4)").locator("a")).to_have_count(0)
    tab.goto("/")
    tab.get_by_role("combobox").type("script")
    expect(tab.get_by_role("option").first).to_contain_text("<script>")
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}
    assert not [url for url in asked if urlsplit(url).path == "/x"]


def test_a_phone_needs_no_sideways_scrolling(tab: Page) -> None:
    """On a narrow screen every page is as wide as the screen, long names and all."""
    tab.set_viewport_size(PHONE)
    for path in ("/", "/?q=hostile", "/article/hostile", "/article/summit/compare/copy", "/runs", "/quarantine"):
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_it_works_without_scripts(browser: Browser, address: str) -> None:
    """With scripts off, search, facets and timeline are links and forms."""
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Search the articles").fill("geneva")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#found")).to_have_text("1 article")
        page.goto("/")
        page.locator("#facet-person").get_by_role("link", name="John Doe").click()
        expect(page.locator("#found")).to_have_text("13 articles")


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("svg")) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return low;
}"""
"""WCAG 2's contrast of every visible text against what is behind it; returns those below 4.5."""


PAGES = (
    "/?q=mayor&person=John+Doe",
    "/?q=presidnets",
    "/article/summit?q=geneva",
    "/article/summit/compare/copy",
    "/runs",
    "/quarantine",
    "/?since=x",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    """In light and dark, every text stands out from its ground as accessibility guidelines ask (4.5 to 1)."""
    with browser.new_context(base_url=address, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(path)
            assert page.evaluate(CONTRAST) == [], path


def test_the_quarantine_is_replayed_with_a_button(tab: Page) -> None:
    """The button starts a replay of the reason that is shown, and the page says so."""
    tab.goto("/quarantine?reason=no-body")
    tab.get_by_role("button", name="Read these again").click()
    expect(tab.get_by_text("A replay is under way.")).to_be_visible()
    assert REPLAYER.reasons == ["no-body"]
