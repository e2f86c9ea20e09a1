"""Makes a stored article anew: what can be told from its text and facts again is, what only its input told is kept.

Made anew: language, entities, mentions, location, dates mentioned, the paper's name, domain and country, the signature
that copies are found by. Kept: the text as it was cleaned, title, addresses, authors, the publication date with its
provenance, agencies, the id, the content hash, where it stands among its copies, and `pipeline_version`, which goes on
saying what read and cleaned the article, so that reading its input again still replaces it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from newsdex.transforms.attribution import publishers
from newsdex.transforms.chain import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.article import Article, Source
    from newsdex.transforms.chain import Chain
    from newsdex.transforms.options import ChainOptions

UNKNOWN = "und"
"""The language of an article where it cannot be told."""


def refreshed(articles: Sequence[Article], chain: Chain, options: ChainOptions) -> list[Article]:
    """Return articles as today's steps make them from what is stored, one for one.

    Args:
        articles: with their text; one without comes back as it is.
        chain: the steps.
        options: those that the chain was made with.
    """
    papers: publishers.Extra = json.loads(options.papers or "{}")
    whole = [
        Draft(
            article=replace(article, source=_source(article, papers)),
            # What was found, with the hint that the input gave, is the best hint that there is now.
            language_hint=None if article.language == UNKNOWN else article.language,
        )
        for article in articles
        if article.body
    ]
    anew = iter(chain.fingerprint(chain.enrich(whole)))
    return [_settled(next(anew), article) if article.body else article for article in articles]


def _settled(new: Article, old: Article) -> Article:
    """Return an article made anew; the same language is no surer for having been found with itself as the hint."""
    return replace(new, language_confidence=old.language_confidence) if new.language == old.language else new


def _source(article: Article, papers: publishers.Extra) -> Source:
    """Return the paper, found again by what it was found by."""
    there, url = article.source, article.url or article.canonical_url
    told = dict.fromkeys(("declared", "page", "boilerplate"))
    if there.provenance in told:
        told[there.provenance] = there.name
    found = publishers.resolve(told["declared"], url, told["page"], told["boilerplate"], extra=papers)
    return found if found.name else there
