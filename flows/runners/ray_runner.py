"""The nodes of a Ray cluster prepare partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.flows.runners.cluster import Session, prepare_in, prepare_there
from newsdex.flows.runners.errors import ClusterError, WorkerDiedError
from newsdex.flows.runners.handshake import accept, not_ours
from newsdex.retry import KILLED_WORKER

try:
    import ray
    from ray.exceptions import RayError, RayTaskError, WorkerCrashedError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError:
    raise ClusterError("Ray is not installed here: run pip install 'newsdex[ray]'.") from None

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.flows.runners.handshake import Terms
    from newsdex.readers.partition import Partition, ReadOptions

LOCAL = "local"
"""Instead of an address: a Ray of this run's own, on this machine."""

RETRIES = (KILLED_WORKER.attempts or 1) - 1
"""Times that Ray tries again where a worker was killed."""


class RayRunner:
    """Sends partitions to the nodes of a Ray cluster, of which this machine is one."""

    def __init__(self, address: str, recipe: Recipe, staging: str) -> None:
        """Connect to nothing yet."""
        self._address, self._staging = address, staging
        self._session = Session(recipe)

    def __enter__(self) -> Self:
        """Connect, and have every node say that it will do."""
        terms = self._session.open(self._staging)
        try:
            self._connect()
            self._terms = ray.put(terms)
            self._prepare = ray.remote(num_cpus=1, max_retries=RETRIES)(prepare_there)
            self._have_accepted()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster, which goes on; work of this run is taken back."""
        self._leave()

    @property
    def slots(self) -> int:
        """Processors of all nodes that are there at this moment."""
        return max(1, int(ray.cluster_resources().get("CPU", 1)))

    def prepare(self, partition: Partition, options: ReadOptions) -> Prepared:
        """Prepare a partition on some node and wait for it."""
        return prepare_in(self._work, ray.get(self._terms), partition, options)

    def _work(
        self,
        terms: Terms,  # noqa: ARG002  # lies with Ray already
        partition: Partition,
        options: ReadOptions,
        sent: str | None,
        *,
        gone: bool,
    ) -> Prepared:
        try:
            done: Prepared = ray.get(self._prepare.remote(self._terms, partition, options, sent, gone=gone))
        except RayTaskError as error:
            raise _cause(error) from None
        except WorkerCrashedError:
            raise WorkerDiedError(
                f"A Ray worker was killed {1 + RETRIES} times while it prepared {partition.label}, most likely for "
                "want of memory: give the nodes fewer CPUs, or lower NEWSDEX_MAX_ARTICLE_MB, and run again; what was "
                "done is kept."
            ) from None
        except RayError as error:
            raise ClusterError(
                f"The Ray cluster at {self._address} gave up ({_line(error)}): start it, and run again; what was "
                "prepared is kept."
            ) from None
        return done

    def _connect(self) -> None:
        local = self._address == LOCAL
        try:
            ray.init(
                address=LOCAL if local else self._address,
                log_to_driver=False,
                configure_logging=False,
                **({"include_dashboard": False} if local else {}),
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ClusterError(
                f"There is no Ray cluster at {self._address} that this machine belongs to ({_line(error)}): run "
                "`ray start` with the head's address here, or fix NEWSDEX_CLUSTER."
            ) from None

    def _leave(self) -> None:
        ray.shutdown()
        self._session.close()

    def _have_accepted(self) -> None:
        """Ask every node, all at once.

        Raises:
            ClusterError: what the first of them says that will not do.
        """
        ask = ray.remote(num_cpus=0, max_retries=RETRIES)(accept)
        asked = {
            node["NodeManagerAddress"]: ask.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote(self._terms)
            for node in ray.nodes()
            if node["Alive"]
        }
        for address, answer in asked.items():
            try:
                ray.get(answer)
            except RayTaskError as error:
                cause = _cause(error)
                if isinstance(cause, ImportError | AttributeError | RuntimeError | TypeError):
                    raise not_ours(address, cause) from None
                raise cause from None
            except RayError as error:
                raise not_ours(address, error) from None


def _cause(error: RayTaskError) -> Exception:
    """Return what the worker raised, without Ray's account of where."""
    cause: Any = error.cause
    return cause if isinstance(cause, Exception) else error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
