"""Which indices there are behind the aliases, and whether their mappings are what today's Newsdex writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError, UnavailableError, explained
from newsdex.search.indices.analysis import Analysis
from newsdex.search.indices.checks import OutdatedError, check_mapping
from newsdex.search.indices.ledger_mapping import rejected_mapping, runs_mapping
from newsdex.search.indices.mapping import article_mapping
from newsdex.search.indices.naming import IndexNames, IndexSettings, url_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch


SHARDS_TIMEOUT = "10s"
"""How long shards are waited for that are coming up; a node that was just started needs two or three seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """What `ensure` found or made."""

    names: IndexNames
    concrete: Mapping[str, str]
    """Alias → the index behind it; those of years or months too."""
    created: tuple[str, ...]
    """Aliases that were missing and are now there."""
    stemmed: frozenset[str]
    """Languages whose `stemmed` field is filled: what `to_document` wants."""
    analysis: Mapping[str, str]
    """Language → how it is analysed, in words, for the run report."""
    settings: IndexSettings = field(default_factory=IndexSettings)
    """How new indices are laid out: what those of further years or months are made with."""


def check(client: Elasticsearch, names: IndexNames) -> Indices:
    """Return the four indices as they are, after the same checks as `ensure`, creating nothing.

    Raises:
        SearchError: one is missing or not what it must be; the sentence names the fix.
    """
    with explained():
        found = resolve(client, names)
        missing = [alias for alias in names.all if alias not in found]
        if missing:
            raise SearchError(
                f"There is no index {missing[0]!r} yet: run `newsdex ingest` first, or check the index name."
            )
        return _checked(client, names, found)


def resolve(client: Elasticsearch, names: IndexNames) -> dict[str, str]:
    """Return alias → index for those of the four that exist, and for the years or months that have one.

    Raises:
        SearchError: an alias points to several indices, or an index stands where the alias should be.
    """
    answer = client.indices.get_alias(index=",".join(names.all), allow_no_indices=True, ignore_unavailable=True)
    behind: dict[str, list[str]] = {alias: [] for alias in names.all}
    for index, entry in answer.body.items():
        if index in names.all:
            raise SearchError(
                f"{index!r} is an index of its own, but must be an alias: another program (or a write without a "
                f"mapping) made it. Delete it or rename it, or choose another index name, then run again."
            )
        own = names.alias_of(index)
        for alias in entry.get("aliases", {}):
            if alias == names.articles and own is not None and names.is_of_period(own):
                behind.setdefault(own, []).append(index)
            elif alias in names.all:
                behind[alias].append(index)
    for alias, indices in behind.items():
        if len(indices) > 1:
            raise SearchError(
                f"The alias {alias!r} points to {len(indices)} indices ({', '.join(sorted(indices))}) and must point "
                "to one: take it off the others (`POST _aliases` with a `remove` action), then run again."
            )
    found = {alias: indices[0] for alias, indices in behind.items() if indices}
    first = found.get(names.articles)
    if len(found) > len(names.all) and first:
        written = answer[first]["aliases"][names.articles].get("is_write_index")
        if not written:
            raise SearchError(
                f"The alias {names.articles!r} does not say that {first!r} is written to: put it anew "
                f"(`PUT {first}/_alias/{names.articles}` with `is_write_index: true`), then run again."
            )
    return found


def versions(client: Elasticsearch, names: IndexNames) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return alias → each index that is or was behind it or is to be → its aliases and settings."""
    answer = client.indices.get(index=",".join(names.versions), allow_no_indices=True, features="aliases,settings")
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for index, entry in sorted(answer.body.items()):
        alias = names.alias_of(index)
        if alias is not None:
            found.setdefault(alias, {})[index] = entry
    return found


def await_shards(client: Elasticsearch, found: Mapping[str, str]) -> None:
    """Wait a little for indices whose shards are still coming up.

    Raises:
        UnavailableError: one of them is red, and stays so.
    """
    red: list[str] = []
    for some in url_batches(found.values()):
        asked = client.options(ignore_status=408).cluster.health(
            index=some, level="indices", wait_for_status="yellow", timeout=SHARDS_TIMEOUT
        )
        red += sorted(index for index, health in asked["indices"].items() if health["status"] == "red")
    if red:
        raise UnavailableError(
            f"The index {red[0]!r} is red: a shard of it has no copy that can be used, as its node is away or its disk "
            "full; `GET _cluster/allocation/explain` says why. Nothing is lost: run again when it is back."
        )


def _checked(client: Elasticsearch, names: IndexNames, found: Mapping[str, str]) -> Indices:
    mappings: dict[str, Any] = {}
    for some in url_batches(found.values()):
        mappings |= client.indices.get_mapping(index=some).body
    for alias, index in found.items():
        check_mapping(index, mappings[index]["mappings"], expected_mapping(names, alias, mappings[index]["mappings"]))
    reports = {index: mapping["mappings"]["_meta"].get("analysis", {}) for index, mapping in mappings.items()}
    report: dict[str, str] = reports[found[names.articles]]
    for alias, index in found.items():
        if names.is_of_period(alias) and reports[index] != report:
            raise OutdatedError(
                f"The index {index!r} stems other languages than {found[names.articles]!r}: run `newsdex rebuild`."
            )
    return Indices(
        names=names,
        concrete=dict(found),
        created=(),
        stemmed=frozenset(code for code, way in report.items() if way != "plain"),
        analysis=report,
    )


def expected_mapping(names: IndexNames, alias: str, actual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping that the index behind an alias must have."""
    if alias == names.rejected:
        return rejected_mapping()
    if alias == names.runs:
        return runs_mapping()
    return article_mapping(Analysis.from_report(actual.get("_meta", {}).get("analysis", {})))


def is_outdated(client: Elasticsearch, names: IndexNames, alias: str, index: str) -> bool:
    """Return whether an index has another mapping than this Newsdex gives it.

    Raises:
        SearchError: it was made by another program, or by a newer version.
    """
    actual = client.indices.get_mapping(index=index).body[index]["mappings"]
    try:
        check_mapping(index, actual, expected_mapping(names, alias, actual))
    except OutdatedError:
        return True
    return False
