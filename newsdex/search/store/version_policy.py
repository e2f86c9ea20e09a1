"""What is to be done with an article that comes in, given what is stored under its id."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from newsdex.transforms.duplicates.clusters import Version, replaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.search.store.lookup import StoredArticle
    from newsdex.transforms.article import Article


_WEB_ARCHIVE = re.compile(r"\.w?arc(\.|$)", re.IGNORECASE)
"""In a file's name: it only grows, and may hold a page many times."""


class Verdict(Enum):
    """What is to be done with an incoming article."""

    NEW = "new"
    """Nothing is stored under its id."""
    UPDATED = "updated"
    """It takes the place of what is stored."""
    UNCHANGED = "unchanged"
    """It is stored as it is."""
    OLDER = "older"
    """A newer version is stored, which already remembers this one."""
    OLDER_UNKNOWN = "older-unknown"
    """A newer version is stored, which must remember this one, so that the next run does not take it for new."""

    @property
    def writes(self) -> bool:
        """Whether the incoming article itself is written."""
        return self in {Verdict.NEW, Verdict.UPDATED}


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and the article that it is about as it is to be written."""

    verdict: Verdict
    article: Article


def decide(incoming: Article, held: Sequence[StoredArticle], *, run_id: str, force: bool) -> Decision:
    """Return what is to be done with an incoming article.

    Args:
        incoming: the article.
        held: what is stored under its id: nothing, one document, or two where a move was cut off.
        run_id: of the run that it comes with.
        force: write it even where it is stored already.
    """
    if not held:
        return Decision(Verdict.NEW, incoming)
    there = held[0].article
    if incoming.content_hash == there.content_hash:
        same = incoming.pipeline_version == there.pipeline_version and not _is_corrected(incoming, there, run_id)
        if same and not force:
            return Decision(Verdict.UNCHANGED, incoming)
        return Decision(Verdict.UPDATED, following(incoming, there, ()))
    if incoming.content_hash in there.superseded_hashes:
        return Decision(Verdict.OLDER, incoming)
    if replaces(Version.of(incoming), Version.of(there), same_run=there.run_id == run_id):
        return Decision(Verdict.UPDATED, following(incoming, there, (there.content_hash,)))
    return Decision(Verdict.OLDER_UNKNOWN, incoming)


def _is_corrected(incoming: Article, there: Article, run_id: str) -> bool:
    """Return whether the file that an article came from now says other facts of the same text: a date that was fixed.

    Another file that says something else is another witness, not a correction, and so is another capture in a web
    archive: two of them would take turns with every run. Nor does one run correct itself.
    """
    if there.run_id == run_id or _file(incoming.input_uri) != _file(there.input_uri):
        return False
    told = (incoming.published_at, incoming.modified_at, incoming.source.name)
    return told != (there.published_at, there.modified_at, there.source.name)


def _file(input_uri: str) -> str:
    """Return the file that an input lies in, as a line that comes in above moves all others.

    Of a web archive the record.
    """
    file = input_uri.partition("#")[0]
    return input_uri if _WEB_ARCHIVE.search(file) else file


def following(newer: Article, older: Article, hashes: Sequence[str]) -> Article:
    """Return a newer version as the successor of an older one: it remembers its hashes and stays in its story."""
    remembered = dict.fromkeys((*older.superseded_hashes, *newer.superseded_hashes, *hashes))
    remembered.pop(newer.content_hash, None)
    return replace(newer, superseded_hashes=tuple(remembered), story_id=newer.story_id or older.story_id)
