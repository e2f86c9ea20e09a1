"""What decides whether something is done again is true to the code."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tools.versions import ROOT, TABLE, _code, code_digests, mapping_digests

STORED = tomllib.loads(TABLE.read_text(encoding="utf-8"))

REMINDER = "run `python -m tools.versions`, which raises the versions of what changed, and commit the table"


@pytest.mark.parametrize("name", ["pipeline", "readers"])
def test_the_code_is_what_the_versions_were_made_from(name: str) -> None:
    """Where this fails: the code of the transforms or readers has changed; the message says what to run."""
    assert code_digests()[name] == STORED[name]["code"], REMINDER


@pytest.mark.parametrize("name", ["articles-mapping", "rejected-mapping", "runs-mapping"])
def test_a_mapping_is_what_its_version_was_made_from(name: str) -> None:
    """Where this fails: a mapping has changed, and existing indices do not have the change."""
    assert mapping_digests()[name] == STORED[name]["outcome"], REMINDER


def test_comments_docstrings_imports_and_layout_do_not_count(tmp_path: Path) -> None:
    """Only what a module does is its content; and that is all of it."""
    plain = "LIMIT = 3\ndef short(text):\n    return text[:LIMIT]\n"
    told = (
        '"""A module."""\nfrom os import path\nLIMIT = 3  # found by trying\n"""How long."""\n\n\n'
        'def short(text):\n    """Return\n\n    the beginning."""\n    return text[:LIMIT]  # at most\n'
    )
    other = plain.replace("3", "4")
    places = [tmp_path / name for name in ("plain.py", "told.py", "other.py")]
    for place, text in zip(places, (plain, told, other), strict=True):
        place.write_text(text, encoding="utf-8")
    first, second, third = map(_code, places)
    assert first == second != third


def test_every_place_that_counts_is_there() -> None:
    """A room that was moved is not silently left out."""
    from tools.versions import CODE  # noqa: PLC0415  # beside what it is about

    assert [place for places in CODE.values() for place in places if not (ROOT / place).exists()] == []
