"""The steps in their order: a raw article goes in, a clean, enriched and fingerprinted article or a rejection comes out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from transforms import (
    agencies,
    authors,
    boilerplate,
    dates,
    entities,
    fingerprint,
    language,
    notarticle,
    page,
    published,
    sources,
    text,
    urls,
)
from transforms.article import RAW_EXCERPT_CHARS, Article, RawArticle, Rejection, Result, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A cleaned article, with what the later steps need to know of its input."""

    article: Article
    language_hint: str | None
    raw_authors: tuple[str, ...]
    removed: tuple[str, ...]
    """Lines that cleaning took out: they may credit an agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What an input says, from its record, its page or both: the record first."""

    body: str
    title: str | None
    summary: str | None
    url: str | None
    canonical_url: str | None
    source: str | None
    site_name: str | None
    authors: tuple[str, ...]
    section: str | None
    keywords: tuple[str, ...]
    image_url: str | None
    language: str | None
    page: page.Page | None
