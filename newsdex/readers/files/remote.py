"""Files elsewhere, through fsspec, and what the faults of a store mean."""

from __future__ import annotations

import errno
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newsdex.readers.errors import ReadError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

BUCKET = "s3://"
"""How the address of an object store begins."""

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
