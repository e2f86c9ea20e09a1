"""The versions that decide whether something is done again: of the pipeline, of the readers, of each mapping.

They lie in `versions.toml`, which `python -m tools.versions` writes from the code: what changes how an article comes
out changes a version, what changes a comment does not. A test says when that is to be run.
"""

from __future__ import annotations

from newsdex.tables import load_table

_TABLE = load_table(__file__, "versions.toml")

PIPELINE = str(_TABLE["pipeline"]["version"])
"""Changes when the same input gives other articles: documents of another version are written anew when read again."""

READERS = int(_TABLE["readers"]["version"])
"""Part of every key of a partition; changes when a reader yields something else for the same bytes, so that nothing
stale is reused."""

ARTICLES_MAPPING = int(_TABLE["articles-mapping"]["version"])
"""Changes with whatever an existing index of articles does not have: it is part of the index name."""

REJECTED_MAPPING = int(_TABLE["rejected-mapping"]["version"])
"""The same of the quarantine."""

RUNS_MAPPING = int(_TABLE["runs-mapping"]["version"])
"""The same of the ledger."""
