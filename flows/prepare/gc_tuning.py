"""How often Python looks for objects that only refer to each other, and that nothing else frees."""

from __future__ import annotations

import gc

GC_THRESHOLD = 10_000
"""Objects between two looks, in place of 700. An article's objects refer to each other in no circle, so there is
nothing to find but a web page's tree, some thousand objects; looking took 3 % of a worker's time, and 16 % of the run's
own process over 4,000 articles, most of it at tables and modules that stay."""


def relax_gc() -> None:
    """Set this process up; the one thing that a page leaves behind is then found after a few pages."""
    gc.set_threshold(GC_THRESHOLD)
