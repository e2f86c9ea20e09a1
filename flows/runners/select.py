"""Who prepares partitions: worker processes or threads of this machine, or the workers of a Dask or Ray cluster.

The flow asks one thing of all of them: prepare this partition into the staging area. A runner has models loaded once a
worker, tries again where a worker was killed, and says in one sentence what keeps it from working.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from newsdex.flows.config.choices import RunnerKind
from newsdex.flows.prepare.staging import staging_area

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from newsdex.flows.config.settings import Settings
    from newsdex.flows.prepare.recipe import Recipe
    from newsdex.flows.prepare.staging import Prepared
    from newsdex.readers.partition import Partition, ReadOptions


class Runner(Protocol):
    """A context manager whose workers prepare several partitions at a time."""

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            ClusterError: the cluster is not there, or not fit for this run.
            OSError: the staging area cannot be written.
        """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what was begun; when an error is passing through, without waiting for work under way."""

    @property
    def slots(self) -> int:
        """How many partitions are prepared at the same moment."""

    def prepare(self, partition: Partition, options: ReadOptions) -> Prepared:
        """Prepare a partition into the staging area and wait for it; may be called from many threads.

        Raises:
            WorkerDiedError: its worker was killed, and again in a second try.
            OSError: the staging area cannot be written.
        """


def make_runner(settings: Settings, recipe: Recipe) -> Runner:
    """Return the runner that the settings name, not begun yet.

    Raises:
        ClusterError: what it needs is not installed.
    """
    staging = staging_area(settings).location
    if settings.runner is RunnerKind.DASK:
        from newsdex.flows.runners.dask_runner import DaskRunner  # noqa: PLC0415  # an extra

        return DaskRunner(str(settings.cluster), recipe, staging)
    if settings.runner is RunnerKind.RAY:
        from newsdex.flows.runners.ray_runner import RayRunner  # noqa: PLC0415  # an extra

        return RayRunner(str(settings.cluster), recipe, staging)
    if settings.runner is RunnerKind.THREADS:
        from newsdex.flows.runners.threads import Threads  # noqa: PLC0415  # loads the models into this process

        return Threads(settings.workers, recipe, staging)
    from newsdex.flows.runners.processes import Workers  # noqa: PLC0415  # not needed by the others

    return Workers(settings.workers, recipe, staging)
