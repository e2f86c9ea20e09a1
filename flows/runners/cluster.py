"""Send partitions to the workers of a cluster, whichever cluster it is, and see that each worker can read its inputs.

`prepare_there` runs on the workers, the rest in the run. What a worker must have in common with the run is agreed on
first (`handshake.py`); of each file to be read it must see the file.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newsdex.flows.runners.errors import ClusterError
from newsdex.flows.runners.handshake import Terms, accept, probe_name, versions, worker_name
from newsdex.readers import spool
from newsdex.readers.errors import ReadError
from newsdex.readers.files.blobs import blobs_at
from newsdex.readers.files.remote import BUCKET
from newsdex.readers.uris import local_path, open_uri

if TYPE_CHECKING:
    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.partition import Partition, ReadOptions


class UnseenFileError(Exception):
    """A worker does not see a file that the run listed."""

    def __init__(self, uri: str, worker: str) -> None:
        """Name the file and the worker."""
        super().__init__(uri, worker)
        self.uri, self.worker = uri, worker


_reached: set[str] = set()
"""Buckets in which this worker has seen an input."""


def prepare_there(
    terms: Terms, partition: Partition, options: ReadOptions, sent: str | None, *, gone: bool = False
) -> Prepared:
    """Prepare a partition on a worker.

    Args:
        terms: checked first, for a worker that joined after the run began.
        partition: what is to be prepared.
        options: how it is read.
        sent: name of the file in the staging area that holds the partition's spooled part, where it has one.
        gone: whether a file that the worker does not see is known to be gone everywhere: then its inputs are rejected.

    Raises:
        ClusterError: the worker does not fulfil the terms.
        UnseenFileError: it does not see a file of the partition.
        OSError: the staging area cannot be written.
    """
    from newsdex.flows.prepare.prepare import prepare  # noqa: PLC0415  # likewise

    accept(terms)
    if sent is None or partition.spool is None:
        if not gone:
            _check_files(partition, options)
        return prepare(partition, options, terms.recipe, terms.staging)
    with tempfile.TemporaryDirectory(prefix="newsdex-") as folder:
        with blobs_at(terms.staging).open(sent) as piece:
            (Path(folder) / partition.spool).write_bytes(piece.read())
        return prepare(partition, replace(options, spool_folder=folder), terms.recipe, terms.staging)


class Dispatch(Protocol):
    """Has `prepare_there` done by some worker, and waits for it."""

    def __call__(
        self, terms: Terms, partition: Partition, options: ReadOptions, sent: str | None, *, gone: bool
    ) -> Prepared:
        """Return what it returned; raise what it raised."""


class Session:
    """The run's side: its terms, and what is sent along with partitions."""

    def __init__(self, recipe: Recipe) -> None:
        """Hold what the terms are made from."""
        self._recipe = recipe
        self._token = secrets.token_hex(8)
        self._staging: str | None = None

    def open(self, staging: str) -> Terms:
        """Return the terms of a run over this staging area, into which the token is put.

        Raises:
            OSError: the run itself cannot write there.
        """
        blobs_at(staging).write(probe_name(self._token), [self._token.encode()])
        self._staging = staging
        return Terms(self._recipe, versions(self._recipe), staging, self._token)

    def close(self) -> None:
        """Take the token out of the staging area."""
        if self._staging is not None:
            with suppress(OSError):
                blobs_at(self._staging).remove(probe_name(self._token))


def prepare_in(dispatch: Dispatch, terms: Terms, partition: Partition, options: ReadOptions) -> Prepared:
    """Prepare a partition on some worker, which need not share this machine's spool.

    Raises:
        ClusterError: the worker does not see an input that this machine sees.
    """
    blobs, sent = blobs_at(terms.staging), None
    if partition.spool is not None:
        piece = spool.folder(options) / partition.spool
        if piece.exists():  # else the worker cuts the input anew
            sent = f"{partition.key}.piece.zst"
            blobs.write(sent, [piece.read_bytes()])
    try:
        return dispatch(terms, partition, options, sent, gone=False)
    except UnseenFileError as error:
        if _sees(error.uri, options):
            raise ClusterError(
                f"The worker on {error.worker} does not see the input {local_path(error.uri) or error.uri}: put the "
                "inputs where every machine has them under one path, or into an s3:// bucket that every machine "
                "reaches with AWS_… settings of its own."
            ) from None
        return dispatch(terms, partition, options, sent, gone=True)
    finally:
        if sent is not None:
            blobs.remove(sent)


def _check_files(partition: Partition, options: ReadOptions) -> None:
    for part in partition.slices:
        # In a bucket one file tells of all: what a worker lacks there is the way to it, or the right.
        bucket = part.uri[: part.uri.find("/", len(BUCKET))] if part.uri.startswith(BUCKET) else None
        if bucket not in _reached and not _sees(part.uri, options):
            raise UnseenFileError(part.uri, worker_name())
        if bucket is not None:
            _reached.add(bucket)


def _sees(uri: str, options: ReadOptions) -> bool:
    """Return whether this machine sees an input; what lies on the web is asked for only once."""
    path = local_path(uri)
    if path is not None:
        return os.path.exists(path)  # noqa: PTH110  # a Path cannot be told from its bytes
    if not uri.startswith(BUCKET):
        return True
    try:
        open_uri(uri, options.fetch).close()
    except (OSError, ReadError):
        return False
    return True
