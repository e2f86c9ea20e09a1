"""Explain every error that a user can meet in one sentence."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from newsdex.errors import NewsdexError
from newsdex.readers.files.remote import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable


def error_sentence(error: BaseException) -> str | None:
    """Return the error in one sentence (what, where, what to do), or `None` for one that is a fault in Newsdex."""
    import elastic_transport  # noqa: PLC0415  # 0.1 s, and only once something has failed
    from elasticsearch import ApiError  # noqa: PLC0415

    from newsdex.search.errors import explain  # noqa: PLC0415

    if isinstance(error, NewsdexError):
        return str(error)
    if isinstance(error, ApiError | elastic_transport.TransportError):
        return explain(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def _of_system(error: OSError) -> str:
    if str(error.filename).startswith(BUCKET):
        return (
            f"{error.filename} cannot be used ({error.strerror}): check its name, whether the object store is reached "
            "from here (AWS_ENDPOINT_URL), and whether the AWS_… settings may read and write there; then run again, "
            "for what was done is kept."
        )
    where = f" ({_place(error)})" if _place(error) else ""
    said: dict[int, Callable[[], str]] = {
        errno.ENOSPC: lambda: (
            f"The disk is full{where}: free some space and run the same command again; what was done is kept."
        ),
        errno.EACCES: lambda: _denied(error),
        errno.EPERM: lambda: _denied(error),
        errno.EROFS: lambda: f"The file system is read-only{where}: choose another folder with NEWSDEX_HOME.",
    }
    return said.get(error.errno or 0, lambda: f"{error.strerror or error}{where}: fix this and run again.")()


def _place(error: OSError) -> str:
    """Return the path of an error; of two, as where a file is renamed, the one that was to come about."""
    return os.fsdecode(error.filename2 or error.filename or "")


def _denied(error: OSError) -> str:
    """Name path, owner and user of a denial: most often a home that another user made, `sudo newsdex` included."""
    path = _place(error)
    if not path:
        return f"Permission denied: {error.strerror}. Choose another folder with NEWSDEX_HOME and NEWSDEX_CACHE."
    closed = _closed(Path(path))
    me = _user(os.geteuid())
    whose = f" {closed} belongs to {_user(closed.stat().st_uid)}, and this is {me}:" if closed else ""
    return (
        f"Permission denied ({path}):{whose} choose a folder of {me}'s own with NEWSDEX_HOME and NEWSDEX_CACHE, or "
        "change its owner."
    )


def _closed(path: Path) -> Path | None:
    """Return the deepest of a path and its parents whose owner can be told."""
    for each in (path, *path.parents):
        try:
            each.stat()
        except OSError:
            continue
        return each
    return None


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
