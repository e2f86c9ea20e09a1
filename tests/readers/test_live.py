"""Fetching: politely, from public addresses only, never for longer or more than is allowed; what came is archived."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.loopback import Site, body, dripping, endless, status, versioned

from newsdex.readers.fetch_options import FetchOptions, Pages
from newsdex.readers.files.address_policy import refusal
from newsdex.readers.listing import partitions
from newsdex.readers.live import source as live
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read
from newsdex.transforms.article import Origin, RawArticle, Rejection, Result

RSS = "application/rss+xml"
LOOPBACK = ("127.0.0.1",)
FULL = "The ferry sails again from Monday, the town said. " * 40
Reading = Callable[..., list[RawArticle | Rejection]]


def page(number: int, extra: str = "") -> str:
    """Return a page with an article."""
    return (
        f"<!doctype html><html><head><title>Page {number}</title>{extra}</head><body><article><h1>Page {number}</h1>"
        f"<p>{'The ferry sails again. ' * 30}</p></article></body></html>"
    )


def entry(link: str, text: str = "A teaser.", title: str = "News") -> str:
    """Return an RSS item."""
    when = "Mon, 05 Mar 2018 10:00:00 GMT"
    return (
        f"<item><title>{title}</title><link>{link}</link><pubDate>{when}</pubDate>"
        f"<description>{text}</description></item>"
    )


def rss(*entries: str) -> str:
    """Return an RSS feed."""
    return f"<rss version='2.0'><channel><title>Harbour Post</title>{''.join(entries)}</channel></rss>"


@pytest.fixture
def options(tmp_path: Path) -> ReadOptions:
    """Options of a Newsdex with a home of its own that may fetch from 127.0.0.1."""
    return made(tmp_path)


def made(home: Path, limit: int | None = None, max_bytes: int = 1 << 20, **fetch: Any) -> ReadOptions:
    """Return reading options for tests: no pauses, short time-outs, small limits."""
    places = {"archive": str(home / "archive"), "memory": str(home / "memory")}
    quick: dict[str, Any] = {"allow": LOOPBACK, "delay_s": 0, "timeout_s": 1.0, "retry_s": 0.05}
    return ReadOptions(
        spool_folder=str(home / "spool"),
        limit=limit,
        max_article_bytes=max_bytes,
        max_feed_bytes=max_bytes,
        fetch=FetchOptions(**{**places, **quick, **fetch}),
    )


def fetch(options: ReadOptions, *urls: str, done: bool = True) -> list[RawArticle | Rejection]:
    """Return everything that is read from addresses; as in a run that ends well, unless not `done`."""
    found: list[RawArticle | Rejection] = []
    uris: list[str] = []
    for item in partitions(urls, options):
        if isinstance(item, Partition):
            uris += [part.uri for part in item.slices]
            found += read(item, options)
        else:
            found.append(item)
    if done:
        live.confirm(uris, options)
    return found


def reasons(found: list[RawArticle | Rejection]) -> list[str]:
    """Return the reason of each rejection, in order; `ok` for each article."""
    return [one.reason if isinstance(one, Rejection) else "ok" for one in found]


def articles(found: list[RawArticle | Rejection]) -> dict[str, RawArticle]:
    """Path of each article's address → the article."""
    return {str(one.url).partition("/p")[2]: one for one in found if isinstance(one, RawArticle)}


# --- feeds and pages ----------------------------------------------------------------------------------------------


