"""The application of the Prefect servers that Newsdex starts: guarded, and ended with the process that it is for.

A server of its own session survives Ctrl-C, which a run wants for its last reports, and would survive a SIGKILL of
that process for ever: one more with each, a hundred megabytes each.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from newsdex.flows.service.api_password import SERVER_VARIABLE
from newsdex.flows.service.local_only import LocalOnly

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PARENT_VARIABLE = "NEWSDEX_PARENT_PROCESS"
"""Environment variable with the number of the process that the server is for."""

LOOK_S = 2.0
"""How often the server looks whether that process is still there."""


def create_app() -> ASGIApp:
    """Return Prefect's own application behind our guard, in a process that watches over its parent.

    Raises:
        KeyError: the environment lacks the parent's number or the password.
    """
    parent, password = int(os.environ[PARENT_VARIABLE]), os.environ[SERVER_VARIABLE]
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    from prefect.server.api.server import create_app as create_prefect_app  # noqa: PLC0415  # takes seconds: watch first

    return LocalOnly(create_prefect_app(), password)


def _end_with(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOK_S)
    os._exit(1)
