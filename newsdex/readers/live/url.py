"""Addresses as they are asked for: what is no address of the web, or holds a secret, is refused."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import httpx

from newsdex.readers.errors import ReadError

MAX_URL_CHARS = 8_000
"""What web servers accept at most."""


def parts(url: str) -> tuple[str, str]:
    """Return an address's origin and its host with port.

    Raises:
        ReadError: `bad-address` where it is no address of the web that may be asked for.
    """
    told = f"{url[:200]} is no address that can be fetched"
    if len(url) > MAX_URL_CHARS:
        raise ReadError("bad-address", f"{told}: it has over {MAX_URL_CHARS:,} characters.")
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise ReadError("bad-address", f"{told} ({error}).") from error
    if split.scheme not in {"http", "https"} or not host:
        raise ReadError("bad-address", f"{told}: only http:// and https:// with a host are.")
    if split.username or split.password:
        raise ReadError("bad-address", f"The address of {host} holds a user name or a password: take it out.")
    shown = f"[{host}]" if ":" in host else host
    name = f"{shown}:{port}" if port else shown
    return f"{split.scheme}://{name}", name


def joined(url: str, target: str) -> str:
    """Return where a redirect leads."""
    try:
        return urljoin(url, target.strip()).partition("#")[0]
    except ValueError as error:
        raise ReadError("bad-address", f"{url} leads to {target[:200]}, which is no address.") from error
