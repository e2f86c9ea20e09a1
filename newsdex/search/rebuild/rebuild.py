"""Puts new indices in the place of the present ones, with the same documents, while searches and ingests go on.

1. New indices are made beside the present ones, with today's mapping, and filled (`newsdex.search.rebuild.copy`).
2. What was written meanwhile is copied too, again and again, until it is little.
3. Writers are held out (`newsdex.search.indices.write_block`), the rest is copied, the documents are counted.
4. One request puts all aliases on the new indices.

Searches see the old indices until then, whatever happens. A rebuild that is killed is gone on with by the next one.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import elastic_transport
import msgspec
from elasticsearch import ApiError, NotFoundError

from newsdex.search.errors import SearchError, explained
from newsdex.search.indices.analysis import choose_analysis
from newsdex.search.indices.checks import check_mapping
from newsdex.search.indices.manage import definition, make_missing, swap_aliases
from newsdex.search.indices.naming import IndexSettings, url_batches
from newsdex.search.indices.state import await_shards, is_outdated, resolve
from newsdex.search.indices.write_block import block_writes, clear_blocks, marker, unblock_writes
from newsdex.search.rebuild.copy import Copier
from newsdex.search.rebuild.lease import Definition, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames
    from newsdex.search.rebuild.lease import Replacement
    from newsdex.transforms.article import Article

LITTLE = 500
"""So many documents are copied in well under a second: then writers may be held out."""

PASSES = 20
"""Passes after which writers are held out however much they write: they outrun the rebuild."""

HOLD_S = 15.0
"""Seconds that writers are held out at most; then they go on, and the rebuild tries again later."""

SWAPS_TRIED = 10
"""How often it tries to end."""

REPLICAS_TIMEOUT = "10m"
"""How long the new indices' replicas are waited for; they come later where this is not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did."""

    indices: dict[str, str]
    """Alias → the index that is now behind it."""
    former: dict[str, str]
    """Alias → the index that was; it is kept until maintenance removes it."""
    documents: dict[str, int]
    """Alias → documents."""
    counts: dict[str, int]
    """`read`, those that changed meanwhile several times; `written`; `newer`: a newer version was there already. What a
    rebuild did that was cut off is not in it."""
    held_seconds: float
    """How long writers were held out in all."""
    resumed: bool
    """It went on with one that was cut off."""


