"""What became of an article, in words: the rows that a ledger counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def outcome(
    article: Article,
    result: Result,
    reason: str,
    *,
    stage: Stage = Stage.INDEX,
    **told: Any,  # noqa: ANN401  # fields of the outcome
) -> Outcome:
    """Return the outcome of an article that came as far as the index.

    Args:
        article: what came in.
        result: the column of the ledger that counts it.
        reason: why, as a word that reports group by.
        stage: where it was decided.
        told: further fields of the outcome.
    """
    return Outcome(
        input_uri=article.input_uri, result=result, reason=reason, stage=stage, article_id=article.id, **told
    )


def indexed(article: Article, verdict: Verdict) -> Outcome:
    """Say that an article was written."""
    return outcome(article, Result.INDEXED, "new" if verdict is Verdict.NEW else "updated")


def unchanged(article: Article, place: Assignment) -> Outcome:
    """Say that an article is stored already, as a survivor or as a copy, so that nothing was written."""
    return outcome(article, Result.UNCHANGED, "same-content", duplicate_of=place.survivor, similarity=place.similarity)


def repeated(article: Article, first: str) -> Outcome:
    """Say that this run has read the same article before, from the input `first`."""
    return outcome(
        article, Result.DUPLICATE, "exact-copy", stage=Stage.DEDUPLICATE,
        detail=f"The same article as {first}.", duplicate_of=article.id, similarity=1.0,
    )  # fmt: skip


def older_version(article: Article) -> Outcome:
    """Say that a newer version of the article is stored, so that this one was left out."""
    told = f"A newer version of the article at {article.url or 'this address'} is indexed: this one is left out."
    return outcome(
        article, Result.DUPLICATE, "older-version", stage=Stage.DEDUPLICATE, detail=told, duplicate_of=article.id
    )


def copy(article: Article, survivor: Article, place: Assignment) -> Outcome:
    """Say which article this one is a copy of, and how alike the two are."""
    exact = article.content_hash == survivor.content_hash
    name = survivor.title or survivor.url or survivor.id
    paper = f" in {survivor.source.name}" if survivor.source.name else ""
    told = f"{'The same text as' if exact else f'{place.similarity:.0%} the same text as'} “{name}”{paper}."
    return outcome(
        article, Result.DUPLICATE, "exact-copy" if exact else "near-copy", stage=Stage.DEDUPLICATE,
        detail=told, duplicate_of=survivor.id, similarity=place.similarity,
    )  # fmt: skip


def rejected(article: Article, refusal: BulkOutcome) -> Outcome:
    """Say that Elasticsearch can never take this document, and why."""
    return outcome(article, Result.REJECTED, refusal.status.value, detail=refusal.detail)
