from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import signal
import socket
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
from elasticsearch import Elasticsearch

from newsdex.search.node import hunspell
from newsdex.search.node import process as node_process
from newsdex.search.node.account import NodeAccount
from newsdex.search.node.node import NodeError, NodeSettings, default_cache, disk_warning, start, status, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.node import ElasticsearchNode

FACTS = {"home": "/home", "data": "/home/data", "port": 9250, "heap": 512, "console": "/home/start.log"}
HUGE_MB = 4  # of text in one document
FAULTS = tomllib.loads(Path(node_process.__file__).with_name("node_faults.toml").read_text("utf-8"))["fault"]


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home that also `nobody` can reach, unlike pytest's own folders, with a blank in it, as macOS has."""
    folder = Path(tempfile.mkdtemp(prefix="newsdex tést-"))
    yield folder
    stop(NodeSettings(home=folder, cache=default_cache()))
    shutil.rmtree(folder)


@pytest.fixture
def settings(home: Path) -> NodeSettings:
    """Return the settings of a node of this test's own."""
    return NodeSettings(home=home, cache=default_cache(), java_options=("-XX:TieredStopAtLevel=1",))


def remember(home: Path, **state: object) -> None:
    """Leave a state file as a node of before would have."""
    (home / "state.json").write_text(json.dumps({"version": "9.5.0", "port": 9250, "pid": 0} | state))


def _start(settings: NodeSettings, answer: multiprocessing.Queue[tuple[int, bool, str]]) -> None:
    node = start(settings)
    answer.put((node.pid, node.started, node.password))


# One node's whole life, so that the suite pays for two starts: 30 seconds, and 70 where six others use two cores.
@pytest.mark.timeout(300)
@pytest.mark.services
def test_a_life_of_a_node(settings: NodeSettings) -> None:
    """Two processes start one node, which outlives them, survives a kill with its data and port, and can be stopped."""
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    starters = [spawn.Process(target=_start, args=(settings, answers)) for _ in range(2)]
    for starter in starters:
        starter.start()
    (pid, _, password), (other_pid, _, _) = found = [answers.get(timeout=110) for _ in starters]
    for starter in starters:
        starter.join()
    assert pid == other_pid
    assert sorted(started for _, started, _ in found) == [False, True]

    node = status(settings)
    assert node is not None
    assert (node.pid, node.password, node.health, node.started) == (pid, password, "green", False)
    assert stat_mode(settings.home / "password") == 0o600
    assert password not in " ".join(psutil.Process(pid).cmdline())
    document = f"{node.url}/kept/_doc/1?refresh=true"
    access = httpx.Client(auth=(node.username, password), trust_env=False)
    access.put(document, json={"word": "kept"}).raise_for_status()

    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert status(settings) is None
    assert stop(settings) is False
    again = start(settings)
    assert (again.started, again.url, again.password) == (True, node.url, password)
    assert access.get(document).raise_for_status().json()["_source"] == {"word": "kept"}

    assert stop(settings) is True
    assert status(settings) is None


def stat_mode(path: Path) -> int:
    """Return the permission bits of a file."""
    return path.stat().st_mode & 0o777


def test_a_running_node_is_found_at_once(elasticsearch: ElasticsearchNode) -> None:
    """Starting what runs returns it and reports no progress."""
    if elasticsearch.settings is None:
        pytest.skip("the environment names the node: nothing was started")
    seen: list[str] = []
    node = start(elasticsearch.settings, lambda what, _done, _total, _unit: seen.append(what))
    assert (node.url, node.started, seen) == (elasticsearch.url, False, [])


def test_the_node_is_found_when_its_process_number_got_lost(elasticsearch: ElasticsearchNode) -> None:
    """A state file with another process's number (it was re-used) does not hide the node that runs."""
    if elasticsearch.settings is None:
        pytest.skip("the environment names the node: nothing was started")
    before = status(elasticsearch.settings)
    assert before is not None
    state = elasticsearch.settings.home / "state.json"
    kept = state.read_text()
    state.write_text(json.dumps(json.loads(kept) | {"pid": os.getpid()}))
    try:
        assert status(elasticsearch.settings) == before
    finally:
        state.write_text(kept)


