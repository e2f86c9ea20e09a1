"""Objects below a prefix of a bucket, through fsspec: written and read whole."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from newsdex.readers.files.remote import BUCKET, faults_of, system_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from typing import IO


class RemoteBlobs:
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

    def check(self, *, used: bool = False) -> None:  # noqa: ARG002  # a bucket must be there in any case
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
