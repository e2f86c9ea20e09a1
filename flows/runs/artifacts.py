"""What a run leaves behind in the Prefect UI: ledger, reasons, rejections, facets, throughput."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event

from newsdex.flows.common.prefect_names import FACETS, LEDGER, QUARANTINE_GREW, REPORT
from newsdex.search.results.facets import facets_of_run
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from newsdex.flows.runs.report import Report
    from newsdex.search.indices.manage import IndexNames

ROWS = 200
"""Rows of a table: Prefect keeps an artifact in its database and shows it whole."""

REJECTIONS = 20
"""Rejections that are listed with their sentence; the quarantine has all."""

SEARCH_PAGE = "http://127.0.0.1:8260"
"""Where `newsdex web` serves the search page by default."""

MANY_SHARE, MANY_COUNT = 0.05, 10
"""A run rejects many where it rejects both more than a twentieth of its inputs and more than ten: of the 20,000 real
articles, 0.1 % are rejected, and one broken file in a small folder is no news."""


def publish(report: Report, client: Elasticsearch, names: IndexNames, *, about: str) -> None:
    """Make the artifacts of a run that is done, and raise the alarm where it rejected many inputs."""
    rows = [{"partition": row.label, **row.counts} for row in report.partitions]
    if len(rows) > ROWS:
        rows = [*rows[:ROWS], {"partition": f"… and {len(rows) - ROWS:,} more: `newsdex runs show {report.run_id}`"}]
    create_table_artifact(
        key=LEDGER,
        table=[*rows, {"partition": "total", **report.total.counts}],
        description=f"**{about}**: what became of every input, by partition. Run {report.run_id}.",
    )
    facets = facets_of_run(client, names, report.run_id, size=5)
    if facets:
        create_table_artifact(
            key=FACETS,
            table=[{"facet": name, "most frequent": _counted(values)} for name, values in facets.items()],
            description=f"**{about}**: what the articles are about that this run wrote.",
        )
    create_markdown_artifact(key=REPORT, markdown=_report(report, about), description=f"{about}: report")
    rejected = report.count(Result.REJECTED)
    if rejected > MANY_COUNT and rejected > MANY_SHARE * report.read:
        emit_event(
            QUARANTINE_GREW,
            resource={"prefect.resource.id": f"newsdex.quarantine.{report.index}"},
            payload={"about": about, "rejected": rejected, "read": report.read, "run_id": report.run_id},
        )


def _report(report: Report, about: str) -> str:
    lines = [f"# {about}", "", report.sentence(), "", "## Throughput", "", "| stage | processor seconds |", "|---|---|"]
    lines += [f"| {stage} | {seconds:,.1f} |" for stage, seconds in report.stage_seconds.items()]
    lines += [f"| wall clock | {report.seconds:,.1f} |", ""]
    lines.append(f"{report.rate:,.1f} inputs a second; {report.reused} partitions were prepared by an earlier run.")
    if report.languages or report.coverage:
        told = ", ".join(f"{language} {count:,}" for language, count in report.languages.items())
        lines += ["", "## Coverage", "", *([f"Languages: {told}."] if told else [])]
        lines += [f"- **{_cell(sentence)}**" for sentence in report.coverage]
    if report.without_model:
        lines.append(f"Without an entity model, so without names: {', '.join(report.without_model)}.")
    reasons = [each for each in report.reasons if each.result in {Result.REJECTED, Result.FILTERED}]
    if reasons:
        lines += ["", "## Not indexed, and why", "", "| | reason | inputs | quarantine |", "|---|---|---|---|"]
        lines += [
            f"| {each.result} | {each.reason} | {each.count:,} | {_link(report, each.reason)} |" for each in reasons
        ]
        lines += ["", "The links lead to the search page: start it with `newsdex web`."]
    if report.problems:
        lines += ["", "## The first rejections", "", "| input | what to do |", "|---|---|"]
        lines += [f"| {_cell(_name(each.input_uri))} | {_cell(each.detail)} |" for each in report.problems[:REJECTIONS]]
    return "\n".join(lines) + "\n"


def _link(report: Report, reason: str) -> str:
    return f"[show them]({SEARCH_PAGE}/quarantine?reason={quote(reason)}&run_id={quote(report.run_id)})"


def _name(uri: str) -> str:
    return unquote(uri.rsplit("/", 1)[-1])


def _cell(text: str) -> str:
    """Return a text in a cell of a table; what an input is called must not become markup."""
    plain = " ".join(text.split()).replace("\\", "\\\\")
    for sign in "|<>[]`*_":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _counted(values: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{value} ({count:,})" for value, count in values)
