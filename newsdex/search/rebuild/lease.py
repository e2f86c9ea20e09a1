"""Where an index is rebuilt: the unfinished indices, what is known of the work on them, and whose work it is.

Everything is kept in the cluster, on the unfinished indices themselves. An alias (`<index>-rebuild-<token>`) names the
process that works on each, is what it writes through, and goes away with the swap or when another process goes on with
the work: from then on nothing that the first one may still send arrives. What has been done is noted in the mapping's
`_meta`.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import elastic_transport
import msgspec
from elasticsearch import ApiError, NotFoundError

from newsdex.search.errors import SearchError, error_type
from newsdex.search.indices.naming import number_of
from newsdex.search.indices.state import versions
from newsdex.search.rebuild.checkpoint import NOTE, Note, entry_alias, find, is_at_work, read_note, this_process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames

NOTED_EVERY_S = 5.0
"""Seconds between two notes of what is done: at most so much is copied again after a kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """An index and the one that is to take its place."""

    alias: str
    old: str
    new: str
    entry: str
    """Alias of the new index that only the present process writes through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A new index: what it is made with, and what it becomes when it is full."""

    settings: Mapping[str, Any]
    mappings: Mapping[str, Any]

    def for_loading(self) -> dict[str, Any]:
        """Return the settings while it is filled: no refresh, no replicas."""
        kept = {name: value for name, value in self.settings.items() if name not in _LATER}
        return {**kept, "refresh_interval": "-1", "number_of_replicas": 0}

    def for_use(self) -> dict[str, Any]:
        """Return the settings that were left out while it was filled."""
        unset: dict[str, Any] = {"refresh_interval": None, "auto_expand_replicas": None}
        return unset | {name: value for name, value in self.settings.items() if name in _LATER}


_LATER = ("refresh_interval", "number_of_replicas", "auto_expand_replicas")


class LostError(SearchError):
    """Another process goes on with this rebuild."""


