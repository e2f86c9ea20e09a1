"""The samples come out as samples/EXPECTED.md says, through the real flow into a real index."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.gates import floors
from newsdex.transforms.article import Result

if TYPE_CHECKING:
    from support.home import Newsdex

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
FACETS = {"persons": "person", "organizations": "organization", "places": "place", "countries": "country"}


def suffix(input_uri: str) -> str:
    return input_uri.partition("/samples/articles/")[2]


def test_the_samples_come_out_as_expected(newsdex: Newsdex) -> None:
    """Every sample ends as samples/expected.json says, and a second run finds nothing to do."""
    first = newsdex.ingest(SAMPLES / "articles")
    counts = {name: count for name, count in first.total.counts.items() if name not in {"read", "unchanged"}}
    assert first.read == EXPECTED["read"]
    documents = {suffix(uri): document for uri, document in newsdex.articles().items()}
    copies = {suffix(uri): document for uri, document in newsdex.articles(newsdex.names.copies).items()}
    quarantine = {suffix(uri): document for uri, document in newsdex.articles(newsdex.names.rejected).items()}
    faults = [fault for expected in EXPECTED["inputs"] for fault in faults_of(expected, documents, copies, quarantine)]
    assert not faults, "\n".join(faults)
    named = [each for each in EXPECTED["inputs"] if each["input"] in documents]
    missing = [name for each in named for name in missing_names(each, documents[each["input"]])]
    expected_names = sum(len(each.get(key, [])) for each in named for key in FACETS)
    floor = floors("samples")["names_found"]
    assert 1 - len(missing) / expected_names >= floor, "\n".join(missing)
    assert counts == EXPECTED["counts"]

    second = newsdex.ingest(SAMPLES / "articles")
    assert second.count(Result.INDEXED) == 0
    assert second.count(Result.UNCHANGED) == first.count(Result.INDEXED) + first.count(Result.DUPLICATE)
    assert second.count(Result.FILTERED) == first.count(Result.FILTERED)
    assert second.count(Result.REJECTED) == first.count(Result.REJECTED)


def faults_of(
    expected: dict[str, Any],
    documents: dict[str, dict[str, Any]],
    copies: dict[str, dict[str, Any]],
    quarantine: dict[str, dict[str, Any]],
) -> list[str]:
    """Return what is not as expected of one input, a sentence each."""
    name, result = expected["input"], expected["result"]
    if result in {"filtered", "rejected"}:
        found = quarantine.get(name)
        if found is None or found["result"] != result:
            return [f"{name}: expected {result}, found {found and found['result']}"]
        if expected["reason"] and found["reason"] != expected["reason"]:
            return [f"{name}: expected reason {expected['reason']}, found {found['reason']}"]
        return []
    document = documents.get(name)
    if result == "duplicate":
        return (
            [f"{name}: expected a duplicate, found an article"] if document and not expected.get("either_way") else []
        )
    if document is None:
        if expected.get("either_way") and name in copies:
            return []
        return [f"{name}: not in the index ({quarantine.get(name, {}).get('detail')})"]
    return [f"{name}: {fault}" for fault in _document_faults(expected, document)]


def missing_names(expected: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Return the people, organisations, places and countries of a sample that its facets lack."""
    return [
        f"{expected['input']}: {facet} {name!r}"
        for key, facet in FACETS.items()
        for name in expected.get(key, [])
        if name not in document["entities"].get(facet, [])
    ]


def _document_faults(expected: dict[str, Any], document: dict[str, Any]) -> list[str]:
    faults = [*_fact_faults(expected, document), *_text_faults(expected, document)]
    extra = set(expected.get("absent_persons", [])) & set(document["entities"].get("person", []))
    if extra:
        faults.append(f"person: {sorted(extra)} must not be facets of their own")
    mentioned = {mention.get("iso") for mention in document.get("dates_mentioned", [])}
    if missing := set(expected.get("dates", [])) - mentioned:
        faults.append(f"dates: {sorted(missing)} not among {sorted(mentioned, key=str)}")
    relative = {mention["text"] for mention in document.get("dates_mentioned", []) if not mention.get("iso")}
    if missing := set(expected.get("unresolved_dates", [])) - relative:
        faults.append(f"relative dates: {sorted(missing)} not among {sorted(relative)}")
    return faults


def _fact_faults(expected: dict[str, Any], document: dict[str, Any]) -> list[str]:
    published = document.get("published_at")
    found = {
        "title": document.get("title"),
        "source": document["source"].get("name"),
        "source_domain": document["source"].get("domain"),
        "language": document["language"],
        "canonical_url": document.get("canonical_url"),
        "authors": document.get("authors", []),
        "published_at_source": document.get("published_at_source"),
        "paywalled": document.get("paywalled", False),
        "published_at": published and _day(published),
        "published_at_utc": published,
    }
    faults = [
        f"{name}: expected {expected[name]!r}, found {value!r}"
        for name, value in found.items()
        if name in expected and expected[name] != value
    ]
    if missing := set(expected.get("agencies", [])) - set(document.get("agencies", [])):
        faults.append(f"agencies: {sorted(missing)} not among {document.get('agencies', [])}")
    return faults


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).date().isoformat()


def _text_faults(expected: dict[str, Any], document: dict[str, Any]) -> list[str]:
    body = document["body"]
    faults = [f"text lacks {part!r}" for part in expected.get("must_contain", []) if part not in body]
    faults += [f"text has {part!r}" for part in expected.get("must_not_contain", []) if part in body]
    end = expected.get("must_end_with", "")
    if not body.endswith(end):
        faults.append(f"text ends with {body[-60:]!r}, not with {end!r}")
    return faults


@pytest.fixture(scope="session", autouse=True)
def _samples_are_there() -> None:
    assert (SAMPLES / "articles").is_dir()
