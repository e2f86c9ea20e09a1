"""The Elasticsearch distribution of the embedded node: fetched once, verified, unpacked, shared by all nodes.

Elastic publishes it on Maven Central for integration tests; `jgo` resolves it. It is complete enough to index and
search, has no Java of its own, and stays read-only once unpacked.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from filelock import FileLock, Timeout
from jgo.maven import MavenContext, PythonResolver

from newsdex.retry import DOWNLOAD, retry
from newsdex.search.node.provisioning import NodeError, Unit, no_progress, require_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from newsdex.search.node.provisioning import StepProgress

GROUP = "org.elasticsearch.distribution.integ-test-zip"
ARTIFACT = "elasticsearch"

SPACE_NEEDED = 400_000_000
"""Free bytes that fetching takes: 130 MB of archive and 160 MB unpacked (version 9.5.0), and some to spare."""

_LOCK_SECONDS = 1_800.0
"""How long to wait for another process that is fetching: 130 MB at 100 kB/s take 22 minutes."""

_NETWORK_SECONDS = 30
"""Longest silence of the download before it counts as broken."""

_CHUNK = 1 << 20
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One version of Elasticsearch and what its archive must hash to."""

    version: str
    sha256: str
    repositories: Mapping[str, str] | None = None
    """Maven repositories, name → URL; `None` for Maven Central."""

    @property
    def folder_name(self) -> str:
        """The folder that the archive holds."""
        return f"elasticsearch-{self.version}"


PINNED = Distribution(version="9.5.0", sha256="db0e275fd790f723eca7bcde96069fd6fed304ad23afdb70c8c09553dd9e8b1b")
"""The version that Newsdex is tested with. The checksum was read off the archive on Maven Central."""


def install(cache: Path, progress: StepProgress = no_progress, distribution: Distribution = PINNED) -> Path:
    """Return the folder of the unpacked distribution below `cache`; fetch, verify and unpack it if it is not there.

    Any number of processes may call this at the same moment: one works, the others wait for it. An archive that
    somebody put into `cache` by hand (`elasticsearch-9.5.0.zip`) is used in place of a download.

    Raises:
        NodeError: no network, a wrong checksum, no space, a folder that cannot be written.
    """
    target = cache / distribution.folder_name
    if target.is_dir():
        return target
    with explained(cache), FileLock(_prepared(cache) / ".lock", timeout=_LOCK_SECONDS):
        if not target.is_dir():
            _remove_unfinished(cache)
            require_space(cache, SPACE_NEEDED, f"Elasticsearch {distribution.version}")
            _fetch_and_unpack(cache, target, distribution, progress)
    return target


@contextmanager
def explained(cache: Path) -> Iterator[None]:
    """Turn errors of the file system below `cache` into `NodeError`s."""
    try:
        yield
    except Timeout:
        raise NodeError(
            f"Another process has been fetching Elasticsearch into {cache} for {_LOCK_SECONDS / 60:.0f} minutes: "
            "wait for it, or end it and try again."
        ) from None
    except OSError as error:
        raise NodeError(
            f"Elasticsearch cannot be put into {cache} ({error.strerror or error}): "
            "free some space, fix the folder's permissions or choose another cache folder."
        ) from error


