"""What the indices of a collection of articles are called and how new ones are laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

DEFAULT_PREFIX = "articles"

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
"""What Elasticsearch allows in an index name, with room left for our suffixes (the limit is 255 bytes)."""

URL_CHARS = 3_000
"""Characters of names in one request at most: Elasticsearch takes 4,096 bytes of method, address and parameters."""

_OF_PERIOD = re.compile(r"-of-[0-9]{4}(?:-[0-9]{2})?$")
_VERSION = re.compile(r"-v[0-9]+-([0-9]+)$")


class Period(StrEnum):
    """The span of publication dates that has an index of its own."""

    YEAR = "year"
    MONTH = "month"

    def of(self, moment: datetime) -> str:
        """Return the period that a moment lies in, in UTC, as Elasticsearch counts: `2024` or `2024-05`."""
        return moment.astimezone(UTC).isoformat()[: 4 if self is Period.YEAR else 7]


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
        if _OF_PERIOD.search(self.prefix):
            raise SearchError(
                f"{self.prefix!r} cannot name an index: Newsdex gives such names to the articles of a year or month."
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

    def of_period(self, period: str) -> str:
        """Alias of the articles of one year or month (`2024`, `2024-05`)."""
        return f"{self.prefix}-of-{period}"

    def is_of_period(self, alias: str) -> bool:
        """Return whether an alias is that of the articles of a year or month."""
        return bool(_OF_PERIOD.search(alias)) and _OF_PERIOD.sub("", alias) == self.prefix

    def holds_articles(self, alias: str) -> bool:
        """Return whether whole articles lie behind an alias: they themselves, or their copies."""
        return alias not in {self.rejected, self.runs}

    def alias_of(self, index: str) -> str | None:
        """Return the alias that an index is a version of (`articles-v2-000002` → `articles`); `None` if of none."""
        alias = _VERSION.sub("", index)
        return alias if alias != index and (alias in self.all or self.is_of_period(alias)) else None

    @property
    def versions(self) -> tuple[str, ...]:
        """Patterns of the names of all versions of all indices; others' may match too (`alias_of` tells)."""
        return (*(f"{alias}-v*" for alias in self.all), f"{self.of_period('*')}-v*")


def number_of(index: str) -> int:
    """Return the number of a version (`articles-v2-000002` → 2); 1 where its name has none."""
    found = _VERSION.search(index)
    return int(found[1]) if found else 1


def url_batches(indices: Iterable[str]) -> Iterator[str]:
    """Yield names with commas between them, as many at a time as an address can hold."""
    some: list[str] = []
    for index in indices:
        if some and sum(map(len, some)) + len(some) + len(index) > URL_CHARS:
            yield ",".join(some)
            some = []
        some.append(index)
    if some:
        yield ",".join(some)


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
    period: Period | None = None
    """Articles of each year or month lie in an index of their own, those without a date in the first one; `None`: all
    in one."""

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