def test_the_node_asks_for_the_password(elasticsearch: ElasticsearchNode) -> None:
    """Nobody gets in without the password, and it shows in no representation."""
    if elasticsearch.password is None:
        pytest.skip("the environment names a node without a password")
    assert httpx.get(f"{elasticsearch.url}/_cluster/health", trust_env=False).status_code == 401
    assert elasticsearch.password not in repr(elasticsearch)


def test_the_node_listens_on_this_machine_only(elasticsearch: ElasticsearchNode) -> None:
    """HTTP and transport are bound to the loopback interface."""
    if elasticsearch.settings is None:
        pytest.skip("the environment names the node: nothing was started")
    node = status(elasticsearch.settings)
    assert node is not None
    listening = [c for c in psutil.Process(node.pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} == {"127.0.0.1"}


def test_every_dictionary_stems_its_example(elasticsearch: ElasticsearchNode) -> None:
    """All dictionaries load together in the node's small heap, and each brings its example to the stem."""
    with Elasticsearch(elasticsearch.url, basic_auth=elasticsearch.basic_auth, request_timeout=60) as client:
        assert hunspell.check(client) == {}


def test_dictionaries_serve_an_index(elasticsearch: ElasticsearchNode, index_prefix: str) -> None:
    """German nouns are found by their plural in an index whose analysis puts words in lower case first."""
    analysis = {
        "filter": {"de": {"type": "hunspell", "locale": "de_DE"}},
        "analyzer": {"de": {"tokenizer": "standard", "filter": ["lowercase", "de"]}},
    }
    mappings = {"properties": {"body": {"type": "text", "analyzer": "de"}}}
    with Elasticsearch(elasticsearch.url, basic_auth=elasticsearch.basic_auth, request_timeout=60) as client:
        client.indices.create(
            index=f"{index_prefix}de",
            settings={"analysis": analysis, "number_of_replicas": 0},
            mappings=mappings,
        )
        client.index(index=f"{index_prefix}de", document={"body": "Die Wahl im Haus"}, refresh=True)
        for word in ("Wahlen", "Häuser", "HAUS"):
            assert client.count(index=f"{index_prefix}de", query={"match": {"body": word}})["count"] == 1, word


def test_a_request_beyond_its_memory_is_refused_alone(elasticsearch: ElasticsearchNode, index_prefix: str) -> None:
    """A search that would answer with more text than the heap has room for is refused; the next one is answered."""
    if elasticsearch.settings is None:
        pytest.skip("a named node may have any amount of memory")
    count = elasticsearch.settings.heap_mb // HUGE_MB
    index, document = f"/{index_prefix}huge", json.dumps({"text": "word " * (HUGE_MB * 2**20 // 5)})
    some = "".join(f'{{"index":{{}}}}\n{document}\n' for _ in range(4))
    with elasticsearch.http() as client:
        client.put(index, json={"mappings": {"enabled": False}}).raise_for_status()
        for _ in range(count // 4):
            sent = client.post(f"{index}/_bulk", content=some, headers={"Content-Type": "application/x-ndjson"})
            assert not sent.raise_for_status().json()["errors"]
        client.post(f"{index}/_refresh").raise_for_status()
        refused = client.post(f"{index}/_search", json={"size": count})
        answered = client.post(f"{index}/_search", json={"size": 4})
    assert (refused.status_code, answered.status_code) == (429, 200)
    assert "Data too large" in refused.text
    assert len(answered.json()["hits"]["hits"]) == 4


@pytest.mark.services
def test_a_node_that_dies_says_why(settings: NodeSettings) -> None:
    """A node whose Java refuses its options ends in one sentence with the decisive words, and leaves no process."""
    with pytest.raises(NodeError, match=r"^Java does not know or cannot follow the option 'UseNoSuchThing': .*\.$"):
        start(replace(settings, java_options=("-XX:+UseNoSuchThing",)))
    assert status(settings) is None


def test_a_port_that_is_taken_is_named(settings: NodeSettings) -> None:
    """The sentence names the port and the program that holds it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(NodeError, match=rf"^Port {port} of this machine is taken by .*process {os.getpid()}"):
            start(replace(settings, port=port))


def test_a_remembered_port_that_is_taken_is_replaced() -> None:
    """Where no port was asked for, another free one is taken."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        other = node_process.free_port(port)
        assert other != port
        assert node_process.is_free(other)


def test_a_stale_process_number_is_seen_through(settings: NodeSettings) -> None:
    """The number of a process that is not the node (this very one) means that no node runs, and it is not stopped."""
    remember(settings.home, pid=os.getpid())
    assert status(settings) is None
    assert stop(settings) is False


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_a_broken_state_file_means_no_node(settings: NodeSettings, content: str) -> None:
    """A state file that was cut off or tampered with is as good as none."""
    (settings.home / "state.json").write_text(content)
    assert status(settings) is None


def test_data_of_a_newer_version_is_refused(settings: NodeSettings) -> None:
    """Data that a newer Elasticsearch wrote is refused before anything is touched."""
    remember(settings.home, version="9.10.1")
    with pytest.raises(NodeError, match=r"written by Elasticsearch 9\.10\.1, which is newer than 9\.5\.0: upgrade"):
        start(settings)


def test_a_home_that_is_no_folder_is_named(settings: NodeSettings) -> None:
    """A home that cannot be used is named in the sentence."""
    (settings.home / "file").write_text("")
    with pytest.raises(NodeError, match=r"home .*file cannot be used \(File exists\)"):
        start(replace(settings, home=settings.home / "file"))


def test_a_home_that_nobody_can_reach_is_refused(settings: NodeSettings) -> None:
    """A folder inside a closed one is out of reach for another user; an open one is not."""
    closed = settings.home / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    settings.home.chmod(0o755)
    stranger = NodeAccount(uid=12_345, gid=12_345, name="stranger", switched=True)
    assert stranger.can_reach(settings.home)
    assert not stranger.can_reach(closed)
    assert not stranger.can_reach(closed / "inner")
    assert not stranger.can_reach(settings.home / "missing")
    with pytest.raises(NodeError, match=r"runs as user stranger instead, who cannot reach the node's home .*inner"):
        stranger.require_reach(closed / "inner", "the node's home")


def test_warns_of_a_nearly_full_disk(tmp_path: Path) -> None:
    """Little free space gives one sentence with the figure; enough gives none."""
    assert disk_warning(tmp_path, low=0) is None
    warning = disk_warning(tmp_path, low=10**18)
    assert warning is not None
    assert re.match(r"Only [\d,]+ MB are free on the disk of .*: below 1,000 MB .*free some space\.$", warning)


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["pattern"][:30])
def test_each_known_death_has_its_sentence(row: dict[str, str]) -> None:
    """Each row's example is explained by that row's own sentence, complete."""
    sentence = node_process.explain_death(f"some log\n{row['example']}\n\tat a.b.C\n", **FACTS)
    assert sentence.startswith(row["sentence"].partition("{")[0])
    assert "{" not in sentence
    assert sentence.endswith(".")


def test_an_unknown_death_quotes_the_decisive_line() -> None:
    """Where no row fits, the first error of the log is quoted, and the log is named."""
    log = (
        "[2026-01-01][INFO ] starting\n[2026-01-01][ERROR] fatal exception while booting Elasticsearch"
        "java.lang.IllegalArgumentException: unknown setting [no.such]\n"
        "\tat x.y.Z(Z.java:1)\njava.lang.RuntimeException: late\n"
    )
    assert node_process.explain_death(log, **FACTS) == (
        "Elasticsearch died while it started (java.lang.IllegalArgumentException: unknown setting [no.such]): "
        "see /home/start.log for the whole log."
    )
