"""Take the pictures of the search page: `python -m docs.screenshots`. They show the sample articles and nothing else.

Needs Debian's chromium and the development packages. The articles go into an Elasticsearch of their own,
which is stopped and deleted afterwards.
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import uvicorn
from playwright.sync_api import sync_playwright

from newsdex.commands.run_local import run_ingest
from newsdex.flows.common.connection import open_client
from newsdex.flows.common.progress import Silent
from newsdex.flows.config import settings
from newsdex.search.indices.manage import IndexNames
from newsdex.search.node import node
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.search import get, search
from newsdex.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticsearch import Elasticsearch
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
INDEX = "samples"

NEWS = Path(tempfile.gettempdir()) / "news"
"""Where the samples are read from, so that the pictures show no path of the machine that they were taken on."""

QUALITY = 82
"""Of WebP: text is sharp, and a picture has 30 to 60 KB."""

SIZES = {"desktop": (1280, 860), "tall": (1280, 1500), "phone": (390, 844)}

QUERY = "million"
"""Found in several of the samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture."""

    name: str
    path: str
    size: Literal["desktop", "tall", "phone"] = "desktop"
    scheme: Literal["light", "dark"] = "light"
    before: Callable[[Page], None] = field(default=lambda _page: None)
    """What is done on the page first."""


def main() -> int:
    """Index the samples, take every picture, and delete the index."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no chromium: apt-get install chromium.")
    # In the environment, since the flow reads its settings itself.
    os.environ["NEWSDEX_HOME"] = tempfile.mkdtemp(prefix="newsdex-shots-")
    chosen = settings.load(index=INDEX, elasticsearch_url=None)
    names = IndexNames(INDEX)
    shutil.copytree(ROOT / "samples" / "articles", NEWS, dirs_exist_ok=True)
    try:
        run_ingest(chosen, Silent(), [str(NEWS)])
        with open_client(chosen, Silent()) as client, _served(client, names) as address:
            IMAGES.mkdir(exist_ok=True)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for shot in _shots(client, names):
                    _take(browser, address, shot)
                browser.close()
    finally:
        node.stop(chosen.node())
        shutil.rmtree(chosen.home, ignore_errors=True)
        shutil.rmtree(NEWS)
    return 0


def _shots(client: Elasticsearch, names: IndexNames) -> list[Shot]:
    found = search(client, names, SearchRequest(query='title:"wind farm"', size=20)).hits
    copied = next(hit for hit in found if hit.copy_count)
    article = f"/article/{copied.id}?q=wind+farm"
    return [
        Shot(name="search", path=f"/?q={QUERY}"),
        Shot(name="search-phone", path=f"/?q={QUERY}", size="phone"),
        Shot(name="search-dark", path=f"/?q={QUERY}", scheme="dark"),
        Shot(name="typo", path="/?q=migratoin+crnaes"),
        Shot(name="facets", path="/?language=en&language=de", size="tall"),
        Shot(name="facets-phone", path="/?language=en", size="phone", before=_open_filters),
        Shot(name="timeline", path="/", before=_brush),
        Shot(name="article", path=article),
        Shot(name="article-phone", path=article, size="phone"),
        Shot(name="article-dark", path=article, scheme="dark"),
        Shot(name="copies", path=_comparison(client, names, copied.id)),
        Shot(name="runs", path="/runs", before=lambda page: page.locator("th a").first.click()),
        Shot(name="quarantine", path="/quarantine"),
        Shot(name="quarantine-phone", path="/quarantine", size="phone"),
    ]


def _comparison(client: Elasticsearch, names: IndexNames, article_id: str) -> str:
    article = get(client, names, article_id)
    assert article is not None  # noqa: S101  # it was found a moment ago
    copy = min((each for each in article.copies if each.id != article.id), key=lambda each: each.similarity)
    return f"/article/{article_id}/compare/{copy.id}"


def _open_filters(page: Page) -> None:
    page.locator("details.filters summary").click()
    page.locator("details.filters").scroll_into_view_if_needed()


def _brush(page: Page) -> None:
    """Press the mouse on one bar and hold it over another."""
    bars = page.locator("svg.brush").first.locator("a")
    number = bars.count()
    for at, act in ((number // 4, page.mouse.down), (number * 3 // 4, lambda: None)):
        box = bars.nth(at).bounding_box()
        assert box is not None  # noqa: S101  # a drawn bar has a box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        act()


def _take(browser: Browser, address: str, shot: Shot) -> None:
    width, height = SIZES[shot.size]
    with browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        has_touch=shot.size == "phone",
    ) as context:
        page = context.new_page()
        page.goto(shot.path)
        shot.before(page)
        page.wait_for_timeout(150)
        picture = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})[
            "data"
        ]
    file = IMAGES / f"{shot.name}.webp"
    file.write_bytes(base64.b64decode(picture))
    sys.stdout.write(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1024:.0f} KB\n")


@contextmanager
def _served(client: Elasticsearch, names: IndexNames) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(client, names), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    sys.exit(main())
