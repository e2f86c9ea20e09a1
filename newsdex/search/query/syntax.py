"""What a person types into the search box, read into a tree; nothing that can be typed is a syntax error.

any  := all ("|" all)*            OR is another way to write |
all  := term*                     AND and + say what is meant anyway
term := ("-" | NOT) term | "(" any ")" | [field ":"] (word | begin* | word~ | "a phrase" | "words"~3)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAX_DEPTH = 20
"""Brackets within brackets; deeper ones are read as if they were not there. A person uses two."""

MAX_SLOP = 50
"""How far apart the words of `"two words"~N` may stand: more is no phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One word or phrase."""

    text: str
    start: int
    """Where it stands in what was typed."""
    end: int
    field: str = ""
    """`title`, `person`…; `""` where none was typed."""
    phrase: bool = False
    slop: int = 0
    """Of a phrase: how many words may stand between."""
    prefix: bool = False
    fuzzy: int | None = None
    """Letters that may differ; 0 leaves it to the length of the word, `None` means none."""

    @property
    def plain(self) -> bool:
        """Whether it is a word without any sign."""
        return not (self.phrase or self.prefix or self.field) and self.fuzzy is None


@dataclass(frozen=True, slots=True)
class NoneOf:
    """What must not occur."""

    of: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these."""

    of: tuple[Node, ...]


Node = Leaf | NoneOf | AllOf | AnyOf

_TOKEN = re.compile(
    r"""\s+
    | (?P<sign>[()|])
    | (?P<quoted>"(?P<phrase>[^"]*)"(?:~(?P<slop>[0-9]{1,4}))?)
    | (?P<minus>[-+]+)
    | (?P<field>[A-Za-z]+):(?=["\w])
    | (?P<word>[^\s()|"]+)
    | .""",
    re.VERBOSE,
)

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»\uff02", '"'))
"""Typographic quotation marks, as word processors and phones write them."""

_LETTERS = re.compile(r"[^\W_]")
"""A word has at least one letter or digit."""

_FUZZY = re.compile(r"~([0-9]?)$")

_WORD_SIGNS = {"AND": "+", "OR": "|", "NOT": "-"}
"""Operators as words, in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    sign: str = ""
    leaf: Leaf | None = None


def parse(typed: str, fields: Collection[str]) -> AllOf | AnyOf | None:
    """Return the tree of what was typed, `None` where it holds no word.

    Args:
        typed: the whole text.
        fields: names that may stand before a colon; others are taken as words (`10:30`, `https://…`).
    """
    tokens = list(_tokens(typed.translate(_QUOTES), fields))
    node, _ = _any(tokens, 0, 0)
    return node if isinstance(node, AllOf | AnyOf) or node is None else AllOf((node,))


def leaves(node: Node | None) -> Iterator[Leaf]:
    """Yield the words and phrases that are wanted, from left to right; not those that must not occur."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, AllOf | AnyOf):
        for each in node.of:
            yield from leaves(each)


def every_leaf(node: Node | None) -> Iterator[Leaf]:
    """Yield all words and phrases, wanted or not."""
    if isinstance(node, NoneOf):
        yield from every_leaf(node.of)
    elif isinstance(node, AllOf | AnyOf):
        for each in node.of:
            yield from every_leaf(each)
    elif node is not None:
        yield node


def _tokens(text: str, fields: Collection[str]) -> Iterator[_Token]:
    field, begun = "", 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        at = begun if field else start
        if found["field"] and found["field"].lower() in fields:
            field, begun = found["field"].lower(), start
            continue
        if found["field"]:
            yield _word(found["field"], start, "", start)
        elif found["sign"]:
            yield _Token(sign=found["sign"])
        elif found["minus"] and _begins_a_word(text, start, end):
            yield _Token(sign="-" if "-" in found[0] else "+")
        elif found["quoted"]:
            yield _phrase(found, field, at)
        elif found["word"]:
            sign = _WORD_SIGNS.get(found["word"], "") if not field else ""
            yield _Token(sign=sign) if sign else _word(found["word"], start, field, at)
        field = ""


def _begins_a_word(text: str, start: int, end: int) -> bool:
    """Tell a minus from a dash: "well-known" is one word, "Trump - Russia" two; neither means "without"."""
    return end < len(text) and not text[end].isspace() and (start == 0 or text[start - 1] in " \t\r\n(|")


def _phrase(found: re.Match[str], field: str, at: int) -> _Token:
    if not _LETTERS.search(found["phrase"]):
        return _Token()
    slop = min(int(found["slop"] or 0), MAX_SLOP)
    text = " ".join(found["phrase"].split())
    return _Token(leaf=Leaf(text=text, start=at, end=found.end(), field=field, phrase=True, slop=slop))


def _word(typed: str, start: int, field: str, begun: int) -> _Token:
    end = start + len(typed)
    fuzzy = _FUZZY.search(typed)
    text = typed[: fuzzy.start()] if fuzzy else typed
    prefix = text.endswith("*")
    text = text.rstrip("*~")
    if not _LETTERS.search(text):
        return _Token()
    edits = min(int(fuzzy[1] or 0), 2) if fuzzy else None
    return _Token(leaf=Leaf(text=text, start=begun, end=end, field=field, prefix=prefix, fuzzy=edits))


def _any(tokens: list[_Token], at: int, depth: int) -> tuple[Node | None, int]:
    """Read alternatives up to the closing bracket or the end."""
    found: list[Node] = []
    while True:
        node, at = _all(tokens, at, depth)
        if node is not None:
            found.append(node)
        if at < len(tokens) and tokens[at].sign == "|":
            at += 1
            continue
        break
    if not found:
        return None, at
    return (found[0] if len(found) == 1 else AnyOf(tuple(found))), at


def _all(tokens: list[_Token], at: int, depth: int) -> tuple[Node | None, int]:
    """Read what belongs together, up to a bar, the closing bracket or the end."""
    found: list[Node] = []
    without = False
    while at < len(tokens):
        token = tokens[at]
        if token.sign == "|" or (token.sign == ")" and depth):
            break
        at += 1
        node: Node | None = token.leaf
        if token.sign == "(" and depth < MAX_DEPTH:
            node, at = _any(tokens, at, depth + 1)
            at += at < len(tokens)
        if token.sign == "-":
            without = True
        elif node is not None:
            found.append(NoneOf(node) if without else node)
            without = False
    if not found:
        return None, at
    return (found[0] if len(found) == 1 else AllOf(tuple(found))), at
