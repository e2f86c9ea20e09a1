"""The password of the Prefect servers that Newsdex starts, and the link that opens their UI with it.

Prefect's API runs commands for whoever may write to it, so that loopback alone protects nothing on a machine with other
users, or with a browser. Each server gets a password of its own: the temporary one for as long as it lives, the lasting
one in a file that only its owner can read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USER = "newsdex"

PASSWORD_BYTES = 24
"""192 random bits: beyond guessing."""

CLIENT_VARIABLE, SERVER_VARIABLE = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"
"""Where Prefect's clients and its server look for user and password, as `user:password`."""

OPEN_PATH = "/newsdex/open"
"""Where the server gives a browser the password, for who has a link that is signed with it."""

LINK_VALID_S = 3_600
"""An hour: `newsdex serve` prints another link whenever it is asked."""


def new_password() -> str:
    """Return a new user and password, as `user:password`."""
    return f"{USER}:{secrets.token_urlsafe(PASSWORD_BYTES)}"


def stored_password(home: Path) -> str:
    """Return the user and password of the lasting server of a home; make them where there are none yet."""
    path = home / "prefect" / "api-password"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if told := path.read_text(encoding="utf-8").strip():
            return told
        path.unlink()  # written by a process that was killed between making and filling it
        return stored_password(home)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(new_password())
    return path.read_text(encoding="utf-8").strip()


def environment(password: str) -> dict[str, str]:
    """Return the variables by which a server asks for the password and its clients give it."""
    return {CLIENT_VARIABLE: password, SERVER_VARIABLE: password}


def authorization(password: str) -> dict[str, str]:
    """Return the header that a request to the API needs."""
    return {"Authorization": f"Basic {encoded(password)}"}


def encoded(password: str) -> str:
    """Return the password as a header and the UI's own storage have it."""
    return base64.b64encode(password.encode()).decode()


def open_link(address: str, password: str) -> str:
    """Return the link that opens the UI at `address` without asking for the password, valid for an hour."""
    until = int(time.time()) + LINK_VALID_S
    return f"{address}{OPEN_PATH}?until={until}&signature={_signature(password, until)}"


def is_valid_link(password: str, asked: Mapping[str, str]) -> bool:
    """Tell whether the query of a link was signed with the password, and not too long ago."""
    until = asked.get("until", "")
    if not (until.isascii() and until.isdigit() and len(until) < 12) or int(until) < time.time():
        return False
    return hmac.compare_digest(_signature(password, int(until)), asked.get("signature", ""))


def _signature(password: str, until: int) -> str:
    return hmac.new(password.encode(), f"open until {until}".encode(), hashlib.sha256).hexdigest()
