"""The four indices of Newsdex: made where they are missing, checked where they are there.

Each name is an alias on a versioned index (`articles` → `articles-v2-000001`), so that a rebuild can put a new index
behind it, and so that nobody's write to a missing index makes one without a mapping (`require_alias`).

Where articles lie by year or month, `articles` points to the indices of all periods too, so that a search finds all;
each of them has an alias of its own beside that (`articles-of-2024`), which is what is written through.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError

from newsdex.search.errors import SearchError, error_type, explained
from newsdex.search.indices.analysis import Analysis, choose_analysis
from newsdex.search.indices.ledger_mapping import rejected_mapping, runs_mapping
from newsdex.search.indices.mapping import article_mapping
from newsdex.search.indices.naming import DEFAULT_PREFIX, IndexNames, IndexSettings, Period, number_of, url_batches
from newsdex.search.indices.state import Indices, _checked, await_shards, check, expected_mapping, resolve, versions
from newsdex.search.indices.write_block import await_writable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch


__all__ = [
    "DEFAULT_PREFIX",
    "IndexNames",
    "IndexSettings",
    "Indices",
    "Period",
    "check",
    "delete_all",
    "ensure",
    "resolve",
    "versions",
]


def ensure(client: Elasticsearch, names: IndexNames, settings: IndexSettings | None = None) -> Indices:
    """Create what is missing of the four indices, check what is there, and return both.

    Two processes may do this at the same moment: both find the same indices afterwards.

    Raises:
        SearchError: Elasticsearch cannot be used, or an index is not what it must be; the sentence names the fix.
    """
    with explained():
        return _ensure(client, names, settings or IndexSettings())


def delete_all(client: Elasticsearch, names: IndexNames) -> tuple[str, ...]:
    """Delete every index of these names, all versions, and return what was deleted. There is no way back."""
    found = sorted(index for family in versions(client, names).values() for index in family)
    for some in url_batches(found):
        client.indices.delete(index=some, ignore_unavailable=True)
    return tuple(found)


def _ensure(client: Elasticsearch, names: IndexNames, settings: IndexSettings) -> Indices:
    found, missing = make_missing(client, names, settings)
    found = await_writable(client, names, found, lambda: resolve(client, names))
    await_shards(client, found)
    return replace(_checked(client, names, found), created=missing, settings=settings)


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
    _create_version(client, alias, 1, {alias: True}, definition)


def make_of_period(client: Elasticsearch, indices: Indices, alias: str) -> None:
    """Create the index of a year or month, as the first index of the articles is made; nothing where it is there.

    It gets that one's number, so that all indices of a number belong together.

    Raises:
        SearchError: Elasticsearch cannot be used; the sentence names the fix.
    """
    names = indices.names
    with explained():
        first = resolve(client, names)[names.articles]
        made = client.indices.get(index=first, features="mappings,settings").body[first]
        analysis = made["settings"]["index"].get("analysis", {})
        definition = {
            "settings": {**indices.settings.body(shards=indices.settings.shards), "analysis": analysis},
            "mappings": expected_mapping(names, alias, made["mappings"]),
        }
        _create_version(client, alias, number_of(first), aliases_of(names, alias), definition)


def _create_version(
    client: Elasticsearch, alias: str, number: int, aliases: Mapping[str, bool], definition: dict[str, Any]
) -> None:
    index = f"{alias}-v{definition['mappings']['_meta']['newsdex_mapping']}-{number:06}"
    try:
        behind = {name: {"is_write_index": written} for name, written in aliases.items()}
        answer = client.indices.create(index=index, aliases=behind, **definition)
    except ApiError as error:
        if error_type(error) != "resource_already_exists_exception":
            raise
        if client.indices.exists_alias(name=alias).meta.status != 200:
            puts = (
                f"`PUT {index}/_alias/{name}` with `is_write_index: {str(written).lower()}`"
                for name, written in aliases.items()
            )
            raise SearchError(
                f"The index {index!r} is there, but its alias {alias!r} is not: put the alias back "
                f"({', '.join(puts)}), or delete the index to begin anew."
            ) from error
        return
    if not answer["shards_acknowledged"]:
        raise SearchError(
            f"Elasticsearch made the index {index!r} but found no place for its shards: most likely the disk is nearly "
            "full; free disk space, or look at `GET _cluster/allocation/explain`."
        )


def aliases_of(names: IndexNames, alias: str) -> dict[str, bool]:
    """Return the aliases of the index behind one of ours → whether it is what is written to through it."""
    return {alias: True, names.articles: False} if names.is_of_period(alias) else {alias: True}


def swap_aliases(
    names: IndexNames, alias: str, *, old: str | None, new: str | None
) -> list[dict[str, dict[str, object]]]:
    """Return the actions of an `_aliases` request that put a new index in the place of an old one, or of none."""
    actions: list[dict[str, dict[str, object]]] = []
    for name, written in aliases_of(names, alias).items():
        if old is not None:
            actions.append({"remove": {"index": old, "alias": name, "must_exist": True}})
        if new is not None:
            actions.append({"add": {"index": new, "alias": name, "is_write_index": written}})
    return actions
