"""The application of the temporary Prefect server: it ends with the run that it was started for, even a killed one.

A server of its own session survives Ctrl-C, which the run wants for its last reports, and would survive a SIGKILL of
the run for ever: one more with each killed run, a hundred megabytes each.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

PARENT_VARIABLE = "NEWSDEX_PARENT_PROCESS"
"""Environment variable with the number of the process that the server is for."""

LOOK_S = 2.0
"""How often it is looked whether that process is still there."""


def create_app() -> FastAPI:
    """Return Prefect's own application, in a process that watches over its parent."""
    parent = int(os.environ[PARENT_VARIABLE])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    from prefect.server.api.server import create_app as prefects  # noqa: PLC0415  # takes seconds: watch first

    app: FastAPI = prefects()
    return app


def _end_with(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOK_S)
    os._exit(1)
