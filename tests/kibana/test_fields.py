"""Every panel works on the real index: its fields can do what is asked, and its aggregation finds something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.kibana.fields import Need, Use, needs, requests

if TYPE_CHECKING:
    from conftest import Filled


def test_every_field_can_do_what_is_asked_of_it(filled: Filled) -> None:
    """Each field that a saved object names is there, of the right type, aggregatable and searchable where need be."""
    found = [need.fault(_capabilities(filled, need)) for need in needs(filled.objects)]
    assert [fault for fault in found if fault] == []


def test_every_panel_finds_something(filled: Filled) -> None:
    """The aggregation of each panel, map and control runs and comes back with buckets or values."""
    asked = requests(filled.objects)
    assert len(asked) > 25
    empty = []
    for request in asked:
        answer = filled.client.search(
            index=request.view, size=0, query=request.query, aggregations=request.aggregations
        )
        if not _filled(answer["aggregations"]):
            empty.append(request.name)
    assert empty == []


@pytest.mark.parametrize(
    ("field", "use", "said"),
    [
        ("body", Use.VALUES, "is text"),
        ("nowhere", Use.SHOWN, "not there"),
        ("minhash_bands", Use.VALUES, "aggregatable"),
        ("language", Use.NUMBER, "for number"),
    ],
)
def test_a_field_that_will_not_do_is_named(filled: Filled, field: str, use: Use, said: str) -> None:
    """The check above can fail: a field of another type, a missing one, one without doc values."""
    need = Need(filled.names.articles, field, use, "a panel")
    fault = need.fault(_capabilities(filled, need))
    assert fault is not None
    assert said in fault


def _capabilities(filled: Filled, need: Need) -> dict[str, Any]:
    answer = filled.client.field_caps(index=need.view, fields=need.field)
    capabilities: dict[str, Any] = answer["fields"].get(need.field, {})
    return capabilities


def _filled(aggregations: dict[str, Any]) -> bool:
    """Return whether every aggregation, down to the innermost, has a bucket with documents or a value above zero."""
    return all(_has_something(each) for each in aggregations.values())


def _has_something(answer: dict[str, Any]) -> bool:
    if "buckets" in answer:
        return any(bucket["doc_count"] and _filled(_inner(bucket)) for bucket in answer["buckets"])
    if "value" in answer and not isinstance(answer["value"], dict):
        return bool(answer["value"])
    return answer["doc_count"] > 0 and _filled(_inner(answer))


def _inner(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in answer.items() if isinstance(each, dict)}
