from __future__ import annotations

import hashlib
import http.server
import io
import multiprocessing
import resource
import stat
import threading
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from newsdex.search.node import distribution
from newsdex.search.node.distribution import Distribution, install
from newsdex.search.node.provisioning import NodeError, no_progress, require_space

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def archive(members: dict[str, bytes], *, link: str | None = None) -> bytes:
    """Return a zip archive; names that lie in `bin` are executable, `link` is a symbolic link."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as opened:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if "/bin/" in name else 0o100600) << 16
            opened.writestr(info, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            opened.writestr(info, "/etc/passwd")
    return sink.getvalue()


GOOD = archive(
    {"elasticsearch-0.0.1/bin/elasticsearch": b"#!/bin/sh\n", "elasticsearch-0.0.1/lib/a/b.jar": b"x" * 50_000}
)


@dataclass
class Repository:
    """A Maven repository on this machine, which answers each request with the next of `answers`."""

    url: str
    answers: list[tuple[bytes, int]] = field(default_factory=list)
    """What is sent, and how many bytes are promised; the last answer is given again and again."""
    requests: list[str] = field(default_factory=list)

    def distribution(self, content: bytes = GOOD) -> Distribution:
        """Return the distribution that this repository should hold."""
        return Distribution(
            version="0.0.1", sha256=hashlib.sha256(content).hexdigest(), repositories={"here": self.url}
        )


@pytest.fixture
def repository() -> Iterator[Repository]:
    """Yield a repository that serves the good archive."""
    served = Repository("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.endswith(".zip"):
                self.send_error(404)
                return
            served.requests.append(self.path)
            content, promised = served.answers.pop(0) if len(served.answers) > 1 else served.answers[0]
            self.send_response(200)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    served.answers = [(GOOD, len(GOOD))]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


def test_fetches_verifies_and_unpacks(tmp_path: Path, repository: Repository) -> None:
    """The distribution lies unpacked in the cache, runnable and readable for every user, and nothing else does."""
    folder = install(tmp_path / "cache", distribution=repository.distribution())
    assert folder == tmp_path / "cache" / "elasticsearch-0.0.1"
    modes = {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {"bin": 0o755, "bin/elasticsearch": 0o755, "lib": 0o755, "lib/a": 0o755, "lib/a/b.jar": 0o644}
    assert {path.name for path in folder.parent.iterdir()} <= {"elasticsearch-0.0.1", ".lock"}


def test_reports_progress_in_bytes(tmp_path: Path, repository: Repository) -> None:
    """Download and unpacking each report growing figures that end at their total."""
    seen: dict[str, list[tuple[int, int | None]]] = {}
    install(
        tmp_path,
        lambda what, done, total, _unit: seen.setdefault(what, []).append((done, total)),
        repository.distribution(),
    )
    assert list(seen) == ["Downloading Elasticsearch 0.0.1", "Unpacking Elasticsearch 0.0.1"]
    for figures in seen.values():
        assert figures == sorted(figures)
        assert figures[-1][0] == figures[-1][1]


def test_fetches_only_once(tmp_path: Path, repository: Repository) -> None:
    """What is in the cache is not fetched again."""
    install(tmp_path, distribution=repository.distribution())
    install(tmp_path, distribution=repository.distribution())
    assert len(repository.requests) == 1


def test_tries_a_broken_download_again(tmp_path: Path, repository: Repository) -> None:
    """A download that breaks half-way is thrown away and tried once more."""
    repository.answers = [(GOOD[:300], len(GOOD)), (GOOD, len(GOOD))]
    assert install(tmp_path, distribution=repository.distribution()).is_dir()
    assert len(repository.requests) == 2


def test_gives_up_after_a_second_broken_download(tmp_path: Path, repository: Repository) -> None:
    """Two broken downloads end in a sentence that names the remedy, and leave nothing behind."""
    repository.answers = [(GOOD[:300], len(GOOD))]
    with pytest.raises(NodeError, match=r"could not be fetched .* the download failed .* by hand"):
        install(tmp_path, distribution=repository.distribution())
    assert len(repository.requests) == 2
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == []


def test_refuses_a_wrong_checksum(tmp_path: Path, repository: Repository) -> None:
    """What does not hash to the pinned checksum is fetched once more and never unpacked."""
    repository.answers = [(b"evil", 4)]
    with pytest.raises(NodeError, match="wrong checksum"):
        install(tmp_path, distribution=repository.distribution())
    assert len(repository.requests) == 2
    assert not (tmp_path / "elasticsearch-0.0.1").exists()


def test_says_that_there_is_no_network(tmp_path: Path) -> None:
    """A repository that cannot be reached ends in a sentence that names the network."""
    unreachable = Distribution(version="0.0.1", sha256="", repositories={"nowhere": "http://127.0.0.1:1"})
    with pytest.raises(NodeError, match="Check the network"):
        install(tmp_path, distribution=unreachable)


def test_uses_an_archive_put_there_by_hand(tmp_path: Path, repository: Repository) -> None:
    """On a machine without network the archive in the cache is used, and kept."""
    (tmp_path / "elasticsearch-0.0.1.zip").write_bytes(GOOD)
    assert install(tmp_path, distribution=repository.distribution()).is_dir()
    assert repository.requests == []
    assert (tmp_path / "elasticsearch-0.0.1.zip").exists()


def test_refuses_a_wrong_archive_put_there_by_hand(tmp_path: Path, repository: Repository) -> None:
    """A wrong archive in the cache is named, and not used."""
    (tmp_path / "elasticsearch-0.0.1.zip").write_bytes(b"something else")
    with pytest.raises(NodeError, match=r"elasticsearch-0\.0\.1\.zip is not Elasticsearch 0\.0\.1"):
        install(tmp_path, distribution=repository.distribution())


def test_two_processes_fetch_once(tmp_path: Path, repository: Repository) -> None:
    """Two processes that fetch at the same moment share one download."""
    spawn = multiprocessing.get_context("spawn")
    arguments = (tmp_path, no_progress, repository.distribution())
    processes = [spawn.Process(target=install, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(repository.requests) == 1


def test_removes_what_a_killed_process_left(tmp_path: Path, repository: Repository) -> None:
    """The leavings of a process that was killed while it fetched do not pile up."""
    left = tmp_path / ".unfinished-abc"
    left.mkdir()
    (left / "half").write_bytes(b"x")
    install(tmp_path, distribution=repository.distribution())
    assert not left.exists()


def _install_with_small_files(cache: Path, pinned: Distribution, answer: multiprocessing.Queue[str]) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        install(cache, distribution=pinned)
    except NodeError as error:
        answer.put(str(error))


def test_says_that_the_disk_refuses(tmp_path: Path, repository: Repository) -> None:
    """A disk that takes no more while unpacking ends in one sentence, after no second download, and is cleaned up."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    process = spawn.Process(target=_install_with_small_files, args=(tmp_path, repository.distribution(), answer))
    process.start()
    assert "cannot be put into" in answer.get(timeout=60)
    process.join(60)
    assert len(repository.requests) == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == []


