"""Rows as citations: BibTeX, RIS and CSL-JSON, which Zotero and other reference managers read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsdex.search.export.rows import Row

KEY_CHARS = 12
"""Of an article's id in its key: 48 bits, so that not even a million articles share one by chance."""

_SPECIAL = re.compile(r"[\\{}$&%#_^~]")

_ESCAPES = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
"""What LaTeX takes for more than itself; the others get a backslash in front."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def bibtex(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as BibTeX, in UTF-8: an `@article` each, its source as the journal."""
    for row in rows:
        year, month, day = [*_date_parts(row), None, None, None][:3]
        fields = {
            "title": f"{{{_tex(row['title'] or 'Untitled')}}}",  # in braces twice: its capitals stay
            "author": " and ".join(_name(each) for each in row["authors"]),
            "journal": _tex(row["source"] or row["source_domain"] or ""),
            "year": str(year) if year else "",
            "month": _MONTHS[month - 1] if month else "",
            "day": str(day) if day else "",
            "url": _uri(row["url"]),
            "keywords": ", ".join(_tex(each) for each in row["keywords"]),
            "langid": row["language"] if row["language"] != "und" else "",
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        yield ("@article{" + ",\n".join([_key(row), *lines]) + "\n}\n\n").encode("utf-8", "replace")


def ris(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as RIS: a `TY  - NEWS` each."""
    for row in rows:
        parts = _date_parts(row)
        tags = [
            ("TY", "NEWS"),
            ("ID", _key(row)),
            ("TI", row["title"] or "Untitled"),
            *(("AU", each) for each in row["authors"]),
            ("T2", row["source"] or row["source_domain"]),
            ("PY", str(parts[0]) if parts else None),
            ("DA", "/".join(f"{part:02}" for part in parts) if parts else None),
            ("SE", row["section"]),
            ("UR", row["url"]),
            ("LA", row["language"] if row["language"] != "und" else None),
            *(("KW", each) for each in row["keywords"]),
            ("AB", row["summary"]),
        ]
        lines = [f"{tag}  - {' '.join(str(value).split())}\r\n" for tag, value in tags if value]
        yield "".join([*lines, "ER  - \r\n\r\n"]).encode("utf-8", "replace")


def csl_json(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as CSL-JSON: one list with an `article-newspaper` each."""
    before = b"[\n"
    for row in rows:
        yield before + msgspec.json.encode(_csl(row))
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def _csl(row: Row) -> dict[str, Any]:
    parts = _date_parts(row)
    item = {
        "id": row["id"],
        "type": "article-newspaper",
        "title": row["title"] or "Untitled",
        "author": [{"literal": each} for each in row["authors"]],
        "container-title": row["source"] or row["source_domain"],
        "issued": {"date-parts": [parts]} if parts else None,
        "section": row["section"],
        "URL": row["url"],
        "language": row["language"] if row["language"] != "und" else None,
        "keyword": ", ".join(row["keywords"]),
        "abstract": row["summary"],
    }
    return {name: value for name, value in item.items() if value}


def _date_parts(row: Row) -> list[int]:
    """Return year, month and day of publication, no more of them than are known."""
    published = row["published_at"]
    if not published:
        return []
    known = {"year": 1, "quarter": 1, "range": 1, "month": 2}.get(row["published_at_precision"] or "", 3)
    return [int(part) for part in published[:10].split("-")[:known]]


def _key(row: Row) -> str:
    return "newsdex-" + re.sub(r"[^A-Za-z0-9]", "", row["id"])[:KEY_CHARS]


def _name(name: str) -> str:
    """Return a name for BibTeX; one that would be torn apart ("Smith, Jr.", "Bonnie and Clyde") in braces."""
    written = _tex(name)
    return f"{{{written}}}" if "," in name or re.search(r"\sand\s", name, re.IGNORECASE) else written


def _tex(text: str) -> str:
    plain = " ".join(text.split())
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], f"\\{found[0]}"), plain)


def _uri(url: str | None) -> str:
    """Return an address as it is, but for what would end the field."""
    return re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", url or "")
