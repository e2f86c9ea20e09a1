"""A month of daily intervals over real articles, backfilled twice: `python -m benchmarks.backfill [MONTH]`.

The second backfill must do nothing and change nothing. Needs the articles of `NEWSDEX_GOLD` (see docs/data.md).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.crashes import Rig
from benchmarks.gold import gold

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

MONTH = "2014-06"
"""One with few articles (76): what is measured is the backfill, not the pipeline."""


def main() -> None:
    """Backfill twice and print what each did."""
    month = sys.argv[1] if len(sys.argv) > 1 else MONTH
    year, number = map(int, month.split("-"))
    end = f"{year + number // 12}-{number % 12 + 1:02}-01"
    articles = gold("corpus/articles-20k.jsonl.gz")
    print("| backfill | seconds | child runs | intervals | documents | same as before |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="newsdex-backfill-") as folder:
        Path(folder).chmod(0o755)  # Elasticsearch may work as another user
        rig = Rig(Path(folder))
        try:
            rig.service.environment["NEWSDEX_INDEX"] = rig.names.articles
            toml = f'[[source]]\nname = "press"\nlocation = "{articles}"\n'
            (rig.service.folder / "newsdex.toml").write_text(toml, encoding="utf-8")
            rig.service.serve()
            before: dict[str, Any] | None = None
            for turn in ("first", "second"):
                begin, children = time.monotonic(), len(rig.service.runs("backfill-interval"))
                run = rig.service.start("backfill/backfill", source="press", start=f"{month}-01", end=end, by="day")
                state = rig.service.wait(run, "COMPLETED", "FAILED", "CRASHED", seconds=3_000)["state_name"]
                seconds = time.monotonic() - begin
                done = len(rig.service.runs("backfill-interval")) - children
                with rig.client() as client:
                    now = _documents(client, [rig.names.articles, rig.names.copies])
                made = rig.service.ask("POST", "/artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})
                days = json.loads(next(each["data"] for each in made if each["key"] == "calendar"))
                same = "–" if before is None else "yes" if before == now else "NO"
                print(f"| {turn} ({state}) | {seconds:.0f} | {done} | {len(days)} | {len(now)} | {same} |", flush=True)
                before = now
        finally:
            rig.close()


def _documents(client: Elasticsearch, indices: list[str]) -> dict[str, Any]:
    """Return every document, by id."""
    client.indices.refresh(index=indices)
    found = client.search(index=indices, size=10_000)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in found}


if __name__ == "__main__":
    main()
