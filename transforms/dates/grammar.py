"""From the tables in `dates.toml` to compiled patterns: one grammar a language, built once."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dateparser.data.languages_info import language_order

from newsdex.tables import load_table

_TABLES: dict[str, dict[str, Any]] = load_table(__file__, "dates.toml")
_PLACEHOLDER = re.compile(r"\{([A-Z]+)(\d?)\}")
_OPENING = re.compile(r"\(\?:((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)(\?)?")
_SPACE = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.| ")
"""A space, or what may hold one that is not to be touched: a set of characters, an escaped sign."""
_LETTERS = "A-Za-z\u00aa-\u024f\u0370-\u06ff"
"""Letters that make a word with what follows: all but those of scripts that put no space before a date."""
_WHITE = r"[\s\u00a0\u202f]"
_WORDS = ("numbers", "decades", "quarters", "day_words")
"""What a table has words for, each with its meaning."""

_TURNS = (("last", -1), ("this", 0), ("next", 1))
_NEVER = "(?!)"
"""A pattern that matches nothing, for what a language lacks."""

CLASSES = frozenset({"year", "number", "month", "weekday", "word"})
"""What a date's first word can be (`year`: four digits): a shape is tried only where its class stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way in which dates are written."""

    kind: str
    pattern: re.Pattern[str]
    starts: frozenset[str]
    before: re.Pattern[str] | None = None
    not_before: re.Pattern[str] | None = None
    not_after: re.Pattern[str] | None = None
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Everything that finding dates in one language needs."""

    anchors: re.Pattern[str]
    """Matches where a date may begin; the name of its matching group is a class of `CLASSES`."""
    shapes: dict[str, tuple[Shape, ...]]
    """By class, in their order."""
    months: dict[str, int]
    weekdays: dict[str, int]
    day_words: dict[str, int]
    small_weekdays: bool = False
    """Weekdays are written small: one with a capital inside a sentence is a name (Plácido Domingo)."""
    numbers: tuple[tuple[re.Pattern[str], int], ...] = ()
    plurals: re.Pattern[str] = field(default=re.compile(_NEVER))
    day_words_not_before: re.Pattern[str] = field(default=re.compile(_NEVER))
    day_words_not_after: re.Pattern[str] = field(default=re.compile(_NEVER))
    lookback: re.Pattern[str] = field(default=re.compile(_NEVER))
    future_or_past: re.Pattern[str] = field(default=re.compile(_NEVER))
    adjacent: re.Pattern[str] = field(default=re.compile(_NEVER))
    follows: re.Pattern[str] = field(default=re.compile(_NEVER))
    year_before: re.Pattern[str] = field(default=re.compile(_NEVER))
    year_not_before: re.Pattern[str] = field(default=re.compile(_NEVER))
    year_not_after: re.Pattern[str] = field(default=re.compile(_NEVER))
    plural_after: re.Pattern[str] = field(default=re.compile(_NEVER))


@cache
def grammar(language: str) -> Grammar:
    """Return the grammar of a language: its own table, else dateparser's month names, else ISO dates only."""
    if language in _TABLES and language not in {"any", "explicit"}:
        return _build(_TABLES[language], _TABLES[language]["shapes"])
    months = _foreign_months(language)
    return _build({"months": months}, _TABLES["explicit"]["shapes"] if months else [])


def _foreign_months(language: str) -> list[list[str]]:
    """Return the month names that dateparser knows in a language, as our tables have them."""
    if language not in language_order:
        return []
    info = importlib.import_module(f"dateparser.data.date_translation_data.{language}").info
    names = "january february march april may june july august september october november december".split()  # noqa: SIM905  # one line
    return [_long_first({name.strip(".") for name in info[month] if re.search(r"[^\W\d]{3}", name)}) for month in names]


