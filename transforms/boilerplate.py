"""Takes out what is not the article: paywall blocks, newsletter prompts, share buttons, ad labels, copyright lines.

The rules are data: `boilerplate.toml` beside this module, each with examples and counter-examples. Most rules match a
whole paragraph; some also the last sentence of one. A line that says that the reader must pay opens a block, which
runs over the plans, prices and buttons behind it and ends where prose goes on. What was taken out is returned with the
name of its rule, because a removed line can still carry knowledge ("© 2018 AFP" credits an agency).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Removed:
    """One piece of text that a rule took out."""

    rule: str
    """The rule's name, or the name of the block it belonged to."""
    text: str
    """The text as it stood."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A body without boilerplate, and what was taken out of it."""

    body: str
    removed: tuple[Removed, ...] = ()
    paywalled: bool = False
    """A paywall line was among what was taken out: the text may be only the article's beginning."""
    source_hint: str | None = None
    """The paper's name, where its paywall block gives it."""


PAYWALL_BLOCK = "paywall-block"
"""The name under which the lines behind a paywall line are removed."""

TAIL_BLOCK = "tail-block"
"""The name under which headlines behind "Related articles" and the like are removed, at the end of a text."""

_MAX_LINE_CHARS = 2_000
"""No rule matches a longer line: the longest real boilerplate paragraph in 20,000 articles has about 1,700."""

_MAX_SENTENCE_CHARS = 400
"""No rule is tried on a longer last sentence."""

_MAX_TAIL_LINES = 15
"""A list of links at the end is not longer; behind more lines, a heading such as "Read more" says little."""

_MAX_HEADLINE_CHARS = 160
"""A headline in a list of links is shorter."""

_MIN_PROSE_WORDS = 4
"""A line of this many words with a full stop is a sentence of the article."""

_LONG_LINE_CHARS = 160
"""A longer line is prose even without a full stop: no plan or button has as many characters."""

_DECORATION = " \t\u00a0•*–—-_>|→▶▸»«·:…[](){}#~!.◼■●"
"""What is stripped from both ends of a line before it is matched."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")
_SENTENCE_BREAK = (". ", "? ", "! ", ".” ", "?” ", '." ', ".) ", "… ")
_NAME = r"(?P<name>(?:The )?[A-ZÀ-Þ][\w&.'’-]*(?: (?:of |the |de |la |& |and )?[A-ZÀ-Þ][\w&.-]*){0,4})"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as the engine needs it."""

    name: str
    pattern: re.Pattern[str]
    needs: str
    literal: str
    paywall: bool
    tail: bool
    sentence: bool


@dataclass(frozen=True, slots=True)
class _Rules:
    """All rules, sorted by how they are applied."""

    by_name: dict[str, _Rule]
    lines: re.Pattern[str]
    """Every whole-line rule without preconditions, as one alternation of named groups."""
    sentences: re.Pattern[str]
    conditional: tuple[_Rule, ...]
    starts: tuple[_Rule, ...]
    anywhere: tuple[_Rule, ...]
    price: re.Pattern[str]
    offer: re.Pattern[str]
    address: re.Pattern[str]
    hints: tuple[re.Pattern[str], ...]
    not_names: frozenset[str]


