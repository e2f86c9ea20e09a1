"""Articles made for the tests of de-duplication, with similarities by construction, and a collection in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from newsdex.transforms.article import Article, Source
from newsdex.transforms.duplicates.clusters import Assignment, Text
from newsdex.transforms.duplicates.fingerprint import content_hash, minhash_bands
from newsdex.transforms.duplicates.incremental import Reclustering

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

DAY_ONE = datetime(2024, 3, 1, tzinfo=UTC)
VOCABULARY = 10_000


def body(topic: int, edits: Collection[int] = (), words: int = 100) -> str:
    """Return a text of its own for each topic, with the words at some places replaced.

    Each edit costs five shingles.
    """
    return " ".join(
        f"t{topic}w{'x' * (place in edits)}p{chr(97 + place % 26) * (1 + place // 26)}" for place in range(words)
    )


def article(
    name: str, text: str, *, day: int | None = None, title: str | None = "A title", source: str | None = None
) -> Article:
    """Return an article as the transforms hand it over."""
    return Article(
        id=name,
        body=text,
        title=title,
        url=f"https://example.org/{name}",
        input_uri=f"memory:{name}",
        content_hash=content_hash(title, text),
        pipeline_version="1",
        word_count=len(text.split()),
        minhash_bands=minhash_bands(text),
        published_at=None if day is None else DAY_ONE + timedelta(days=day),
        source=Source(name=source),
    )


@st.composite
def articles(draw: st.DrawFn, *, most: int = 12) -> list[Article]:
    """Up to `most` articles of two topics, many of them alike, some equal, with and without dates."""
    made = draw(
        st.lists(
            st.tuples(
                st.integers(0, 1),
                st.frozensets(st.sampled_from([10, 30, 50, 70, 90]), max_size=5),
                st.one_of(st.none(), st.integers(0, 3)),
            ),
            min_size=1,
            max_size=most,
        )
    )
    return [article(f"id{number:02d}", body(*text), day=day) for number, (*text, day) in enumerate(made)]


class Memory:
    """A stored collection that answers what `Reclustering` asks, by looking at everything."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}

    def survivors_near(self, texts: Sequence[Text]) -> Iterable[Article]:
        """Return the survivors that share a band or the content with one of `texts`."""
        return [found for found in self._near(texts) if found.duplicate_of is None]

    def copies_near(self, texts: Sequence[Text]) -> Iterable[Article]:
        """Return the copies that share a band or the content with one of `texts`."""
        return [found for found in self._near(texts) if found.duplicate_of is not None]

    def copies_of(self, survivor_ids: Collection[str]) -> Iterable[Article]:
        """Return the copies of these survivors."""
        return [found for found in self.articles.values() if found.duplicate_of in survivor_ids]

    def add(self, chunk: Iterable[Article]) -> None:
        """Take a chunk of new or changed articles in, as a store does."""
        chunk = list(chunk)
        leaving = [new.id for new in chunk if new.id in self.articles and self.articles[new.id].duplicate_of is None]
        step = Reclustering(self)
        for article_id, place in step.resolve(chunk, leaving=leaving).items():
            self.articles[article_id] = replace(
                step.article(article_id), duplicate_of=place.survivor, similarity=place.similarity
            )

    def places(self) -> dict[str, Assignment]:
        """Return the place of every article."""
        return {name: Assignment(kept.duplicate_of, kept.similarity) for name, kept in self.articles.items()}

    def _near(self, texts: Sequence[Text]) -> list[Article]:
        hashes = {text.content_hash for text in texts}
        bands = {band for text in texts for band in text.bands}
        return [
            kept
            for kept in self.articles.values()
            if kept.content_hash in hashes or not bands.isdisjoint(kept.minhash_bands)
        ]