def _build(table: dict[str, Any], shapes: list[dict[str, str]]) -> Grammar:
    """Compile one language."""
    words = _fragments(table)
    made = [_shape(entry, words) for entry in [*_TABLES["any"]["shapes"], *shapes]]
    patterns = {
        name: re.compile(_expand(table[name], words))
        for name in (
            "plurals",
            "day_words_not_before",
            "day_words_not_after",
            "lookback",
            "adjacent",
            "follows",
            "year_before",
            "year_not_before",
            "year_not_after",
            "plural_after",
        )
        if name in table
    }
    return Grammar(
        anchors=re.compile(_anchors(table, words)),
        shapes={kind: tuple(shape for shape in made if kind in shape.starts) for kind in CLASSES},
        months={name.casefold(): number for number, names in enumerate(table["months"], 1) for name in names},
        weekdays={name.casefold(): day for day, names in enumerate(table.get("weekdays", ())) for name in names},
        day_words=table.get("day_words", {}),
        small_weekdays=any(name[0].islower() for names in table.get("weekdays", ()) for name in names),
        numbers=tuple(
            (re.compile(word, re.IGNORECASE), value)
            for name in ("numbers", "decades", "quarters")
            for word, value in table.get(name, {}).items()
        ),
        future_or_past=re.compile(f"(?P<future>{table.get('future', _NEVER)})|(?:{table.get('past', _NEVER)})"),
        **patterns,
    )


def _fragments(table: dict[str, Any]) -> dict[str, str]:
    """Return what each placeholder stands for, with named groups."""
    days = table.get("weekdays", ())
    short = {name for names in table["months"] for name in names if _is_short(name, names[0])}
    names = _long_first({name for names in table["months"] for name in names})
    months = [_either(re.escape(name)) + r"\.?" * (name in short) for name in names]
    turns = "|".join(f"(?P<{name}>{_any(table[name])})" for name, _ in _TURNS if name in table)
    units = "|".join(f"(?P<u_{unit}>{'|'.join(forms)})" for unit, forms in table.get("periods", {}).items())
    return {
        "A": "['\u2019]",
        "D": r"(?P<d>[12]\d|3[01]|0?[1-9])(?!\d)",
        "Y": r"(?<!\d)(?P<y>1\d{3}|2[01]\d\d)(?!\d|[.,]\d)",
        "YY": r"(?P<yy>\d0)",
        "M": f"(?P<m>{'|'.join(months) or _NEVER})(?![\\w])",
        "W": f"(?P<w>{_any([name for names in days for name in names if not _is_short(name, names[0])])})",
        "WA": f"(?P<w>{_any([name for names in days for name in names])})",
        "N": rf"(?P<n>\d{{1,3}}|{_any(table.get('numbers', ()))})(?!\w)",
        "T": f"(?P<t>{_any(table.get('decades', ()))})",
        "Q": f"(?P<qw>{_any(table.get('quarters', ()))})",
        "U": f"(?:{units or _NEVER})(?!\\w)",
        "P": f"(?:{turns or _NEVER})(?!\\w)",
        "DAYWORD": f"(?P<dw>{_any(table.get('day_words', ()))})(?!\\w)",
    }


def _long_first(words: Any) -> list[str]:  # noqa: ANN401  # a list or a table's keys
    return sorted(words, key=len, reverse=True)


def _is_short(name: str, full: str) -> bool:
    """Return whether a name is the short form of another ("Thurs").

    It may carry a point, and alone it is another word.
    """
    return name != full and full.startswith(name)


def _any(words: Any) -> str:  # noqa: ANN401  # a list or a table's keys
    return "|".join(map(_either, _long_first(words))) or _NEVER


def _either(word: str) -> str:
    """Let a word that is written small also begin with a capital."""
    return f"[{word[0]}{word[0].upper()}]{word[1:]}" if word[0].islower() else word


