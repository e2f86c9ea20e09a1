"""Keep what Newsdex writes for itself from other users of the machine: folders 700, files 600.

What lies in home, staging, spool and archive are other people's texts, and now and then a password. A folder that is
there already is left as it is, since a cluster's staging area may be shared on purpose; `close_home` closes our own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import takewhile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600

WAY_MODE = 0o711
"""For what lies above a folder that root makes: the embedded node runs as another user then, and must get through."""

ROOMS = ("archive", "backfill", "fetched", "prefect", "spool", "staging")
"""Folders below a home that are for nobody else; the embedded node keeps those of its own."""


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user alone.

    Raises:
        OSError: it cannot be made.
    """
    missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
    above = WAY_MODE if os.geteuid() == 0 else FOLDER_MODE
    for each in reversed(missing):
        each.mkdir(mode=FOLDER_MODE if each is folder else above, exist_ok=True)


def open_private(path: Path) -> IO[bytes]:
    """Open a new file, or an old one to be written anew, for this user alone.

    Raises:
        OSError: it cannot be opened.
    """
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, FILE_MODE))  # a Path takes no opener


def close_home(home: Path) -> None:
    """Close what an older version, or a careless hand, left open below a home; what is another user's stays."""
    for name in ROOMS:
        folder = home / name
        with suppress(OSError):
            status = folder.stat()
            if status.st_mode & 0o077 and status.st_uid == os.geteuid():
                folder.chmod(FOLDER_MODE)
