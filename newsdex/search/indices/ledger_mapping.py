"""The mappings beside the articles: the quarantine (`-rejected`) and the ledger (`-runs`).

`-rejected` holds one document an input that was rejected or filtered; its fields are those of `Rejection` plus
`run_id`, `partition` and `at`. `-runs` holds one document a run and one a partition of it, told apart by `kind`.
"""

from __future__ import annotations

from typing import Any

from newsdex import versions
from newsdex.search.indices.mapping import address, date, keyword, stored_only
from newsdex.transforms.article import Result


def rejected_mapping() -> dict[str, Any]:
    """Return the mapping of the quarantine.

    Fields: `input_uri`; `result` (`rejected` or `filtered`); `stage`; `reason` (the code counted by); `detail` (the
    sentence, searchable by its words); `raw` (excerpt of the input, stored only); `raw_uri` (where all of it lies, if
    kept); `run_id`; `partition` (key of the partition); `article_id` (of a document that the index refused); `at`
    (when, UTC); `pipeline_version`.
    """
    return {
        "dynamic": "strict",
        "_meta": {"newsdex_mapping": versions.REJECTED_MAPPING},
        "properties": {
            "input_uri": address(),
            "result": keyword(),
            "stage": keyword(),
            "reason": keyword(),
            "detail": {"type": "text"},
            "raw": stored_only(),
            "raw_uri": stored_only(),
            "run_id": keyword(),
            "partition": keyword(),
            "article_id": keyword(),
            "at": date(),
            "pipeline_version": keyword(),
        },
    }


def runs_mapping() -> dict[str, Any]:
    """Return the mapping of the ledger.

    Fields:
        `kind`: `run` or `partition`; `run_id`: on both; `partition`: object with `key`, `label`, `number` (its place
            in the run, from 0), on a partition's document only.
        `status`: `running`, `done`, `failed`, `interrupted`; `error`: one sentence, where it failed.
        `started_at`, `finished_at` (UTC); `seconds`: wall clock.
        `inputs`: what the run was asked to read, as typed.
        `counts`: `read`, `indexed`, `unchanged`, `duplicate`, `filtered`, `rejected`.
        `reasons.<result>.<reason>`: how many, for example `reasons.rejected.empty-file: 3`; new codes need no change
            of the mapping, and each is a number that Kibana can add up.
        `stage_seconds.<stage>`: seconds spent, added up over the workers.
        `versions`: flattened, for example `versions.newsdex: 0.1.0`.
        `settings`: what the run was made with, without secrets: kept, not searched.
        `watermark`: not in use: what was read is known by content, which `partition.key` is a digest of; `report`:
            kept, not searched; `report.left_out` of a partition names its inputs that were not indexed (`left_out.py`).
    """
    return {
        "dynamic": "strict",
        "_meta": {"newsdex_mapping": versions.RUNS_MAPPING},
        "dynamic_templates": [
            {"reason_counts": {"path_match": "reasons.*.*", "mapping": {"type": "long"}}},
            {"stage_seconds": {"path_match": "stage_seconds.*", "mapping": {"type": "double"}}},
        ],
        "properties": {
            "kind": keyword(),
            "run_id": keyword(),
            "partition": {
                "dynamic": "strict",
                "properties": {"key": keyword(), "label": address(), "number": {"type": "integer"}},
            },
            "status": keyword(),
            "error": {"type": "text"},
            "started_at": date(),
            "finished_at": date(),
            "seconds": {"type": "double"},
            "inputs": address(),
            "counts": {
                "dynamic": "strict",
                "properties": {name: {"type": "long"} for name in ("read", *Result)},
            },
            "reasons": {"dynamic": True, "type": "object"},
            "stage_seconds": {"dynamic": True, "type": "object"},
            "versions": {"type": "flattened"},
            "settings": {"type": "object", "enabled": False},
            "watermark": {"type": "object", "enabled": False},
            "report": {"type": "object", "enabled": False},
            "pipeline_version": keyword(),
        },
    }
