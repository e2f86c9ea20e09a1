"""The sample files are what `samples/expected.json` and `samples/EXPECTED.md` say of them."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ARTICLES = SAMPLES / "articles"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
INPUTS: dict[str, dict[str, Any]] = {entry["input"]: entry for entry in EXPECTED["inputs"]}
LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "ru"}


def lines(name: str) -> list[bytes]:
    """Return the lines of a JSON Lines file, plain or gzipped."""
    data = (ARTICLES / name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).splitlines()


def inputs_on_disk() -> set[str]:
    """Return every input that the files hold: a file, or a line of a JSON Lines file."""
    found = set()
    for path in ARTICLES.rglob("*.*"):
        name = path.relative_to(ARTICLES).as_posix()
        if ".jsonl" in name:
            found |= {f"{name}#line={number}" for number, _ in enumerate(lines(name), 1)}
        else:
            found.add(name)
    return found


def content(name: str) -> str:
    """Return what an input holds as text, markup and all; the expected language decides on an old encoding."""
    if "#line=" in name:
        file, number = name.split("#line=")
        record: dict[str, Any] = json.loads(lines(file)[int(number) - 1])
        return html.unescape(str(record.get("body") or record.get("articleBody") or ""))
    encoding = next((code for code in ("cp1251", "cp1252") if code in name), "utf-8")
    return html.unescape((ARTICLES / name).read_bytes().decode(encoding))


def jaccard(one: str, other: str) -> float:
    """Return the Jaccard similarity of two texts' five-word shingles."""

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}

    left, right = shingles(one), shingles(other)
    return len(left & right) / len(left | right)


def story(name: str) -> str:
    """Return the paragraphs of an input without a page's furniture."""
    text = content(name)
    return " ".join(re.findall(r"<p>([^<]{60,})</p>", text)) if name.startswith("html/") else text


def test_every_input_is_expected_and_every_expectation_has_an_input() -> None:
    """`expected.json` names exactly the inputs that are there."""
    assert inputs_on_disk() == set(INPUTS)
    assert EXPECTED["read"] == len(INPUTS)


def test_the_counts_add_up() -> None:
    """The counts are those of the single results."""
    assert Counter(entry["result"] for entry in INPUTS.values()) == EXPECTED["counts"]


def test_the_readable_list_names_every_input_with_its_result() -> None:
    """`EXPECTED.md` has a heading for each input, followed by the same result."""
    text = (SAMPLES / "EXPECTED.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^### `([^`]+)`\n\n\*\*(\w+)", text, re.MULTILINE))
    assert said == {name: entry["result"] for name, entry in INPUTS.items()}


def test_all_seven_languages_are_there() -> None:
    """Every language that the project tests has an indexed sample."""
    assert {entry.get("language") for entry in INPUTS.values() if entry["result"] == "indexed"} >= LANGUAGES


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if entry.get("must_not_contain")])
def test_what_must_go_is_there_to_begin_with(name: str) -> None:
    """A text that must not reach the index stands in the input, or in its raw bytes where it is an encoding fault."""
    file, _, number = name.partition("#line=")
    raw = lines(file)[int(number) - 1].decode() if number else content(name)
    gone = [text for text in INPUTS[name]["must_not_contain"] if text != "\ufffd"]
    assert all(text in raw for text in gone)


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if "mojibake" not in name])
def test_what_must_stay_is_there_to_begin_with(name: str) -> None:
    """A text that the article must hold, and the names that must become facets, stand in the input."""
    entry = INPUTS[name]
    text = content(name) if entry["result"] == "indexed" else ""
    for kept in entry.get("must_contain", []) if text else []:
        assert kept in text
    for person in entry.get("persons", []) if text else []:
        assert person.split()[-1] in text


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if entry.get("duplicate_of")])
def test_copies_are_as_near_as_they_are_said_to_be(name: str) -> None:
    """The true five-word-shingle Jaccard similarity of a copy and its article is at least what is expected."""
    entry = INPUTS[name]
    floor: float = entry.get("similarity_at_least") or entry["similarity"]
    assert jaccard(story(name), story(entry["duplicate_of"])) >= floor


def test_the_follow_up_is_no_copy() -> None:
    """The other article about the wind farm is far below any threshold."""
    name = "records/wire.jsonl#line=7"
    assert jaccard(story(name), story(INPUTS[name]["not_duplicate_of"][0])) < 0.1


def test_the_two_versions_share_an_address() -> None:
    """Without its tracking parameters, the older version's address is the newer one's."""
    older, newer = (json.loads(line)["url"] for line in lines("records/wire.jsonl")[1:3])
    assert older.split("?")[0] == newer
    assert "utm_source" in older


@pytest.mark.parametrize("name", ["text/009_nachtbahn_cp1252.txt", "html/volzhskaya_pochta_karty_cp1251.html"])
def test_old_encodings_are_no_utf_8(name: str) -> None:
    """The files in old encodings cannot be read as UTF-8."""
    with pytest.raises(UnicodeDecodeError):
        (ARTICLES / name).read_bytes().decode("utf-8")


def test_broken_inputs_are_still_broken() -> None:
    """No editor has repaired what is broken on purpose."""
    assert (ARTICLES / "text/010_empty.txt").read_bytes() == b""
    assert not (ARTICLES / "text/013_blank.txt").read_text(encoding="utf-8").replace("\ufeff", "").strip()
    assert b"\0" in (ARTICLES / "text/014_binary.txt").read_bytes()
    assert "CafÃ©" in (ARTICLES / "text/008_mojibake.txt").read_text(encoding="utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines("records/wire.jsonl")[3])
    assert "body" not in json.loads(lines("records/wire.jsonl")[4])
