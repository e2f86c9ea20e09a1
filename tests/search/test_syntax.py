"""Reading what a person types: what is a word, a phrase, a field, an operator, and that nothing is an error."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.search.errors import SearchError
from newsdex.search.query.clauses import FIELDS, check_query, match_clause
from newsdex.search.query.filters import Filters
from newsdex.search.query.syntax import MAX_DEPTH, AllOf, AnyOf, Leaf, Node, NoneOf, every_leaf, leaves, parse


def shape(node: Node | None) -> str:
    """Return a tree in few signs."""
    if node is None:
        return ""
    if isinstance(node, NoneOf):
        return f"-{shape(node.of)}"
    if isinstance(node, AllOf | AnyOf):
        joined = (" " if isinstance(node, AllOf) else " | ").join(shape(each) for each in node.of)
        return f"({joined})"
    text = f'"{node.text}"' if node.phrase else node.text
    field = f"{node.field}:" if node.field else ""
    return f"{field}{text}{'*' * node.prefix}{'' if node.fuzzy is None else f'~{node.fuzzy}'}{node.slop or ''}"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("witch hunt", "(witch hunt)"),
        ('"witch hunt"', '("witch hunt")'),
        ("“witch hunt”", '("witch hunt")'),
        ('"witch hunt"~3', '("witch hunt"3)'),
        ("a | b c", "(a | (b c))"),
        ("a OR b AND c", "(a | (b c))"),
        ("(a | b) c", "((a | b) c)"),
        ("a -b", "(a -b)"),
        ("a NOT (b c)", "(a -(b c))"),
        ("a - b", "(a b)"),
        ("well-known", "(well-known)"),
        ("genev* mispelt~ word~1", "(genev* mispelt~0 word~1)"),
        ('title:wall person:"Ada Byron"', '(title:wall person:"Ada Byron")'),
        ("-title:wall a", "(-title:wall a)"),
        ("TITLE:wall", "(title:wall)"),
        ("at 10:30 on https://a.example/b", "(at 10:30 on https://a.example/b)"),
        ("foo:bar", "(foo bar)"),
        ('"unclosed phrase', "(unclosed phrase)"),
        ("((((a", "(a)"),
        ("a))) b", "(a b)"),
        ("AT & T", "(AT T)"),
        ("a | | b |", "(a | b)"),
        ("-a", "(-a)"),
        ("", ""),
        ("*", ""),
        ("|()-", ""),
        ("😀", ""),
    ],
)
def test_what_is_typed_is_read_as_a_person_means_it(typed: str, expected: str) -> None:
    """Operators bind as in other search boxes; what is no operator is words."""
    assert shape(parse(typed, FIELDS)) == expected


def test_words_know_where_they_stand() -> None:
    """A word's place is that of the text typed, its field included, so that it can be replaced there."""
    typed = 'a "b c" title:delta'
    assert [typed[leaf.start : leaf.end] for leaf in leaves(parse(typed, FIELDS))] == ["a", '"b c"', "title:delta"]


def test_what_must_not_occur_is_not_wanted() -> None:
    """`leaves` leaves out what stands behind a minus; `every_leaf` does not."""
    tree = parse("a -b", FIELDS)
    assert [leaf.text for leaf in leaves(tree)] == ["a"]
    assert [leaf.text for leaf in every_leaf(tree)] == ["a", "b"]


def test_brackets_deeper_than_anyone_means_are_ignored() -> None:
    """Ten thousand brackets neither fail nor take long."""
    begin = time.perf_counter()
    assert shape(parse("(" * 10_000 + "a b" + ")" * 10_000, FIELDS)) == "(a b)"
    assert parse("(a|" * (MAX_DEPTH * 3) + "b", FIELDS) is not None
    assert parse('"' * 9_999 + "~" * 9_999 + "-" * 9_999 + "title:" * 9_999, FIELDS) is not None
    assert time.perf_counter() - begin < 1


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('+-|*"()~: ab'), max_size=60))
def test_any_text_can_be_read(typed: str) -> None:
    """No text is an error, and every word of the tree is part of the text."""
    for leaf in every_leaf(parse(typed, FIELDS)):
        assert isinstance(leaf, Leaf)
        assert 0 <= leaf.start < leaf.end <= len(typed)
    try:
        check_query(typed)
    except SearchError:
        return
    try:
        match_clause(typed, Filters())
    except SearchError as refusal:
        assert "date" in str(refusal) or "calendar" in str(refusal)  # noqa: PT017  # since: and until: want a date


@pytest.mark.parametrize("typed", ["since:yesterday", "until:2018-13", "a since:x"])
def test_a_date_that_is_none_is_told(typed: str) -> None:
    """What stands behind since: and until: must be a date."""
    with pytest.raises(SearchError, match="2018"):
        match_clause(typed, Filters())
