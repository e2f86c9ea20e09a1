"""What keeps workers from working, in one sentence each."""

from __future__ import annotations

from newsdex.errors import NewsdexError


class ClusterError(NewsdexError):
    """A cluster that cannot be worked with; the message is one sentence that names the fix."""


class WorkerDiedError(NewsdexError):
    """A worker process was killed twice over the same partition; the message is one sentence."""
