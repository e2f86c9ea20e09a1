"""Citations: what BibTeX, RIS and CSL-JSON say of a row, and that hostile text stays text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.search.export.citations import bibtex, csl_json, ris
from newsdex.search.export.rows import COLUMNS


def row(**fields: Any) -> dict[str, Any]:
    """Return a row with what a test is about and nothing else."""
    empty = {column.name: [] if column.kind == "list" else None for column in COLUMNS}
    return {**empty, "id": "80093f18b2a251a1", "language": "en", **fields}


FULL = row(
    title="Budget 50 % up & $3m short",
    authors=["Ada Byron", "Hopper, Grace"],
    source="The Courier",
    published_at="2018-03-07T12:00:00Z",
    published_at_precision="day",
    url="https://courier.example/a_b?c={d}",
    keywords=["budget", "R&D"],
    section="Politics",
)


def test_bibtex() -> None:
    """Special characters are escaped, names that would be torn apart are kept together."""
    assert b"".join(bibtex([FULL])).decode() == (
        "@article{newsdex-80093f18b2a2,\n"
        "  title = {{Budget 50 \\% up \\& \\$3m short}},\n"
        "  author = {Ada Byron and {Hopper, Grace}},\n"
        "  journal = {The Courier},\n"
        "  year = {2018},\n"
        "  month = {mar},\n"
        "  day = {7},\n"
        "  url = {https://courier.example/a_b?c=%7Bd%7D},\n"
        "  keywords = {budget, R\\&D},\n"
        "  langid = {en}\n"
        "}\n\n"
    )


def test_ris() -> None:
    """One tag a line, the end of each record marked."""
    assert b"".join(ris([FULL])).decode().split("\r\n") == [
        "TY  - NEWS", "ID  - newsdex-80093f18b2a2", "TI  - Budget 50 % up & $3m short", "AU  - Ada Byron",
        "AU  - Hopper, Grace", "T2  - The Courier", "PY  - 2018", "DA  - 2018/03/07", "SE  - Politics",
        "UR  - https://courier.example/a_b?c={d}", "LA  - en", "KW  - budget", "KW  - R&D", "ER  - ", "", "",
    ]  # fmt: skip


def test_csl_json() -> None:
    """One list, whatever its length."""
    assert json.loads(b"".join(csl_json([]))) == []
    first, second = json.loads(b"".join(csl_json([FULL, row()])))
    assert (first["type"], first["issued"]) == ("article-newspaper", {"date-parts": [[2018, 3, 7]]})
    assert first["author"] == [{"literal": "Ada Byron"}, {"literal": "Hopper, Grace"}]
    assert second == {"id": "80093f18b2a251a1", "type": "article-newspaper", "title": "Untitled", "language": "en"}


@pytest.mark.parametrize(("precision", "parts"), [("year", [2018]), ("month", [2018, 3]), ("time", [2018, 3, 7])])
def test_a_date_is_no_more_exact_than_known(precision: str, parts: list[int]) -> None:
    """An article of March 2018 is not cited as of the first of March."""
    (item,) = json.loads(b"".join(csl_json([row(published_at="2018-03-07", published_at_precision=precision)])))
    assert item["issued"] == {"date-parts": [parts]}


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_no_text_breaks_out_of_its_field(title: str, authors: list[str]) -> None:
    """Braces balance, no line begins a record of its own, and JSON stays JSON."""
    hostile = row(title=title, authors=authors, source=title, url=title, keywords=authors)
    written = b"".join(bibtex([hostile])).decode()
    bare = re.sub(r"\\[{}]", "", written)
    assert bare.count("{") == bare.count("}")
    assert len(re.findall(r"^@", written, re.MULTILINE)) == 1
    assert b"".join(ris([hostile])).decode().count("\r\nER  - ") == 1
    assert len(json.loads(b"".join(csl_json([hostile])))) == 1
