"""The settings that are a choice between names."""

from __future__ import annotations

from enum import StrEnum


class Duplicates(StrEnum):
    """What becomes of a copy: folded into the original, kept beside it, or only named in it."""

    FOLD = "fold"
    KEEP = "keep"
    DROP = "drop"


class IndexCodec(StrEnum):
    """How Elasticsearch packs documents on disk."""

    DEFAULT = "default"
    BEST_COMPRESSION = "best_compression"


class RunnerKind(StrEnum):
    """Who prepares articles: processes or threads of this machine, or the workers of a cluster."""

    PROCESSES = "processes"
    THREADS = "threads"
    DASK = "dask"
    RAY = "ray"
