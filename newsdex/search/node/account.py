"""Which user runs the embedded node, and where it can keep its files.

Elasticsearch refuses to run as root. A root process (a container, mostly) therefore runs it as `nobody`, who must be
able to reach the node's folders: they cannot lie below `/root`.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from newsdex.search.node.provisioning import NodeError

UNPRIVILEGED = "nobody"
"""The user that runs the node when a root process starts it: the one that every Unix has and nothing belongs to."""

_ROOT_HOME = Path("/var/lib/newsdex")
_ROOT_CACHE = Path("/var/cache/newsdex")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAccount:
    """The user and the group that run the node."""

    uid: int
    gid: int
    name: str
    switched: bool
    """Whether that is another user than the one that runs this process."""

    def own(self, folder: Path) -> None:
        """Make a folder that only this user can read, if need be, and give it to this user with all that is in it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if not self.switched:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, path: Path) -> bool:
        """Tell whether this user can read a file or look into a folder, judged by the modes along its path."""
        if not self.switched:
            return os.access(path, os.R_OK)
        try:
            resolved = path.resolve(strict=True)
            return all(self._may(folder, need=0o1) for folder in resolved.parents) and self._may(resolved, need=0o4)
        except OSError:
            return False

    def _may(self, path: Path, *, need: int) -> bool:
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(stat.S_IMODE(status.st_mode) >> shift & need)

    def require_way(self, folder: Path, what: str) -> None:
        """Raise `NodeError` unless this user can get through a folder to what lies in it."""
        if self.switched and not all(self._may(each, need=0o1) for each in (folder, *folder.parents)):
            self._refuse(folder, what)

    def require_reach(self, folder: Path, what: str) -> None:
        """Raise `NodeError` unless this user can look into a folder."""
        if not self.can_reach(folder):
            self._refuse(folder, what)

    def _refuse(self, folder: Path, what: str) -> None:
        raise NodeError(
            f"Elasticsearch refuses to run as root and runs as user {self.name} instead, who cannot reach {what} "
            f"{folder}: choose a folder that everybody can enter, such as {_ROOT_HOME}, or work as another user."
        )


def account() -> NodeAccount:
    """Return the account that runs the node: this process's own, or `nobody` for root.

    Raises:
        NodeError: root without a user `nobody`.
    """
    if os.geteuid() != 0:
        return NodeAccount(uid=os.geteuid(), gid=os.getegid(), name=str(os.geteuid()), switched=False)
    try:
        found = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise NodeError(
            f"Elasticsearch refuses to run as root, and this machine has no user {UNPRIVILEGED} to run it as: "
            "add that user, or work as an ordinary user."
        ) from None
    return NodeAccount(uid=found.pw_uid, gid=found.pw_gid, name=UNPRIVILEGED, switched=True)


def default_home() -> Path:
    """Return where the node keeps data, configuration, logs and state, unless it is told otherwise."""
    return _ROOT_HOME if os.geteuid() == 0 else platformdirs.user_data_path("newsdex", appauthor=False)


def default_cache() -> Path:
    """Return where downloads are kept, unless told otherwise; it may be deleted while no node runs."""
    return _ROOT_CACHE if os.geteuid() == 0 else platformdirs.user_cache_path("newsdex", appauthor=False)