def test_a_feed_is_read_with_the_pages_that_it_does_not_carry(site: Site, options: ReadOptions) -> None:
    """An entry with its full text is taken from the feed; the other's page is fetched, redirects followed."""
    site.pages["/feed.xml"] = body(rss(entry(f"{site.url}/p1"), entry("/p2", FULL), entry("/p3")), RSS)
    site.pages["/p1"] = body(page(1))
    site.pages["/p3"] = status(301, Location="/p4")
    site.pages["/p4"] = body(page(4))
    found = articles(fetch(options, f"{site.url}/feed.xml"))
    assert {path: one.origin for path, one in found.items()} == {"1": Origin.FEED, "2": Origin.FEED, "4": Origin.FEED}
    assert found["1"].html
    assert not found["1"].text
    assert found["2"].text
    assert found["1"].published == "Mon, 05 Mar 2018 10:00:00 GMT"
    assert all(one.fetched_at for one in found.values())
    assert site.paths == ["/feed.xml", "/p1", "/p3", "/p4"]


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        (Pages.NEVER, ["/feed.xml"]),
        (Pages.MISSING, ["/feed.xml", "/p1"]),
        (Pages.ALWAYS, ["/feed.xml", "/p1", "/p2"]),
    ],
)
def test_which_pages_are_fetched_is_a_setting(site: Site, tmp_path: Path, pages: Pages, asked: list[str]) -> None:
    """Never, where the feed lacks the text, or always."""
    site.pages["/feed.xml"] = body(rss(entry("/p1"), entry("/p2", FULL)), RSS)
    site.pages["/p1"] = site.pages["/p2"] = body(page(1))
    found = fetch(made(tmp_path, pages=pages), f"{site.url}/feed.xml")
    assert site.paths == asked
    assert reasons(found) == ["ok", "ok"]


def test_a_single_page_is_fetched_and_archived(site: Site, options: ReadOptions) -> None:
    """The address of an article is enough; the archive lies in the folder of the day, and is read again offline."""
    site.pages["/p1"] = body(page(1).encode("cp1252"), "text/html; charset=windows-1252")
    (found,) = fetch(options, f"{site.url}/p1")
    assert isinstance(found, RawArticle)
    assert (found.url, found.content_type) == (f"{site.url}/p1", "text/html; charset=windows-1252")
    site.close()
    (path,) = Path(options.fetch.archived).glob("*/*.warc.gz")
    assert path.parent.name == f"{datetime.now(UTC):%Y-%m-%d}"
    assert fetch(options, options.fetch.archived) == [found]


def test_a_packed_page_is_archived_as_it_came(site: Site, options: ReadOptions) -> None:
    """What was sent with gzip is kept so, and read unpacked."""
    packed = gzip.compress(page(1).encode())
    site.pages["/p1"] = body(packed, content_encoding="gzip")
    (found,) = fetch(options, f"{site.url}/p1")
    assert isinstance(found, RawArticle)
    assert found.html == page(1).encode()
    (path,) = Path(options.fetch.archived).glob("*/*.warc.gz")
    assert packed in gzip.decompress(path.read_bytes())


def test_json_feeds_and_sitemaps_are_feeds(site: Site, options: ReadOptions) -> None:
    """A JSON Feed's own text is read; a news sitemap's pages are fetched, through an index of sitemaps too."""
    items = [{"id": "1", "url": f"{site.url}/p1", "title": "News", "content_text": FULL}]
    site.pages["/feed.json"] = body(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Post", "items": items}),
        "application/feed+json",
    )
    sitemap = (
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>{site.url}/p2</loc><news:news>"
        "<news:publication_date>2018-03-05</news:publication_date><news:title>News</news:title></news:news></url></urlset>"
    )
    site.pages["/sitemap.xml.gz"] = body(gzip.compress(sitemap.encode()), "application/x-gzip")
    site.pages["/index.xml"] = body(
        f"<sitemapindex><sitemap><loc>{site.url}/sitemap.xml.gz</loc></sitemap></sitemapindex>", "text/xml"
    )
    site.pages["/p2"] = body(page(2))
    found = articles(fetch(options, f"{site.url}/feed.json", f"{site.url}/index.xml"))
    assert {path: one.published for path, one in found.items()} == {"1": None, "2": "2018-03-05"}


