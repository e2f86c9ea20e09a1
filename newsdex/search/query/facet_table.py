"""The facets: what of an article is counted and chosen by.

Everything that knows a facet is built from this table: the options of the commands, what they print, the search page,
the words before a colon in a query, suggestions while typing, the notebook interface and the documentation. To add a
facet is to add a record here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdex.search.query import codes

if TYPE_CHECKING:
    from collections.abc import Callable


class Matching(StrEnum):
    """How a value that is typed finds articles."""

    NAME = "name"
    """The whole value, whatever its case."""
    CODE = "code"
    """The code that `Facet.stored` makes of what is typed."""
    PAPER = "paper"
    """Name or domain of a paper that ran the article, itself or as a copy."""
    DATE = "date"
    """A span of days: the text names it, or a date within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One facet."""

    name: str
    """What it is called in data, in the page's address and in Python."""
    field: str
    """The field of the index that is counted."""
    title: str
    """Heading of a list of its values."""
    noun: str
    """What one value is."""
    help: str
    """What its option does, in the help."""
    reason: str
    """Says of an article that it has the value `{}`."""
    option: str = ""
    """The option's name where it is not `--name`."""
    word: str = ""
    """What stands before the colon in a query where it is not the name."""
    matching: Matching = Matching.NAME
    either: bool = False
    """Whether an article has mostly one value, so that to choose a second one widens the search. Otherwise two values
    mean that an article has both."""
    part: bool = False
    """Whether a part of the value is enough in a query (not in an option, nor on the page)."""
    suggested: bool = False
    """Whether values are suggested while a person types; nobody types a code."""
    stored: Callable[[str], str] = str
    """What is typed → what the index has."""
    label: Callable[[str], str] = str
    """What the index has → what a person reads."""

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return self.option or f"--{self.name}"

    @property
    def in_query(self) -> str:
        """The word before a colon in a query."""
        return self.word or self.name


FACETS: tuple[Facet, ...] = (
    Facet(
        name="person",
        field="entities.person",
        title="People",
        noun="person",
        help="Only articles that name this person.",
        reason="It names {}.",
        suggested=True,
    ),
    Facet(
        name="organization",
        field="entities.organization",
        title="Organisations",
        noun="organisation",
        help="Only articles that name this organisation.",
        reason="It names {}.",
        suggested=True,
    ),
    Facet(
        name="speaker",
        field="speakers",
        title="Speakers",
        noun="speaker",
        help="Only articles that quote this person or organisation, directly or in reported speech.",
        reason="It quotes {}.",
        suggested=True,
    ),
    Facet(
        name="place",
        field="entities.place",
        title="Places",
        noun="place",
        help="Only articles that name this place.",
        reason="It names {}.",
        suggested=True,
    ),
    Facet(
        name="country",
        field="entities.country",
        title="Countries",
        noun="country",
        help="Only articles that name places in this country, by name or code: France, FR, …",
        reason="It names places in {}.",
        matching=Matching.CODE,
        stored=codes.country_code,
        label=codes.country_name,
    ),
    Facet(
        name="date_mentioned",
        field="dates_mentioned.iso",
        title="Dates named in the text",
        noun="date",
        help="Only articles whose text names this date or one within it: 2019, 2019-04, 2019-04-12, 2019-Q2, "
        "2019-04..2019-06. (By date of publication: --since and --until.)",
        reason="Its text names {} or a date within it.",
        option="--names-date",
        word="date",
        matching=Matching.DATE,
    ),
    Facet(
        name="source",
        # Every paper that ran an article, itself or as a copy: which of them was kept means nothing to who filters.
        field="copy_sources",
        title="Sources",
        noun="source",
        help="Only articles of this paper.",
        reason="It was published by {}, or a copy of it was.",
        matching=Matching.PAPER,
        either=True,
        suggested=True,
    ),
    Facet(
        name="agency",
        field="agencies",
        title="Agencies",
        noun="agency",
        help="Only articles that credit this news agency.",
        reason="It credits {}.",
        either=True,
        suggested=True,
    ),
    Facet(
        name="author",
        field="authors",
        title="Authors",
        noun="author",
        help="Only articles by this author.",
        reason="It was written by {}.",
        part=True,
        suggested=True,
    ),
    Facet(
        name="section",
        field="section",
        title="Sections",
        noun="section",
        help="Only articles of this section of a paper.",
        reason="It stood in the section {}.",
        either=True,
        part=True,
    ),
    Facet(
        name="keyword",
        field="keywords",
        title="Keywords",
        noun="keyword",
        help="Only articles that their paper gave this keyword.",
        reason="Its paper gave it the keyword {}.",
        part=True,
    ),
    Facet(
        name="language",
        field="language",
        title="Languages",
        noun="language",
        help="Only articles in this language, by name or code: German, de, …",
        reason="It is written in {}.",
        matching=Matching.CODE,
        either=True,
        stored=codes.language_code,
        label=codes.language_name,
    ),
)
"""In the order in which they are shown."""

BY_NAME = {facet.name: facet for facet in FACETS}

BY_WORD = {facet.in_query: facet for facet in FACETS}
