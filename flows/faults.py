"""Which errors pass by themselves, and how every error that a user can meet is said in one sentence."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, TypeVar

from readers.remote import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

RETRY_DELAYS_S = [1, 2, 5, 10, 20, 30, 60]
"""Two minutes in all: a node that is restarted answers after 8 to 14 s, a small cluster within a minute."""

PASSING_STATUS = frozenset({429, 502, 503, 504})
"""HTTP answers that mean "not now": overloaded, behind a proxy that lost its node, or with a shard still starting."""


def is_passing(error: BaseException) -> bool:
    """Whether trying again may help: Elasticsearch is away or busy, rather than refusing."""
    import elastic_transport  # noqa: PLC0415  # known to be loaded where such an error comes from
    from elasticsearch import ApiError  # noqa: PLC0415

    from search.errors import UnavailableError  # noqa: PLC0415

    if isinstance(error, UnavailableError):
        return True
    if isinstance(error, ApiError):
        return error.meta.status in PASSING_STATUS
    if isinstance(error, elastic_transport.TlsError):
        return False
    if isinstance(error, elastic_transport.TransportError):
        return True
    return error.__cause__ is not None and is_passing(error.__cause__)


def insist(step: Callable[[], T]) -> T:
    """Do a step that may be done again, until none of its errors passes by itself or two minutes are over."""
    for delay in RETRY_DELAYS_S:
        try:
            return step()
        except Exception as error:
            if not is_passing(error):
                raise
            time.sleep(delay)
    return step()


def sentence(error: BaseException) -> str | None:
    """The error in one sentence (what, where, what to do), or `None` for one that is a fault in Newsdex."""
    import elastic_transport  # noqa: PLC0415  # 0.1 s, and only once something has failed
    from elasticsearch import ApiError  # noqa: PLC0415

    from flows.init_env import InitError  # noqa: PLC0415
    from flows.ledger import LedgerError  # noqa: PLC0415
    from flows.prefect_server import PrefectServerError  # noqa: PLC0415
    from flows.settings import SettingsError  # noqa: PLC0415
    from flows.web import WebError  # noqa: PLC0415
    from flows.workers import ClusterError, WorkerDiedError  # noqa: PLC0415
    from models.loader import ModelError  # noqa: PLC0415
    from search.errors import SearchError, explain  # noqa: PLC0415
    from search.node import NodeError  # noqa: PLC0415

    run = (ClusterError, LedgerError, ModelError, PrefectServerError, SettingsError, WorkerDiedError)
    if isinstance(error, (*run, InitError, NodeError, SearchError, WebError)):
        return str(error)
    if isinstance(error, ApiError | elastic_transport.TransportError):
        return explain(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def _of_system(error: OSError) -> str:
    if str(error.filename).startswith(BUCKET):
        return (
            f"{error.filename} cannot be used ({error.strerror}): check its name, whether the object store is reached "
            "from here (AWS_ENDPOINT_URL), and whether the AWS_… settings may read and write there; then run again, "
            "for what was done is kept."
        )
    where = f" ({error.filename})" if error.filename else ""
    said: dict[int, Callable[[], str]] = {
        errno.ENOSPC: lambda: (
            f"The disk is full{where}: free some space and run the same command again; what was done is kept."
        ),
        errno.EACCES: lambda: (
            f"Permission denied{where}: choose another folder with NEWSDEX_HOME and NEWSDEX_CACHE, or change its owner."
        ),
        errno.EROFS: lambda: f"The file system is read-only{where}: choose another folder with NEWSDEX_HOME.",
    }
    return said.get(error.errno or 0, lambda: f"{error.strerror or error}{where}: mend this and run again.")()
