"""Small files that are written and read whole: in a folder, or as objects in a bucket.

A file that is there is complete. In a folder it is written under a temporary name and renamed; an object of S3 appears
only when all of it has arrived.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newsdex.private_files import make_private, open_private
from newsdex.readers.files.bucket import RemoteBlobs
from newsdex.readers.files.remote import BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO


class Blobs(Protocol):
    """A place for files; whatever fails in it is an `OSError` that names it."""

    location: str
    """As a person would name it."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading.

        Raises:
            FileNotFoundError: it is not there.
        """

    def write(self, name: str, parts: Iterable[bytes], *, durable: bool = False) -> None:
        """Make a file appear, whole; one of that name is replaced. Where that fails nothing is left behind.

        Args:
            name: what it is called; it may lie in a folder (`2024-05-06/a.warc.gz`).
            parts: its content.
            durable: when this returns, the file also outlives a power cut.
        """

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def check(self, *, used: bool = False) -> None:
        """Raise `OSError` where there is no such place; a folder that was not `used` is made when first written to."""

    def folders(self) -> list[str]:
        """Return the names of the folders right in it."""

    def sizes(self, folder: str) -> list[int]:
        """Return the bytes of each file in one of its folders."""

    def remove_folder(self, folder: str) -> None:
        """Remove one of its folders with all that is in it."""


def place_of(text: str) -> Path | str:
    """Return a path, or an `s3://` address, as it was written in the settings.

    Raises:
        ValueError: an address of another kind.
    """
    if text.startswith(BUCKET):
        return text.rstrip("/")
    if "://" in text:
        raise ValueError(
            f"{text.partition('://')[0]}:// cannot be written to: name a folder (where all machines see it under one "
            "path, if there are several) or an s3://bucket/prefix"
        )
    return Path(text).expanduser()


def blobs_at(location: str | Path) -> Blobs:
    """Return the place at a path or an `s3://` address."""
    place = place_of(str(location))
    return LocalBlobs(place) if isinstance(place, Path) else RemoteBlobs(place)


class LocalBlobs:
    """Files in a folder, which is made when first written to."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`."""
        self.folder, self.location = folder, str(folder)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""
        return (self.folder / name).open("rb")

    def write(self, name: str, parts: Iterable[bytes], *, durable: bool = False) -> None:
        """Write under a temporary name, then rename."""
        target = self.folder / name
        # Random, for on two machines two processes may have one number.
        partial = target.with_name(f"{target.name}.{secrets.token_hex(6)}.partial")
        try:
            make_private(target.parent)
            with open_private(partial) as file:
                file.writelines(parts)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            partial.unlink(missing_ok=True)
            # What fails in the middle of a file, such as a full disk, does not say in which.
            if error.errno and not error.filename:
                error.filename = self.location
            raise
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def check(self, *, used: bool = False) -> None:
        """Raise `FileNotFoundError` where it was used and is not there: a share may not be mounted."""
        if used and not self.folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.location)

    def folders(self) -> list[str]:
        """Return the names of the folders right in it."""
        return [each.name for each in self.folder.iterdir() if each.is_dir()] if self.folder.is_dir() else []

    def sizes(self, folder: str) -> list[int]:
        """Return the bytes of each file below one of them."""
        return [each.stat().st_size for each in (self.folder / folder).rglob("*") if each.is_file()]

    def remove_folder(self, folder: str) -> None:
        """Remove one of them; what cannot be removed stays."""
        shutil.rmtree(self.folder / folder, ignore_errors=True)
