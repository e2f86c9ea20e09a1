"""The main flow: turn files, folders, patterns or addresses into documents, and account for every one of them."""

from __future__ import annotations

from typing import Annotated

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from newsdex.flows.common.retry import ends_in_a_sentence
from newsdex.flows.config import settings
from newsdex.flows.config.choices import Duplicates, RunnerKind  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.flows.config.source_schedule import every_date
from newsdex.flows.config.sources import by_name
from newsdex.flows.prepare.recipe import read_options
from newsdex.flows.runs.deployed import progress_of_run
from newsdex.flows.runs.execute import execute
from newsdex.flows.runs.report import Report  # noqa: TC001  # Prefect reads a flow's annotations at run time
from newsdex.flows.runs.run import Run
from newsdex.readers.fetch_options import Pages  # noqa: TC001  # Prefect reads a flow's annotations at run time


@flow(
    name="ingest",
    flow_run_name="ingest {locations}",
    task_runner=ThreadPoolTaskRunner(max_workers=64),  # type: ignore[arg-type]  # threads only wait for workers
    persist_result=False,
)
@ends_in_a_sentence
def ingest(
    locations: Annotated[list[str], Field(description="Files, folders, patterns or addresses to read.")],
    *,
    source: Annotated[
        str | None, Field(description="Name of a [[source]] in newsdex.toml, read instead of the locations.")
    ] = None,
    input_format: Annotated[str | None, Field(description="Format, where the names of the files do not tell.")] = None,
    language: Annotated[str | None, Field(description="Language hint for articles that declare none.")] = None,
    pages: Annotated[Pages | None, Field(description="Whether the pages that feeds link to are fetched.")] = None,
    force: Annotated[bool, Field(description="Read and index again what has not changed.")] = False,
    limit: Annotated[int | None, Field(ge=1, description="Stop after so many inputs.")] = None,
    field_map: Annotated[
        dict[str, str] | None, Field(description="For records: our field = the input's field, such as body = story.")
    ] = None,
    duplicates: Annotated[Duplicates | None, Field(description="What becomes of copies.")] = None,
    index: Annotated[
        str | None, Field(description="The index to write to, instead of the one in the settings.")
    ] = None,
    workers: Annotated[int | None, Field(ge=1, description="Worker processes, instead of one a core.")] = None,
    runner: Annotated[RunnerKind | None, Field(description="Who cleans and enriches.")] = None,
    cluster: Annotated[str | None, Field(description="Address of the Dask scheduler or Ray cluster.")] = None,
) -> Report:
    """Turn news articles into documents of the index, and account for every one of them.

    Args:
        locations: Files, folders, patterns or addresses to read.
        source: Name of a source in `newsdex.toml`, read instead of the locations.
        input_format: Format, where the names of the files do not tell.
        language: Language hint for articles that declare none.
        pages: Whether the pages that feeds link to are fetched.
        force: Read and index again what has not changed.
        limit: Stop after so many inputs.
        field_map: For records, our field = the input's field.
        duplicates: What becomes of copies.
        index: The index to write to, instead of the one in the settings.
        workers: Worker processes, instead of one a core.
        runner: Who cleans and enriches.
        cluster: Address of the Dask scheduler or Ray cluster.
    """
    chosen = settings.load(duplicates=duplicates, index=index, workers=workers, runner=runner, cluster=cluster)
    told = by_name(source) if source else None
    options = read_options(
        chosen,
        limit=limit,
        field_map=field_map,
        input_format=input_format,
        language=language,
        pages=pages,
        source=told,
        force=force,
    )
    run = Run(chosen, progress_of_run(), force=force, options=options)
    paths = list(every_date(told.locations)) if told else locations
    if not paths:
        raise settings.SettingsError("Nothing to read was named: give at least one location, or a source.")
    inputs = [told.declared_as, *paths] if told else paths
    must_exist = told.locations if told else ()
    return execute(run, inputs, paths, must_exist=must_exist, about=f"ingest {source or ', '.join(locations)}")