def test_an_unchanged_feed_costs_one_small_request(site: Site, options: ReadOptions) -> None:
    """Asked again, it says that nothing is new; once it has a new entry, only that page is fetched."""
    url = f"{site.url}/feed.xml"
    site.pages["/feed.xml"] = versioned(rss(entry("/p1")), '"a"', RSS)
    site.pages["/p1"] = site.pages["/p2"] = body(page(1))
    assert reasons(fetch(options, url)) == ["ok"]
    again = fetch(options, url)
    assert [(one.reason, one.result) for one in again if isinstance(one, Rejection)] == [
        ("not-modified", Result.FILTERED)
    ]
    site.pages["/feed.xml"] = versioned(rss(entry("/p2"), entry("/p1")), '"b"', RSS)
    assert list(articles(fetch(options, url))) == ["2"]
    site.pages["/feed.xml"] = body(rss(entry("/p2"), entry("/p1")), RSS)
    assert reasons(fetch(options, url)) == ["nothing-new"]
    site.pages["/feed.xml"] = body(rss(entry("/p1", title="News, corrected")), RSS)
    assert list(articles(fetch(options, url))) == ["1"]
    assert site.paths == ["/feed.xml", "/p1", *["/feed.xml"] * 2, "/p2", "/feed.xml", "/feed.xml", "/p1"]


def test_what_a_run_did_not_index_is_listed_again(site: Site, options: ReadOptions) -> None:
    """A run that is killed after the fetching loses nothing: its archive file comes first in the next one."""
    url = f"{site.url}/feed.xml"
    site.pages["/feed.xml"] = versioned(rss(entry("/p1")), '"a"', RSS)
    site.pages["/p1"] = body(page(1))
    first = fetch(options, url, done=False)
    second = fetch(options, url)
    assert first[0] in second
    assert sorted(reasons(second)) == ["not-modified", "ok"]
    assert reasons(fetch(options, url)) == ["not-modified"]


def test_a_page_that_failed_is_tried_again_in_the_next_run(site: Site, options: ReadOptions) -> None:
    """A feed counts as read only when its pages are settled."""
    url = f"{site.url}/feed.xml"
    site.pages["/feed.xml"] = versioned(rss(entry("/p1"), entry("/p2")), '"a"', RSS)
    site.pages["/p1"] = body(page(1))
    site.pages["/p2"] = status(503)
    assert sorted(reasons(fetch(options, url))) == ["ok", "server-error"]
    site.pages["/p2"] = body(page(2))
    assert list(articles(fetch(options, url))) == ["2"]
    assert reasons(fetch(options, url)) == ["not-modified"]


def test_a_limit_bounds_the_fetching(site: Site, tmp_path: Path) -> None:
    """No more pages are fetched than inputs are asked for, and the rest comes the next time."""
    url = f"{site.url}/feed.xml"
    site.pages["/feed.xml"] = body(rss(*(entry(f"/p{number}") for number in range(9))), RSS)
    site.pages |= {f"/p{number}": body(page(number)) for number in range(9)}
    assert reasons(fetch(made(tmp_path, limit=3), url, done=False)) == ["ok"] * 3
    assert len(site.paths) == 4
    assert sorted(reasons(fetch(made(tmp_path), url))) == ["ok"] * 9


# --- politeness ---------------------------------------------------------------------------------------------------


def test_robots_txt_is_kept_to(site: Site, options: ReadOptions) -> None:
    """What it forbids is not asked for; it is asked for once a day."""
    site.pages["/robots.txt"] = body("User-agent: *\nDisallow: /private/\n", "text/plain")
    site.pages["/feed.xml"] = body(rss(entry("/private/p1"), entry("/p2")), RSS)
    site.pages["/p2"] = body(page(2))
    found = fetch(options, f"{site.url}/feed.xml")
    assert sorted(reasons(found)) == ["ok", "robots-disallowed"]
    fetch(options, f"{site.url}/p2")
    assert "/private/p1" not in site.paths
    assert [path for path, _ in site.asked].count("/robots.txt") == 1


def test_a_site_whose_robots_txt_fails_is_left_alone(site: Site, options: ReadOptions) -> None:
    """As long as it is not known what may be fetched, nothing is."""
    site.pages["/robots.txt"] = status(500)
    site.pages["/p1"] = body(page(1))
    assert reasons(fetch(options, f"{site.url}/p1")) == ["robots-unreachable"]
    assert site.paths == []


def test_a_host_is_asked_one_at_a_time_with_pauses(site: Site, tmp_path: Path) -> None:
    """The delay of the settings, or a longer Crawl-delay, lies between two requests."""
    times: list[float] = []

    def slow(handler: Any) -> None:
        times.append(time.monotonic())
        body(page(1))(handler)

    site.pages["/robots.txt"] = body("User-agent: *\nCrawl-delay: 0.3\n", "text/plain")
    site.pages |= {f"/p{number}": slow for number in range(3)}
    fetch(made(tmp_path, delay_s=0.1), *(f"{site.url}/p{number}" for number in range(3)))
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.29