class RebuildLease:
    """The unfinished indices of one rebuild, which this process works on until `leave`."""

    def __init__(
        self, client: Elasticsearch, names: IndexNames, token: str, note: Note, definitions: Mapping[str, Definition]
    ) -> None:
        self.client, self.names, self.token, self.note, self.definitions = client, names, token, note, definitions
        self.replacements: tuple[Replacement, ...] = ()
        self.resumed = False
        self._ended = threading.Event()
        self._noting = threading.Lock()
        self._thread: threading.Thread | None = None

    def keep_noting(self) -> None:
        """Note what is done every few seconds from now on."""
        self._thread = threading.Thread(target=self._note_until_ended, name="rebuild-notes", daemon=True)
        self._thread.start()

    def write_note(self) -> None:
        """Note what is done.

        Raises:
            LostError: another process goes on with the work.
        """
        alias = self.names.articles
        with self._noting:
            self.note.beat += 1
            meta = {**self.definitions[alias].mappings["_meta"], NOTE: msgspec.to_builtins(self.note)}
            try:
                self.client.indices.put_mapping(index=entry_alias(alias, self.token), meta=meta)
            except NotFoundError as error:
                raise LostError("Another `newsdex rebuild` goes on with this one: this process ends.") from error

    def leave(self) -> None:
        """Stop working on it; whoever comes next need not wait."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self.note.pid = 0
        with suppress(LostError, ApiError, elastic_transport.TransportError):
            self.write_note()

    def discard(self) -> None:
        """Delete the unfinished indices."""
        self._ended.set()
        for each in self.replacements:
            self.client.indices.delete(index=each.new, ignore_unavailable=True)

    def _note_until_ended(self) -> None:
        while not self._ended.wait(NOTED_EVERY_S):
            with suppress(LostError, ApiError, elastic_transport.TransportError):  # the work itself will meet it
                self.write_note()


def begin(
    client: Elasticsearch,
    names: IndexNames,
    definitions: Mapping[str, Definition],
    former: dict[str, str],
    made_with: str,
    caller: str = "",
) -> RebuildLease:
    """Go on with the unfinished rebuild, or begin one.

    Args:
        client: the connection.
        names: whose indices.
        definitions: alias → how its new index is made; the articles first.
        former: alias → index that is replaced.
        made_with: what decides what the new indices hold, in one string.
        caller: a name that nobody else has: what it began before, and failed to end, is not taken for being at work.

    Raises:
        SearchError: another rebuild is at work.
    """
    unfinished = find(client, names)
    if unfinished:
        site = _take_over(client, names, unfinished, definitions, caller=caller)
        if site.note.made_with == made_with and site.note.former == former:
            site.resumed = True
        else:
            site.discard()
            unfinished = {}
    if not unfinished:
        began_at = datetime.now(UTC).isoformat()
        note = Note(made_with=made_with, former=former, began_at=began_at, caller=caller, **this_process())
        site = RebuildLease(client, names, secrets.token_hex(4), note, definitions)
    number = _number(unfinished) if unfinished else _next_number(client, names)
    site.replacements = tuple(_made(site, alias, number, unfinished) for alias in definitions)
    site.write_note()
    site.keep_noting()
    return site


def discard_unfinished(client: Elasticsearch, names: IndexNames) -> tuple[str, ...]:
    """Delete the indices of a rebuild that was cut off; return their names.

    Raises:
        SearchError: the rebuild is at work.
    """
    unfinished = find(client, names)
    if not unfinished:
        return ()
    _take_over(client, names, unfinished, {}).discard()
    return tuple(index for index, _ in unfinished.values())


def _take_over(
    client: Elasticsearch,
    names: IndexNames,
    unfinished: Mapping[str, tuple[str, str]],
    definitions: Mapping[str, Definition],
    *,
    caller: str = "",
) -> RebuildLease:
    """Make an unfinished rebuild this process's own.

    Raises:
        SearchError: another process works on it.
    """
    index, _ = unfinished.get(names.articles, next(iter(unfinished.values())))
    note = read_note(client, index) or Note(made_with="", former={}, began_at="")
    if not (caller and note.caller == caller) and is_at_work(client, index, note):
        raise SearchError(
            f"A rebuild is at work already (process {note.pid} on {note.host}, begun at {note.began_at:.16} UTC): wait "
            "until it is done."
        )
    token = secrets.token_hex(4)
    actions = [
        action
        for alias, (each, former_token) in unfinished.items()
        for action in (
            {"remove": {"index": each, "alias": entry_alias(alias, former_token), "must_exist": True}},
            {"add": {"index": each, "alias": entry_alias(alias, token)}},
        )
    ]
    try:
        client.indices.update_aliases(actions=actions)
    except NotFoundError as error:
        raise SearchError(f"Another rebuild has just gone on with {index!r}: wait until it is done.") from error
    site = RebuildLease(
        client, names, token, msgspec.structs.replace(note, caller=caller, **this_process()), definitions
    )
    site.replacements = tuple(
        Replacement(alias=alias, old="", new=each, entry=entry_alias(alias, token))
        for alias, (each, _) in unfinished.items()
    )
    return site


def _made(site: RebuildLease, alias: str, number: int, unfinished: Mapping[str, tuple[str, str]]) -> Replacement:
    """Return a replacement whose new index is there."""
    definition = site.definitions[alias]
    new = f"{alias}-v{definition.mappings['_meta']['newsdex_mapping']}-{number:06}"
    entry = entry_alias(alias, site.token)
    if alias not in unfinished:
        mappings = dict(definition.mappings)
        if alias == site.names.articles:
            mappings["_meta"] = {**mappings["_meta"], NOTE: msgspec.to_builtins(site.note)}
        try:
            site.client.indices.create(
                index=new, aliases={entry: {}}, settings=definition.for_loading(), mappings=mappings
            )
        except ApiError as error:
            if error_type(error) != "resource_already_exists_exception":
                raise
            raise SearchError(f"Another rebuild has just made the index {new!r}: wait until it is done.") from error
    return Replacement(alias=alias, old=site.note.former[alias], new=new, entry=entry)


def _number(unfinished: Mapping[str, tuple[str, str]]) -> int:
    index, _ = next(iter(unfinished.values()))
    return number_of(index)


def _next_number(client: Elasticsearch, names: IndexNames) -> int:
    """Return a number that no version of any of our indices has yet."""
    return 1 + max((number_of(index) for family in versions(client, names).values() for index in family), default=0)
