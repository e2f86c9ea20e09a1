"""Fetches one address: politely, from a checked network address, and never for longer or more than is allowed.

Every redirect is a request of its own here, checked like the first. A host's name is looked up once, the addresses are
checked, and the connection goes to the very address that was checked, so that a name that changes its meaning in
between (DNS rebinding) gains nothing. One client a host: two hosts at one address must not share a connection, whose
certificate was checked for one of them.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from newsdex.readers.errors import ReadError
from newsdex.readers.files.address_policy import resolve
from newsdex.readers.live.host import MAX_ROBOTS_BYTES, HostThrottle, rules_of
from newsdex.readers.live.response import NOT_MODIFIED, OK, REDIRECTS, Response, plain, refused, too_large
from newsdex.readers.live.url import joined, parts
from newsdex.retry import FETCH, retry_async

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from protego import Protego

    from newsdex.readers.fetch_options import FetchOptions
    from newsdex.readers.live.state import FetchState

MAX_REDIRECTS = 5
"""RFC 9309 asks for at least five for robots.txt; a page that needs more is in a loop."""

ADDRESSES_TRIED = 3
"""Of the addresses of one host, where the first do not answer."""

ACCEPT = {
    "Accept": "text/html, application/rss+xml, application/atom+xml, application/feed+json, application/xml, */*;q=0.5",
    "Accept-Encoding": "gzip",
}

PASSING = frozenset({"unreachable", "broken-answer"})
"""Faults that may pass: the network's, not the page's. What took too long once is not waited for again."""


class _PassingError(Exception):
    """A fault that may pass by itself.

    Args:
        fault: what is told where it does not.
    """

    def __init__(self, fault: ReadError) -> None:
        super().__init__(fault)
        self.fault = fault


class Fetcher:
    """Fetches addresses; to be used in one event loop."""

    def __init__(self, options: FetchOptions, state: FetchState) -> None:
        """Fetch in the way that `options` say."""
        self._options, self._state = options, state
        self._hosts: dict[str, HostThrottle] = {}
        self._clients: dict[str, tuple[httpx.AsyncClient, list[str]]] = {}
        self._tls = (
            ssl.create_default_context(cafile=options.ca_certs) if options.ca_certs else httpx.create_ssl_context()
        )

    async def __aenter__(self) -> Self:
        """Return nothing is opened before the first request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for client, _ in self._clients.values():
            await client.aclose()

    async def get(self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None) -> Response:
        """Fetch an address and return what came back: a page (200) or `304 Not Modified`.

        Raises:
            ReadError: it could not or must not be fetched, and why.
        """
        pause = self._options.retry_s
        policy = replace(FETCH, first_pause=pause, longest_pause=pause)
        try:
            return await retry_async(
                policy,
                lambda: self._get_once(url, max_bytes, headers or {}),
                on=lambda error: isinstance(error, _PassingError),
            )
        except _PassingError as passing:
            raise passing.fault from None

    async def _get_once(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> Response:
        try:
            answer, host = await self._follow(url, max_bytes, headers, obey=True)
        except ReadError as error:
            raise (_PassingError(error) if error.reason in PASSING else error) from None
        if answer.status in {OK, NOT_MODIFIED}:
            return answer
        # Where the server says how long to wait, the host's next turn keeps to it.
        passing = answer.passing and host.back_off(answer.header("retry-after"))
        raise _PassingError(refused(answer)) if passing else refused(answer)

    async def _follow(
        self, url: str, max_bytes: int, headers: Mapping[str, str], *, obey: bool
    ) -> tuple[Response, HostThrottle]:
        """Ask for an address and for where it leads; `obey`: what robots.txt forbids is not asked for."""
        asked = url
        for _ in range(MAX_REDIRECTS + 1):
            origin, name = parts(url)
            host = self._host(name)
            if obey:
                await self._check_robots(host, origin, url)
            async with host.turn():
                answer = await self._once(asked, url, max_bytes, headers)
            target = answer.header("location")
            if answer.status not in REDIRECTS or not target:
                return answer, host
            url = joined(url, target)
            headers = {}
        raise ReadError(
            "too-many-redirects", f"{asked} leads on more than {MAX_REDIRECTS} times: check it in a browser."
        )

    def _host(self, name: str) -> HostThrottle:
        if name not in self._hosts:
            self._hosts[name] = HostThrottle(name, self._options.delay_s, self._state)
        return self._hosts[name]

    async def _check_robots(self, host: HostThrottle, origin: str, url: str) -> None:
        async with host.robots_lock:
            if not host.knows(origin):
                host.learn(origin, await self._robots(origin), self._agent)
        host.check(origin, url, self._agent)

    @property
    def _agent(self) -> str:
        """The product's name: what robots.txt calls a crawler by."""
        return self._options.user_agent.partition("/")[0].partition(" ")[0]

    async def _robots(self, origin: str) -> Protego | ReadError:
        body = self._state.robots(origin)
        if body is not None:
            return rules_of(OK, body, origin)
        try:
            answer, _ = await self._follow(f"{origin}/robots.txt", MAX_ROBOTS_BYTES, {}, obey=False)
        except ReadError as error:
            if error.reason in {"too-large", "too-many-redirects", "unsupported-encoding", "compression-bomb"}:
                return rules_of(404, b"", origin)
            return error  # The site does not answer, or must not be asked: nor can its pages be fetched.
        rules = rules_of(answer.status, answer.content, origin)
        if not isinstance(rules, ReadError):
            self._state.keep_robots(origin, answer.content if answer.status == OK else b"")
        return rules

    async def _once(self, asked: str, url: str, max_bytes: int, headers: Mapping[str, str]) -> Response:
        """Send one request; every way in which that can fail comes out as a `ReadError`."""
        limit = self._options.timeout_s
        try:
            async with asyncio.timeout(limit):
                return await self._send(asked, url, max_bytes, headers)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ReadError(
                "timed-out", f"{url} was not there whole after {limit:g} seconds: run again later."
            ) from error
        except httpx.ConnectError as error:
            if isinstance(_root(error), ssl.SSLError):
                told = f"The certificate or encryption of {url} is not sound ({_root(error)}): check it in a browser."
                raise ReadError("tls-failed", told) from error
            raise ReadError(
                "unreachable", f"The server of {url} cannot be reached ({error}): run again later."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            told = " ".join(str(error).split())[:200] or type(error).__name__
            raise ReadError("broken-answer", f"The answer of {url} is broken ({told}): run again later.") from error

    async def _send(self, asked: str, url: str, max_bytes: int, headers: Mapping[str, str]) -> Response:
        target = httpx.URL(url)
        port = target.port or (443 if target.scheme == "https" else 80)
        host = target.raw_host.decode("ascii")
        key = f"{target.scheme}://{host}:{port}"
        if key not in self._clients:
            addresses = await resolve(host, port, self._options.allow)
            self._clients[key] = (self._client(), addresses[:ADDRESSES_TRIED])
        client, addresses = self._clients[key]
        for number, address in enumerate(addresses):
            request = client.build_request(
                "GET",
                target.copy_with(host=address),
                headers={
                    **ACCEPT,
                    "User-Agent": self._options.user_agent,
                    **headers,
                    "Host": target.netloc.decode("ascii"),
                },
                extensions={"sni_hostname": host},
            )
            try:
                response = await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
                continue
            try:
                return await _answer(response, asked, url, address, max_bytes)
            finally:
                await response.aclose()
        raise AssertionError

    def _client(self) -> httpx.AsyncClient:
        # The environment's proxies are left out: behind one, it and not we would choose the address.
        return httpx.AsyncClient(http2=True, verify=self._tls, trust_env=False, timeout=self._options.timeout_s)


async def _answer(response: httpx.Response, asked: str, url: str, address: str, max_bytes: int) -> Response:
    """Read a response, as far as it is of use and not too large."""
    raw = bytearray()
    if response.status_code == OK:
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > max_bytes:
                raise too_large(url, max_bytes)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    # Taking off gzip may take a second for what the limits allow: not in the event loop.
    content = await asyncio.to_thread(plain, bytes(raw), encoding, url, max_bytes)
    return Response(
        asked=asked,
        url=url,
        status=response.status_code,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw),
        raw=bytes(raw),
        content=content,
        fetched_at=datetime.now(UTC),
        address=address,
    )


def _root(error: BaseException) -> BaseException:
    """Return what an error was raised from in the first place."""
    cause = error.__cause__ or error.__context__
    return _root(cause) if cause is not None else error
