"""The steps in their order: a raw article goes in, a clean, enriched article or a rejection comes out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsdex.transforms import not_article
from newsdex.transforms.article import (
    RAW_EXCERPT_CHARS,
    Article,
    DateSource,
    Origin,
    Precision,
    RawArticle,
    Rejection,
    Result,
    Source,
    Stage,
)
from newsdex.transforms.attribution import agencies, bylines, publishers, urls
from newsdex.transforms.dates import mentioned as dates
from newsdex.transforms.dates import published
from newsdex.transforms.dates.local_day import local_day, local_moment
from newsdex.transforms.duplicates import fingerprint
from newsdex.transforms.entities import recognise as entities
from newsdex.transforms.facts import DeclaredFacts, declared_facts
from newsdex.transforms.quotes.find import quotations
from newsdex.transforms.text import boilerplate, language
from newsdex.transforms.text.markup import strip_markup
from newsdex.transforms.text.repair import repair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from newsdex.transforms.entities.recognise import NameModel
    from newsdex.transforms.options import ChainOptions

ONLY_BOILERPLATE = ("only-boilerplate", "Of the text nothing was left but subscription and navigation lines.")

_ID_BYTES = 16
"""128 bits: among a billion articles the odds of two with one id are below 1 in 10^20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A cleaned article, and what the later steps need to know of its input."""

    article: Article
    language_hint: str | None


class Chain:
    """All steps, with their options and models; the same raw article always gives the same article."""

    def __init__(
        self, options: ChainOptions, models: Mapping[str, NameModel], *, latest: datetime, version: str | None = None
    ) -> None:
        """Hold what the steps need.

        Args:
            options: what decides how articles come out.
            models: entity model by language (ISO 639-1).
            latest: no article was published after this moment (UTC).
            version: of options and models together, as it stands in the articles; without it, that of the options.
        """
        self._models, self._latest = models, latest
        self._version = version or options.version
        self._aliases = entities.read_aliases(options.aliases)
        self._papers: publishers.Extra = json.loads(options.papers or "{}")

    def has_model(self, language_code: str) -> bool:
        """Return whether entities are found in this language."""
        return language_code in self._models

    def clean(self, raw: RawArticle, *, day_first: bool | None = None) -> Draft | Rejection:
        """Text and facts of one input: repaired, boilerplate taken out, each fact in its canonical form.

        Args:
            raw: the input.
            day_first: whether `3/4/2018` is day/month in this input, if that is known (`published.day_order`).
        """
        facts = declared_facts(raw, latest=self._latest)
        stripped = boilerplate.strip(repair(strip_markup(facts.body)))
        why_not = (
            not_article.rejection_reason(facts.page, title=facts.title, body=stripped.body, url=facts.url)
            or facts.why_not
            or (None if stripped.body else ONLY_BOILERPLATE)
        )
        if why_not is not None:
            return _left_out(raw, *why_not)
        return Draft(article=self._article(raw, facts, stripped, day_first), language_hint=facts.language)

    def enrich(self, drafts: Sequence[Draft]) -> list[Article]:
        """Language, entities and the dates that the texts name, for a batch."""
        told = language.detect_all([(draft.article.body, draft.language_hint) for draft in drafts])
        articles = [
            replace(draft.article, language=found.code, language_confidence=found.confidence)
            for draft, found in zip(drafts, told, strict=True)
        ]
        found = self._recognised(articles)
        quotes = [
            quotations(article.body, one.mentions, article.language)
            for article, one in zip(articles, found, strict=True)
        ]
        return [
            replace(
                article,
                entities=found[number].entities,
                mentions=found[number].mentions,
                quotes=quotes[number],
                speakers=tuple(dict.fromkeys(each.speaker for each in quotes[number] if each.speaker)),
                location=found[number].location,
                dates_mentioned=dates.mentioned(
                    article.body, published_at=article.published_at, language=article.language
                ),
            )
            for number, article in enumerate(articles)
        ]

    def fingerprint(self, articles: Sequence[Article]) -> list[Article]:
        """Return what copies are found by."""
        return [replace(article, minhash_bands=fingerprint.minhash_bands(article.body)) for article in articles]

    def _recognised(self, articles: Sequence[Article]) -> list[entities.Recognised]:
        """Return what each article names; the model of a language sees all its articles of the batch together."""
        found = [entities.NOTHING] * len(articles)
        for code, model in self._models.items():
            numbers = [number for number, article in enumerate(articles) if article.language == code]
            bodies = (articles[number].body for number in numbers)
            named = entities.recognise(bodies, model, language=code, aliases=self._aliases)
            for number, one in zip(numbers, named, strict=True):
                found[number] = one
        return found

    def _article(
        self, raw: RawArticle, facts: DeclaredFacts, stripped: boilerplate.Stripped, day_first: bool | None
    ) -> Article:
        canonical = _address(facts)
        words = agencies.WORD.findall(stripped.body)
        content_hash = fingerprint.content_hash(facts.title, stripped.body)
        latest = raw.fetched_at or self._latest
        when = publication(raw, facts, latest, day_first)
        modified = published.parse(raw.modified, latest=latest, day_first=day_first) if raw.modified else None
        source = publishers.resolve(
            raw.source, facts.url or canonical, facts.site_name, stripped.source_hint, extra=self._papers
        )
        when = _placed(when, source) if when else None
        return Article(
            id=_identifier(canonical) if canonical and not _is_front_page(canonical) else content_hash,
            title=facts.title,
            body=stripped.body,
            summary=facts.summary,
            url=facts.url,
            canonical_url=canonical,
            authors=bylines.authors(facts.authors, facts.bylines, _papers(source, facts)),
            section=facts.section,
            keywords=facts.keywords,
            image_url=facts.image_url,
            source=source,
            agencies=agencies.credited(facts.title, stripped.body, facts.authors, stripped.removed, words=words),
            published_at=when.moment if when else None,
            published_at_precision=when.precision if when else None,
            published_at_source=when.source if when else None,
            published_on=_local_day(when, source) if when else None,
            modified_at=modified.moment if modified else None,
            word_count=len(words),
            paywalled=stripped.paywalled or facts.paywalled,
            cleaned=tuple(dict.fromkeys(removed.rule for removed in stripped.removed)),
            extraction_confidence=facts.page.confidence if facts.page else None,
            content_hash=content_hash,
            input_uri=raw.input_uri,
            pipeline_version=self._version,
        )


def _placed(when: published.PublicationDate, source: Source) -> published.PublicationDate:
    """Return a date whose time is that of its paper's country, where the page names no zone."""
    moment = local_moment(when.moment, source.country) if when.clock else None
    return replace(when, moment=moment, precision=Precision.TIME) if moment else when


