"""Articles made for the tests of stories: two reports of one vote, and another event with the same names."""

from __future__ import annotations

from datetime import UTC, datetime

from newsdex.transforms.article import Article, Entities, EntityMention, EntityType, Precision
from newsdex.transforms.duplicates.fingerprint import content_hash, minhash_bands

DAY = datetime(2021, 5, 4, 18, 0, tzinfo=UTC)
FIRST = (
    "Norwich council voted on Tuesday to close the Carrow swimming pool after forty years. Councillor Edith Marlow "
    "said that repairs would cost three million pounds, which the council does not have."
)
SECOND = (
    "The Carrow swimming pool in Norwich will close. Councillors voted by nine to four to shut it on Tuesday evening, "
    "because repairs would cost three million pounds. Edith Marlow, who chairs the council, called it a sad day."
)
OTHER = (
    "Norwich council was praised on Tuesday by Edith Marlow for planting a thousand oaks and birches along the ring "
    "road, where an orchard had stood until the motorway was built."
)


def article(text: str, title: str, *, at: datetime | None = DAY, precision: Precision = Precision.TIME) -> Article:
    """Return an article whose names have been found."""
    mentions = tuple(
        EntityMention(type=kind, text=name, canonical=name, start=text.index(name), end=text.index(name) + len(name))
        for name, kind in (("Norwich", EntityType.PLACE), ("Edith Marlow", EntityType.PERSON))
        if name in text
    )
    return Article(
        id=title,
        title=title,
        body=text,
        language="en",
        published_at=at,
        published_at_precision=precision,
        mentions=mentions,
        entities=Entities(person=("Edith Marlow",), place=("Norwich",)),
        input_uri="memory:a",
        content_hash=content_hash(title, text),
        minhash_bands=minhash_bands(text),
        pipeline_version="1",
    )
