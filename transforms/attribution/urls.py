"""Canonical URLs and registrable domains.

Two addresses of one article get one canonical URL: tracking parameters, AMP and mobile variants, `www.`, default
ports, fragments and trailing slashes do not count. What may tell two articles apart stays: every other query
parameter, the path's case, `#!` routes. The canonical URL is an identity; the address to open is the original one.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from tldextract import TLDExtract
from w3lib.url import canonicalize_url

from newsdex.tables import load_table

_MAX_URL_CHARS = 4_096
"""A longer string is no article's address: browsers and servers stop between 2,000 and 8,000 characters."""

_MAX_HOST_CHARS = 253
"""The longest host name that DNS allows."""

_MAX_UNWRAPS = 3
"""An address inside a viewer's address is taken out at most so many times."""

_DOMAIN_CACHE = 20_000
"""Hosts whose registrable domain is remembered: more papers than any corpus has."""

_DEFAULT_PORTS = (80, 443)

_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]{0,20}):(?!\d)")
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_JUNK = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_SESSION = re.compile(r"(?i);(?:jsessionid|phpsessid|sid)=[^/?;]*")
_SLASHES = re.compile(r"/{2,}")

_extract = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
"""The public suffix list that comes with tldextract: nothing is fetched and nothing is written."""


@cache
def _tables() -> dict[str, Any]:
    """Return the content of urls.toml."""
    return load_table(__file__, "urls.toml")


def canonical(url: str | None) -> str | None:
    """Return the canonical form of an article's address, or `None` where the string is no web address.

    `canonical(canonical(url)) == canonical(url)`.
    """
    parts = _page(url)
    if parts is None or parts.hostname is None:
        return None
    host = _host(parts.hostname)
    port = f":{parts.port}" if parts.port and parts.port not in _DEFAULT_PORTS else ""
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    plain = urlunsplit(("https", host + port, _path(parts.path), _query(parts.query), fragment))
    try:
        clean = canonicalize_url(plain, keep_blank_values=True, keep_fragments=True)
    except (ValueError, UnicodeError):
        return None
    return str(clean)


def domain(url: str | None) -> str | None:
    """Return the registrable domain of an address or a bare host ("news.bbc.co.uk" → "bbc.co.uk"), else `None`.

    Public suffixes include private ones: "daily.blogspot.com" is a domain of its own.
    """
    parts = _page(url)
    return _registrable(parts.hostname) if parts and parts.hostname else None


def host(url: str | None) -> str | None:
    """Return the host of an address without `www.`, `m.` and the like ("edition.cnn.com"), else `None`."""
    parts = _page(url)
    return _host(parts.hostname) if parts and parts.hostname else None


@lru_cache(maxsize=_DOMAIN_CACHE)
def _registrable(name: str) -> str | None:
    """Return the registrable domain of a host name, `None` for addresses and suffixes."""
    return _extract(name).top_domain_under_public_suffix or None


def _page(url: str | None) -> SplitResult | None:
    """Return the parts of the address of the page itself, out of the viewer's address if there is one."""
    parts = _split(url)
    for _ in range(_MAX_UNWRAPS):
        inner = _viewed(parts) if parts else None
        if inner is None:
            break
        parts = _split(inner)
    return parts


def _split(url: str | None) -> SplitResult | None:
    """Return the parts of a web address; one without a scheme counts if it begins with a real domain."""
    if not url or len(url) > _MAX_URL_CHARS:
        return None
    text = _JUNK.sub("", url).replace("&amp;", "&").strip("<>\"'()[]{},;")
    if text.startswith("//"):
        text = "https:" + text
    scheme = _SCHEME.match(text)
    if scheme is None:
        text = "https://" + text
    elif scheme.group(1).lower() not in {"http", "https"}:
        return None
    try:
        parts = urlsplit(text)
        name = (parts.hostname or "").rstrip(".")
        name = name if name.isascii() else name.encode("idna").decode("ascii")
        parts.port  # noqa: B018  # raises for a port that is no number
    except ValueError:
        return None
    if not name or len(name) > _MAX_HOST_CHARS or not _is_host(name, strict=scheme is None):
        return None
    return parts._replace(netloc=f"{name}:{parts.port}" if parts.port else name)


def _is_host(name: str, *, strict: bool) -> bool:
    """Return whether a name can be a web host; `strict` asks for a known public suffix."""
    if _HOST.fullmatch(name) and not name.rsplit(".", 1)[1].isdigit():
        return not strict or _registrable(name) is not None
    if strict:
        return False
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return name == "localhost"
    return True


def _viewed(parts: SplitResult) -> str | None:
    """Return the address of the page that a viewer (an AMP cache) shows, `None` for any other address."""
    name = parts.hostname or ""
    for viewer, prefix in _tables()["hosts"]["viewers"]:
        if (name == viewer or name.endswith("." + viewer)) and parts.path.startswith(prefix):
            target = parts.path[len(prefix) :].removeprefix("s/")
            target = unquote(target) if "%2f" in target.lower()[:_MAX_HOST_CHARS] else target
            return "https://" + target + (f"?{parts.query}" if parts.query else "")
    return None


def _host(name: str) -> str:
    """Return a host name without the labels that only mark a variant (`www.`, `m.`, `amp.`)."""
    labels = name.lower().rstrip(".").split(".")
    own = len((_registrable(name) or name).split("."))
    variants = _tables()["hosts"]["variants"]
    subdomain = [label for label in labels[: len(labels) - own] if label not in variants]
    return ".".join(subdomain + labels[len(labels) - own :])


def _path(path: str) -> str:
    """Return a path without AMP marks, session ids, index pages, double and trailing slashes."""
    rules = _tables()["paths"]
    path = _SLASHES.sub("/", _SESSION.sub("", path))
    if "/." in path:
        path = urljoin("https://host/", path)[len("https://host") :]
    before = None
    while path != before:
        before = path
        path = path.rstrip("/")
        for ending in rules["amp_endings"]:
            path = path.removesuffix(ending)
        segments = path.split("/")
        if segments[-1].lower() in rules["index_pages"]:
            segments.pop()
        rest = [segment for segment in segments if segment not in rules["amp_segments"]]
        path = "/".join(rest if any(rest) else segments)
    return path or "/"


def _query(query: str) -> str:
    """Return a query without parameters that carry no identity."""
    if not query:
        return ""
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part))


def _is_tracking(part: str) -> bool:
    """Return whether a `name=value` part of a query only says how the reader came, or asks for the AMP variant."""
    tables = _tables()
    name, _, value = part.partition("=")
    name = unquote(name).lower()
    if name in tables["tracking"] or name.startswith(tuple(tables["tracking_prefixes"])):
        return True
    amp = tables["amp_parameters"].get(name)
    return amp is not None and (not amp or value.lower() in amp)
