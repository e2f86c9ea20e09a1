"""Reads the boilerplate rules, `boilerplate.toml`, and compiles them for `transforms/text/boilerplate.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from newsdex.tables import load_table

_DECORATION = " \t\u00a0•*–—-_>|→▶▸»«·:…[](){}#~!.◼■●"
"""What is stripped from both ends of a line before it is matched."""

_NAME = r"(?P<name>(?:The )?[A-ZÀ-Þ][\w&.'’-]*+(?: (?:of |the |de |la |& |and )?[A-ZÀ-Þ][\w&.-]*+){0,4})"
"""A paper's name in an offer: one to five capitalised words."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewed rule; the fields are explained at the top of boilerplate.toml."""

    name: str
    pattern: re.Pattern[str]
    needs: str
    literal: str
    paywall: bool
    tail: bool
    sentence: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, sorted by how they are applied."""

    by_name: dict[str, Rule]
    lines: Alternation
    """Every whole-line rule without preconditions."""
    sentences: Alternation
    """Every rule that also matches a paragraph's last sentence."""
    conditional: tuple[Rule, ...]
    """Whole-line rules with a text that the line must contain."""
    starts: tuple[Rule, ...]
    anywhere: tuple[Rule, ...]
    price: re.Pattern[str]
    offer_words: re.Pattern[str]
    address: re.Pattern[str]
    hints: tuple[re.Pattern[str], ...]
    not_names: frozenset[str]


class Alternation:
    """Many patterns tried as one: several times as fast as one after the other."""

    def __init__(self, rules: list[Rule]) -> None:
        """Compile the rules' patterns into one; the first rule that matches counts."""
        self._names = {f"r{number}": rule.name for number, rule in enumerate(rules)}
        self._pattern = re.compile(
            "|".join(f"(?P<r{number}>{rule.pattern.pattern})" for number, rule in enumerate(rules))
        )

    def fullmatch(self, text: str) -> str | None:
        """Return the name of the rule that matches the whole text, `None` if none does."""
        match = self._pattern.fullmatch(text)
        return self._names[match.lastgroup] if match and match.lastgroup else None


@cache
def tables() -> dict[str, Any]:
    """Return the content of boilerplate.toml: the reviewed rules with their examples."""
    return load_table(__file__, "boilerplate.toml")


@cache
def rules() -> Rules:
    """Return the rules, compiled."""
    data = tables()
    kinds: dict[str, list[Rule]] = {"line": [], "conditional": [], "start": [], "anywhere": []}
    for entry in data["rule"]:
        rule = Rule(
            entry["name"],
            re.compile(entry["pattern"]),
            entry.get("needs", ""),
            entry.get("literal", ""),
            entry.get("paywall", False),
            entry.get("tail", False),
            entry.get("sentence", False),
        )
        place = next((key for key in ("start", "anywhere") if entry.get(key)), "line")
        kinds["conditional" if place == "line" and (rule.needs or rule.literal) else place].append(rule)
    every = [rule for group in kinds.values() for rule in group]
    offer = data["offer"]
    return Rules(
        by_name={rule.name: rule for rule in every},
        lines=Alternation(kinds["line"]),
        sentences=Alternation([rule for rule in every if rule.sentence]),
        conditional=tuple(kinds["conditional"]),
        starts=tuple(kinds["start"]),
        anywhere=tuple(kinds["anywhere"]),
        price=re.compile(offer["price"]),
        offer_words=re.compile(rf"\b(?:{'|'.join(map(re.escape, offer['words']))})"),
        address=re.compile(rf"\b(?:{'|'.join(map(re.escape, offer['address']))})\b"),
        hints=tuple(re.compile(pattern.replace("<name>", _NAME)) for pattern in data["hint"]["patterns"]),
        not_names=frozenset(data["hint"]["not_names"]),
    )


def form(line: str) -> str:
    """Return a line as the rules see it: lower case, straight quotes, no decoration at the ends."""
    key = line.lower()
    if not key.isascii():
        key = key.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    return key.strip(_DECORATION)
