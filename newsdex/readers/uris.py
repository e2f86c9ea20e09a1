"""Names of inputs: URIs that stay the same for ever, and the way back from a URI to bytes."""

from __future__ import annotations

import io
import os
import re
import stat
from typing import IO, TYPE_CHECKING
from urllib.parse import quote_from_bytes, unquote_to_bytes

from newsdex.readers.errors import ReadError
from newsdex.readers.files.remote import Remote, faults_of, system_of

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.readers.fetch_options import FetchOptions

FILE = "file://"
SURROGATE = re.compile("[\udc80-\udcff]")
WEB = ("http://", "https://")

CHUNK_BYTES = 256 << 10
"""How much is read at once from a file elsewhere."""


def file_uri(path: str | Path) -> str:
    """Return the URI of a local file; bytes of its name that are no UTF-8 survive."""
    return FILE + quote_from_bytes(os.fsencode(os.path.abspath(path)), safe="/:@!$&'()*+,;=~")  # noqa: PTH100  # keeps links


def remote_uri(url: str) -> str:
    """Return the URI of a file elsewhere: `#` of a key is escaped, as a fragment names a part of a file here."""
    return url if url.startswith(WEB) else url.replace("%", "%25").replace("#", "%23")


def uri_of(place: str | Path) -> str:
    """Return the URI of a local path or of a file elsewhere."""
    return remote_uri(str(place)) if "://" in str(place) else file_uri(place)


def with_part(uri: str, kind: str, value: str | int) -> str:
    """Return the URI of one part of a file, such as `….jsonl#line=12` or `….zip#member=a.csv&row=3`."""
    text = str(value).replace("%", "%25").replace("#", "%23").replace("&", "%26")
    if not text.isascii():  # bytes of a member's name may be no UTF-8
        text = SURROGATE.sub(lambda match: quote_from_bytes(os.fsencode(match[0])), text)
    return f"{uri}{'&' if '#' in uri else '#'}{kind}={text}"


def local_path(uri: str) -> str | None:
    """Return the path of a `file://` URI, `None` for every other."""
    return os.fsdecode(unquote_to_bytes(uri.removeprefix(FILE))) if uri.startswith(FILE) else None


def name_of(uri: str) -> str:
    """Return the last part of a URI as a person would write it."""
    last = uri.rstrip("/").rpartition("/")[2]
    return unquote_to_bytes(last).decode("utf-8", "replace") or uri


def open_uri(uri: str, fetch: FetchOptions) -> IO[bytes]:
    """Open a file anywhere for reading; `fetch` says which addresses of the web may be asked.

    Raises:
        ReadError: It is not there, must not be read, or is no file (opening a named pipe would wait for ever). Other
            faults of a disk or a network stay `OSError`s: trying again may help.
    """
    path = local_path(uri)
    try:
        if uri.startswith(WEB):
            from newsdex.readers.files.http import open_web  # noqa: PLC0415  # few runs need it

            return open_web(uri, fetch)
        if path is None:
            return _open_remote(unquote_to_bytes(uri).decode())
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # a Path cannot be told from its bytes
            raise ReadError("not-a-file", f"{path} is no ordinary file: it cannot be read as an article.")
        return open(path, "rb")  # noqa: PTH123  # the caller closes it
    except FileNotFoundError as error:
        raise ReadError(
            "no-such-path", f"{name_of(uri)} is no longer there: was it moved while the run went on?"
        ) from error
    except PermissionError as error:
        raise ReadError(
            "unreadable", f"{name_of(uri)} must not be read: give yourself the right to read it."
        ) from error
    except ImportError as error:
        raise missing_support(uri, error) from error


def _open_remote(url: str) -> IO[bytes]:
    system, path = system_of(url)
    with faults_of(url):
        return io.BufferedReader(Remote(system.open(path, "rb"), url), CHUNK_BYTES)


def missing_support(uri: str, error: Exception) -> ReadError:
    """Return the fault of a location whose file system needs a package that is not installed."""
    scheme = uri.partition("://")[0]
    return ReadError(
        "unsupported-location",
        f"Reading {scheme}:// needs a package that is not installed ({error}): run pip install 'newsdex[remote]'.",
    )
