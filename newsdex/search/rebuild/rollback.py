"""The way back after a rebuild: the aliases of articles and copies on the indices that were behind them before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticsearch import NotFoundError

from newsdex.search.errors import SearchError, explained
from newsdex.search.indices.manage import swap_aliases
from newsdex.search.indices.naming import number_of, url_batches
from newsdex.search.indices.state import is_outdated, resolve, versions
from newsdex.search.rebuild.checkpoint import find, is_at_work, read_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames
    from newsdex.search.rebuild.checkpoint import Note


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
        goal = _of_number(client, names, to) if to is not None else _former(client, names, present, note)
        left = {alias: index for alias, index in present.items() if names.holds_articles(alias)}
        if goal[names.articles] == left[names.articles]:
            raise SearchError(
                f"The alias {names.articles!r} points to {goal[names.articles]!r} already: nothing was changed."
            )
        outdated = any(is_outdated(client, names, alias, index) for alias, index in goal.items())
        since = note.swapped_at if note else None
        for some in url_batches(goal.values()):
            client.indices.put_settings(index=some, settings={"index.blocks.write": None})
        _swap(client, names, left, goal)
        return RolledBack(indices=goal, left=left, written_since=_written_since(client, left, since), outdated=outdated)


def _refuse_while_rebuilding(client: Elasticsearch, names: IndexNames) -> None:
    unfinished = find(client, names).get(names.articles)
    note = read_note(client, unfinished[0]) if unfinished else None
    if unfinished and note and is_at_work(client, unfinished[0], note):
        raise SearchError(f"A rebuild is at work (process {note.pid} on {note.host}): wait until it is done.")


def _former(client: Elasticsearch, names: IndexNames, present: Mapping[str, str], note: Note | None) -> dict[str, str]:
    if note is None:
        raise SearchError(
            f"There is nothing to go back to: the index {present[names.articles]!r} was not made by a rebuild."
        )
    there = versions(client, names)
    former = {alias: note.former[alias] for alias in note.former if names.holds_articles(alias)}
    for alias, index in former.items():
        if index not in there.get(alias, ()) and not client.indices.exists(index=index):
            raise SearchError(f"There is nothing to go back to: the index {index!r} of {alias!r} was removed.")
    # Those of years or months that were made after going back there once before.
    return _periods_of(names, there, number_of(former[names.articles])) | former


def _of_number(client: Elasticsearch, names: IndexNames, number: int) -> dict[str, str]:
    """Return alias → its index of this number; articles and copies must have one that is whole."""
    unfinished = {index for index, _ in find(client, names).values()}
    there = {
        alias: {index: entry for index, entry in family.items() if index not in unfinished}
        for alias, family in versions(client, names).items()
    }
    found: dict[str, str] = {}
    for alias in (names.articles, names.copies):
        ours = [index for index in there.get(alias, ()) if number_of(index) == number]
        if len(ours) != 1:
            raise SearchError(f"There is no finished index {number} of {alias!r}: see `GET _cat/indices/{alias}-v*`.")
        found[alias] = ours[0]
    return found | _periods_of(names, there, number)


def _periods_of(names: IndexNames, there: Mapping[str, Iterable[str]], number: int) -> dict[str, str]:
    return {
        alias: index
        for alias, family in there.items()
        for index in family
        if names.is_of_period(alias) and number_of(index) == number
    }


def _swap(client: Elasticsearch, names: IndexNames, left: Mapping[str, str], goal: Mapping[str, str]) -> None:
    actions = [
        action
        for alias in {**left, **goal}
        for action in swap_aliases(names, alias, old=left.get(alias), new=goal.get(alias))
    ]
    try:
        client.indices.update_aliases(actions=actions)
    except NotFoundError as error:
        raise SearchError("Another process has just put the aliases elsewhere: look, then run again.") from error


def _written_since(client: Elasticsearch, left: Mapping[str, str], since: str | None) -> int:
    if since is None:
        return 0
    query = {"range": {"ingested_at": {"gte": since}}}
    written = 0
    for some in url_batches(left.values()):
        client.indices.refresh(index=some)
        written += int(client.count(index=some, query=query)["count"])
    return written
