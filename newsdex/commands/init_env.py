"""`newsdex init`: the file `.env` that docker-compose.yml reads, with secrets that nobody has to think up."""

from __future__ import annotations

import os
import re
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.errors import NewsdexError

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = ".env.example"
TARGET = ".env"

SECRET_BYTES = 24
"""192 bits, written as 48 hexadecimal digits: valid in URLs, and longer than the 32 that Kibana's key must have."""

_ASSIGNMENT = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


class InitError(NewsdexError):
    """The file cannot be made or used; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What `init_env` found or made."""

    path: Path
    created: bool
    """Whether this call wrote it; a file that was there is never changed."""
    ports_taken: tuple[str, ...]
    """A sentence for each port that something else on this machine listens at."""


def init_env(folder: Path) -> Environment:
    """Write `.env` from `.env.example`, filling each empty value with a secret; check one that is there already.

    The file can be read by its owner alone. It is never overwritten.

    Args:
        folder: where docker-compose.yml and `.env.example` lie.

    Raises:
        InitError: there is no template, or the `.env` that is there lacks something.
    """
    template, target = folder / TEMPLATE, folder / TARGET
    if not template.is_file():
        raise InitError(f"There is no {template}: run this in the folder of docker-compose.yml.")
    text = template.read_text(encoding="utf-8")
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        created = False
    else:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_ASSIGNMENT.sub(_filled, text))
        created = True
    found = assignments(target.read_text(encoding="utf-8"))
    lacking = [name for name in assignments(text) if not found.get(name)]
    if lacking:
        raise InitError(
            f"{target} is there already and was not changed, but lacks {', '.join(lacking)}: add what is missing "
            f"(a secret: `openssl rand -hex {SECRET_BYTES}`), or move the file away and run `newsdex init` again. "
            "Passwords of a stack that has run before must stay as they were."
        )
    return Environment(path=target, created=created, ports_taken=tuple(_taken(found)))


def assignments(text: str) -> dict[str, str]:
    """Return variable → value of an `.env` file, without comments and quotes."""
    lines = (_ASSIGNMENT.fullmatch(line.strip()) for line in text.splitlines())
    return {found["name"]: found["value"].strip().strip("\"'") for found in lines if found}


def _filled(assignment: re.Match[str]) -> str:
    value = assignment["value"].strip() or secrets.token_hex(SECRET_BYTES)
    return f"{assignment['name']}={value}"


def _taken(values: dict[str, str]) -> list[str]:
    """Return a sentence for each `…_PORT` that cannot be listened at."""
    said = []
    for name, value in values.items():
        if not name.endswith("_PORT"):
            continue
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", int(value)))
        except (OSError, ValueError, OverflowError) as error:
            said.append(
                f"{name}={value} cannot be used ({getattr(error, 'strerror', None) or error}): unless it is this "
                f"stack that listens there, set another {name} in .env."
            )
    return said
