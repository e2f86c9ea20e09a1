"""Which errors are transient, and how often and how long a step that met one is tried again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

RETRY_DELAYS_S = [1, 2, 5, 10, 20, 30, 60]
"""Two minutes in all: a node that is restarted answers after 8 to 14 s, a small cluster within a minute."""

PASSING_STATUS = frozenset({429, 502, 503, 504})
"""HTTP answers that mean "not now": overloaded, behind a proxy that lost its node, or with a shard still starting."""


def is_transient(error: BaseException) -> bool:
    """Whether trying again may help: Elasticsearch is away or busy, rather than refusing."""
    import elastic_transport  # noqa: PLC0415  # known to be loaded where such an error comes from
    from elasticsearch import ApiError  # noqa: PLC0415

    from newsdex.search.errors import UnavailableError  # noqa: PLC0415

    if isinstance(error, UnavailableError):
        return True
    if isinstance(error, ApiError):
        return error.meta.status in PASSING_STATUS
    if isinstance(error, elastic_transport.TlsError):
        return False
    if isinstance(error, elastic_transport.TransportError):
        return True
    return error.__cause__ is not None and is_transient(error.__cause__)


def retry_transient(step: Callable[[], T]) -> T:
    """Do a step that may be done again, until none of its errors passes by itself or two minutes are over."""
    for delay in RETRY_DELAYS_S:
        try:
            return step()
        except Exception as error:
            if not is_transient(error):
                raise
            time.sleep(delay)
    return step()
