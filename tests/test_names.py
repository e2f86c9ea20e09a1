"""One word for one thing, and one thing for one word."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_no_two_classes_have_one_name() -> None:
    """Where a name is said in a sentence, a reader need not ask which one is meant."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("flows", "newsdex", "transforms"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if any(parent.is_symlink() for parent in path.parents):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(path.relative_to(ROOT).as_posix())
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
