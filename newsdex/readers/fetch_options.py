"""How pages and feeds are fetched: the settings of fetching, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import platformdirs

from newsdex.readers.files.blobs import place_of
from newsdex.retry import FETCH

DELAY_S = 1.0
"""Seconds between two requests to one host: what crawlers of the press keep to where robots.txt asks for nothing."""

TIMEOUT_S = 60.0
"""Seconds for one answer in all, from the name look-up to the last byte: real pages come in under five."""

MAX_PAGES = 500
"""Pages that one feed or sitemap may have fetched in a run; a news sitemap may list 1,000, a feed has about 30."""


class Pages(StrEnum):
    """Whether the pages that a feed's entries link to are fetched."""

    NEVER = "never"
    MISSING = "missing"
    """Where the feed itself does not carry the article's text."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """How to fetch, the same for every address of a run."""

    archive: str | None = None
    """Where what was fetched is archived: a folder, or `s3://bucket/prefix`; `None`: below the user's data folder."""
    memory: str | None = None
    """The folder of what is remembered of earlier fetches: one an index, as another index lacks what this one has.
    `None`: the user's data folder."""
    pages: Pages = Pages.MISSING
    allow: tuple[str, ...] = ()
    """Private networks and addresses that may be fetched from (`10.1.0.0/16`); all others must be public."""
    user_agent: str = "Newsdex"
    delay_s: float = DELAY_S
    timeout_s: float = TIMEOUT_S
    retry_s: float = FETCH.first_pause
    max_pages: int = MAX_PAGES
    refresh: bool = False
    """Fetch again what was fetched before and has not changed."""
    ca_certs: str | None = None
    """File of certificate authorities, instead of the usual ones."""

    @property
    def archived(self) -> str:
        """The archive's path or address: one folder a day in it."""
        place = place_of(self.archive) if self.archive else _home() / "archive"
        return place if isinstance(place, str) else str(place.absolute())

    @property
    def remembered(self) -> Path:
        """The folder of what is remembered."""
        return Path(self.memory) if self.memory else _home()


def _home() -> Path:
    return platformdirs.user_data_path("newsdex")
