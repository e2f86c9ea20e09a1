"""The day on which the readers of an article saw it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from newsdex.transforms.article import Article, Origin, RawArticle
from newsdex.transforms.chain import Chain
from newsdex.transforms.dates.local_day import local_day
from newsdex.transforms.options import ChainOptions

CHAIN = Chain(ChainOptions(), {}, latest=datetime(2030, 1, 1, tzinfo=UTC))


def article(published: str, url: str) -> Article:
    raw = RawArticle(input_uri="a", origin=Origin.RECORD, text="The board met.", published=published, url=url)
    done = CHAIN.clean(raw)
    assert not hasattr(done, "reason")
    return done.article


def test_an_offset_of_its_own_tells_the_day() -> None:
    """An evening in New York stays that day, while the moment in UTC is the next one's."""
    found = article("2019-03-04T22:30:00-05:00", "https://example.com/a/story")
    assert found.published_on == date(2019, 3, 4)
    assert found.published_at == datetime(2019, 3, 5, 3, 30, tzinfo=UTC)


def test_a_moment_in_utc_is_told_by_the_papers_country() -> None:
    """A morning in Tokyo is written as the evening before in UTC."""
    found = article("2019-03-04T22:30:00Z", "https://news.example.co.jp/articles/story")
    assert found.source.country == "JP"
    assert found.published_on == date(2019, 3, 5)


def test_a_day_without_a_time_stays() -> None:
    """A day is a day everywhere."""
    assert article("2019-03-04", "https://www.asahi.com/articles/story.html").published_on == date(2019, 3, 4)


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("JP", date(2019, 3, 5)),
        ("DE", date(2019, 3, 4)),
        ("US", date(2019, 3, 4)),  # evening on the east coast, afternoon on the west coast: one day
        ("CD", None),  # 23:30 in the west, 00:30 in the east: nothing is told
        ("", None),
        (None, None),
        ("XX", None),
    ],
)
def test_a_country_tells_the_day_if_all_its_zones_agree(country: str | None, day: date | None) -> None:
    """A country with several zones tells the day only where they have the same."""
    assert local_day(datetime(2019, 3, 4, 22, 30, tzinfo=UTC), country) == day
