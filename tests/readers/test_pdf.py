"""PDF files with a text layer are articles; all others say why they are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.reading import inputs

from newsdex.transforms.article import RawArticle, Rejection

if TYPE_CHECKING:
    from pathlib import Path

TEXT = ("The ferry to Cacilhas sails again from Mon-", "day, the port authority said on Sunday.")


def made(*pages: tuple[str, ...], trailer: str = "") -> bytes:
    """Return a PDF with a line of text for each string; it has no table of its objects, which readers then rebuild."""
    kids = " ".join(f"{10 + 2 * at} 0 R" for at in range(len(pages)))
    parts = [
        "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj",
        f"2 0 obj <</Type/Pages/Kids[{kids}]/Count {len(pages)}>> endobj",
        "3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj",
    ]
    for at, lines in enumerate(pages):
        drawn = "BT /F 12 Tf 50 750 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        page = (
            f"/Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>/Contents {11 + 2 * at} 0 R"
        )
        parts.append(f"{10 + 2 * at} 0 obj <<{page}>> endobj")
        parts.append(f"{11 + 2 * at} 0 obj <</Length {len(drawn)}>> stream\n{drawn}\nendstream endobj")
    parts.append(f"trailer <</Root 1 0 R{trailer}>>\n%%EOF")
    return "\n".join(parts).encode("latin-1")


def _read(path: Path, content: bytes) -> RawArticle | Rejection:
    path.write_bytes(content)
    (item,) = inputs(path)
    return item


@pytest.mark.parametrize("name", ["a.pdf", "clipping"])
def test_words_cut_at_line_ends_are_joined(tmp_path: Path, name: str) -> None:
    """A PDF is known by its name or its content, and its text has whole words."""
    article = _read(tmp_path / name, made(TEXT))
    assert isinstance(article, RawArticle)
    assert "from Monday, the port authority" in " ".join((article.text or "").split())


def test_running_heads_are_left_out(tmp_path: Path) -> None:
    """A first line that most pages share but for a number is no text."""
    ends = ("It sails.", "It stops.", "It turns.", "It waits.")
    pages = [(f"Harbour Post, page {page}", "It is a longer report.", end) for page, end in enumerate(ends, 1)]
    article = _read(tmp_path / "a.pdf", made(*pages))
    assert isinstance(article, RawArticle)
    assert "Harbour Post" not in (article.text or "")
    assert (article.text or "").count("longer report") == len(pages)


def test_a_scan_names_ocr(tmp_path: Path) -> None:
    """Pages without text are rejected with what to do about them."""
    item = _read(tmp_path / "a.pdf", made((), ()))
    assert isinstance(item, Rejection)
    assert item.reason == "scanned-pdf"
    assert "OCR" in item.detail


def test_a_damaged_file_is_rejected(tmp_path: Path) -> None:
    """What only begins as a PDF is told to be damaged."""
    item = _read(tmp_path / "a.pdf", b"%PDF-1.4\nnothing of it is left")
    assert isinstance(item, Rejection)
    assert item.reason == "damaged-pdf"


def test_an_encrypted_file_is_rejected(tmp_path: Path) -> None:
    """A file that asks for a password is told to be encrypted."""
    key = "00" * 32
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -4>>/ID[<{key}><{key}>]"
    item = _read(tmp_path / "a.pdf", made(TEXT, trailer=lock))
    assert isinstance(item, Rejection)
    assert item.reason == "encrypted-pdf"
