"""The way back after a rebuild: the aliases of articles and copies on the indices that were behind them before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticsearch import NotFoundError

from search.errors import SearchError, explained
from search.indices import is_outdated, resolve
from search.rebuild_note import find, is_at_work, read_note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from search.layout import IndexNames
    from search.rebuild_note import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What a rollback did."""

    indices: dict[str, str]
    """Alias → the index that is now behind it."""
    left: dict[str, str]
    """Alias → the index that was; it is kept until maintenance removes it."""
    written_since: int
    """Documents that were written after the rebuild, and so are only in the index that was left."""
    outdated: bool
    """The mapping is none of this Newsdex: it can be searched, but written to only after a rebuild."""


def rollback(client: Elasticsearch, names: IndexNames, *, to: int | None = None) -> RolledBack:
    """Put articles and copies back on the former indices, in one request; the ledger and the quarantine stay.

    Args:
        client: the connection.
        names: whose indices.
        to: number of the indices to go to; without it, those that the present ones were made from.

    Raises:
        SearchError: there is nothing to go back to, or a rebuild is at work.
    """
    with explained():
        present = resolve(client, names)
        if names.articles not in present or names.copies not in present:
            raise SearchError("There is nothing to go back to: there is no index yet.")
        _refuse_while_rebuilding(client, names)
        note = read_note(client, present[names.articles])
        goal = _numbered(client, names, to) if to is not None else _former(names, present, note)
        left = {alias: present[alias] for alias in goal}
        for alias, index in goal.items():
            if not client.indices.exists(index=index):
                raise SearchError(f"There is nothing to go back to: the index {index!r} of {alias!r} was removed.")
        outdated = any(is_outdated(client, names, alias, index) for alias, index in goal.items())
        since = note.swapped_at if note else None
        client.indices.put_settings(index=",".join(goal.values()), settings={"index.blocks.write": None})
        _swap(client, left, goal)
        return RolledBack(indices=goal, left=left, written_since=_written_since(client, left, since), outdated=outdated)


def _refuse_while_rebuilding(client: Elasticsearch, names: IndexNames) -> None:
    unfinished = find(client, names).get(names.articles)
    note = read_note(client, unfinished[0]) if unfinished else None
    if unfinished and note and is_at_work(client, unfinished[0], note):
        raise SearchError(f"A rebuild is at work (process {note.pid} on {note.host}): wait until it is done.")


def _former(names: IndexNames, present: Mapping[str, str], note: Note | None) -> dict[str, str]:
    if note is None:
        raise SearchError(
            f"There is nothing to go back to: the index {present[names.articles]!r} was not made by a rebuild."
        )
    return {alias: note.former[alias] for alias in (names.articles, names.copies)}


def _numbered(client: Elasticsearch, names: IndexNames, number: int) -> dict[str, str]:
    """Return alias → its index of this number, which must be whole."""
    unfinished = {index for index, _ in find(client, names).values()}
    found: dict[str, str] = {}
    for alias in (names.articles, names.copies):
        answer = client.indices.get(index=f"{alias}-v*-{number:06}", allow_no_indices=True, features="aliases")
        there = sorted(set(answer.body) - unfinished)
        if len(there) != 1:
            raise SearchError(f"There is no finished index {number} of {alias!r}: see `GET _cat/indices/{alias}-v*`.")
        found[alias] = there[0]
    return found


def _swap(client: Elasticsearch, left: Mapping[str, str], goal: Mapping[str, str]) -> None:
    actions: list[dict[str, dict[str, object]]] = []
    for alias, index in goal.items():
        if index == left[alias]:
            raise SearchError(f"The alias {alias!r} points to {index!r} already: nothing was changed.")
        actions.append({"remove": {"index": left[alias], "alias": alias, "must_exist": True}})
        actions.append({"add": {"index": index, "alias": alias, "is_write_index": True}})
    try:
        client.indices.update_aliases(actions=actions)
    except NotFoundError as error:
        raise SearchError("Another process has just put the aliases elsewhere: look, then run again.") from error


def _written_since(client: Elasticsearch, left: Mapping[str, str], since: str | None) -> int:
    if since is None:
        return 0
    client.indices.refresh(index=list(left.values()))
    return int(client.count(index=list(left.values()), query={"range": {"ingested_at": {"gte": since}}})["count"])
