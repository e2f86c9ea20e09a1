# news has curly quotes
"""Known names looked up in a text: wherever one stands on its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from newsdex.transforms.article import EntityType  # noqa: TC001  # a NamedTuple keeps its field types
from newsdex.transforms.entities.word_lists import is_title, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


CAPITALISED = re.compile(r"(?<![\w@#])[^\W\d_a-z][\w.'’&]*")
"""A word that does not begin with a small Latin letter: where a known name can begin."""
BARE = re.compile(r"[^'’.-]*(?:\.[^'’.-]+)*")
"""A word without possessive, hyphenated part and last full stop."""


BEFORE = re.compile(r"([\w.'’&-]+) $")
AFTER = re.compile(r" ([^\W\d_]\w*)")
"""The word after a name, one blank away."""


class NameMatch(NamedTuple):
    """A name as it stands in the text."""

    start: int
    end: int
    type: EntityType
    text: str


class Lookup:
    """Names by their first word, the longest first: what `fill_in` looks for."""

    __slots__ = ("by_first", "types")

    def __init__(self, types: Mapping[str, EntityType]) -> None:
        self.types = types
        self.by_first: dict[str, list[str]] = defaultdict(list)
        for name in types:
            self.by_first[_first_word(name)].append(name)
        for names in self.by_first.values():
            names.sort(key=len, reverse=True)


def capitals(body: str) -> list[tuple[int, str]]:
    """Return where a known name can begin.

    The place of each capitalised word, and the key that names are looked up by.
    """
    return [(match.start(), _bare(match.group())) for match in CAPITALISED.finditer(body)]


def fill_in(
    body: str,
    places: Iterable[tuple[int, str]],
    found: Sequence[NameMatch],
    lookups: Sequence[Lookup],
    never: Collection[str] = (),
) -> list[NameMatch]:
    """`found`, and beside it every other place where a name of the lookups stands on its own.

    A name stands on its own where no capitalised word touches it: "Trump" in "Trump Tower" is another name.

    Args:
        body: the text.
        places: its `capitals`.
        found: the names found in it, in order.
        lookups: the names to look for; the first lookup that has one decides.
        never: names that are left out although a lookup has them.
    """
    taken = [(name.start, name.end) for name in found]
    added: list[NameMatch] = []
    reach = 0
    for start, word in places:
        if start < reach:
            continue
        for lookup in lookups:
            names = lookup.by_first.get(word)
            name = _standing(body, start, names, taken) if names else None
            if name and name not in never:
                reach = start + len(name)
                added.append(NameMatch(start, reach, lookup.types[name], name))
                break
    return sorted([*found, *added], key=lambda name: name.start)


def _standing(body: str, start: int, names: Iterable[str], taken: Sequence[tuple[int, int]]) -> str | None:
    for name in names:
        end = start + len(name)
        if body.startswith(name, start) and not _overlaps(taken, start, end) and _alone(body, start, end):
            return name
    return None


def _first_word(name: str) -> str:
    match = CAPITALISED.match(name)
    return _bare(match.group()) if match else ""


def _bare(word: str) -> str:
    """Return a word up to its possessive or hyphen: the key that known names are looked up by."""
    return word if word.isalnum() else BARE.match(word).group()  # type: ignore[union-attr]  # the pattern fits every text


def _overlaps(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    index = bisect_left(taken, (end, 0))
    return index > 0 and taken[index - 1][1] > start


def _alone(body: str, start: int, end: int) -> bool:
    if end < len(body) and (body[end].isalnum() or body[end] == "_"):
        return False
    after = AFTER.match(body, end)
    if after and after.group(1)[0].isupper() and not is_title(after.group(1)):
        return False
    before = BEFORE.search(body, max(0, start - 30), start)
    if before is None:
        return True
    word = before.group(1)
    if word in {"of", "&", "and"}:
        return not re.search(r"[A-Z]\w* (?:of|&) $", body[max(0, start - 30) : start])
    return not word[0].isupper() or is_title(word) or word.lower() in words().sentence_starts or word.endswith(".")
