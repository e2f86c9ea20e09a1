"""Whole files at addresses of the web, through fsspec, from addresses of the network that may be fetched from only."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

import fsspec

from newsdex.readers.errors import ReadError
from newsdex.readers.files.address_policy import refusal

if TYPE_CHECKING:
    from newsdex.readers.fetch_options import FetchOptions

TIMEOUT_S = 3_600
"""Seconds for one request: a part of a file, or all of it where the server gives no parts."""

SILENCE_S = 60
"""Seconds without a byte after which a server counts as gone."""

REASONS = {401: "forbidden", 403: "forbidden", 404: "not-found", 410: "gone", 429: "too-many-requests"}


@dataclass(frozen=True)
class Client:
    """Makes the client of fsspec's web file system. Equal ones are one file system to fsspec, which keeps them."""

    allow: tuple[str, ...]
    user_agent: str

    async def __call__(self, **options: Any) -> Any:  # noqa: ANN401  # aiohttp is imported late
        """Return a client session whose every connection goes through `_socket`."""
        import aiohttp  # noqa: PLC0415  # part of an extra

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._socket, loop=options.pop("loop", None)),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=SILENCE_S, sock_read=SILENCE_S),
            headers={"User-Agent": self.user_agent, "Accept-Encoding": "identity"},
            **options,
        )

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Return the socket for one numeric address, the very one that is connected to, redirects included."""
        family, kind, protocol, _, place = address
        told = refusal(str(place[0]), self.allow)
        if told is not None:
            raise PermissionError(told)
        return socket.socket(family, kind, protocol)


def open_web(url: str, options: FetchOptions) -> IO[bytes]:
    """Open a file at an address of the web.

    Raises:
        ReadError: it cannot or must not be fetched, and why.
        ImportError: the extra for it is not installed.
    """
    client = Client(options.allow, options.user_agent)
    try:
        system = fsspec.filesystem(url.partition("://")[0], get_client=client)
        # A server that does not say that it gives parts of a file may give the whole of it each time it is asked.
        parts = {} if system.info(url).get("partial") else {"block_size": 0}
        return cast("IO[bytes]", system.open(url, "rb", **parts))
    except FileNotFoundError as error:
        if error.__cause__ is not None:  # fsspec says so of every fault that it meets when it first asks
            raise fault(url, error.__cause__) from error
        raise ReadError("not-found", f"There is no file at {url} (404): check the address.") from error
    except (ImportError, ReadError):
        raise
    except Exception as error:
        raise fault(url, error) from error


def fault(url: str, error: BaseException) -> ReadError:
    """Return what a fault of fsspec's web file system means."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        reason = REASONS.get(status, "server-error" if status >= 500 else "http-status")
        return ReadError(reason, f"{url} was answered with status {status}: check the address, or run again later.")
    refused = next((each for each in _causes(error) if isinstance(each, PermissionError)), None)
    if refused is not None:
        return ReadError("private-address", f"{url} was not fetched: {refused}")
    if isinstance(error, TimeoutError):
        return ReadError("timed-out", f"{url} did not answer in time: run again later.")
    told = " ".join(str(error).split())[:200] or type(error).__name__
    return ReadError("unreachable", f"{url} cannot be read ({told}): run again later.")


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all that it was raised from."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__ or getattr(at, "os_error", None)
    return found
