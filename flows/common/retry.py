"""Wait for Elasticsearch: every step that asks it is retried by one policy, and ends in one sentence.

A run that a deployment started has nobody beside it, so it waits for as long as an upgrade of a cluster may take; a
person at a terminal is told within two minutes. Which step it is makes no difference: a run is as patient as the least
patient of its steps.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed

from newsdex.flows.common.explain import error_sentence
from newsdex.flows.common.flow_context import is_deployed
from newsdex.retry import ELASTICSEARCH, ELASTICSEARCH_UNATTENDED, RetryPolicy, retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

P = ParamSpec("P")
R = TypeVar("R")


def retry_policy() -> RetryPolicy:
    """Return how long the present run waits for Elasticsearch."""
    return ELASTICSEARCH_UNATTENDED if is_deployed() else ELASTICSEARCH


def retry_transient(step: Callable[[], R]) -> R:
    """Do a step, and again by the run's policy while Elasticsearch is away or busy."""
    from newsdex.search.errors import is_transient  # noqa: PLC0415  # the client takes 0.2 s to import

    return retry(retry_policy(), step, on=is_transient)


def elasticsearch_task(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a Prefect task of a function that asks Elasticsearch.

    It is retried while Elasticsearch is away or busy, by the policy of the run that it is part of; the error that is
    left then is a sentence, not a stack of a client library's calls.

    Args:
        name: of the task.
        run_name: of one run of it; may name arguments, such as `index {partition.label}`.
    """

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        made = task(
            name=name,
            task_run_name=run_name,
            cache_policy=NO_CACHE,
            persist_result=False,
            # The longer policy's; `_may_retry` ends an attended run's attempts before that.
            retries=len(ELASTICSEARCH_UNATTENDED.nominal_pauses),
            retry_delay_seconds=ELASTICSEARCH_UNATTENDED.nominal_pauses,
            retry_jitter_factor=ELASTICSEARCH_UNATTENDED.jitter,
            retry_condition_fn=_may_retry,
        )
        return made(_explained(function))

    return decorate


def ends_in_a_sentence(function: Callable[P, R]) -> Callable[P, R]:
    """Have a deployed flow run that fails for a known reason end in that sentence; its log holds no stack of calls.

    Goes below `@flow`. At a terminal the error is raised, as the command that runs the flow prints it.
    """

    @wraps(function)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            sentence = error_sentence(error) if is_deployed() else None
            if sentence is None:
                raise
            get_run_logger().error(sentence)
            return cast("R", Failed(message=sentence))  # to Prefect a state that a flow returns is how it ended

    # Prefect reads annotations with the names of the module that this wrapper lies in: so they are resolved here.
    whole.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    whole.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return whole


def _explained(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            from newsdex.search.errors import UnavailableError, explain, is_transient  # noqa: PLC0415  # see above

            if isinstance(error, UnavailableError) or not is_transient(error):
                raise
            raise UnavailableError(explain(error)) from None

    return asked


def _may_retry(_task: object, run: TaskRun, state: State[Any]) -> bool:
    """Tell Prefect whether another attempt may help and is due."""
    from newsdex.search.errors import is_transient  # noqa: PLC0415  # see above

    if run.run_count >= (retry_policy().attempts or 0):
        return False
    try:
        state.result()
    except Exception as error:  # noqa: BLE001  # whatever it is, only the kind matters here
        return is_transient(error)
    return False
