"""`newsdex web`: the search page on this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from newsdex.errors import NewsdexError
from newsdex.flows.common.console import Bars, err, out

if TYPE_CHECKING:
    from newsdex.flows.config.settings import Settings

HOST = "127.0.0.1"
"""Reached from this machine alone: there is no login."""


class WebError(NewsdexError):
    """The page cannot be served; the message is one sentence."""


def serve(chosen: Settings, port: int) -> None:
    """Serve the page until it is interrupted.

    Raises:
        WebError: the port is taken.
        NodeError: the embedded node does not run.
        SearchError: the configured Elasticsearch does not answer.
    """
    import uvicorn  # noqa: PLC0415  # 0.2 s, and only here

    from newsdex.commands.web_replay import ReplayCommand  # noqa: PLC0415
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the client takes 0.2 s to import
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415
    from newsdex.web.app import create_app  # noqa: PLC0415

    with Bars() as bars:
        client = open_client(chosen, bars, start=False)
    listening = _listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}/"
    out.print(f"The search page of index [bold]{chosen.index}[/] is at [bold]{address}[/]")
    err.print("[dim]Ctrl-C ends it.[/]")
    config = uvicorn.Config(
        create_app(client, IndexNames(chosen.index), ReplayCommand(chosen)),
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    with client, listening:
        uvicorn.Server(config).run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise WebError(
            f"Port {port} on {HOST} cannot be used ({error.strerror}): choose another with --port, or --port 0."
        ) from error
    return listening
