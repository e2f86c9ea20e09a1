"""What de-duplication and stories take of a run, as shares of all processor time."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import newsdex.search.store.store
from newsdex.search.store.plan_writer import PlanWriter
from newsdex.search.store.store import ArticleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch


@dataclass
class Share:
    """Seconds of one run."""

    inside: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("index", "apply", "story_ids"), 0.0))
    """On the clock, of the one thread that indexes: its own work, what Elasticsearch does for it, and waiting."""
    elasticsearch: float = 0.0
    """Processor seconds of Elasticsearch in all."""

    def sentence(self, stages: dict[str, float]) -> str:
        """Return the shares, with the processor seconds by stage that the run reported."""
        signing, stories = stages["deduplicate"], self.inside["story_ids"]
        deciding = self.inside["index"] - self.inside["apply"] - stories
        whole = sum(stages.values()) + self.elasticsearch
        return (
            f"of {whole:.0f} processor seconds ({self.elasticsearch:.0f} of them Elasticsearch's) de-duplication takes "
            f"at most {(signing + deciding) / whole:.1%} (signatures {signing:.1f} s, look-ups and decisions "
            f"{deciding:.1f} s on the clock), stories at most {stories / whole:.1%} ({stories:.1f} s on the clock)"
        )


@contextmanager
def measured(client: Elasticsearch) -> Iterator[Share]:
    """Measure everything that is indexed inside; the figures are there at the end."""
    share = Share()
    before = node_seconds(client)
    with ExitStack() as timing:
        for owner, name in (
            (ArticleStore, "index"),
            (PlanWriter, "apply"),
            (newsdex.search.store.store, "story_ids"),
        ):
            timing.enter_context(_timed(share, owner, name))
        yield share
    share.elasticsearch = node_seconds(client) - before


@contextmanager
def _timed(share: Share, owner: object, name: str) -> Iterator[None]:
    """Have every call of a method or function add its seconds to a share."""
    real = getattr(owner, name)

    def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # stands for any function
        begin = time.monotonic()
        try:
            return real(*given, **named)
        finally:
            share.inside[name] += time.monotonic() - begin

    setattr(owner, name, timed)
    try:
        yield
    finally:
        setattr(owner, name, real)


def node_seconds(client: Elasticsearch) -> float:
    """Processor seconds of the node since its start: unlike the time on the clock, hardly other programs' business."""
    found: Any = client.nodes.stats(metric="process")["nodes"].values()
    return sum(float(each["process"]["cpu"]["total_in_millis"]) for each in found) / 1000
