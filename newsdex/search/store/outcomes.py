"""What became of an article, in words: the rows that a ledger counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.search.store.version_policy import Verdict, following
from newsdex.transforms.article import Outcome, Result, Stage
from newsdex.transforms.duplicates.clusters import Assignment, Version, replaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.search.bulk.writer import BulkOutcome
    from newsdex.transforms.article import Article


def newest_versions(articles: Sequence[Article]) -> tuple[dict[str, Article], dict[int, Outcome]]:
    """Of articles given several times (one address, so one id) the newest version, and what became of the others.

    Returns the newest by id, remembering the hashes of the others, and the outcomes of the others by position.
    """
    newest: dict[str, tuple[int, Article]] = {}
    outcomes: dict[int, Outcome] = {}
    for place, article in enumerate(articles):
        if article.id not in newest:
            newest[article.id] = (place, article)
            continue
        there_place, there = newest[article.id]
        if article.content_hash == there.content_hash:
            outcomes[place] = repeated(article, there.input_uri)
        elif replaces(Version.of(article), Version.of(there), same_run=True):
            newest[article.id] = (place, following(article, there, (there.content_hash,)))
            outcomes[there_place] = older_version(there)
        else:
            newest[article.id] = (there_place, following(there, article, (article.content_hash,)))
            outcomes[place] = older_version(article)
    return {name: article for name, (_, article) in newest.items()}, outcomes


def indexed(article: Article, verdict: Verdict) -> Outcome:
    """Return a survivor was written."""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.INDEXED,
        reason="new" if verdict is Verdict.NEW else "updated",
        stage=Stage.INDEX,
        article_id=article.id,
    )


def unchanged(article: Article, place: Assignment) -> Outcome:
    """Return nothing was written, because it is stored already: as an article or as a copy."""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.UNCHANGED,
        reason="same-content",
        stage=Stage.INDEX,
        article_id=article.id,
        duplicate_of=place.survivor,
        similarity=place.similarity,
    )


def repeated(article: Article, first: str) -> Outcome:
    """Return the run brought this very article before, from the input `first`."""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.DUPLICATE,
        reason="exact-copy",
        stage=Stage.DEDUPLICATE,
        detail=f"The same article as {first}.",
        article_id=article.id,
        duplicate_of=article.id,
        similarity=1.0,
    )


def older_version(article: Article) -> Outcome:
    """Return nothing was written, because a newer version of the same article is there."""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.DUPLICATE,
        reason="older-version",
        stage=Stage.DEDUPLICATE,
        detail=f"A newer version of the article at {article.url or 'this address'} is indexed: this one is left out.",
        article_id=article.id,
        duplicate_of=article.id,
    )


def copy(article: Article, survivor: Article, place: Assignment) -> Outcome:
    """Return the outcome of a copy of another article."""
    exact = article.content_hash == survivor.content_hash
    name = survivor.title or survivor.url or survivor.id
    paper = f" in {survivor.source.name}" if survivor.source.name else ""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.DUPLICATE,
        reason="exact-copy" if exact else "near-copy",
        stage=Stage.DEDUPLICATE,
        detail=f"{'The same text as' if exact else f'{place.similarity:.0%} the same text as'} “{name}”{paper}.",
        article_id=article.id,
        duplicate_of=survivor.id,
        similarity=place.similarity,
    )


def rejected(article: Article, outcome: BulkOutcome) -> Outcome:
    """Elasticsearch can never take this document."""
    return Outcome(
        input_uri=article.input_uri,
        result=Result.REJECTED,
        reason=outcome.status.value,
        stage=Stage.INDEX,
        detail=outcome.detail,
        article_id=article.id,
    )
