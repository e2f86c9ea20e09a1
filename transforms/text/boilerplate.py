"""Takes out what is not the article: paywall blocks, newsletter prompts, share buttons, ad labels, copyright lines.

The rules are data: `boilerplate.toml` beside this module, each with examples and counter-examples. Most rules match a
whole paragraph; some also the last sentence of one. A line that says that the reader must pay opens a block, which
runs over the plans, prices and buttons behind it and ends where prose goes on. What was taken out is returned with the
name of its rule, because a removed line can still carry knowledge ("© 2018 AFP" credits an agency).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.transforms.text.boilerplate_rules import form, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.text.boilerplate_rules import Rules


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

_MAX_PASSES = 5
"""Taking out can uncover more, once or twice; a bound keeps hostile texts linear."""

_MAX_TAIL_LINES = 15
"""A list of links at the end is not longer; behind more lines, a heading such as "Read more" says little."""

_MAX_HEADLINE_CHARS = 160
"""A headline in a list of links is shorter."""

_MIN_PROSE_WORDS = 4
"""A line of this many words with a full stop is a sentence of the article."""

_LONG_LINE_CHARS = 160
"""A longer line is prose even without a full stop: no plan or button has as many characters."""

_SENTENCE_END = re.compile(r"[.!?…。\uff01\uff1f؟।][\"'”’»)\]]*$")
_CLOSES_QUOTE = re.compile(r"[^\"“]*[\"”]\)?")
"""The end of somebody's words, which a prompt inside them belongs to."""

_SENTENCE_BREAKS = (". ", "? ", "! ", ".” ", "?” ", '." ', ".) ", "… ")


def strip(body: str) -> Stripped:
    """Return the body without boilerplate; paragraphs are separated by a blank line, as `repair` leaves them.

    `strip(strip(body).body)` takes out nothing more.
    """
    table = rules()
    removed: list[Removed] = []
    paywalled = False
    for _ in range(_MAX_PASSES):
        body, found, paid, trimmed = _strip_once(table, body)
        removed.extend(found)
        paywalled = paywalled or paid
        if not trimmed:  # only what is left of a trimmed paragraph can match a rule now
            break
    hint = _source_hint(table, [item.text for item in removed]) if paywalled else None
    return Stripped(body, tuple(removed), paywalled, hint)


def _strip_once(table: Rules, body: str) -> tuple[str, list[Removed], bool, bool]:
    """Return the body after one pass, what was removed, whether a paywall line was, and whether lines were trimmed."""
    lines = [line for line in body.split("\n") if line and not line.isspace()]
    marks = [_match_line(table, line, form(line)) for line in lines]
    lower = body.lower()
    inside = any(rule.needs in lower for rule in table.starts + table.anywhere)
    trims: list[list[Removed]] = [[] for _ in lines]
    for index, mark in enumerate(marks):
        if mark is None:
            lines[index], trims[index] = _trim(table, lines[index], inside=inside)
    paywalled = _mark_blocks(table, lines, marks)
    removed: list[Removed] = []
    for line, mark, trim in zip(lines, marks, trims, strict=True):
        removed.extend([*([Removed(mark, line)] if mark else []), *trim])
    kept = [line for line, mark in zip(lines, marks, strict=True) if line and not mark]
    trimmed = any(trims)
    paywalled = paywalled or any(item.rule in table.by_name and table.by_name[item.rule].paywall for item in removed)
    return ("\n\n".join(kept) if removed else body), removed, paywalled, trimmed


def _match_line(table: Rules, line: str, key: str) -> str | None:
    """Return the name of the rule that matches a whole line, if any."""
    if len(key) > _MAX_LINE_CHARS:
        return None
    name = table.lines.fullmatch(key)
    if name is not None:
        return name
    for rule in table.conditional:
        if rule.needs in key and rule.literal in line and rule.pattern.fullmatch(key):
            return rule.name
    return None


def _mark_blocks(table: Rules, lines: Sequence[str], marks: list[str | None]) -> bool:
    """Mark the lines that belong to a block with its name; return whether there is a paywall line."""
    openers = [index for index, mark in enumerate(marks) if mark and table.by_name[mark].tail]
    if not openers:
        return False
    forms = [form(line) for line in lines]
    prose = [mark is None and _is_prose(table, line, key) for line, key, mark in zip(lines, forms, marks, strict=True)]
    following = {
        True: _next_true(prose),
        False: _next_true([is_prose and not _is_question(line) for line, is_prose in zip(lines, prose, strict=True)]),
    }
    paywalled = False
    done = 0
    for opener in openers:
        paywall = table.by_name[marks[opener] or ""].paywall if marks[opener] in table.by_name else False
        paywalled = paywalled or paywall
        start = max(opener + 1, done)
        end = _block_end(table, forms, marks, start, following[paywall][min(start, len(lines))], paywall=paywall)
        for index in range(start, end):
            marks[index] = marks[index] or (PAYWALL_BLOCK if paywall else TAIL_BLOCK)
        done = max(done, end)
    return paywalled


