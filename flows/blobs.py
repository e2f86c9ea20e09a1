"""Small files that are written and read whole: in a folder, or as objects in a bucket.

A file that is there is complete. In a folder it is written under a temporary name and renamed; an object of S3 appears
only when all of it has arrived.
"""

from __future__ import annotations

import errno
import io
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

BUCKET = "s3://"
"""The one kind of address that can be staged to: an object store whose objects appear whole or not at all."""


class Blobs(Protocol):
    """A place for files."""

    location: str
    """As a person would name it."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading.

        Raises:
            OSError: it is not there, or cannot be read.
        """

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Make a file appear, whole; one of that name is replaced.

        Raises:
            OSError: it cannot be written; nothing is left behind.
        """

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""


def staging_place(text: str) -> Path | str:
    """A path, or an `s3://` address, as it was written in the settings.

    Raises:
        ValueError: an address of another kind.
    """
    if text.startswith(BUCKET):
        return text.rstrip("/")
    if "://" in text:
        raise ValueError(
            f"{text.partition('://')[0]}:// cannot be staged to: name a folder (where all machines see it under one "
            "path, if there are several) or an s3://bucket/prefix"
        )
    return Path(text).expanduser()


def blobs_at(location: str | Path) -> Blobs:
    """The place at a path or an `s3://` address."""
    place = staging_place(str(location))
    return Folder(place) if isinstance(place, Path) else Bucket(place)


class Folder:
    """Files in a folder, which is made when first written to."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`."""
        self.folder, self.location = folder, str(folder)

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""
        return (self.folder / name).open("rb")

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Write under a temporary name, then rename."""
        # Random, for on two machines two processes may have one number.
        partial = self.folder / f"{name}.{secrets.token_hex(6)}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.writelines(parts)
            partial.replace(self.folder / name)
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


class Bucket:
    """Objects below a prefix of a bucket, through fsspec; who may write there, S3's own settings say."""

    def __init__(self, address: str) -> None:
        """Use `address`, such as `s3://bucket/prefix`."""
        self.location = address.rstrip("/")
        self._connected: Any = None

    def open(self, name: str) -> IO[bytes]:
        """Fetch an object; a partition has some megabytes at most."""
        try:
            return io.BytesIO(self._files.cat_file(self._path(name)))
        except FileNotFoundError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Store an object."""
        try:
            self._files.pipe_file(self._path(name), b"".join(parts))
        except Exception as error:
            raise self._failed(error) from error

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        try:
            self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return
        except Exception as error:
            raise self._failed(error) from error

    @property
    def _files(self) -> Any:  # noqa: ANN401  # fsspec has no types
        if self._connected is None:
            import fsspec  # noqa: PLC0415  # few runs need it

            # No listing is kept: other machines write here too.
            self._connected = fsspec.filesystem("s3", use_listings_cache=False)
        return self._connected

    def _path(self, name: str) -> str:
        return f"{self.location}/{name}"

    def _failed(self, error: Exception) -> OSError:
        """Whatever the object store or its client says, as an error that names the place."""
        if isinstance(error, ImportError):
            return OSError(errno.ENOSYS, f"{error}: run pip install 'newsdex[remote]'", self.location)
        code = error.errno if isinstance(error, OSError) and error.errno else errno.EIO
        return OSError(code, " ".join(str(error).split()) or type(error).__name__, self.location)
