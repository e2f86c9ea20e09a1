"""Find a Java that can run Elasticsearch, or fetch one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cjdk

from newsdex.search.node.provisioning import NodeError, Unit, no_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from newsdex.search.node.provisioning import StepProgress

MINIMUM = 21
"""The oldest Java that Elasticsearch 9 runs on."""

FETCHED_VENDOR, FETCHED_VERSION = "adoptium", "25"
"""What is fetched where no Java is found: Temurin, the long-term release that Newsdex is tested with."""

NEEDED_MODULE = "jdk.jdi"
"""A module that Elasticsearch's entitlements require and that trimmed runtimes leave out."""

USUAL_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)
"""Where packages, Homebrew, SDKMAN and IDEs put Java on Linux and macOS."""

_ADVICE = f"install Java {MINIMUM} or newer (a full JDK) and set ES_JAVA_HOME to its folder"
_RELEASE_LINE = re.compile(r'^(JAVA_VERSION|MODULES)="([^"]*)"', re.MULTILINE)
_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A Java that was found: its folder, and its major version."""

    home: Path
    major: int


def find(
    cache: Path,
    progress: StepProgress = no_progress,
    *,
    usable: Callable[[Path], bool] = lambda _home: True,
    environment: Mapping[str, str] = os.environ,
    folders: Iterable[str] = USUAL_FOLDERS,
) -> Java:
    """Return a Java that can run Elasticsearch: one that is installed, else one that is fetched into `cache`.

    `ES_JAVA_HOME` decides if it is set. Then come `JAVA_HOME`, the usual folders (the newest version first) and
    `java` on the PATH.

    Args:
        cache: a fetched Java is kept in its folder `java`.
        progress: told of the bytes fetched so far.
        usable: whether the user that runs the node can reach a folder.
        environment: where `ES_JAVA_HOME`, `JAVA_HOME` and `PATH` are looked up.
        folders: patterns of folders to look in.

    Raises:
        NodeError: `ES_JAVA_HOME` does not fit, or none is found and none can be fetched.
    """
    return installed(usable=usable, environment=environment, folders=folders) or _fetch(cache, progress)


def installed(
    *,
    usable: Callable[[Path], bool] = lambda _home: True,
    environment: Mapping[str, str] = os.environ,
    folders: Iterable[str] = USUAL_FOLDERS,
) -> Java | None:
    """Return a Java of this machine that can run Elasticsearch, `None` where there is none; arguments as for `find`.

    Raises:
        NodeError: `ES_JAVA_HOME` does not fit.
    """
    named = environment.get("ES_JAVA_HOME")
    if named:
        return _named(Path(named), usable)
    for home in _candidates(environment, folders):
        found = inspect(home)
        if isinstance(found, Java) and usable(found.home):
            return found
    return None


def inspect(home: Path) -> Java | str:
    """Return the Java in a folder, or why it cannot run Elasticsearch, in words that follow the folder's name.

    Every JDK since 9 describes itself in its file `release`; reading that is quicker than asking `java`.
    """
    if not (home / "bin" / "java").is_file():
        return "holds no bin/java"
    try:
        facts = dict(_RELEASE_LINE.findall((home / "release").read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return "has no readable file `release` that says which Java it is"
    number = re.match(r"\d+", facts.get("JAVA_VERSION", ""))
    if number is None or int(number[0]) < MINIMUM:
        return f"is Java {facts.get('JAVA_VERSION', 'of unknown version')}, too old"
    if NEEDED_MODULE not in facts.get("MODULES", NEEDED_MODULE).split():
        return f"is a trimmed Java without the module {NEEDED_MODULE}"
    return Java(home=home, major=int(number[0]))


def _named(home: Path, usable: Callable[[Path], bool]) -> Java:
    found = inspect(home)
    if isinstance(found, str):
        raise NodeError(f"ES_JAVA_HOME is {home}, which {found}: {_ADVICE}, or unset it.")
    if not usable(home):
        raise NodeError(
            f"ES_JAVA_HOME is {home}, which the user that runs Elasticsearch cannot reach: "
            "choose a Java in a folder that everybody can read, or unset it."
        )
    return found


def _candidates(environment: Mapping[str, str], folders: Iterable[str]) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    homes: set[Path] = set()
    for pattern in folders:
        expanded = Path(pattern).expanduser()
        homes.update(path.resolve() for path in Path(expanded.anchor).glob(str(expanded.relative_to(expanded.anchor))))
    found = [java for java in map(inspect, homes) if isinstance(java, Java)]
    yield from (java.home for java in sorted(found, key=lambda java: (-java.major, java.home)))
    on_path = shutil.which("java", path=environment.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent.parent


def _fetch(cache: Path, progress: StepProgress) -> Java:
    folder = cache / "java"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _watched(folder, progress):
            home = cjdk.java_home(
                vendor=FETCHED_VENDOR, version=FETCHED_VERSION, cache_dir=folder.resolve(), progress=False
            )
    # cjdk raises its own errors; requests' and the file system's come through in places.
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise NodeError(
            f"No Java {MINIMUM} or newer was found on this machine, and Java {FETCHED_VERSION} could not be fetched "
            f"into {folder} ({words}): {_ADVICE}."
        ) from error
    found = inspect(Path(home))
    if isinstance(found, str):
        raise NodeError(f"The Java fetched into {home} {found}: {_ADVICE}.")
    return found


@contextmanager
def _watched(folder: Path, progress: StepProgress) -> Iterator[None]:
    """Report how many bytes have come while the body runs: cjdk's own bar draws on the terminal, or not at all."""
    over = threading.Event()
    step = f"Downloading Java {FETCHED_VERSION}"

    def poll() -> None:
        while not over.wait(_POLL_SECONDS):
            progress(step, _bytes_below(folder, *Path(tempfile.gettempdir()).glob("cjdk-*")), None, Unit.BYTES)

    watcher = threading.Thread(target=poll, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    came = _bytes_below(folder)
    progress(step, came, came, Unit.BYTES)


def _bytes_below(*folders: Path) -> int:
    total = 0
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                total += path.stat().st_size
            except OSError:  # it was moved away in the meantime
                continue
    return total
