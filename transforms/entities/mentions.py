# ruff: noqa: RUF001  # news has curly quotes and dashes
"""Where names stand: spans of the model trimmed to the name, junk dropped, places that it missed filled in."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.gazetteer import gazetteer
from newsdex.transforms.entities.name_lookup import AFTER, Lookup, NameMatch, fill_in
from newsdex.transforms.entities.word_lists import SHOUTED_LINE, is_title, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Span = tuple[int, int, EntityType]
"""First character, one past the last, type."""

SHORTENED = frozenset(("jr", "sr", "inc", "corp", "co", "ltd", "st"))
"""Words that keep their full stop at the end of a name."""

MAX_NAME_CHARS = 80
"""No name of the gold sets is longer; what is longer is a line that the model took whole."""

EDGE = " \t\r\n\v\f\u00a0\"'“”‘’`´«»()[]{}<>,;:!?*•|/\\_–—-…#=+~^"
"""What may stand round a name and is no part of it."""

POSSESSIVE = re.compile(r"(?:['’`´]s|s['’])$")
ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
NOT_IN_A_NAME = re.compile(r"[\n\r@<>{}|=]|https?:|www\.|\.com/")
TWO_LETTERS = re.compile(r"[^\W\d_].*[^\W\d_]|[\u2e80-\U0003ffff]", re.DOTALL)
"""Two letters, or one of a script that writes words with one."""
PEOPLE = re.compile(r"[A-Z][a-z]{2,}(?:[^i]an|ian|[^i]ese|ians|[bcdfgklmnprt]ans)$")
"""One word that looks like a people ("Tunisian"); compared only with words that no gazetteer knows."""


CREDITED = re.compile(
    r"\s?/\s?(?:Getty|AP\b|AFP|Reuters|REUTERS|Bloomberg|EPA|Shutterstock|CNN|Pool|POOL|The |NBC|CBS|TNS)"
)
"""What follows a photographer's name in a credit ("Alex Wong/Getty Images")."""

CREDIT = re.compile(r"(?:[Pp]hoto(?:graph)?s?(?: by|:)|PHOTO(?: BY|:)|Illustration by)\s*$")
CASE_AFTER = re.compile(r" vs?\. [A-Z]")
"""After the first side of a court case ("Roe v. Wade")."""

GIVEN_NAME_TAIL = re.compile(r"-(?!led\b|era\b|like\b|run\b|ish\b|style\b|type\b)[a-z]{2,5}\b")
"""The second syllable of a Korean or Chinese given name ("Kim Jong-un"), which a tokenizer cuts off."""

DOUBLE_TAIL = re.compile(r"-[A-ZÀ-ÖØ-Þ][^\W\d_]+\b")
"""The second half of a double name."""

FUSED = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ]{4})(?=[A-ZÀ-Þ])")
"""Where lost markup joined a name to the next words ("Donald TrumpGOP senators"): a name's own inner capital comes
after three small letters at most ("FitzGerald")."""
CAPS_TAIL = re.compile(r"(?<=[a-z.]) [A-Z]{4,}$")
"""A button's word after a name ("Trump MORE")."""

PARTY_BEFORE = re.compile(r"[RDI]-(?=[A-Z])")
"""The party before a state ("R-S.C.")."""

CASE_OR_STORM_BEFORE = re.compile(r"\b(?:vs?\.|[Hh]urricanes?|[Tt]ropical [Ss]torm|[Tt]yphoon|[Cc]yclone) $")
"""Before its second side; and storms have people's names."""

SMALL_START = re.compile(r"(?:and|of|for|in|at|by|to|from|with|or) ")


def trimmed(body: str, places: Iterable[tuple[int, str]], spans: Iterable[Span]) -> list[NameMatch]:
    """Return the spans cut down to names, in order, without overlaps; what is no name is dropped.

    Args:
        body: the text.
        places: its `lookup.capitals`.
        spans: what a model found, in any order.
    """
    shouted = [(match.start(), match.end()) for match in SHOUTED_LINE.finditer(body)]
    starts = [start for start, _ in shouted]
    found: list[NameMatch] = []
    sure = fill_in(body, places, [], (_sure_names(),))
    for start, end, kind in sorted([*spans, *((name.start, name.end, name.type) for name in sure)], key=_by_place):
        name = trim(body, start, end, kind)
        if name is None or is_in_passing(body, name):
            continue
        if found and name.start < found[-1].end:
            if name.end - name.start <= found[-1].end - found[-1].start:
                continue
            found.pop()
        line = bisect_left(starts, name.start + 1) - 1
        if line >= 0 and name.end <= shouted[line][1]:
            continue
        found.append(name)
    return found


def trim(body: str, start: int, end: int, kind: EntityType) -> NameMatch | None:
    """One span without quotes, titles, articles and possessives round the name; `None` if no name is left."""
    start, end = _strip(body, max(0, start), min(end, len(body)))
    article = ARTICLE.match(body[start:end])
    if article:
        start += article.end()
    possessive = POSSESSIVE.search(body[start:end])
    if possessive:
        end -= len(possessive.group()) - (1 if possessive.group()[0] == "s" else 0)
    kind, start = _after_titles(body, start, end, kind)
    if PARTY_BEFORE.match(body, start, end):
        state = _state_of(body, start + 2, end)
        if state:
            kind, start, end = EntityType.PLACE, *state
        elif kind is EntityType.PLACE:
            start += 2
    if kind is EntityType.ORGANIZATION:
        start, end = _whole_organization(body, start, end)
    if kind is EntityType.PERSON:
        fused = FUSED.search(body, start, end)
        end = fused.start() if fused else end
        tail = CAPS_TAIL.search(body[start:end])
        end -= len(tail.group()) if tail else 0
        end = _double_name(body, start, end)
    if kind is EntityType.PLACE:
        end = _first_of_two(body, start, end)
    start, end = _strip(body, start, end)
    text = body[start:end]
    weak = kind is EntityType.PERSON and text in words().weak
    return NameMatch(start, end, kind, text) if weak or is_name(text) else None


