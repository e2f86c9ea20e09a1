"""A date that a page names, as written, before anything is decided: what `page` finds and `published` weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Provenance(StrEnum):
    """Where in a page a fact was found."""

    JSON_LD = "json-ld"
    MICRODATA = "microdata"
    OPENGRAPH = "opengraph"
    META = "meta"
    TIME = "time"
    LINK = "link"
    VISIBLE = "visible"
    SCRIPT = "script"
    """In the state that a page's script carries."""
    TRAFILATURA = "trafilatura"
    """A text that trafilatura read, where ours did not look like the page's article."""
    MARKUP = "markup"
    """Somewhere in the markup, found by htmldate's heuristics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCandidate:
    """A date that a page names, as written, with where it stands."""

    text: str
    provenance: Provenance
    modified: bool = False
    """It is said to be the date of a change, not of the publication."""
    by_name: bool = True
    """It is said to be the publication date, and is not just some date."""
