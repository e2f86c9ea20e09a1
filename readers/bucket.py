"""Objects below a prefix of a bucket, through fsspec, and what the faults of an object store mean."""

from __future__ import annotations

import errno
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from readers.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from typing import IO

BUCKET = "s3://"
"""The one kind of address that can be written to: an object store whose objects appear whole or not at all."""

CODES = ((FileNotFoundError, errno.ENOENT), (PermissionError, errno.EACCES))
"""What s3fs raises without a number."""


def system_of(location: str) -> tuple[Any, str]:
    """Return fsspec's file system of a location, and the path in it; one object for all who ask for the same store.

    Raises:
        ImportError: the package for it is not installed.
        ValueError: there is no such kind of location.
    """
    import fsspec.core  # noqa: PLC0415  # few runs need it

    # Of a bucket no listing is kept: other machines write there too.
    options = {"use_listings_cache": False} if location.startswith(BUCKET) else {}
    system, path = fsspec.core.url_to_fs(location, **options)
    return system, str(path)


def fault(location: str, error: Exception) -> OSError:
    """Return whatever an object store or its client says as an error that names the place."""
    if isinstance(error, ImportError):
        return OSError(errno.ENOSYS, f"{error}: run pip install 'newsdex[remote]'", location)
    code = getattr(error, "errno", None) or next((code for kind, code in CODES if isinstance(error, kind)), errno.EIO)
    return OSError(code, " ".join(str(error).split()).rstrip(".") or type(error).__name__, location)


@contextmanager
def faults_of(location: str) -> Iterator[None]:
    """Let every fault within the block come out as `fault` has it, but for what is a `ReadError` already."""
    try:
        yield
    except ReadError:
        raise
    except Exception as error:
        raise fault(location, error) from error


class StoreError(Exception):
    """An object store failed in the middle of a file: no `OSError`, which readers take for a damaged file."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(fault)
        self.fault = fault


class Remote(io.RawIOBase):
    """A file of fsspec's whose store may go away while it is read; wrap it in `io.BufferedReader`."""

    def __init__(self, file: IO[bytes], location: str) -> None:
        super().__init__()
        self._file, self._location = file, location

    def readable(self) -> bool:
        """Return true: that is what it is for."""
        return True

    def seekable(self) -> bool:
        """Return whether it can be entered in the middle."""
        return self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return where it stands."""
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with what comes next, return how many bytes that were, 0 at the end.

        Raises:
            StoreError: the store, or the way to it, failed.
        """
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise StoreError(fault(self._location, error)) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file under it too."""
        self._file.close()
        super().close()


class Bucket:
    """Objects below a prefix; who may read and write there, S3's own settings say."""

    def __init__(self, address: str) -> None:
        """Use `address`, such as `s3://bucket/prefix`."""
        self.location = address.rstrip("/")
        self._connected: Any = None

    def open(self, name: str) -> IO[bytes]:
        """Fetch an object; it has some megabytes at most."""
        with self._told():
            return io.BytesIO(self._files.cat_file(self._path(name)))

    def write(self, name: str, parts: Iterable[bytes], *, durable: bool = False) -> None:  # noqa: ARG002  # it always is
        """Store an object."""
        with self._told():
            self._files.pipe_file(self._path(name), b"".join(parts))

    def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        with self._told():
            try:
                self._files.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def check(self) -> None:
        """Ask whether the bucket is there; what lies below the prefix is all that one needs the right to see."""
        bucket, _, prefix = self.location.removeprefix(BUCKET).partition("/")
        with self._told():
            self._files.call_s3("list_objects_v2", Bucket=bucket, Prefix=f"{prefix}/" if prefix else "", MaxKeys=1)

    def folders(self) -> list[str]:
        """Return the next parts of the objects' names that end in a slash."""
        with self._told():
            try:
                found = self._files.ls(self.location, detail=True)
            except FileNotFoundError:
                self.check()
                return []
            return [each["name"].rstrip("/").rpartition("/")[2] for each in found if each["type"] == "directory"]

    def sizes(self, folder: str) -> list[int]:
        """Return the bytes of each object that is called so."""
        with self._told():
            return [each["size"] for each in self._files.find(self._path(folder), detail=True).values()]

    def remove_folder(self, folder: str) -> None:
        """Remove all objects that are called so."""
        with self._told():
            self._files.rm(self._path(folder), recursive=True)

    @property
    def _files(self) -> Any:  # noqa: ANN401  # fsspec has no types
        if self._connected is None:
            self._connected, _ = system_of(self.location)
        return self._connected

    def _path(self, name: str) -> str:
        return f"{self.location}/{name}"

    def _told(self) -> AbstractContextManager[None]:
        return faults_of(self.location)
