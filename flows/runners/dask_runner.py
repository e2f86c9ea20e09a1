"""The workers of a Dask cluster prepare partitions: on as many machines as have joined its scheduler."""

from __future__ import annotations

import time
import warnings
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from newsdex.flows.runners import handshake
from newsdex.flows.runners.cluster import Session, prepare_in, prepare_there
from newsdex.flows.runners.errors import ClusterError, WorkerDiedError
from newsdex.flows.runners.handshake import accept, not_ours

try:
    from distributed import Client, Future, KilledWorker
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
except ImportError:
    raise ClusterError("Dask is not installed here: run pip install 'newsdex[dask]'.") from None

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runners.handshake import Terms
    from newsdex.readers.partition import Partition, ReadOptions

CONNECT_S = 15.0
"""A scheduler that runs answers within a second."""

WORKERS_S = 60.0
"""How long a scheduler without a worker is given: one takes 2 to 5 s to start."""

ACCEPT_S = 180.0
"""Loading the models takes a worker 2 to 5 s, and far longer where the machine is busy or its disk slow."""

LOOK_S = 2.0
"""How often it is looked whether a worker that has not answered yet is still there."""

LOST = (
    "The Dask scheduler at {} went away in the middle of the run: start it and its workers, and run again; what was "
    "prepared is kept."
)


class DaskRunner:
    """Sends partitions to the workers of a scheduler; workers may join and leave while the run goes on."""

    def __init__(self, address: str, recipe: Recipe, staging: str) -> None:
        """Connect to nothing yet."""
        self._address, self._staging = address, staging
        self._session = Session(recipe)

    def __enter__(self) -> Self:
        """Connect, and have every worker say that it will do."""
        self._terms = self._session.open(self._staging)
        try:
            self._client = self._connected()
            try:
                self._have_accepted()
            except BaseException:
                self._client.close()
                raise
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster, which goes on; work of this run that has not begun is taken back."""
        self._client.close()
        self._session.close()

    @property
    def slots(self) -> int:
        """Threads of all workers that are there at this moment."""
        return max(1, sum(int(count) for count in self._client.nthreads().values()))

    def prepare(self, partition: Partition, options: ReadOptions) -> Prepared:
        """Prepare a partition on some worker and wait for it."""
        return prepare_in(self._work, self._terms, partition, options)

    def _work(
        self, terms: Terms, partition: Partition, options: ReadOptions, sent: str | None, *, gone: bool
    ) -> Prepared:
        future = self._client.submit(prepare_there, terms, partition, options, sent, gone=gone, pure=False)
        try:
            done: Prepared = future.result()
        except KilledWorker:
            raise WorkerDiedError(
                f"A Dask worker was killed again and again while it prepared {partition.label}, most likely for want "
                "of memory: give the workers more, or lower NEWSDEX_MAX_ARTICLE_MB, and run again; what was done is "
                "kept."
            ) from None
        except (FutureCancelledError, CommClosedError):
            raise ClusterError(LOST.format(self._address)) from None
        return done

    def _connected(self) -> Client:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions: they are compared below, with a sentence
                client = Client(self._address, timeout=CONNECT_S, set_as_default=False, name="newsdex")
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {self._address} ({' '.join(str(error).split()) or 'no answer'}): start "
                "one with `dask scheduler`, or fix NEWSDEX_CLUSTER."
            ) from None
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            client.close()
            raise ClusterError(
                f"The Dask scheduler at {self._address} has no worker: start one on each machine with "
                f"`dask worker {self._address}`, and run again."
            ) from None
        return client

    def _have_accepted(self) -> None:
        """Ask every worker, all at once.

        Raises:
            ClusterError: what the first of them says that will not do.
        """
        # A worker that cannot load a task ends, and its task would wait for ever: so each is first asked, with nothing
        # but the standard library, whether it has the module.
        for worker, has in self._client.run(resolve_name, f"{handshake.__name__}:PACKAGES", on_error="return").items():
            if isinstance(has, OSError) and not self._there(worker):
                continue
            if has != handshake.PACKAGES:
                raise not_ours(worker, has if isinstance(has, Exception) else ValueError("other packages matter there"))
        asked = {
            worker: self._client.submit(accept, self._terms, workers=[worker], pure=False)
            for worker in self._client.nthreads()
        }
        for worker, future in asked.items():
            error = self._answer(worker, future)
            if isinstance(error, ImportError | AttributeError | RuntimeError | TimeoutError | TypeError):
                raise not_ours(worker, error) from None
            if error is not None:
                raise error

    def _answer(self, worker: str, future: Future) -> Exception | None:
        """Return what a worker has against its terms; `None`: nothing, or it has left."""
        until = time.monotonic() + ACCEPT_S
        while True:
            try:
                error: Exception | None = future.exception(timeout=LOOK_S)
            except TimeoutError as silence:
                if not self._there(worker):
                    return None
                if time.monotonic() > until:
                    return silence
            else:
                return error

    def _there(self, worker: str) -> bool:
        return worker in self._client.nthreads()