class Rebuild:
    """One rebuild; its steps may be done again after a failure.

    Args:
        client: the connection.
        names: whose indices.
        settings: how the new ones are laid out.
        made_with: stands for what `refresh` does: an unfinished rebuild of another kind is not gone on with.
        refresh: makes pages of stored articles anew; without it they are copied as they are.
        told: is told how many documents more are copied.
        caller: a name that nobody else has: it goes on at once with what it began itself and failed to end.

    Raises:
        SearchError: another rebuild is at work, or the indices are none that can be rebuilt.
    """

    def __init__(
        self,
        client: Elasticsearch,
        names: IndexNames,
        settings: IndexSettings | None = None,
        *,
        made_with: str = "",
        refresh: Callable[[Iterator[list[Article]]], Iterator[list[Article]]] = lambda pages: pages,
        told: Callable[[int], None] = lambda _: None,
        caller: str = "",
    ) -> None:
        chosen = settings or IndexSettings()
        self._client, self._names = client, names
        with explained():
            found, _ = make_missing(client, names, chosen)
            await_shards(client, found)
            outdated = {alias for alias in found if is_outdated(client, names, alias, found[alias])}
            analysis = choose_analysis(client, chosen.languages)
            definitions = {
                alias: Definition(**definition(names, alias, chosen, analysis))
                for alias in found
                if names.holds_articles(alias) or alias in outdated
            }
            told_apart = json.dumps([made_with, *map(msgspec.to_builtins, definitions.values())], sort_keys=True)
            digest = hashlib.blake2b(told_apart.encode(), digest_size=8).hexdigest()
            former = {alias: found[alias] for alias in definitions}
            self._site = begin(client, names, definitions, former, digest, caller)
        self._copier = Copier(self._site, stemmed=analysis.stemmed, refresh=refresh, told=told)
        self._held = 0.0
        try:
            with explained():
                clear_blocks(client, names)  # nobody else is at work: what is held was left by one that was killed
        except BaseException:
            self.leave()
            raise

    @property
    def resumed(self) -> bool:
        """Whether it goes on with one that was cut off."""
        return self._site.resumed

    def expected(self) -> int:
        """Return how many documents there are to copy, about."""
        with explained():
            before, now = (
                sum(self._count(index) for index in indices)
                for indices in zip(*((each.old, each.entry) for each in self._site.replacements), strict=True)
            )
            return max(before - now, 0)

    def fill(self) -> None:
        """Copy everything, and what is written meanwhile, until that is little."""
        with explained():
            if self._is_swapped():  # by a request whose answer was lost
                return
            self._copier.copy_changed(remember=False)
            self._copier.prune()
            for _ in range(PASSES):
                changed = self._copier.copy_changed()
                self._copier.remove_moved(changed)
                if len(changed) < LITTLE:
                    break
            self._site.write_note()

    def swap(self) -> Rebuilt:
        """Put the new indices in their place, once they hold what the present ones hold.

        Raises:
            SearchError: they do not: nothing was changed.
        """
        with explained():
            if self._is_swapped():
                return self._rebuilt()
            self._make_ready()
            for _ in range(SWAPS_TRIED):
                if self._try_to_swap():
                    return self._rebuilt()
                self._copier.prune()
                self._copier.remove_moved(self._copier.copy_changed())
        raise SearchError(
            f"So much is being written that the new index did not catch up in {SWAPS_TRIED} tries. Nothing was "
            "changed: run `newsdex rebuild` again when less is written; it goes on from here."
        )

    def leave(self) -> None:
        """End the work, done or not: another rebuild may go on."""
        self._site.leave()

    def discard(self) -> None:
        """Give up the work: the unfinished indices are deleted, the present ones stay as they are."""
        with explained():
            self._site.discard()

    def _make_ready(self) -> None:
        """Give the new indices the settings and mappings that they are used with."""
        for each in self._site.replacements:
            wanted = self._site.definitions[each.alias]
            self._client.indices.put_settings(index=each.entry, settings=wanted.for_use())
            actual = self._client.indices.get_mapping(index=each.new).body[each.new]["mappings"]
            check_mapping(each.new, actual, wanted.mappings)
        for some in url_batches(each.new for each in self._site.replacements):
            self._client.options(request_timeout=660).cluster.health(
                index=some,
                wait_for_status="yellow",
                wait_for_no_initializing_shards=True,
                wait_for_events="languid",
                timeout=REPLICAS_TIMEOUT,
            )

    def _try_to_swap(self) -> bool:
        """Hold writers out, copy the rest, count, swap; return whether that was done.

        Writers go on as soon as it is done, through the aliases, into the new indices.
        """
        old = [each.old for each in self._site.replacements]
        begun = time.monotonic()
        try:
            block_writes(self._client, self._names, old, self._site.token)
            self._copier.remove_moved(self._copier.copy_changed())
            self._copier.check_balance()
            if self._copier.differing() or time.monotonic() - begun > HOLD_S:
                unblock_writes(self._client, self._names, old, self._site.token)
                return False
            self._site.note.swapped_at = datetime.now(UTC).isoformat()
            self._site.write_note()
            return self._put_aliases()
        except BaseException:
            with suppress(ApiError, elastic_transport.TransportError):  # else a writer lifts it
                unblock_writes(self._client, self._names, old, self._site.token)
            raise
        finally:
            self._held += time.monotonic() - begun

    def _put_aliases(self) -> bool:
        """Put every alias on its new index, in one request; `False` where somebody lifted the hold."""
        held = marker(self._names, self._site.token)
        try:
            self._client.indices.update_aliases(
                actions=[action for each in self._site.replacements for action in self._swap(each, held)]
            )
        except NotFoundError:
            unblock_writes(self._client, self._names, [each.old for each in self._site.replacements], self._site.token)
            return False
        return True

    def _count(self, index: str) -> int:
        self._client.indices.refresh(index=index)
        return int(self._client.count(index=index)["count"])

    def _is_swapped(self) -> bool:
        found = resolve(self._client, self._names)
        return all(found.get(each.alias) == each.new for each in self._site.replacements)

    def _rebuilt(self) -> Rebuilt:
        documents = {each.alias: self._client.count(index=each.new)["count"] for each in self._site.replacements}
        return Rebuilt(
            indices={each.alias: each.new for each in self._site.replacements},
            former={each.alias: each.old for each in self._site.replacements},
            documents=documents,
            counts={name: self._copier.counts[name] for name in ("read", "written", "newer")},
            held_seconds=round(self._held, 3),
            resumed=self._site.resumed,
        )

    def _swap(self, each: Replacement, held: str) -> list[dict[str, dict[str, object]]]:
        return [
            {"remove": {"index": each.old, "alias": held, "must_exist": True}},
            {"remove": {"index": each.new, "alias": each.entry, "must_exist": True}},
            *swap_aliases(self._names, each.alias, old=each.old, new=each.new),
        ]
