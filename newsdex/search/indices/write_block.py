"""Keeping writers out of an index for the seconds in which a rebuilt one takes its place.

A hold is Elasticsearch's own write block on the index, and an alias (`<prefix>-held-<token>`) that says whose block it
is. The swap takes that alias away in the same request as all else, and fails where it is gone. So a writer that finds a
hold in its way for longer than any rebuild holds may take it for one that a killed rebuild left, and lift it: was the
rebuild only slow, its swap fails, and it copies what was written meanwhile before it tries again. Nobody's clock
matters to that.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from elasticsearch import ApiError, NotFoundError

from newsdex.retry import WRITE_BLOCK, retry
from newsdex.search.errors import SearchError, error_reason, error_type, is_write_blocked
from newsdex.search.indices.naming import url_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.naming import IndexNames

T = TypeVar("T")

PATIENCE_S = 30.0
"""Seconds after which a hold that stays is lifted: twice as long as a rebuild keeps one (`rebuild.HOLD_S`)."""

_LIFTING = "lifting"
"""Stands in place of a token on a hold that is being lifted: whoever finds it there goes on with that."""


def block_writes(client: Elasticsearch, names: IndexNames, indices: Collection[str], token: str) -> None:
    """Keep writers out of these indices; what they had begun is done when this returns."""
    mine = [{"add": {"index": index, "alias": marker(names, token)}} for index in indices]
    client.indices.update_aliases(actions=mine)
    for some in url_batches(indices):
        client.indices.add_block(index=some, block="write")


def unblock_writes(client: Elasticsearch, names: IndexNames, indices: Collection[str], token: str) -> None:
    """End a hold of one's own; nothing happens where it was lifted already."""
    _unblock(client, indices)
    _remove(client, marker(names, token), indices)


def marker(names: IndexNames, token: str) -> str:
    """Return the alias that says whose hold it is."""
    return f"{names.prefix}-held-{token}"


def clear_blocks(client: Elasticsearch, names: IndexNames) -> None:
    """Lift every hold on indices of these names: for who knows that no rebuild is at work."""
    for alias, indices in _markers(client, names).items():
        _lift(client, names, alias, indices)


def await_writable(
    client: Elasticsearch,
    names: IndexNames,
    found: Mapping[str, str],
    again: Callable[[], dict[str, str]],
    *,
    patience: float = PATIENCE_S,
) -> dict[str, str]:
    """Wait until the indices can be written to; lift a hold that nobody seems to need any more.

    Args:
        client: the connection.
        names: whose indices.
        found: alias → index, as they are.
        again: finds them anew: another index may have taken the place of one that is held.
        patience: seconds that the same hold may stay.

    Returns:
        Alias → index, as they are then.

    Raises:
        SearchError: an index is blocked, and not by a rebuild.
    """
    current, by_hand, since, seen = dict(found), 0, time.monotonic(), frozenset[str]()
    while blocked := _blocked(client, current.values()):
        markers = {alias: indices for alias, indices in _markers(client, names).items() if blocked & set(indices)}
        by_hand = 0 if markers else by_hand + 1
        if by_hand > 1:  # at the first look a swap may just have come between the two questions
            raise SearchError(
                f"The index {min(blocked)!r} is blocked for writing, and not by a rebuild: lift the block "
                f"(`PUT {min(blocked)}/_settings` with `index.blocks.write: null`), then run again."
            )
        if frozenset(markers) != seen:
            since, seen = time.monotonic(), frozenset(markers)
        elif time.monotonic() - since > patience:
            for alias, indices in markers.items():
                _lift(client, names, alias, indices)
            continue
        time.sleep(WRITE_BLOCK.pause(1))
        current = again()
    return current


def is_blocked(client: Elasticsearch, indices: Collection[str]) -> bool:
    """Return whether one of these indices is blocked for writing, by a rebuild or by hand."""
    return bool(_blocked(client, indices))


def retry_while_blocked(write: Callable[[], T]) -> T:
    """Do one write, and again while the index is held.

    Elasticsearch's own errors come through, that of a hold too once it has stayed for as long as the policy waits.
    """
    return retry(WRITE_BLOCK, write, on=_is_hold)


def _is_hold(error: BaseException) -> bool:
    return isinstance(error, ApiError) and is_write_blocked(error_type(error), error_reason(error))


def _lift(client: Elasticsearch, names: IndexNames, alias: str, indices: Collection[str]) -> None:
    """Lift a hold that may be another's: first the alias, so that its swap fails, then the block."""
    lifting = marker(names, _LIFTING)
    if alias != lifting:
        actions = [
            action
            for index in indices
            for action in (
                {"remove": {"index": index, "alias": alias, "must_exist": True}},
                {"add": {"index": index, "alias": lifting}},
            )
        ]
        try:
            client.indices.update_aliases(actions=actions)
        except NotFoundError:  # its rebuild has just ended it, or another writer was quicker
            return
    _unblock(client, indices)
    _remove(client, lifting, indices)


def _markers(client: Elasticsearch, names: IndexNames) -> dict[str, list[str]]:
    """Return the aliases that mark holds, and the one of those being lifted → their indices."""
    ours = re.compile(rf"{re.escape(marker(names, ''))}(?:[0-9a-f]+|{_LIFTING})")
    found: dict[str, list[str]] = {}
    for index, entry in client.indices.get_alias(name=marker(names, "*")).body.items():
        for alias in entry["aliases"]:
            if ours.fullmatch(alias):
                found.setdefault(alias, []).append(index)
    return found


def _blocked(client: Elasticsearch, indices: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in url_batches(indices):
        answer = client.indices.get_settings(index=some, name="index.blocks.write", flat_settings=True)
        found |= {
            index for index, entry in answer.body.items() if entry["settings"].get("index.blocks.write") == "true"
        }
    return found


def _unblock(client: Elasticsearch, indices: Collection[str]) -> None:
    for some in url_batches(indices):
        client.indices.put_settings(
            index=some, settings={"index.blocks.write": None}, ignore_unavailable=True, allow_no_indices=True
        )


def _remove(client: Elasticsearch, alias: str, indices: Collection[str]) -> None:
    for some in url_batches(indices):
        with suppress(NotFoundError):
            client.indices.delete_alias(index=some, name=alias)