def test_a_short_retry_after_is_waited_for(site: Site, options: ReadOptions) -> None:
    """The page is asked for again when the server said, not before."""
    times: list[float] = []

    def busy(handler: Any) -> None:
        times.append(time.monotonic())
        (status(429, Retry_After="1") if len(times) == 1 else body(page(1)))(handler)

    site.pages["/p1"] = busy
    assert reasons(fetch(options, f"{site.url}/p1")) == ["ok"]
    assert times[1] - times[0] >= 0.9


@pytest.mark.parametrize("date", [False, True])
def test_a_long_retry_after_keeps_the_host_in_peace(site: Site, options: ReadOptions, *, date: bool) -> None:
    """Nothing is asked of it before, in later runs too."""
    later = datetime.now(UTC) + timedelta(hours=1)
    site.pages["/p1"] = status(503, Retry_After=f"{later:%a, %d %b %Y %H:%M:%S GMT}" if date else "3600")
    site.pages["/p2"] = body(page(2))
    assert reasons(fetch(options, f"{site.url}/p1")) == ["server-error"]
    assert reasons(fetch(options, f"{site.url}/p2")) == ["asked-to-wait"]
    assert site.paths == ["/p1"]


def test_the_request_says_who_asks(site: Site, tmp_path: Path) -> None:
    """The user agent of the settings is sent, and its name is what robots.txt calls it by."""
    site.pages["/robots.txt"] = body("User-agent: Gazer\nDisallow: /\n", "text/plain")
    assert reasons(fetch(made(tmp_path, user_agent="Gazer/1 (+mail@gazer.example)"), f"{site.url}/p1")) == [
        "robots-disallowed"
    ]
    assert site.asked[0][1]["user-agent"] == "Gazer/1 (+mail@gazer.example)"


# --- hostile and broken servers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (404, "not-found"),
        (410, "gone"),
        (403, "forbidden"),
        (429, "too-many-requests"),
        (500, "server-error"),
        (418, "http-status"),
    ],
)
def test_each_status_has_its_reason(site: Site, options: ReadOptions, code: int, reason: str) -> None:
    """Every failure is a rejection with one sentence that names the address."""
    site.pages["/p1"] = status(code)
    (found,) = fetch(options, f"{site.url}/p1")
    assert isinstance(found, Rejection)
    assert (found.reason, found.input_uri) == (reason, f"{site.url}/p1")
    assert f"{site.url}/p1" in found.detail
    assert found.detail.endswith(".")


