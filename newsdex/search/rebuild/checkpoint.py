"""What is known of a rebuild: noted on its unfinished indices, in the cluster, for whoever goes on with it."""

from __future__ import annotations

import re
import socket
import time
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames

NOTE = "newsdex_rebuild"
"""Key in the `_meta` of the new index of articles."""

_ENTRY = "-rebuild-"

SILENT_S = 20.0
"""A rebuild on another machine that noted nothing for so long is taken for dead."""


class Note(msgspec.Struct, kw_only=True):
    """What is known of a rebuild."""

    made_with: str
    """Stands for everything that decides what the new indices hold: another rebuild goes on only with the same."""
    former: dict[str, str]
    """Alias → the index that is being replaced: where `rollback` goes back to."""
    began_at: str
    caller: str = ""
    """Whoever asked for it; the same caller goes on with it at once after a failure."""
    host: str = ""
    pid: int = 0
    """Process that works on it; 0 when it has stopped."""
    born: float = 0.0
    """When that process was started: a number may be another process's later."""
    beat: int = 0
    """Raised with every note."""
    copied: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """Alias → by shard, up to which sequence number everything is copied; -1 for nothing."""
    swapped_at: str | None = None


def find(client: Elasticsearch, names: IndexNames) -> dict[str, tuple[str, str]]:
    """Return alias → (unfinished index, token of its rebuild); empty where no rebuild is unfinished."""
    found: dict[str, tuple[str, str]] = {}
    for index, entry in client.indices.get_alias(name=f"{names.prefix}*{_ENTRY}*").body.items():
        alias = names.alias_of(index)
        ours = re.compile(rf"{re.escape(entry_alias(alias or '', ''))}([0-9a-f]+)")
        for name in entry["aliases"]:
            if alias is not None and (match := ours.fullmatch(name)):
                found[alias] = (index, match[1])
    return found


def read_note(client: Elasticsearch, index: str) -> Note | None:
    """Return what an index of articles says of the rebuild that made it; `None` for one that was made without."""
    meta = client.indices.get_mapping(index=index).body[index]["mappings"].get("_meta", {})
    return msgspec.convert(meta[NOTE], Note) if NOTE in meta else None


def entry_alias(alias: str, token: str) -> str:
    """Return the alias that the process with this token writes to a new index through."""
    return f"{alias}{_ENTRY}{token}"


def is_at_work(client: Elasticsearch, index: str, note: Note) -> bool:
    """Return whether the process is alive that works on an unfinished index."""
    if not note.pid:
        return False
    if note.host == socket.gethostname():
        try:
            return abs(psutil.Process(note.pid).create_time() - note.born) < 1
        except psutil.Error:
            return False
    time.sleep(SILENT_S)
    now = read_note(client, index)
    return now is not None and now.beat != note.beat


def this_process() -> dict[str, Any]:
    """Return what a note says of the process that works on a rebuild."""
    process = psutil.Process()
    return {"host": socket.gethostname(), "pid": process.pid, "born": process.create_time()}
