"""Where the embedded node keeps what, and its configuration, written anew at each start.

home/            belongs to the user of Newsdex
  password       the node's password, 0600
  state.json     which process runs, on which port, which version wrote the data
  start.log      what the node said when it was last started
  config/        what this module writes
  data/ logs/ tmp/ snapshots/
                 these five belong to the user that runs the node
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from newsdex.search.node import hunspell
from newsdex.search.node.provisioning import NodeError

if TYPE_CHECKING:
    from pathlib import Path

    from newsdex.search.node.account import NodeAccount

USERNAME = "newsdex"
HOST = "127.0.0.1"

FLOOD_BYTES = 1_000_000_000
"""Below this much free space Elasticsearch makes all indices read-only. Its own default, 95 % of the disk, would
block a laptop with 20 GB free; 1 GB is room for the merges of the largest index this node is meant for."""

LOW_BYTES = 2 * FLOOD_BYTES
"""Below this much free space a person is warned."""

_SMALLEST_HEAP_MB = 128
"""The heap starts this small and grows: 360 MB resident in place of 760 MB right after the start."""

_ONE_COLLECTOR_UP_TO_MB = 1024
"""Heaps up to this size are collected by one thread while the others wait: 2 to 5 ms at a time, 100 ms for the whole of
512 MB. Indexing 12,000 articles then takes 11 % less processor time than with G1, whose own threads run beside
(86.8 and 88.4 in place of 98.0 and 99.5 seconds, two nodes side by side). In a larger heap the waits would be felt."""

_LATE_COMPILER = (
    "-XX:Tier4InvocationThreshold=20000",
    "-XX:Tier4MinInvocationThreshold=5000",
    "-XX:Tier4CompileThreshold=40000",
    "-XX:Tier4BackEdgeThreshold=160000",
)
"""Java's optimising compiler sets in four times later than by default. A start then takes 12.1 in place of 14.1 seconds
of processor time, and indexing 20,000 articles no more than before (23.0 and 26.8 seconds)."""

_HASH_ROUNDS = 10_000
"""Rounds of PBKDF2, Elasticsearch's own default; the password is 192 random bits, so guessing is out anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """What an embedded node needs to know."""

    home: Path
    """Data, configuration, logs and state: one home, one node."""
    cache: Path
    """Downloads, shared by all nodes."""
    heap_mb: int = 512
    """Java heap in MB; the process takes about 300 MB more."""
    port: int | None = None
    """`None`: a free one, the same again at the next start where it can be had."""
    start_timeout: float = 180.0
    """Seconds for the node itself to start, without downloads: 10 on two idle cores, 40 seen on two swamped ones."""
    java_options: tuple[str, ...] = ()
    """More options for the node's Java, such as `-XX:TieredStopAtLevel=1` (starts quicker, works slower)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The files of one node, by its home."""

    home: Path

    @property
    def config(self) -> Path:
        """What `ES_PATH_CONF` names."""
        return self.home / "config"

    @property
    def data(self) -> Path:
        """The indices."""
        return self.home / "data"

    @property
    def logs(self) -> Path:
        """Elasticsearch's own logs."""
        return self.home / "logs"

    @property
    def temporary(self) -> Path:
        """The node's own folder for temporary files."""
        return self.home / "tmp"

    @property
    def snapshots(self) -> Path:
        """The one folder that a repository for snapshots may lie in."""
        return self.home / "snapshots"

    @property
    def console(self) -> Path:
        """What the node said at its start."""
        return self.home / "start.log"

    @property
    def password(self) -> Path:
        """The file with the node's password."""
        return self.home / "password"

    @property
    def state(self) -> Path:
        """The file with what is known of the running node."""
        return self.home / "state.json"

    @property
    def lock(self) -> Path:
        """Held while a node is started or stopped."""
        return self.home / "lock"

    @property
    def marker(self) -> str:
        """An argument on the command line of this home's node, and of no other process."""
        return f"-Dnewsdex.home={self.home}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """What is remembered of a node between commands."""

    version: str
    """The version that wrote the data."""
    port: int
    pid: int = 0
    """The process; 0 while none is known."""


def read_state(layout: Layout) -> NodeState | None:
    """Return what is remembered, `None` where nothing is, or nothing legible."""
    try:
        found = json.loads(layout.state.read_text(encoding="utf-8"))
        return NodeState(version=str(found["version"]), port=int(found["port"]), pid=int(found["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(layout: Layout, state: NodeState) -> None:
    """Remember; a reader sees the old state or the new one, never half of it."""
    unfinished = layout.state.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")
    unfinished.replace(layout.state)


def read_password(layout: Layout) -> str:
    """Return the node's password.

    Raises:
        NodeError: the file is there but cannot be read.
    """
    try:
        return layout.password.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NodeError(
            f"The node's password in {layout.password} cannot be read ({error.strerror}): work as the user that "
            "started the node, or choose another home for a node of your own."
        ) from error


def write_config(
    layout: Layout, *, distribution: Path, account: NodeAccount, port: int, heap_mb: int, java_options: tuple[str, ...]
) -> None:
    """Write the whole configuration, and make the folders that the node writes to.

    The password is made at the first time. Elasticsearch gets it as a salted hash in its file realm: its own tools for
    that would start a Java twice, which took nine seconds on two busy cores.

    Raises:
        OSError: the home cannot be written.
        NodeError: a dictionary is missing.
    """
    # Made afresh, so that nothing stays of another version, nor a link that the node's user might have put there.
    shutil.rmtree(layout.config, ignore_errors=True)
    for folder in (layout.config, layout.data, layout.logs, layout.temporary, layout.snapshots):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not layout.password.exists():
        layout.password.touch(mode=0o600)
    if not layout.password.read_text(encoding="utf-8"):
        layout.password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    for name in ("jvm.options", "log4j2.properties"):
        shutil.copyfile(distribution / "config" / name, layout.config / name)
    (layout.config / "elasticsearch.yml").write_text(_settings(layout, port, heap_mb), encoding="utf-8")
    options = layout.config / "jvm.options.d"
    options.mkdir(exist_ok=True)
    (options / "newsdex.options").write_text(
        "\n".join((*_java_options(layout, heap_mb), *java_options)) + "\n", "utf-8"
    )
    (layout.config / "users").write_text(f"{USERNAME}:{_hashed(read_password(layout))}\n", encoding="utf-8")
    (layout.config / "users_roles").write_text(f"superuser:{USERNAME}\n", encoding="utf-8")
    hunspell.install(layout.config)
    for folder in (layout.config, layout.data, layout.logs, layout.temporary, layout.snapshots):
        account.own(folder)


def _settings(layout: Layout, port: int, heap_mb: int) -> str:
    settings: dict[str, Any] = {
        "cluster.name": "newsdex",
        "node.name": "newsdex",
        "discovery.type": "single-node",
        "path.data": str(layout.data),
        "path.logs": str(layout.logs),
        "path.repo": [str(layout.snapshots)],
        "http.host": HOST,
        "http.port": port,
        "transport.host": HOST,
        # Nobody talks to it: any free port will do.
        "transport.port": 0,
        "xpack.security.enabled": True,
        "cluster.routing.allocation.disk.watermark.low": f"{LOW_BYTES}b",
        "cluster.routing.allocation.disk.watermark.high": f"{(LOW_BYTES + FLOOD_BYTES) // 2}b",
        "cluster.routing.allocation.disk.watermark.flood_stage": f"{FLOOD_BYTES}b",
        # A dictionary is loaded when an index needs it, not at the start.
        "indices.analysis.hunspell.dictionary.lazy": True,
    }
    if _has_one_collector(heap_mb):
        # What a request is going to need is counted, not what lies on the heap: that may be rubbish for minutes here.
        # (With G1 and the whole heap counted, one search for 150 articles of 4 MB had the node refuse all that came
        # after it; so, it refuses that search alone.)
        settings["indices.breaker.total.use_real_memory"] = False
    # JSON values are YAML values: a path with a blank or a colon in it stays one.
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())


def _java_options(layout: Layout, heap_mb: int) -> tuple[str, ...]:
    return (
        f"-Xms{min(_SMALLEST_HEAP_MB, heap_mb)}m",
        f"-Xmx{heap_mb}m",
        "-XX:-AlwaysPreTouch",
        *(("-XX:-UseG1GC", "-XX:+UseSerialGC") if _has_one_collector(heap_mb) else ()),
        *_LATE_COMPILER,
        layout.marker,
        # The distribution logs every garbage collection, in up to 2 GB of files.
        "-Xlog:disable",
        "-Xlog:all=warning:stderr:utctime,level,tags",
        # A dump of the heap would fill a laptop's disk and help nobody.
        "-XX:-HeapDumpOnOutOfMemoryError",
        f"-XX:ErrorFile={layout.logs}/hs_err_pid%p.log",
    )


def _has_one_collector(heap_mb: int) -> bool:
    return heap_mb <= _ONE_COLLECTOR_UP_TO_MB


def _hashed(password: str) -> str:
    """Return a password as Elasticsearch's file realm stores it: PBKDF2 with HMAC-SHA512, in its own notation."""
    salt = secrets.token_bytes(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _HASH_ROUNDS, dklen=32)
    return f"{{PBKDF2}}{_HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