def _expand(template: str, words: dict[str, str], *, named: bool = False) -> str:
    """Replace the placeholders; without `named`, no group has a name. A name's further uses are numbered."""
    seen: dict[str, int] = {}

    def number(group: re.Match[str], suffix: str) -> str:
        if not named:
            return "(?:"
        name = group[1] + suffix
        seen[name] = seen.get(name, 0) + 1
        return f"(?P<{name}__{seen[name]}>" if seen[name] > 1 else f"(?P<{name}>"

    def replace(found: re.Match[str]) -> str:
        name, suffix = found.groups()
        text = r"(?<!\d)(?P<y>1\d\d0|20\d0)(?!\d)" if (name, suffix) == ("Y", "0") else words[name]
        suffix = suffix if suffix in {"1", "2"} else ""
        return re.sub(r"\(\?P<(\w+)>", lambda group: number(group, suffix), text)

    expanded = _PLACEHOLDER.sub(replace, template)
    return _SPACE.sub(lambda found: _WHITE if found[0] == " " else found[0], expanded)


def _shape(entry: dict[str, str], words: dict[str, str]) -> Shape:
    guards = {
        name: re.compile(_expand(entry[name], words)) for name in ("before", "not_before", "not_after") if name in entry
    }
    # Chinese, Japanese and Korean put no space after a date.
    ends = "" if entry["pattern"][-1] in "日月일" else r"(?!\w)"
    return Shape(
        kind=entry["kind"],
        pattern=re.compile(_expand(entry["pattern"], words, named=True) + ends),
        starts=_starts(entry["pattern"]),
        value=entry.get("value", ""),
        **guards,
    )


def _starts(template: str) -> frozenset[str]:
    """Return the classes with which a template can begin; all of them where it is not plain."""
    if group := _OPENING.match(template):
        inside = frozenset().union(*map(_starts, group[1].split("|")))
        return inside | _starts(template[group.end() :]) if group[2] else inside
    kinds = {"D": "number", "Y": "year", "YY": "number", "N": "number", "M": "month", "W": "weekday", "WA": "weekday"}
    name = _PLACEHOLDER.match(template)
    if name and name[1] in kinds:
        return frozenset({kinds[name[1]], "word"}) if name[1] == "N" else frozenset({kinds[name[1]]})
    if name or re.match(r"[^\W\d]|\[", template):
        return frozenset({"word"})
    if template.startswith(("(?P<mm>", "(?P<d>")):
        return frozenset({"number"})
    return CLASSES


def _anchors(table: dict[str, Any], words: dict[str, str]) -> str:
    """Return the pattern of places where a date may begin."""
    own = [*table.get("anchors", ())]
    if "periods" in table:
        own += ["{N}(?= {U})", "{P} ?(?={U}|{W}|{M})", "{Q}[- ](?=[a-zA-Zкп])", "{DAYWORD}", "{T}(?=[ n])"]
    fragments = "|".join(own)
    parts = {
        "year": r"\d{4}(?!\d)",
        "number": r"\d{1,3}(?!\d)",
        "month": "{M}",
        "weekday": "{W}",
        "word": fragments or _NEVER,
    }
    named = "|".join(f"(?P<{kind}>{_expand(text, words)})" for kind, text in parts.items())
    # Half of all words begin with another letter: that is seen before anything is tried.
    return rf"(?<![{_LETTERS}\d_$€£¥₹#])(?=[\d{_first_signs(table)}])(?<!\d[.,:/-])(?:{named})"


def _first_signs(table: dict[str, Any]) -> str:
    """Return the letters that dates of a table may begin with, and the apostrophes ("'90s")."""
    words = [name for kind in ("months", "weekdays") for names in table.get(kind, ()) for name in names]
    words += [word for kind in (*_WORDS, *(turn for turn, _ in _TURNS)) for word in table.get(kind, ())]
    words += [word for anchor in table.get("anchors", ()) for word in anchor.removeprefix("(?:").split("|")]
    signs = {sign for word in words for sign in (word[0], word[0].upper())} - {"{"} | {"'", "\u2019"}
    return "".join(map(re.escape, sorted(signs)))
