"""A handful of articles for the tests of the search page, among them one that attacks it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from newsdex.transforms.article import (
    Article,
    Copy,
    DateMention,
    Entities,
    EntityMention,
    EntityType,
    Precision,
    Rejection,
    Source,
    Stage,
)

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>"
"""What a page that takes text for HTML would run."""


def article(article_id: str, **fields: Any) -> Article:
    """Return an article with what a test is about and nothing else."""
    defaults = {"input_uri": article_id, "content_hash": article_id, "pipeline_version": "1", "language": "en"}
    return Article(id=article_id, **{**defaults, **fields})


SUMMIT_BODY = (
    "Two presidents negotiated in Geneva until dawn.\n\nAda Byron took the notes.\n\nA third paragraph says little."
)
COPY_BODY = (
    "Two presidents haggled in Geneva until dawn.\n\nAda Byron took the notes.\n\nA third paragraph says little."
)

MARCH = DateMention(
    iso="2018-03", start=date(2018, 3, 1), end=date(2018, 3, 31), precision=Precision.MONTH, text="March",
    start_char=0, end_char=5,
)  # fmt: skip

ARTICLES = (
    article(
        "summit",
        title="Leaders meet in Geneva",
        body=SUMMIT_BODY,
        url="https://courier.example/summit",
        source=Source(name="The Courier", domain="courier.example"),
        copies=(Copy(id="copy", url=None, source="Evening Echo", published_at=None, similarity=0.9),),
        copy_count=1,
        copy_sources=("The Courier", "Evening Echo"),
        published_at=datetime(2018, 1, 31, 12, tzinfo=UTC),
        published_at_precision=Precision.TIME,
        entities=Entities(person=("Ada Byron",), place=("Geneva",), country=("CH",)),
        mentions=(
            EntityMention(type=EntityType.PLACE, text="Geneva", canonical="Geneva", start=29, end=35),
            EntityMention(type=EntityType.PERSON, text="Ada Byron", canonical="Ada Byron", start=49, end=58),
        ),
        agencies=("Reuters",),
        dates_mentioned=(MARCH,),
    ),
    article(
        "hunt",
        title="A witch hunt, he said",
        body="The mayor called the inquiry a witch hunt.",
        source=Source(name="The Herald", domain="herald.example"),
        copy_sources=("The Herald",),
        published_at=datetime(2018, 2, 1, tzinfo=UTC),
        entities=Entities(person=("Ada Byron", "John Doe")),
    ),
    *(
        article(
            f"filler-{month}",
            title=f"Notes of month {month}",
            body="The council met and the mayor spoke.",
            source=Source(name="The Herald"),
            copy_sources=("The Herald",),
            published_at=datetime(2019, month, 10, tzinfo=UTC),
            entities=Entities(person=("John Doe",)),
        )
        for month in range(1, 13)
    ),
    article(
        "hostile",
        title=EVIL,
        body=f"{EVIL} hostile words \ue000here\ue001.\n\n{EVIL}",
        summary=EVIL,
        url="javascript:alert(4)",
        source=Source(name=EVIL),
        authors=(EVIL,),
        section=EVIL,
        agencies=(EVIL,),
        language='"><b>',
        copy_sources=(EVIL, f"{EVIL} too"),
        copies=(Copy(id="../../<b>", url="javascript:alert(5)", source=EVIL, published_at=None, similarity=1.0),),
        copy_count=1,
        input_uri=f"file:///{EVIL}",
        published_at=datetime(2019, 5, 5, tzinfo=UTC),
        entities=Entities(person=(EVIL,), organization=(f"org {EVIL}",), place=(f"place {EVIL}",)),
        mentions=(
            EntityMention(type=EntityType.PERSON, text="x", canonical=EVIL, start=0, end=10),
            EntityMention(type=EntityType.PERSON, text="x", canonical=EVIL, start=5, end=10_000),
        ),
    ),
)
COPY = article(
    "copy",
    title="Leaders meet in Geneva",
    body=COPY_BODY,
    url="https://echo.example/summit",
    source=Source(name="Evening Echo"),
    duplicate_of="summit",
    similarity=0.9,
)
REJECTED = (
    Rejection(input_uri=f"file:///{EVIL}", stage=Stage.READ, reason="empty-file", detail=EVIL, raw=f"</pre>{EVIL}"),
    Rejection(input_uri="file:///b", stage=Stage.CLEAN, reason="no-body", detail="There is no text in it."),
)


class Noted:
    """A replayer that only notes what it is asked for."""

    def __init__(self) -> None:
        self.reasons: list[str | None] = []

    def start(self, reason: str | None) -> None:
        """Note the reason."""
        self.reasons.append(reason)

    def state(self) -> str | None:
        """Say that one is under way, once one was asked for."""
        return "A replay is under way." if self.reasons else None