def test_says_how_much_space_is_needed(tmp_path: Path) -> None:
    """Too little space is told before anything is fetched, with both figures."""
    with pytest.raises(NodeError, match=r"Elasticsearch needs 1,000,000,000 MB in .* MB are free there"):
        require_space(tmp_path / "not" / "there", 10**15, "Elasticsearch")


def test_says_that_the_cache_cannot_be_used(tmp_path: Path, repository: Repository) -> None:
    """A cache that is no folder is named in the sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NodeError, match=r"cannot be put into .*file"):
        install(tmp_path / "file", distribution=repository.distribution())


@pytest.mark.parametrize(
    "hostile",
    [archive({"../outside": b""}), archive({"/tmp/outside": b""}), archive({}, link="link")],  # noqa: S108
    ids=["parent", "absolute", "link"],
)
def test_unpacks_nothing_outside(tmp_path: Path, hostile: bytes) -> None:
    """A path or a link that leads out of the folder is refused."""
    (tmp_path / "hostile.zip").write_bytes(hostile)
    with pytest.raises(NodeError, match="leads out of its folder"):
        distribution.unpack(tmp_path / "hostile.zip", tmp_path / "target", lambda _done, _total: None)
    assert not (tmp_path / "outside").exists()


def test_says_that_an_archive_is_broken(tmp_path: Path) -> None:
    """What is no zip archive is named in the sentence."""
    (tmp_path / "broken.zip").write_bytes(GOOD[:-100])
    with pytest.raises(NodeError, match=r"broken\.zip is broken"):
        distribution.unpack(tmp_path / "broken.zip", tmp_path / "target", lambda _done, _total: None)
