"""Writes a hunspell dictionary out: every form with its stem, in place of stems with rules for their forms.

Lucene then finds a word with one look-up, where it would try all endings and beginnings; and it finds the right stems.
With rules it mangles some of what has both a beginning and an ending: "agreement" becomes "agreement" and "eemen", and
who searches for "agree" does not find it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEPT = ("SET", "ICONV")
"""Lines of the rules that hold for written-out forms as well: the encoding, and what is replaced before looking up."""

_FOREIGN = ("AF", "AM", "CIRCUMFIX", "COMPLEXPREFIXES", "FLAG", "IGNORE", "NEEDAFFIX", "OCONV")
"""Kinds of rules that are not understood here."""

_RULE_FIELDS, _HEAD_FIELDS = 5, 4


class FormsError(Exception):
    """A dictionary has rules that are not understood; the message names the first."""


class _Affix(NamedTuple):
    strip: str
    add: str
    condition: re.Pattern[str]
    """Of the stem, at the end where the affix goes."""
    crosses: bool
    """Whether it goes with an affix at the other end."""


def written_out(rules: str, stems: str) -> tuple[str, str]:
    """Return the rules and the words of a dictionary that finds the same stems without affixes, in lower case.

    Args:
        rules: an `.aff` file.
        stems: the `.dic` file that goes with it.

    Raises:
        FormsError: it has rules of a kind that is not understood.
    """
    prefixes, suffixes = _affixes(rules.splitlines())
    found = sorted(
        {
            (form.lower(), stem.lower())
            for line in stems.splitlines()[1:]
            for form, stem in _forms(line, prefixes, suffixes)
        }
    )
    lines = (form if form == stem else f"{form}\tst:{stem}" for form, stem in found)
    kept = [line for line in rules.splitlines() if line.startswith(_KEPT)]
    return "\n".join((*kept, "")), "\n".join((str(len(found)), *lines, ""))


def _affixes(lines: Sequence[str]) -> tuple[dict[str, list[_Affix]], dict[str, list[_Affix]]]:
    """Return the prefixes and the suffixes, by their flags."""
    prefixes: defaultdict[str, list[_Affix]] = defaultdict(list)
    suffixes: defaultdict[str, list[_Affix]] = defaultdict(list)
    crosses: dict[str, bool] = {}
    for line in lines:
        fields = line.split()
        kind = fields[0] if fields else ""
        if kind in _FOREIGN:
            raise FormsError(f"{kind} in the line {line!r}")
        if kind not in {"PFX", "SFX"}:
            continue
        flag = fields[1]
        if flag not in crosses and len(fields) == _HEAD_FIELDS:
            crosses[flag] = fields[2] == "Y"
            continue
        if len(fields) < _RULE_FIELDS or "/" in fields[3]:
            raise FormsError(f"an affix that is followed by others, in the line {line!r}")
        strip, add = ("" if field == "0" else field for field in fields[2:4])
        table, condition = (prefixes, fields[4]) if kind == "PFX" else (suffixes, f"(?:{fields[4]})$")
        table[flag].append(_Affix(strip, add, re.compile(condition), crosses[flag]))
    return prefixes, suffixes


def _forms(
    line: str, prefixes: dict[str, list[_Affix]], suffixes: dict[str, list[_Affix]]
) -> Iterator[tuple[str, str]]:
    """Yield every form of a line's stem, with the stem."""
    stem, _, rest = line.strip().partition("/")
    if not stem:
        return
    flags = rest.split(maxsplit=1)[0] if rest else ""
    ends = [affix for flag in flags for affix in suffixes.get(flag, ()) if _fits_end(stem, affix)]
    yield stem, stem
    for end in ends:
        yield stem[: len(stem) - len(end.strip)] + end.add, stem
    for flag in flags:
        for begin in prefixes.get(flag, ()):
            if not (stem.startswith(begin.strip) and begin.condition.match(stem)):
                continue
            led = begin.add + stem[len(begin.strip) :]
            yield led, stem
            for end in ends if begin.crosses else ():
                if end.crosses:
                    yield led[: len(led) - len(end.strip)] + end.add, stem


def _fits_end(stem: str, affix: _Affix) -> bool:
    return stem.endswith(affix.strip) and affix.condition.search(stem) is not None