def hostile(site: Site) -> dict[str, tuple[Callable[[Any], None], str]]:
    """Return what a server may do to its reader → the reason that it is told by."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    return {
        "an endless body": (endless(site, "text/html", b"<html><body>", b"<p>again</p>" * 1000), "too-large"),
        "an endless feed": (endless(site, RSS, b"<rss><channel>", entry("/p1").encode() * 100), "too-large"),
        "a byte a tenth of a second": (dripping(site, head + b"Content-Length: 100000\r\n\r\n"), "timed-out"),
        "a head that never ends": (dripping(site, head + b"X-Slow: "), "timed-out"),
        "no answer": (lambda _: site.closing.wait(), "timed-out"),
        "a gzip bomb": (
            body(gzip.compress(b"\0" * (3 << 20)), "text/html", content_encoding="gzip"),
            "compression-bomb",
        ),
        "gzip that is cut": (
            body(gzip.compress(page(1).encode() * 50)[:200], "text/html", content_encoding="gzip"),
            "truncated",
        ),
        "an encoding nobody asked for": (body(b"x", content_encoding="br"), "unsupported-encoding"),
        "less than it said": (lambda handler: _short(handler, head), "broken-answer"),
        "no HTTP": (lambda handler: handler.wfile.write(b"\0\1\2 hello\r\n\r\n"), "broken-answer"),
        "itself again and again": (status(302, Location="/hostile"), "too-many-redirects"),
        "the metadata of a cloud": (status(302, Location="http://169.254.169.254/latest/"), "private-address"),
        "a file of this machine": (status(302, Location="file:///etc/passwd"), "bad-address"),
        "another network within": (status(302, Location="http://[::ffff:10.0.0.1]/"), "private-address"),
        "an address that is none": (status(302, Location="http://[::1/"), "broken-answer"),
        "a document": (body(b"%PDF-1.7 ...", "application/pdf"), "not-a-page"),
        "nothing": (body(b""), "empty-page"),
    }


def _short(handler: Any, head: bytes) -> None:
    handler.wfile.write(head + b"Content-Length: 100\r\n\r\n<html>")
    handler.close_connection = True


@pytest.mark.parametrize("what", list(hostile(Site.__new__(Site))))
def test_a_hostile_answer_ends_in_time_with_its_reason(site: Site, options: ReadOptions, what: str) -> None:
    """However a server misbehaves, fetching ends soon, holds little, and says in one sentence what was wrong."""
    site.pages["/hostile"], reason = hostile(site)[what]
    began = time.monotonic()
    (found,) = fetch(options, f"{site.url}/hostile")
    assert isinstance(found, Rejection)
    assert found.reason == reason, found.detail
    assert time.monotonic() - began < 6


def test_a_page_is_read_in_the_encoding_that_it_has(site: Site, options: ReadOptions) -> None:
    """A header that names the wrong one does not spoil the page: its bytes are kept for the parser."""
    site.pages["/p1"] = body(page(1).replace("ferry", "Fähre").encode(), "text/html; charset=us-ascii")
    (found,) = fetch(options, f"{site.url}/p1")
    assert isinstance(found, RawArticle)
    assert "Fähre".encode() in bytes(found.html or b"", "utf-8") if isinstance(found.html, str) else found.html


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "private-address"),
        ("http://localhost/", "private-address"),
        ("http://2130706433/", "private-address"),
        ("http://[::1]/", "private-address"),
        ("http://169.254.169.254/", "private-address"),
        ("http://no-such-host.invalid/", "unknown-host"),
        ("http://user:secret@127.0.0.1/", "bad-address"),
        ("https://", "bad-address"),
        ("http://127.0.0.1:99999/", "bad-address"),
    ],
)
def test_only_public_addresses_are_fetched(tmp_path: Path, url: str, reason: str) -> None:
    """Whatever way an address of this machine or network is written, nothing is sent to it."""
    assert reasons(fetch(made(tmp_path, allow=()), url)) == [reason]


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  # that is what is tested
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:192.168.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:a00:1::1", False),
    ],
)
def test_which_addresses_are_public(address: str, *, fine: bool) -> None:
    """Private, shared, link-local, multicast ones, and IPv6 addresses that stand for such, are not."""
    assert (refusal(address, ()) is None) is fine
    assert refusal(address, ("0.0.0.0/0", "::/0")) is None


def test_a_name_is_looked_up_once(site: Site, options: ReadOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was checked: a name that changes its meaning afterwards gains nothing."""
    import asyncio  # noqa: PLC0415

    asked: list[str] = []
    port = int(site.url.rpartition(":")[2])

    async def rebinding(_: Any, host: str, __: int, **___: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(2, 1, 6, "", (address, port))]

    site.pages["/p1"] = body(page(1))
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", rebinding)
    found = fetch(options, f"http://rebinding.example:{port}/p1")
    assert (reasons(found), asked) == (["ok"], ["rebinding.example"])
    assert site.asked[-1][1]["host"] == f"rebinding.example:{port}"


def test_one_bad_address_does_not_keep_the_others_from_being_read(site: Site, options: ReadOptions) -> None:
    """All addresses of a run are fetched side by side."""
    site.pages["/slow"] = dripping(site, b"HTTP/1.1 200 OK\r\n")
    site.pages["/p1"] = body(page(1))
    found = fetch(options, "http://127.0.0.1:1/", f"{site.url}/slow", f"{site.url}/p1", f"{site.url}/p1")
    assert sorted(reasons(found)) == ["ok", "timed-out", "unreachable"]
