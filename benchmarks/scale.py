"""What to run for how many articles, worked out from unit costs: `python -m benchmarks.scale [--write]`.

Prints the tables of docs/scale.md from `scale.toml`; `--write` puts them there. Nothing is measured here: the file says
of each unit cost which command did that.
"""

from __future__ import annotations

import argparse
import math
import re
import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("scale.toml")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"

HOURS_A_MONTH = 730
"""Hours in a month, on average."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    given = parser.parse_args()
    made = tables(tomllib.loads(DATA.read_text(encoding="utf-8")))
    if given.write:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        print("\n\n".join(made.values()))
    return 0


def tables(data: dict[str, Any]) -> dict[str, str]:
    """Return every table of the page, by its name there."""
    costs = {name: entry["value"] for kind in ("measured", "assumed") for name, entry in data[kind].items()}
    plans = [worked_out(plan, costs) for plan in data["plan"]]
    return {
        "measured": _unit_costs(data["measured"], commands=True),
        "assumed": _unit_costs(data["assumed"], commands=False),
        "plans": _plans(plans, [name for name in plans[0] if name not in _MONEY]),
        "money": _plans(plans, list(_MONEY)),
    }


def filled(page: str, made: dict[str, str]) -> str:
    """Return the page with each table between its marks replaced."""
    for name, table in made.items():
        marks = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page = marks.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)  # type: ignore[misc]
    return page


def worked_out(plan: dict[str, Any], costs: dict[str, float]) -> dict[str, str]:
    """Return a column of the plans: what is needed, as a person would say it."""
    articles, replicas = plan["articles"], plan["replicas"]
    prepare = costs["prepare_ms"] + (costs["page_ms"] if plan.get("pages") else 0)
    hours = {
        "the workers": _hours(articles * prepare, plan["worker_cores"] * costs["spare"]),
        "the writers": _hours(articles * costs["write_ms"], plan["writers"]),
        "Elasticsearch": _hours(
            articles * costs["elasticsearch_ms"] * (1 + replicas), plan["elasticsearch_cores"] * costs["spare"]
        ),
    }
    slowest = max(hours, key=hours.__getitem__)
    primary = articles * (costs["index_bytes"] + costs["beside_bytes"]) / 1e9
    stored = primary * (1 + replicas)
    memory = max(1.0, stored / costs["disk_per_ram"])
    nodes = math.ceil(max(memory / costs["node_memory_gb"], plan["elasticsearch_cores"] / costs["node_cores"]))
    cores = plan["worker_cores"] + plan["writers"]
    rented = hours[slowest] * (cores + plan["elasticsearch_cores"]) * costs["core_hour"]
    kept_cores = nodes * costs["node_cores"] if replicas else plan["elasticsearch_cores"]
    kept = HOURS_A_MONTH * kept_cores * costs["core_hour"] + stored * costs["gb_month"]
    return {
        "for": plan["name"],
        "articles": f"{articles:,}",
        "machines": plan["machines"],
        "runner": f"`{plan['runner']}`",
        "worker cores": f"{plan['worker_cores']}",
        "runs at the same time (writers)": f"{plan['writers']}",
        "Elasticsearch cores": f"{plan['elasticsearch_cores']}",
        "processor hours to prepare": _count(articles * prepare / 3.6e6),
        "processor hours to write": _count(articles * costs["write_ms"] / 3.6e6),
        "processor hours of Elasticsearch": _count(articles * costs["elasticsearch_ms"] * (1 + replicas) / 3.6e6),
        "time": _time(hours[slowest]),
        "it waits for": slowest,
        "memory of the workers": _gb(plan["worker_cores"] * costs["worker_mb"] / 1000),
        "index, primary": _gb(primary),
        "with its replicas": _gb(stored),
        "primary shards of 40 GB": f"{math.ceil(articles * costs['index_bytes'] / 1e9 / costs['shard_gb']):,}",
        "memory of Elasticsearch": _gb(memory),
        "its nodes of 64 GB and 16 cores": f"{nodes:,}" if replicas else "part of the one machine",
        "staging, if all waited": _gb(articles * costs["staged_bytes"] / 1e9),
        "receipts": _gb(articles * costs["receipt_bytes"] / 1e9),
        "indexing, once": _dollars(rented),
        "keeping it, a month": _dollars(kept),
    }


_MONEY = ("indexing, once", "keeping it, a month")


def _unit_costs(entries: dict[str, Any], *, commands: bool) -> str:
    rows = [
        [f"`{name}`", f"{entry['value']:,g}", entry["unit"], entry["what"]]
        + ([f"`{entry['command']}`"] if commands else [])
        for name, entry in entries.items()
    ]
    return _table(["figure", "value", "unit", "of what", *(["command"] if commands else [])], rows)


def _plans(plans: list[dict[str, str]], names: list[str]) -> str:
    rows = [[name, *(plan[name] for plan in plans)] for name in names if name != "for"]
    return _table(["", *(plan["for"] for plan in plans)], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _hours(milliseconds: float, cores: float) -> float:
    return milliseconds / cores / 3.6e6


def _time(hours: float) -> str:
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _gb(value: float) -> str:
    if value < 1:
        return f"{value * 1000:,.0f} MB"
    return f"{value:,.0f} GB" if value < 1000 else f"{value / 1000:,.1f} TB"


def _dollars(value: float) -> str:
    return "below $1" if value < 1 else f"${value:,.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
