"""How each language is analysed on the node at hand: its own analyzer, else a dictionary, else plain words.

A full distribution of Elasticsearch has language analyzers; the embedded node has none, but reads hunspell
dictionaries. The node is asked, once, when an index is made; the choice is stored with the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError

from newsdex.search.errors import SearchError, explain
from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from elasticsearch import Elasticsearch

TEXT_ANALYZER = "newsdex_text"
"""Analyzer of `title`, `body` and `summary`: words in lower case, without stemming, accents folded where possible."""

FOLDED_NORMALIZER = "lowercase"
"""Elasticsearch's own normalizer, on every node: keywords compared without regard to case."""


class Way(StrEnum):
    """How a language is analysed."""

    ANALYZER = "language analyzer"
    HUNSPELL = "hunspell dictionary"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One row of `languages.toml`."""

    code: str
    """ISO 639-1."""
    analyzer: str
    """Elasticsearch's built-in analyzer."""
    hunspell: tuple[str, ...]
    """Dictionary folders to try, in this order."""
    example: tuple[str, str]
    """An inflected form and its base form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The way chosen for one language, with the analyzer's or dictionary's name."""

    way: Way
    name: str = ""

    def __str__(self) -> str:
        """Return the choice in words, for reports and for the index's own memory; `parse` reads it back."""
        return f"{self.way} {self.name}".strip()

    @classmethod
    def parse(cls, text: str) -> Choice:
        """Return the choice that `str` put in words."""
        way = next(way for way in Way if text.startswith(way))
        return cls(way=way, name=text.removeprefix(way).strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a node can do with each language: the base of the mapping, and a part of the run report."""

    choices: Mapping[str, Choice]
    """Language code → way, for every supported language."""
    folds_accents: bool
    """Whether `élection` and `election` are one word in `title` and `body`."""

    @property
    def stemmed(self) -> frozenset[str]:
        """Codes of the languages whose `stemmed` field is filled."""
        return frozenset(code for code, choice in self.choices.items() if choice.way is not Way.PLAIN)

    def report(self) -> dict[str, str]:
        """Return language code → way in words, for a run report."""
        return {code: str(choice) for code, choice in self.choices.items()}

    @classmethod
    def from_report(cls, report: Mapping[str, str]) -> Analysis:
        """Return the analysis that an index was made with, from the report stored in its mapping."""
        return cls(choices={code: Choice.parse(text) for code, text in report.items()}, folds_accents=False)

    def settings(self) -> dict[str, Any]:
        """Return the index settings' `analysis` section."""
        text_filters = ["lowercase", "asciifolding"] if self.folds_accents else ["lowercase"]
        analyzers: dict[str, Any] = {TEXT_ANALYZER: {"type": "custom", "tokenizer": "standard", "filter": text_filters}}
        filters: dict[str, Any] = {}
        for code, choice in self.choices.items():
            if choice.way is Way.ANALYZER:
                analyzers[f"stemmed_{code}"] = {"type": choice.name}
            elif choice.way is Way.HUNSPELL:
                filters[f"hunspell_{code}"] = _hunspell(choice.name)
                analyzers[f"stemmed_{code}"] = {
                    "type": "custom",
                    "tokenizer": "standard",
                    "filter": ["lowercase", f"hunspell_{code}"],
                }
        return {"analyzer": analyzers, "filter": filters}

    def analyzer_of(self, code: str) -> str:
        """Return the name of the analyzer of `stemmed.<code>`."""
        return TEXT_ANALYZER if self.choices[code].way is Way.PLAIN else f"stemmed_{code}"


@cache
def supported_languages() -> tuple[Language, ...]:
    """Return the languages that have a `stemmed` field, as `languages.toml` lists them."""
    rows = load_table(__file__, "languages.toml")["language"]
    return tuple(
        Language(
            code=row["code"],
            analyzer=row["analyzer"],
            hunspell=tuple(row["hunspell"]),
            example=(row["example"][0], row["example"][1]),
        )
        for row in rows
    )


def choose_analysis(client: Elasticsearch, languages: Collection[str] | None = None) -> Analysis:
    """Ask the node what it can do and return the best way for every supported language.

    Args:
        client: the node is asked by small `_analyze` requests; a dictionary is loaded by its first one (about 0.1 s).
        languages: codes to stem; the others stay plain. `None` means all that the node can do.

    Raises:
        SearchError: the node cannot be asked, or a code is not a supported language.
    """
    supported = supported_languages()
    unknown = sorted(set(languages or ()) - {language.code for language in supported})
    if unknown:
        raise SearchError(
            f"No stemming is known for {', '.join(unknown)}: choose from "
            f"{', '.join(language.code for language in supported)}."
        )
    wanted = {language.code for language in supported} if languages is None else set(languages)
    choices = {
        language.code: _choose(client, language) if language.code in wanted else Choice(way=Way.PLAIN)
        for language in supported
    }
    folds = _can_analyze(client, {"tokenizer": "standard", "filter": ["lowercase", "asciifolding"]})
    return Analysis(choices=choices, folds_accents=folds)


def _choose(client: Elasticsearch, language: Language) -> Choice:
    if _can_analyze(client, {"analyzer": language.analyzer}):
        return Choice(way=Way.ANALYZER, name=language.analyzer)
    locale = _first(language.hunspell, client)
    return Choice(way=Way.HUNSPELL, name=locale) if locale else Choice(way=Way.PLAIN)


def _first(locales: Iterable[str], client: Elasticsearch) -> str | None:
    for locale in locales:
        if _can_analyze(client, {"tokenizer": "standard", "filter": ["lowercase", _hunspell(locale)]}):
            return locale
    return None


def _hunspell(locale: str) -> dict[str, Any]:
    return {"type": "hunspell", "locale": locale, "dedup": True}


def _can_analyze(client: Elasticsearch, analysis: dict[str, Any]) -> bool:
    try:
        client.indices.analyze(**analysis, text="a")
    except ApiError as error:
        # 400 is the node's "I do not know this analyzer, filter or dictionary"; a broken dictionary answers 500.
        if error.meta.status in {400, 500}:
            return False
        raise SearchError(explain(error)) from error
    return True