def _prepared(cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def _remove_unfinished(cache: Path) -> None:
    """Remove what a killed process left; nobody else works here while the lock is held."""
    for folder in cache.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _fetch_and_unpack(cache: Path, target: Path, distribution: Distribution, progress: StepProgress) -> None:
    work = cache / f"{_UNFINISHED}{uuid4().hex}"
    work.mkdir()
    step = f"Unpacking Elasticsearch {distribution.version}"
    try:
        archive = _archive(cache, work, distribution, progress)
        unpack(archive, work / "unpacked", lambda done, total: progress(step, done, total, Unit.BYTES))
        (work / "unpacked" / distribution.folder_name).rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _archive(cache: Path, work: Path, distribution: Distribution, progress: StepProgress) -> Path:
    by_hand = cache / f"{distribution.folder_name}.zip"
    if by_hand.is_file():
        if _sha256(by_hand) == distribution.sha256:
            return by_hand
        raise NodeError(
            f"{by_hand} is not Elasticsearch {distribution.version} as Elastic published it (wrong checksum): "
            "remove it, so that it is fetched, or put the right one there."
        )
    attempts = count()
    try:
        return retry(
            DOWNLOAD,
            lambda: _verified_download(work / f"download-{next(attempts)}", distribution, progress),
            on=lambda error: isinstance(error, _DownloadError),
        )
    except _DownloadError as fault:
        raise NodeError(
            f"Elasticsearch {distribution.version} could not be fetched from Maven Central, {DOWNLOAD.attempts} times: "
            f"{fault}. Check the network and try again, or put {distribution.folder_name}.zip into {cache} by hand "
            f"({GROUP}:{ARTIFACT}:{distribution.version})."
        ) from None


class _DownloadError(Exception):
    """A download did not give what was published; its text is the middle of a sentence."""


def _verified_download(repository: Path, distribution: Distribution, progress: StepProgress) -> Path:
    """Return the archive, freshly fetched below `repository`, which is removed where it is not what was published."""
    try:
        found = _download(repository, distribution, progress)
        if _sha256(found) == distribution.sha256:
            return found
        fault = "what came is not what Elastic published (wrong checksum)"
    # jgo lets through whatever happens below it: requests' errors, RuntimeError, failed assertions.
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the network
        fault = f"the download failed ({_short(error)})"
    shutil.rmtree(repository, ignore_errors=True)
    raise _DownloadError(fault)


def _download(repository: Path, distribution: Distribution, progress: StepProgress) -> Path:
    """Return the archive, freshly fetched below `repository`, not yet verified."""

    @contextmanager
    def follow(_name: str, total: int) -> Iterator[Callable[[int], None]]:
        done = 0

        def update(count: int) -> None:
            nonlocal done
            done += count
            progress(f"Downloading Elasticsearch {distribution.version}", done, total, Unit.BYTES)

        yield update

    context = MavenContext(
        resolver=PythonResolver(progress_callback=follow),
        repo_cache=repository,
        local_repos=[],
        remote_repos=dict(distribution.repositories) if distribution.repositories else None,
        timeout=_NETWORK_SECONDS,
    )
    artifact = context.project(GROUP, ARTIFACT).at_version(distribution.version).artifact(packaging="zip")
    path: Path = artifact.resolve()
    return path


def unpack(archive: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    """Unpack a zip archive into `target`, readable for everybody and writable for nobody but the owner.

    Raises:
        NodeError: the archive is broken, or holds a link or a path that leads out of `target`.
    """
    root = target.resolve()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            total = sum(member.file_size for member in members)
            done = 0
            for member in members:
                path = (root / member.filename).resolve()
                mode = member.external_attr >> 16
                if not path.is_relative_to(root) or stat.S_ISLNK(mode):
                    raise NodeError(f"{archive} holds {member.filename!r}, which leads out of its folder: remove it.")
                if member.is_dir():
                    _make_folder(path, root)
                    continue
                _make_folder(path.parent, root)
                with opened.open(member) as source, path.open("wb") as sink:
                    shutil.copyfileobj(source, sink, _CHUNK)
                path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
                done += member.file_size
                progress(done, total)
    except (zipfile.BadZipFile, EOFError) as error:
        raise NodeError(f"{archive} is broken ({_short(error)}): remove it and try again.") from error


def _make_folder(path: Path, root: Path) -> None:
    """Make a folder and its parents; their modes must not hang on the umask, since another user runs what is here."""
    if path.is_dir():
        return
    if path != root:
        _make_folder(path.parent, root)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir()
    path.chmod(0o755)


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _short(error: BaseException) -> str:
    words = " ".join(str(_root(error)).split()) or type(error).__name__
    return words if len(words) <= 200 else f"{words[:199]}…"


def _root(error: BaseException) -> BaseException:
    """Return what is at the bottom of an error; an HTTP client's own words are about its retries."""
    for inner in (getattr(error, "reason", None), *error.args[:1]):
        if isinstance(inner, BaseException):
            return _root(inner)
    return error
