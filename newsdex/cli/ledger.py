"""The commands that read the ledger and the quarantine: `runs`, `runs show`, `quarantine`; and `replay`."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import typer

from newsdex.cli.common import EXIT_REJECTED, Index, Json, faults, print_json, reading
from newsdex.flows.common.console import Bars, out
from newsdex.flows.config import settings

SHOWN = 20
"""Inputs listed on a terminal unless more are asked for: what fits a screen."""

Result = Annotated[
    str | None, typer.Option("--result", help="Only inputs with this result: duplicate, filtered or rejected.")
]
Reason = Annotated[str | None, typer.Option("--reason", help="Only inputs with this reason, such as no-body.")]
AllInputs = Annotated[bool, typer.Option("--all", help="All inputs, not only the first 20.")]

runs_app = typer.Typer(
    invoke_without_command=True, help="What was read, when, and what became of it: the ledger.", no_args_is_help=False
)


@runs_app.callback()
def runs(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="Runs to list, the latest first.")] = 20,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """List the runs, the latest first: when, how each ended, and what became of its inputs."""
    if context.invoked_subcommand is not None:
        return
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import ledger as show_ledger  # noqa: PLC0415
        from newsdex.search.ledger import run_records as records  # noqa: PLC0415  # the client takes 0.2 s to import

        found = records.runs(client, names, size=limit)
        if as_json:
            print_json(found)
        else:
            show_ledger.runs(found)


@runs_app.command("show")
def show_run(
    run: Annotated[str, typer.Argument(metavar="ID", help="A run's id or the beginning of it; last: the latest.")],
    *,
    result: Result = None,
    reason: Reason = None,
    everything: AllInputs = False,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """Show one run: its partitions, times, versions, settings, and which inputs were not indexed, and why.

    With --json: a line for the run, one for each partition, and one for each input that was not indexed.
    """
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import ledger as show_ledger  # noqa: PLC0415
        from newsdex.search.ledger import run_records as records  # noqa: PLC0415
        from newsdex.search.ledger.excluded import left_out  # noqa: PLC0415

        found = records.find_run(client, names, run)
        inputs = left_out(client, names, found.run_id, result=result, reason=reason)
        partitions = records.partitions_of(client, names, found.run_id)
        if as_json:
            for kind, lines in (("run", [found]), ("partition", partitions), ("left-out", inputs)):
                for line in lines:
                    print_json({"kind": kind, **_fields(line)}, line=True)
            return
        if not (result or reason):
            show_ledger.run(found, partitions, everything=everything)
        shown = inputs if everything else islice(inputs, SHOWN)
        show_ledger.left_out(found, shown, result=result, reason=reason)


def quarantine(
    *,
    reason: Reason = None,
    result: Annotated[str | None, typer.Option("--result", help="Only inputs that were rejected, or filtered.")] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="Only inputs that this run put there, or met again.")
    ] = None,
    everything: AllInputs = False,
    index: Index = None,
    as_json: Json = False,
) -> None:
    """List what lies in the quarantine: by reason with an example each or, with --reason, input by input.

    With --json: a line for each reason or, with --reason or --all, for each input.
    """
    with faults(), reading(index) as (client, names):
        from newsdex.cli.views import ledger as show_ledger  # noqa: PLC0415
        from newsdex.search.ledger import quarantine_records as quarantined_inputs  # noqa: PLC0415
        from newsdex.search.ledger import run_records as records  # noqa: PLC0415

        asked: dict[str, Any] = {"result": result}
        asked["run_id"] = records.find_run(client, names, run).run_id if run else None
        if reason or everything:
            found = quarantined_inputs.quarantined_inputs(client, names, reason=reason, **asked)
            if as_json:
                for one in found:
                    print_json(one, line=True)
                return
            shown = found if everything else islice(found, SHOWN)
            show_ledger.quarantined_inputs(shown, quarantined_inputs.reasons(client, names, **asked), reason)
            return
        reasons = quarantined_inputs.reasons(client, names, **asked)
        if as_json:
            for each in reasons:
                print_json(each, line=True)
        else:
            show_ledger.reasons(reasons)


def replay(
    *,
    reason: Annotated[str | None, typer.Option(help="Only inputs left out for this reason, such as no-body.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many inputs at most, the oldest first.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Read inputs again that lie in the quarantine, after what was wrong with them has been fixed."""
    from newsdex.commands.run_local import run_replay  # noqa: PLC0415  # Prefect takes seconds to import

    with faults():
        with Bars() as bars:
            done = run_replay(settings.load(), bars, reason=reason, at_most=limit)
        if done is None:
            out.print("Nothing to do: no such input lies in the quarantine.")
        elif as_json:
            print_json(done)
        else:
            from newsdex.cli.views import report as show  # noqa: PLC0415

            show.report(done)
    if done is not None and done.total.counts["rejected"]:
        raise typer.Exit(EXIT_REJECTED)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(runs_app, name="runs")
    app.command()(quarantine)
    app.command("rejected", hidden=True, deprecated=True, help="Use `newsdex quarantine`.")(quarantine)
    app.command()(replay)


def _fields(record: Any) -> dict[str, Any]:  # noqa: ANN401  # a run, a partition or an input
    from dataclasses import asdict  # noqa: PLC0415

    return {name: value for name, value in asdict(record).items() if value not in (None, "", (), {})}
