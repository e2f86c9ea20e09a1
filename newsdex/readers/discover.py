"""From locations as a user writes them (paths, folders, patterns, URLs) to files, one by one and in order."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import fsspec
import xxhash

from newsdex.readers.errors import ReadError, filtered, rejected
from newsdex.readers.files.remote import faults_of, system_of
from newsdex.readers.uris import FILE, WEB, file_uri, local_path, missing_support, remote_uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsdex.transforms.article import Rejection

PATTERN = "*?["
"""Characters that make a location a pattern."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that a location led to."""

    uri: str
    name: str
    size: int | None
    """Bytes as it lies there, `None` where a server does not tell."""
    named: bool
    """The user named this very file; it was not just found in a folder."""
    tag: str = ""
    """What the store itself calls this content (an ETag), where it does."""


def find_files(locations: Sequence[str]) -> Iterator[FoundFile | Rejection]:
    """Yield every file of every location, in the order of the locations, within one by name; no file twice.

    Files and folders that begin with a dot are passed on as filtered, as are pipes, sockets and devices, and links that
    lead out of the folder or back to one above them. Other links are followed.
    """
    seen: set[int] = set()
    for location in locations:
        for found in _location(location):
            uri = found.uri if isinstance(found, FoundFile) else found.input_uri
            mark = xxhash.xxh3_64_intdigest(uri.encode("utf-8", "surrogateescape"))
            if mark not in seen:
                seen.add(mark)
                yield found


def _location(location: str) -> Iterator[FoundFile | Rejection]:
    """Yield the files of one location."""
    try:
        if location.startswith(WEB):
            yield FoundFile(remote_uri(location), location.rpartition("/")[2].partition("?")[0], None, named=True)
            return
        path = local_path(location) if location.startswith(FILE) else location
        if path is not None and "://" not in path and "::" not in path:
            yield from _local(os.path.expanduser(path))  # noqa: PTH111  # bytes of the name may be no UTF-8
        else:
            yield from _remote(location)
    except ReadError as error:
        yield error.at(location)


def _local(path: str) -> Iterator[FoundFile | Rejection]:
    """Yield the files of a local path or pattern."""
    if os.path.lexists(path):
        yield from _entry(path, os.path.basename(os.path.abspath(path)), named=True)  # noqa: PTH100, PTH119
        return
    if not any(sign in path for sign in PATTERN):
        raise ReadError("no-such-path", f"There is no {path}: check the spelling, and where you are.")
    matches = sorted(fsspec.filesystem("file").glob(path))
    if not matches:
        raise ReadError("nothing-matched", f"Nothing matches {path}: check the pattern, and where you are.")
    for match in matches:
        yield from _entry(match, os.path.basename(match), named=False)  # noqa: PTH119


def _entry(path: str, name: str, *, named: bool) -> Iterator[FoundFile | Rejection]:
    """Yield a file, or the files of a folder and all below it, by name; without recursion, for folders of any depth."""
    top = os.path.realpath(path)
    above: list[tuple[int, int]] = []
    waiting: list[tuple[str, str, int]] = [(path, name, 0)]
    while waiting:
        path, name, depth = waiting.pop()
        del above[depth:]  # the folders that were walked to get here
        uri = file_uri(path)
        inside = depth > 0
        if name.startswith(".") and not (named and not inside):
            yield filtered(uri, "hidden-file", "Its name begins with a dot: name it yourself to have it read.")
            continue
        try:
            if inside and _leads_out(path, top):
                told = "This link leads out of the folder: name where it leads to have that read."
                yield filtered(uri, "link-outside", told)
                continue
            status = os.stat(path)  # noqa: PTH116
            if stat.S_ISDIR(status.st_mode):
                mark = (status.st_dev, status.st_ino)
                if mark in above:
                    yield filtered(uri, "link-loop", "This link leads back to a folder above it.")
                    continue
                above.append(mark)
                entries = sorted(os.listdir(path), reverse=True)  # noqa: PTH208  # the last is taken first
                waiting += [(os.path.join(path, entry), entry, depth + 1) for entry in entries]  # noqa: PTH118
            elif stat.S_ISREG(status.st_mode):
                yield FoundFile(uri, name, status.st_size, named and not inside)
            else:
                yield filtered(uri, "not-a-file", "This is a pipe, a socket or a device, no ordinary file.")
        except FileNotFoundError:
            yield rejected(uri, "no-such-path", "The link leads nowhere: correct it or leave it out.")
        except PermissionError:
            yield rejected(uri, "unreadable", "It must not be read: give yourself the right to read it.")
        except OSError as error:
            yield rejected(uri, "unreadable", f"It cannot be read: {error.strerror or error}.")


def _leads_out(path: str, folder: str) -> bool:
    """Tell whether a path is a link to somewhere outside of a folder; one that leads nowhere is told of elsewhere."""
    if not os.path.islink(path):  # noqa: PTH114
        return False
    target = os.path.realpath(path)
    return os.path.exists(target) and not f"{target}{os.sep}".startswith(folder.rstrip(os.sep) + os.sep)  # noqa: PTH110


def _remote(location: str) -> Iterator[FoundFile | Rejection]:
    """Yield the files of a location that fsspec knows, such as `s3://` or `memory://`."""
    try:
        system, path = system_of(location)
    except (ImportError, ValueError) as error:
        raise missing_support(location, error) from error
    with faults_of(location):
        if system.exists(path):
            yield from _remote_entry(system, system.info(path), named=True)
            return
        if not any(sign in path for sign in PATTERN):
            raise ReadError("no-such-path", f"There is no {location}: check the spelling, and your access to it.")
        matches = sorted(system.glob(path))
        if not matches:
            raise ReadError("nothing-matched", f"Nothing matches {location}: check the pattern.")
        for match in matches:
            yield from _remote_entry(system, system.info(match), named=False)


def _remote_entry(system: Any, info: dict[str, Any], *, named: bool) -> Iterator[FoundFile | Rejection]:  # noqa: ANN401
    """Yield a file, or the files of a folder and all below it, of another file system."""
    waiting = [(info, named)]
    while waiting:
        info, named = waiting.pop()
        path = str(info["name"]).rstrip("/")
        name, uri = path.rpartition("/")[2], remote_uri(system.unstrip_protocol(path))
        if name.startswith(".") and not named:
            yield filtered(uri, "hidden-file", "Its name begins with a dot: name it yourself to have it read.")
        elif info["type"] == "directory":
            inner = sorted(system.ls(info["name"], detail=True), key=lambda one: str(one["name"]), reverse=True)
            waiting += [(one, False) for one in inner if str(one["name"]).rstrip("/") != path]
        else:
            yield FoundFile(uri, name, info.get("size"), named, str(info.get("ETag", "")))
