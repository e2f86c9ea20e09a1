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


def page_article(declared: str, url: str) -> Article:
    head = f'<meta property="article:published_time" content="{declared}">'
    text = "<p>The board met and voted on the plan.</p>" * 20
    html = f"<html><head>{head}</head><body><article>{text}</article></body></html>"
    done = CHAIN.clean(RawArticle(input_uri="a", origin=Origin.PAGE, html=html, url=url))
    assert not hasattr(done, "reason")
    return done.article


def test_a_pages_time_without_a_zone_is_of_its_country() -> None:
    """A page of a paper in Italy writes 15:25, which is 13:25 in UTC."""
    found = page_article("2019-04-01T15:25:00", "https://giornale.example.it/articoli/story")
    assert found.published_at == datetime(2019, 4, 1, 13, 25, tzinfo=UTC)
    assert (found.published_at_precision, found.published_on) == ("time", date(2019, 4, 1))


def test_a_pages_time_in_a_country_of_many_zones_stays_a_day() -> None:
    """Where the zones of the country differ, the day alone is sure."""
    found = page_article("2019-04-01T15:25:00", "https://paper.example.com.au/news/story")
    assert (found.published_at_precision, found.published_on) == ("day", date(2019, 4, 1))


def test_a_time_with_milliseconds_is_a_programs() -> None:
    """Programs write UTC without saying so: no moment is made of it by the country."""
    found = page_article("2019-04-01T15:25:00.493", "https://giornale.example.it/articoli/story")
    assert (found.published_at_precision, found.published_on) == ("day", date(2019, 4, 1))
