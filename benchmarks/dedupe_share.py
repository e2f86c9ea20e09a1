"""What de-duplication takes of a run: signatures, decisions and look-ups, as a share of all processor time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.moves import Mover
from search.store import ArticleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticsearch import Elasticsearch


@dataclass
class Share:
    """Processor seconds of one run."""

    deciding: float = 0.0
    """Of the run's own process in `ArticleStore.index`, without its writing."""
    looking_up: float = 0.0
    """Of Elasticsearch in searches and gets, its own count; counted on the clock, so that waiting is in it too."""
    elasticsearch: float = 0.0
    """Of Elasticsearch in all."""

    def sentence(self, stages: dict[str, float]) -> str:
        """The share, with the processor seconds by stage that the run reported."""
        signing = stages["deduplicate"]
        whole = sum(stages.values()) + self.elasticsearch
        return (
            f"de-duplication's share of the processor time: {(signing + self.deciding + self.looking_up) / whole:.1%} "
            f"(signatures {signing:.1f} s, decisions {self.deciding:.1f} s, Elasticsearch's look-ups at most "
            f"{self.looking_up:.1f} s, of {whole:.0f} s with Elasticsearch's {self.elasticsearch:.0f} s)"
        )


@contextmanager
def measured(client: Elasticsearch) -> Iterator[Share]:
    """Measure everything that is indexed inside; the figures are there at the end."""
    share = Share()
    inside = {"index": 0.0, "write": 0.0}

    def timed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def method(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # stands for any method
            begin = time.thread_time()
            try:
                return real(*given, **named)
            finally:
                inside[name] += time.thread_time() - begin

        return method

    index, write = ArticleStore.index, Mover.carry_out
    setattr(ArticleStore, "index", timed("index", index))  # noqa: B010  # mypy knows the attribute as a method
    setattr(Mover, "carry_out", timed("write", write))  # noqa: B010
    before, cpu_before = _look_ups(client), _processor(client)
    try:
        yield share
    finally:
        setattr(ArticleStore, "index", index)  # noqa: B010
        setattr(Mover, "carry_out", write)  # noqa: B010
        share.deciding = inside["index"] - inside["write"]
        share.looking_up = _look_ups(client) - before
        share.elasticsearch = _processor(client) - cpu_before


def _look_ups(client: Elasticsearch) -> float:
    found: Any = client.nodes.stats(metric="indices", index_metric="search,get")["nodes"].values()
    times = (
        each["indices"]["search"]["query_time_in_millis"]
        + each["indices"]["search"]["fetch_time_in_millis"]
        + each["indices"]["get"]["time_in_millis"]
        for each in found
    )
    return sum(times) / 1000


def _processor(client: Elasticsearch) -> float:
    found: Any = client.nodes.stats(metric="process")["nodes"].values()
    return sum(float(each["process"]["cpu"]["total_in_millis"]) for each in found) / 1000