def _next_true(flags: Sequence[bool]) -> list[int]:
    """Return for each index (and one past the end) the next index whose flag is set, else the length."""
    following = [len(flags)] * (len(flags) + 1)
    for index in range(len(flags) - 1, -1, -1):
        following[index] = index if flags[index] else following[index + 1]
    return following


def _block_end(
    table: Rules, forms: Sequence[str], marks: Sequence[str | None], start: int, prose: int, *, paywall: bool
) -> int:
    """Return where a block ends: the index behind its last line, given its second line's and the next prose's index.

    Without prose behind it, a block runs to the end of the text (a list of links only if it is short). With prose
    behind it, the article goes on: a paywall block then ends at the last line before the prose that is certainly part
    of the offer, so that a heading in front of the prose stays.
    """
    if prose == len(forms):
        rest = forms[start:] if paywall or len(forms) - start <= _MAX_TAIL_LINES else ()
        fits = paywall or max(map(len, rest), default=_MAX_HEADLINE_CHARS + 1) <= _MAX_HEADLINE_CHARS
        return len(forms) if fits else start
    if not paywall:
        return start
    for index in range(prose - 1, start - 1, -1):
        if marks[index] or _is_offer(table, forms[index]):
            return index + 1
    return start


def _is_offer(table: Rules, key: str) -> bool:
    """Return whether a line behind a paywall line is certainly part of an offer.

    A price, a plan, or words of offers.
    """
    if len(key) > _LONG_LINE_CHARS:
        return False
    if table.price.fullmatch(key):
        return True
    short = len(key.split()) < _MIN_PROSE_WORDS
    return bool(table.offer_words.search(key)) and (short or bool(table.address.search(key)))


def _is_prose(table: Rules, line: str, key: str) -> bool:
    """Return whether a line behind a paywall line or a list's heading shows that the article goes on."""
    if len(line) > _LONG_LINE_CHARS:
        return True
    if _SENTENCE_END.search(line) is None:
        return False
    if line.isascii() and len(line.split(None, _MIN_PROSE_WORDS)) < _MIN_PROSE_WORDS:
        return False
    return not (table.offer_words.search(key) and table.address.search(key))


def _is_question(line: str) -> bool:
    """Return whether a line can be a headline that asks.

    In a list of links it does not show that the article goes on.
    """
    return line.endswith("?") and len(line) <= _MAX_HEADLINE_CHARS


def _trim(table: Rules, line: str, *, inside: bool) -> tuple[str, list[Removed]]:
    """Return a paragraph without boilerplate at its end and, if there can be any, at its beginning and inside."""
    removed: list[Removed] = []
    if inside:
        line, removed = _trim_inside(table, line)
    line, last = _trim_end(table, line)
    return line, removed + last


def _trim_inside(table: Rules, line: str) -> tuple[str, list[Removed]]:
    """Return a paragraph without boilerplate at its beginning or inside."""
    removed: list[Removed] = []
    for rule in table.starts:
        match = rule.pattern.match(line)
        if match and match.end():
            removed.append(Removed(rule.name, match.group()))
            line = line[match.end() :]
    for rule in table.anywhere:
        if rule.needs in line.lower() and rule.pattern.search(line):
            removed.extend(Removed(rule.name, match.group()) for match in rule.pattern.finditer(line))
            line = rule.pattern.sub("", line).strip()
    return line, removed


def _trim_end(table: Rules, line: str) -> tuple[str, list[Removed]]:
    """Return a paragraph without the boilerplate sentences at its end."""
    removed: list[Removed] = []
    end = len(line)
    while True:
        window = max(0, end - _MAX_SENTENCE_CHARS)
        breaks = ((line.rfind(mark, window, end), len(mark)) for mark in _SENTENCE_BREAKS)
        at = max((found + size for found, size in breaks if found >= 0), default=0)
        if not 0 < at < end:
            break
        name = table.sentences.fullmatch(form(line[at:end]))
        if name is None or _CLOSES_QUOTE.fullmatch(line, at, end):
            break
        removed.append(Removed(name, line[at:end]))
        end = at
        while end and line[end - 1].isspace():
            end -= 1
    return line[:end], removed


def _source_hint(table: Rules, texts: Sequence[str]) -> str | None:
    """Return the paper that the removed lines name most often as their own, the first one among equals."""
    votes: Counter[str] = Counter()
    for text in texts:
        for pattern in table.hints:
            for match in pattern.finditer(text[:_MAX_LINE_CHARS]):
                words = match["name"].rstrip(".'’-").split()
                while words and words[-1] in table.not_names:
                    words.pop()
                if words and words[0] not in table.not_names:
                    votes[" ".join(words)] += 1
    return max(votes, key=lambda name: votes[name]) if votes else None
