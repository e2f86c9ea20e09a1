"""The timeline as figures for an SVG: bars in a box of fixed height, any width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.web import wording

if TYPE_CHECKING:
    from newsdex.search.query.filters import Filters
    from newsdex.search.results.timeline import Bar, BarWidth, Timeline
    from newsdex.web.view import View

HEIGHT = 64
"""Height of the box in its own units."""

BAR = 10
"""Width of a bar with its gap; the page stretches the box to its own width."""

GAP = 2

FEWEST = 24
"""Bars that the box has room for at least: two bars a screen wide each would say nothing of time."""

LEAST = 2
"""Height of the smallest bar that is not zero: it must be seen beside a bar a thousand times as high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartBar:
    """One bar: where it is drawn, what it says and where it leads."""

    x: int
    y: float
    width: int
    height: float
    first: str
    last: str
    label: str
    count: int
    inside: bool
    """Whether it lies in the span that is chosen, where one is."""
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A timeline to draw."""

    bars: tuple[ChartBar, ...]
    width: int
    height: int
    ticks: tuple[str, ...]
    """Names of the first, the middle and the last bar."""
    interval: BarWidth
    highest: int


def chart(timeline: Timeline, view: View, filters: Filters) -> Chart:
    """Return a timeline as a chart whose bars lead to their spans."""
    highest = max((bar.count for bar in timeline.bars), default=0) or 1
    bars = tuple(
        _bar(number, bar, timeline.interval, highest, view, filters) for number, bar in enumerate(timeline.bars)
    )
    # Names stand at the left, in the middle and at the right; bars that do not fill the box have but one.
    shown = timeline.bars
    places = (0, len(shown) // 2, -1) if len(shown) >= FEWEST else ()
    ticks = tuple(wording.tick(shown[place], timeline.interval) for place in places)
    return Chart(
        bars=bars,
        width=max(len(bars), FEWEST) * BAR,
        height=HEIGHT,
        ticks=ticks or (f"{bars[0].label} to {bars[-1].label}",),
        interval=timeline.interval,
        highest=highest,
    )


def _bar(number: int, bar: Bar, interval: BarWidth, highest: int, view: View, filters: Filters) -> ChartBar:
    height = round(max(bar.count / highest * (HEIGHT - 4), LEAST), 1) if bar.count else 0
    before = filters.since is not None and bar.last < filters.since
    after = filters.until is not None and bar.first > filters.until
    return ChartBar(
        x=number * BAR,
        y=round(HEIGHT - height, 1),
        width=BAR - GAP,
        height=height,
        first=bar.first.isoformat(),
        last=bar.last.isoformat(),
        label=wording.span(bar, interval),
        count=bar.count,
        inside=not (before or after),
        address=view.during(bar.first, bar.last).address(),
    )