def _state_of(body: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the state before which a party's letter stands, with the full stop that tokenizers cut off ("Calif.")."""
    for last in (end + 1, end):
        if gazetteer().settled(body[start:last]):
            return start, last
    return None


def _whole_organization(body: str, start: int, end: int) -> tuple[int, int]:
    """Return an organisation without what it cannot begin or end with, and with the general word that its name ends in.

    "and Customs Enforcement" → "Customs Enforcement"; "Supreme Court Justice" → "Supreme Court"; "National Weather" →
    "National Weather Service".
    """
    small = SMALL_START.match(body, start, end)
    start = small.end() if small else start
    cut = body.rfind(" ", start, end)
    if cut > 0 and is_title(body[cut + 1 : end]) and body[start:cut] in words().organizations:
        return start, cut
    while (after := AFTER.match(body, end)) and after.group(1)[0].isupper():
        word = after.group(1).lower()
        if word not in words().organization_words and word not in words().generic_endings:
            break
        end = after.end()
    return start, end


def _double_name(body: str, start: int, end: int) -> int:
    """Return the end of a person's name with what a hyphen joins to it, which tokenizers cut off.

    A full name is joined to any ("Abena Mensah-Boateng"), a single one only where the article has a full name that ends
    so: "Trump-Kim summit" names two, and the second is found by itself.
    """
    name = body[start:end]
    left = name.split("-", 1)[0]
    if left != name and " " not in name and not _ends_a_full_name(body, name):
        return start + len(left) if re.search(rf"\b{re.escape(left)}\b(?!-)", body) else end
    if " " in name and (more := GIVEN_NAME_TAIL.match(body, end)):
        return more.end()
    double = DOUBLE_TAIL.match(body, end)
    if double is None:
        return end
    whole = body[start : double.end()]
    return double.end() if " " in whole or _ends_a_full_name(body, whole) else end


def _first_of_two(body: str, start: int, end: int) -> int:
    """Return the end of the first of two places joined by a hyphen ("U.S.-Mexico border"), unless both are one name."""
    first, hyphen, second = body[start:end].partition("-")
    two = hyphen and gazetteer().settled(first) and gazetteer().settled(second)
    return start + len(first) if two and not gazetteer().settled(body[start:end]) else end


def _ends_a_full_name(body: str, double: str) -> bool:
    """Return whether the article has the double name after a given name."""
    before = (word.group(1) for word in re.finditer(rf"\b([A-ZÀ-Þ]\w+) {re.escape(double)}\b", body))
    return any(word.lower() not in words().sentence_starts and not is_title(word) for word in before)


def _after_titles(body: str, start: int, end: int, kind: EntityType) -> tuple[EntityType, int]:
    """Return the type and start of a name after its titles.

    A name with a person's title is a person's, whatever was said.
    """
    begin, role = start, False
    while (space := body.find(" ", begin, end)) >= 0 and is_title(body[begin:space]):
        role = role or body[begin:space].lower().rstrip(".") in words().roles
        begin = space + 1
    role = role or body[begin:end].lower().rstrip(".") in words().roles
    if role and body[begin:end].lower().rstrip(".") in words().titles:
        return kind, end
    return (EntityType.PERSON, begin) if role or kind is EntityType.PERSON else (kind, start)


def is_name(text: str) -> bool:
    """Return whether a text can be a name: a capital, one line, no page furniture, no people, no weekday."""
    if not 1 < len(text) <= MAX_NAME_CHARS or NOT_IN_A_NAME.search(text) or not TWO_LETTERS.search(text):
        return False
    table, lower = words(), text.lower()
    if text == lower or lower in table.junk or lower in table.peoples:
        return False
    return table.page_words.isdisjoint(lower.split())


def is_in_passing(body: str, name: NameMatch) -> bool:
    """Return whether a name is only part of something.

    Of a people ("North" in "North Korean"), a court case, a credit.
    """
    after = AFTER.match(body, name.end)
    if after is not None and f"{name.text} {after.group(1)}".lower() in words().peoples:
        return True
    before = body[max(0, name.start - 20) : name.start]
    if CASE_AFTER.match(body, name.end) or CASE_OR_STORM_BEFORE.search(before):
        return True
    return name.type is EntityType.PERSON and bool(CREDITED.match(body, name.end) or CREDIT.search(before))


def _strip(body: str, start: int, end: int) -> tuple[int, int]:
    inner = body[start:end].lstrip(EDGE)
    start = end - len(inner)
    end = start + len(inner.rstrip(EDGE))
    if end - start > 3 and body[end - 1] == "." and "." not in body[start : end - 1] and not body[end - 3].isspace():
        last = body[start : end - 1].rsplit(None, 1)[-1]
        if last.lower() not in SHORTENED and last + "." not in gazetteer().abbreviations:
            end -= 1
    return start, end


@cache
def _sure_names() -> Lookup:
    """Organisations of several words that are always one: a model takes "Wall Street Journal" apart now and then."""
    table = words()
    names = (name for name in table.organizations if " " in name and name not in table.doubtful)
    return Lookup(dict.fromkeys(names, EntityType.ORGANIZATION))


def _by_place(span: Span) -> tuple[int, int]:
    return span[0], -span[1]


def looks_like_a_people(text: str, places: Collection[str]) -> bool:
    """Return whether one word is formed like a people's name and no place is called so."""
    return text not in places and PEOPLE.fullmatch(text) is not None