@cache
def tables() -> dict[str, Any]:
    """Return the content of boilerplate.toml: the reviewed rules with their examples."""
    with files(__package__).joinpath("boilerplate.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _rules() -> _Rules:
    """Return the rules, compiled."""
    data = tables()
    by_name: dict[str, _Rule] = {}
    lines: list[str] = []
    sentences: list[str] = []
    kinds: dict[str, list[_Rule]] = {"conditional": [], "start": [], "anywhere": []}
    for number, entry in enumerate(data["rule"]):
        rule = _Rule(
            entry["name"],
            re.compile(entry["pattern"]),
            entry.get("needs", ""),
            entry.get("literal", ""),
            entry.get("paywall", False),
            entry.get("tail", False),
            entry.get("sentence", False),
        )
        by_name[rule.name] = rule
        group = f"(?P<r{number}>{entry['pattern']})"
        if entry.get("start") or entry.get("anywhere"):
            kinds["start" if entry.get("start") else "anywhere"].append(rule)
        elif rule.needs or rule.literal:
            kinds["conditional"].append(rule)
        else:
            lines.append(group)
        if rule.sentence:
            sentences.append(group)
    offer = data["offer"]
    return _Rules(
        by_name=by_name,
        lines=re.compile("|".join(lines)),
        sentences=re.compile("|".join(sentences)),
        conditional=tuple(kinds["conditional"]),
        starts=tuple(kinds["start"]),
        anywhere=tuple(kinds["anywhere"]),
        price=re.compile(offer["price"]),
        offer=re.compile(rf"\b(?:{'|'.join(map(re.escape, offer['words']))})"),
        address=re.compile(rf"\b(?:{'|'.join(map(re.escape, offer['address']))})\b"),
        hints=tuple(re.compile(pattern.replace("<name>", _NAME)) for pattern in data["hint"]["patterns"]),
        not_names=frozenset(data["hint"]["not_names"]),
    )


def strip(body: str) -> Stripped:
    """Return the body without boilerplate; paragraphs are separated by a blank line, as `repair` leaves them."""
    rules = _rules()
    lines = [line for line in body.split("\n") if line and not line.isspace()]
    forms = [form(line) for line in lines]
    marks = [_match_line(rules, line, key) for line, key in zip(lines, forms, strict=True)]
    paywalled = _mark_blocks(rules, lines, forms, marks)
    removed: list[Removed] = []
    kept: list[str] = []
    for line, mark in zip(lines, marks, strict=True):
        if mark:
            removed.append(Removed(mark, line))
            continue
        rest, parts = _trim(rules, line)
        paywalled = paywalled or any(rules.by_name[part.rule].paywall for part in parts)
        removed.extend(parts)
        if rest:
            kept.append(rest)
    if not removed:
        return Stripped(body)
    hint = _source_hint(rules, [item.text for item in removed]) if paywalled else None
    return Stripped("\n\n".join(kept), tuple(removed), paywalled, hint)


def form(line: str) -> str:
    """Return a line as the rules see it: lower case, straight quotes, no decoration at the ends."""
    key = line.lower()
    if not key.isascii():
        key = key.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    return key.strip(_DECORATION)


def _match_line(rules: _Rules, line: str, key: str) -> str | None:
    """Return the name of the rule that matches a whole line, if any."""
    if len(key) > _MAX_LINE_CHARS:
        return None
    match = rules.lines.fullmatch(key)
    if match is not None and match.lastgroup is not None:
        return _name(match)
    for rule in rules.conditional:
        if rule.needs in key and rule.literal in line and rule.pattern.fullmatch(key):
            return rule.name
    return None


def _name(match: re.Match[str]) -> str:
    """Return the name of the rule whose group matched."""
    number = int((match.lastgroup or "r0")[1:])
    return str(tables()["rule"][number]["name"])


def _mark_blocks(rules: _Rules, lines: list[str], forms: list[str], marks: list[str | None]) -> bool:
    """Mark the lines that belong to a block with its name; return whether there is a paywall line."""
    paywalled = False
    is_prose = (
        [mark is None and _is_prose(rules, line, key) for line, key, mark in zip(lines, forms, marks, strict=True)]
        if any(mark and rules.by_name[mark].tail for mark in marks)
        else []
    )
    at = 0
    while at < len(lines) and is_prose:
        mark = marks[at]
        at += 1
        if mark is None or not (mark in rules.by_name and rules.by_name[mark].tail):
            continue
        paywall = rules.by_name[mark].paywall
        paywalled = paywalled or paywall
        end = _block_end(rules, forms, marks, is_prose, at, paywall=paywall)
        for index in range(at, end):
            marks[index] = marks[index] or (PAYWALL_BLOCK if paywall else TAIL_BLOCK)
    return paywalled


def _block_end(
    rules: _Rules, forms: list[str], marks: list[str | None], is_prose: list[bool], start: int, *, paywall: bool
) -> int:
    """Return where the block ends whose first line stands before `start`: the index behind its last line.

    Without prose behind it, a block runs to the end of the text (a list of links only if it is short). With prose
    behind it, the article goes on: a paywall block then ends at the last line before the prose that is certainly part
    of the offer, so that a heading in front of the prose stays.
    """
    prose = next((index for index in range(start, len(forms)) if is_prose[index]), None)
    if prose is None:
        rest = forms[start:]
        if paywall or (len(rest) <= _MAX_TAIL_LINES and max(map(len, rest), default=0) <= _MAX_HEADLINE_CHARS):
            return len(forms)
        return start
    if not paywall:
        return start
    certain = [i for i in range(start, prose) if marks[i] or _is_offer(rules, forms[i])]
    return certain[-1] + 1 if certain else start


def _is_offer(rules: _Rules, key: str) -> bool:
    """Whether a line behind a paywall line is certainly part of an offer: a price, a plan, or words of offers."""
    if rules.price.fullmatch(key):
        return True
    return bool(
        len(key) <= _LONG_LINE_CHARS
        and rules.offer.search(key)
        and (len(key.split()) < _MIN_PROSE_WORDS or rules.address.search(key))
    )


def _is_prose(rules: _Rules, line: str, key: str) -> bool:
    """Whether a line behind a paywall line or a list's heading shows that the article goes on."""
    if len(line) > _LONG_LINE_CHARS:
        return True
    if _SENTENCE_END.search(line) is None:
        return False
    if line.isascii() and len(line.split(None, _MIN_PROSE_WORDS)) < _MIN_PROSE_WORDS:
        return False
    return rules.offer.search(key) is None


def _trim(rules: _Rules, line: str) -> tuple[str, list[Removed]]:
    """Return a paragraph without boilerplate at its beginning, inside, or in its last sentences."""
    removed: list[Removed] = []
    for rule in rules.starts:
        match = rule.pattern.match(line)
        if match and match.end():
            removed.append(Removed(rule.name, match.group()))
            line = line[match.end() :]
    for rule in rules.anywhere:
        if ":" in line and rule.needs in line.lower() and rule.pattern.search(line):
            removed.extend(Removed(rule.name, match.group()) for match in rule.pattern.finditer(line))
            line = rule.pattern.sub("", line).strip()
    while True:
        at = (
            max(line.rfind(mark) + len(mark) for mark in _SENTENCE_BREAK if mark in line)
            if ". " in line or "? " in line or "! " in line
            else 0
        )
        last = line[at:]
        if not at or len(last) > _MAX_SENTENCE_CHARS:
            return line, removed
        match = rules.sentences.fullmatch(form(last))
        if match is None:
            return line, removed
        removed.append(Removed(_name(match), last))
        line = line[:at].rstrip()


def _source_hint(rules: _Rules, texts: list[str]) -> str | None:
    """Return the paper that the removed lines name most often as their own, the first one among equals."""
    votes: Counter[str] = Counter()
    for text in texts:
        for pattern in rules.hints:
            for match in pattern.finditer(text):
                words = match["name"].rstrip(".'’-").split()
                while words and words[-1] in rules.not_names:
                    words.pop()
                if words and words[0] not in rules.not_names:
                    votes[" ".join(words)] += 1
    return max(votes, key=lambda name: votes[name]) if votes else None