def _local_day(when: published.PublicationDate, source: Source) -> date:
    """Return the day on which an article's readers saw it."""
    return (local_day(when.moment, source.country) if when.is_utc else None) or when.day


def _papers(source: Source, facts: DeclaredFacts) -> tuple[str, ...]:
    """Return the names that the paper goes by: its own, its page's, its host's."""
    host = urls.host(facts.url or facts.canonical_url) or ""
    label = (source.domain or host).split(".")[0]
    return tuple(name for name in (source.name, facts.site_name, label) if name)


def _address(facts: DeclaredFacts) -> str | None:
    """Return the article's one address: the declared canonical one, unless it is only the site's front page."""
    declared, fetched = urls.canonical(facts.canonical_url), urls.canonical(facts.url)
    return fetched if declared and fetched and _is_front_page(declared) else declared or fetched


def _is_front_page(url: str) -> bool:
    """Return whether an address is a site's front page: many articles may declare it, so it identifies none."""
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def publication(
    raw: RawArticle, facts: DeclaredFacts, latest: datetime, day_first: bool | None = None
) -> published.PublicationDate | None:
    """Return when the article was published: what a record or an entry declares goes first, but a page before its feed.

    Args:
        raw: the input.
        facts: what it says about itself.
        latest: it was not published after this moment (UTC).
        day_first: whether its file writes the day before the month; `None` where nothing tells.
    """
    source = DateSource.FEED if raw.origin is Origin.FEED else DateSource.METADATA
    of_page = raw.html is not None and source is DateSource.FEED
    found = published.find(
        declared=None if of_page else raw.published,
        declared_source=source,
        candidates=facts.dates,
        url=facts.url or _address(facts),
        latest=latest,
        day_first=day_first,
    )
    if of_page and (found is None or found.source is DateSource.TEXT):
        found = published.find(declared=raw.published, declared_source=source, latest=latest) or found
    return found or _date_in_file_name(raw, latest)


def _date_in_file_name(raw: RawArticle, latest: datetime) -> published.PublicationDate | None:
    """Return the date in the name of a file of one article; its folders may be named after a day of download."""
    if raw.origin is not Origin.TEXT:
        return None
    found = published.find(url=f"file:///{PurePosixPath(urlsplit(raw.input_uri).path).name}", latest=latest)
    return replace(found, source=DateSource.FILE) if found else None


def _identifier(canonical_url: str) -> str:
    return hashlib.blake2b(canonical_url.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()


def _left_out(raw: RawArticle, reason: str, detail: str) -> Rejection:
    content = raw.text if raw.text is not None else raw.html or ""
    excerpt = content[:RAW_EXCERPT_CHARS]
    return Rejection(
        input_uri=raw.input_uri,
        stage=Stage.CLEAN,
        reason=reason,
        detail=detail,
        result=Result.FILTERED,
        raw=excerpt.decode("utf-8", "replace") if isinstance(excerpt, bytes) else excerpt,
    )
