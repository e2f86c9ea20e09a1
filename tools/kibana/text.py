"""JSON as Kibana writes it into the string attributes of a saved object."""

from __future__ import annotations

import json


def compact(value: object) -> str:
    """Return JSON on one line without needless spaces; the same value gives the same text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
