"""The four indices of Newsdex: made where they are missing, checked where they are there.

Each name is an alias on a versioned index (`articles` → `articles-v1-000001`), so that a rebuild can put a new index
behind it, and so that nobody's write to a missing index makes one without a mapping (`require_alias`).
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError

from search.analysis import Analysis, choose_analysis
from search.errors import SearchError, UnavailableError, error_type, explained
from search.holds import await_writable
from search.index_checks import OutdatedError, check_mapping
from search.layout import DEFAULT_PREFIX, IndexNames, IndexSettings
from search.ledger_mapping import rejected_mapping, runs_mapping
from search.mapping import article_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

SHARDS_TIMEOUT = "10s"
"""How long shards are waited for that are coming up; a node that was just started needs two or three seconds."""

__all__ = ["DEFAULT_PREFIX", "IndexNames", "IndexSettings", "Indices", "check", "delete_all", "ensure", "resolve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """What `ensure` found or made."""

    names: IndexNames
    concrete: Mapping[str, str]
    """Alias → the index behind it."""
    created: tuple[str, ...]
    """Aliases that were missing and are now there."""
    stemmed: frozenset[str]
    """Languages whose `stemmed` field is filled: what `to_document` wants."""
    analysis: Mapping[str, str]
    """Language → how it is analysed, in words, for the run report."""


def ensure(client: Elasticsearch, names: IndexNames, settings: IndexSettings | None = None) -> Indices:
    """Create what is missing of the four indices, check what is there, and return both.

    Two processes may do this at the same moment: both find the same indices afterwards.

    Raises:
        SearchError: Elasticsearch cannot be used, or an index is not what it must be; the sentence names the fix.
    """
    with explained():
        return _ensure(client, names, settings or IndexSettings())


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
        return _checked(client, names, found, ())


def resolve(client: Elasticsearch, names: IndexNames) -> dict[str, str]:
    """Return alias → index for those of the four that exist.

    Raises:
        SearchError: an alias points to several indices, or an index stands where the alias should be.
    """
    answer = client.indices.get_alias(index=",".join(names.all), allow_no_indices=True, ignore_unavailable=True)
    behind: dict[str, list[str]] = {alias: [] for alias in names.all}
    for index, entry in answer.body.items():
        if index in behind:
            raise SearchError(
                f"{index!r} is an index of its own, but must be an alias: another program (or a write without a "
                f"mapping) made it. Delete it or rename it, or choose another index name, then run again."
            )
        for alias in entry.get("aliases", {}):
            if alias in behind:
                behind[alias].append(index)
    for alias, indices in behind.items():
        if len(indices) > 1:
            raise SearchError(
                f"The alias {alias!r} points to {len(indices)} indices ({', '.join(sorted(indices))}) and must point "
                "to one: take it off the others (`POST _aliases` with a `remove` action), then run again."
            )
    return {alias: indices[0] for alias, indices in behind.items() if indices}


def delete_all(client: Elasticsearch, names: IndexNames) -> tuple[str, ...]:
    """Delete every index of these names, all versions, and return what was deleted. There is no way back."""
    found: set[str] = set()
    for alias in names.all:
        answer = client.indices.get(index=f"{alias}-v*", allow_no_indices=True, features="aliases")
        found.update(index for index in answer.body if re.fullmatch(rf"{re.escape(alias)}-v\d+-\d+", index))
    if found:
        client.indices.delete(index=",".join(sorted(found)), ignore_unavailable=True)
    return tuple(sorted(found))


def _ensure(client: Elasticsearch, names: IndexNames, settings: IndexSettings) -> Indices:
    found, missing = make_missing(client, names, settings)
    found = await_writable(client, names, found, lambda: resolve(client, names))
    await_shards(client, found)
    return _checked(client, names, found, missing)


def await_shards(client: Elasticsearch, found: Mapping[str, str]) -> None:
    """Wait a little for indices whose shards are still coming up.

    Raises:
        UnavailableError: one of them is red, and stays so.
    """
    asked = client.options(ignore_status=408).cluster.health(
        index=list(found.values()), level="indices", wait_for_status="yellow", timeout=SHARDS_TIMEOUT
    )
    red = sorted(index for index, health in asked["indices"].items() if health["status"] == "red")
    if red:
        raise UnavailableError(
            f"The index {red[0]!r} is red: a shard of it has no copy that can be used, as its node is away or its disk "
            "full; `GET _cluster/allocation/explain` says why. Nothing is lost: run again when it is back."
        )


def make_missing(
    client: Elasticsearch, names: IndexNames, settings: IndexSettings
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Create what is missing of the four indices; return alias → index for all four, and the aliases made."""
    found = resolve(client, names)
    missing = [alias for alias in names.all if alias not in found]
    if missing:
        analysis = choose_analysis(client, settings.languages)
        # At once: the node makes four indices in the time of one.
        with ThreadPoolExecutor(len(missing)) as pool:
            for _ in pool.map(
                lambda alias: _create(client, alias, definition(names, alias, settings, analysis)), missing
            ):
                pass
        found = resolve(client, names)
    return found, tuple(missing)


def definition(names: IndexNames, alias: str, settings: IndexSettings, analysis: Analysis) -> dict[str, Any]:
    """Return the `settings` and `mappings` that a new index behind one of the aliases is made with."""
    if alias == names.rejected:
        return {"settings": settings.body(shards=1), "mappings": rejected_mapping()}
    if alias == names.runs:
        return {"settings": settings.body(shards=1), "mappings": runs_mapping()}
    return {
        "settings": {**settings.body(shards=settings.shards), "analysis": analysis.settings()},
        "mappings": article_mapping(analysis),
    }


def _create(client: Elasticsearch, alias: str, definition: dict[str, Any]) -> None:
    """Create the first index behind an alias, in one step with the alias.

    The name is the same for every process, so that of two that create it at once the second learns that it is there.
    """
    number = definition["mappings"]["_meta"]["newsdex_mapping"]
    index = f"{alias}-v{number}-000001"
    try:
        answer = client.indices.create(index=index, aliases={alias: {"is_write_index": True}}, **definition)
    except ApiError as error:
        if error_type(error) != "resource_already_exists_exception":
            raise
        if not client.indices.exists_alias(name=alias).meta.status == 200:
            raise SearchError(
                f"The index {index!r} is there, but its alias {alias!r} is not: put the alias back "
                f"(`PUT {index}/_alias/{alias}`), or delete the index to begin anew."
            ) from error
        return
    if not answer["shards_acknowledged"]:
        raise SearchError(
            f"Elasticsearch made the index {index!r} but found no place for its shards: most likely the disk is nearly "
            "full; free disk space, or look at `GET _cluster/allocation/explain`."
        )


def _checked(client: Elasticsearch, names: IndexNames, found: Mapping[str, str], created: tuple[str, ...]) -> Indices:
    mappings = client.indices.get_mapping(index=",".join(found.values())).body
    for alias, index in found.items():
        check_mapping(index, mappings[index]["mappings"], expected_mapping(names, alias, mappings[index]["mappings"]))
    meta = mappings[found[names.articles]]["mappings"]["_meta"]
    report: dict[str, str] = meta.get("analysis", {})
    return Indices(
        names=names,
        concrete=dict(found),
        created=created,
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
    """Whether an index has another mapping than this Newsdex gives it.

    Raises:
        SearchError: it was made by another program, or by a newer version.
    """
    actual = client.indices.get_mapping(index=index).body[index]["mappings"]
    try:
        check_mapping(index, actual, expected_mapping(names, alias, actual))
    except OutdatedError:
        return True
    return False
