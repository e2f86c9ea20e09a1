"""What the indices of a collection of articles are called and how new ones are laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT_PREFIX = "articles"

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
"""What Elasticsearch allows in an index name, with room left for our suffixes (the limit is 255 bytes)."""


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names that one collection of articles uses."""

    prefix: str = DEFAULT_PREFIX

    def __post_init__(self) -> None:
        """Check that the prefix can name an index."""
        if not _PREFIX.fullmatch(self.prefix) or self.prefix.endswith(("-", ".")):
            raise SearchError(
                f"{self.prefix[:100]!r} cannot name an index: use up to 100 small letters, digits, '-', '_' and '.', "
                "with a letter or digit first."
            )

    @property
    def articles(self) -> str:
        """Alias of the articles themselves."""
        return self.prefix

    @property
    def copies(self) -> str:
        """Alias of the folded duplicates, whole documents with the same mapping."""
        return f"{self.prefix}-copies"

    @property
    def rejected(self) -> str:
        """Alias of the quarantine."""
        return f"{self.prefix}-rejected"

    @property
    def runs(self) -> str:
        """Alias of the ledger."""
        return f"{self.prefix}-runs"

    @property
    def all(self) -> tuple[str, str, str, str]:
        """Every alias."""
        return (self.articles, self.copies, self.rejected, self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """How new indices are laid out. Existing ones keep what they have."""

    shards: int = 1
    """Primary shards of articles and copies: one holds some 2 million articles of 900 words (17 kB each, 40 GB)."""
    replicas: int | None = None
    """Copies of each shard; `None` means one where the cluster has a second node, none where it has not."""
    codec: str | None = None
    """`best_compression` saves about a third of the disk for slower reads; `None` means the node's default."""
    refresh_interval: str | None = None
    """How soon what is written is found, such as `30s`; `None` means the node's default of a second."""
    languages: Collection[str] | None = None
    """Languages to stem; `None` means all that the node can."""

    def body(self, *, shards: int) -> dict[str, Any]:
        """Return the `settings` of a create-index request."""
        settings: dict[str, Any] = {"number_of_shards": shards}
        if self.replicas is None:
            settings["auto_expand_replicas"] = "0-1"
        else:
            settings["number_of_replicas"] = self.replicas
        if self.codec is not None:
            settings["codec"] = self.codec
        if self.refresh_interval is not None:
            settings["refresh_interval"] = self.refresh_interval
        return settings
