"""Turns bylines into clean author names.

"By JANE DOE, Staff Reporter, New York and John Smith, Associated Press" → ("Jane Doe", "John Smith"). Words and phrases
that are no names are data, in `bylines.toml` beside this module. What cannot be told to be a person's name is left out:
a facet of authors is worth clicking only if it is clean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from newsdex.tables import load_table
from newsdex.transforms.attribution.agencies import is_agency

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_AUTHORS = 50
"""An article with more names than this lists people, not its authors; the first ones are kept."""

_MAX_RAW_CHARS = 2_000
"""A longer byline is a biography or a page: only its beginning is read."""

_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 6
"""Longer than any real name in the bylines of 20,000 articles (the longest has five words)."""

_MIN_PEN_NAME_CHARS = 3
"""A shorter single word is an acronym or an initial."""

_MAX_SURNAME_WORDS = 3
"""A surname with its particles: "van der Berg"."""

_SPLIT = re.compile(r"[;|•·\n/]+|\s[-–—]{1,2}\s|\s+&\s+")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_ADDRESS = re.compile(
    r"\S*@\S*|https?://\S*|\bwww\.\S*|\S+\.(?:com|org|net|edu|gov|co\.uk|de|fr|ru)\b\S*", re.IGNORECASE
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,4}-?(?:[^\W\d_]\.)?|[^\W\d_]")
_MC = re.compile(r"\bMc([a-z])(?=[a-z]{2})")
_O = re.compile(r"\bO([A-Z][a-z])")
_VOWEL = re.compile(r"[aeiouyà-öø-ÿ]", re.IGNORECASE)
_WORD_PART = re.compile(r"[^\W\d_]+")
_NON_NAME_CHARS = re.compile(r"[\d_<>{}=+*^%$#~?!:\\\"“”]|[^\W\d_]{2}\.[^\W\d_]{2}")
_BYLINE_AND_PLACE = re.compile(r"(?:Von|Di|De|Da|Af|Av) [^\W\d_a-z]\S* \S")
"""What is in front of the comma of "Von Erika Mustermann, Lille" is a byline with a place, and no surname."""
_PLACE = re.compile(r"\s(?:in|at|for|aus|para|pour)\s.*")
_UNCASED = re.compile(r"[\u0590-\u074f\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts without case: Hebrew, Arabic, Indic, Thai, Japanese, Chinese, Korean."""
_SPACED = re.compile(r"[\u0590-\u074f\u0900-\u0dff]")
"""Those of them that write a name in several words: a lone word is a section ("منوعات", miscellany)."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The tables, ready for use."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    other_credit: re.Pattern[str]
    joiner: re.Pattern[str]
    titles: frozenset[str]
    suffixes: frozenset[str]
    degrees: frozenset[str]
    not_names: frozenset[str]
    not_persons: frozenset[str]
    particles: frozenset[str]
    employers: frozenset[str]


@cache
def _words() -> _Words:
    """Return the content of bylines.toml, compiled."""
    data = load_table(__file__, "bylines.toml")

    def any_of(words: list[str]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    prefix = data["prefix"]
    return _Words(
        strong=re.compile(rf"(?:{any_of(prefix['strong'])})(?:\s*:\s*|\s+)", re.IGNORECASE),
        weak=re.compile(rf"(?:{any_of(prefix['weak'])}):?\s+(?=\w[\w.'’-]*\s+\w)", re.IGNORECASE),
        other_credit=re.compile(rf"(?:{any_of(data['other_credits'])})\b(?:\s+by\b|\s*:)?", re.IGNORECASE),
        joiner=re.compile(rf"\s+(?:{any_of(data['joiners'])})\s+", re.IGNORECASE),
        titles=frozenset(data["titles"]),
        suffixes=frozenset(data["suffixes"]),
        degrees=frozenset(data["degrees"]),
        not_names=frozenset(data["not_names"]),
        not_persons=frozenset(data["not_persons"]),
        particles=frozenset(data["particles"]),
        employers=frozenset(data["employers"]),
    )


def clean(raw: Iterable[str]) -> tuple[str, ...]:
    """Return the authors' names, without repeats, in the order of the bylines.

    Without: "By" and its like in other languages, roles, places, organisations, agencies, addresses, dates. Capitals
    become proper case; "Doe, Jane" becomes "Jane Doe" where the one comma can mean nothing else.
    `clean(clean(raw)) == clean(raw)`.
    """
    names: dict[str, str] = {}
    for byline in raw:
        for name in _names(byline):
            if list(_names(name)) != [name]:  # "General By A": what a title hid is no name either
                continue
            key = _key(name)
            if len(name) > len(names.get(key, "")):
                names[key] = name  # the fuller of "Jane Doe" and "Jane P. Doe", at the first one's place
            if len(names) >= _MAX_AUTHORS:
                return tuple(names.values())
    return tuple(names.values())


def authors(declared: Iterable[str], shown: Iterable[str], papers: Iterable[str]) -> tuple[str, ...]:
    """Return the names of an article's authors: the declared ones, else those of the byline that its page shows.

    Args:
        declared: Bylines of the record, the feed or the page's metadata.
        shown: Bylines that the page shows, the likeliest first: the first with a name counts.
        papers: Names of the paper and its host, which are no author's.
    """
    own = {plain for paper in papers if len(plain := _plain(paper)) >= _MIN_PEN_NAME_CHARS}
    for bylines in (tuple(declared), *((byline,) for byline in shown)):
        if names := tuple(name for name in clean(bylines) if not _is_paper(name, own)):
            return names
    return ()


def _plain(name: str) -> str:
    return "".join(_WORD_PART.findall(name.casefold()))


def _is_paper(name: str, papers: set[str]) -> bool:
    """Tell whether a name is the paper's: the same letters, the paper's and more, or its first word ("LBCI")."""
    plain = _plain(name)
    return any(
        plain == f"the{paper}"
        or plain.startswith(paper)
        or (" " not in name and len(plain) >= _MIN_PEN_NAME_CHARS and paper.startswith(plain))
        for paper in papers
    )


def _key(name: str) -> str:
    """Return what two forms of one person's name have in common: no case, no middle initials."""
    words = name.casefold().split()
    return " ".join([words[0], *(word for word in words[1:-1] if not _INITIALS.fullmatch(word)), *words[1:][-1:]])


def _names(byline: str) -> Iterator[str]:
    """Yield the names in one byline."""
    text = _ADDRESS.sub(" ", _BRACKETS.sub(" ", byline[:_MAX_RAW_CHARS]))
    for piece in _SPLIT.split(text):
        parts = [part.strip() for part in piece.split(",")]
        flipped = _flip(parts)
        for part in [flipped] if flipped else _attach_suffixes(parts):
            for candidate in _split_joined(_without_prefix(part)):
                name = _person(candidate, alone=len(parts) == 1)
                if name:
                    yield name


def _flip(parts: list[str]) -> str | None:
    """Return "Jane Doe" for "Doe, Jane", `None` where the comma can mean something else."""
    if len(parts) != 2:
        return None
    last, first = parts
    if _BYLINE_AND_PLACE.match(last):
        return None
    words = first.split()
    surname = last.split()
    one_word = len(last) > 1 and (
        len(surname) == 1 or (len(surname) <= _MAX_SURNAME_WORDS and surname[0].casefold() in _words().particles)
    )
    if last.isupper():
        last = " ".join(map(_capitalised, surname))
    short = 1 <= len(words) <= 2 and (
        len(words) == 1 or _INITIALS.fullmatch(words[1]) is not None or parts[0].isupper()
    )
    if not (one_word and short) or first.casefold() in _words().suffixes | _words().degrees:
        return None
    both = f"{first} {last}"
    return both if _person(both, alone=False) and surname[-1][0].isupper() else None


def _attach_suffixes(parts: list[str]) -> list[str]:
    """Return the parts with "Jr." joined to the name before it."""
    joined: list[str] = []
    for part in parts:
        if joined and part.casefold() in _words().suffixes:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return joined


def _without_prefix(part: str) -> str:
    """Return a part without "By", "Von", "Analysis"… in front."""
    words = _words()
    before = None
    while part != before:
        before = part
        part = part.lstrip(" \t\"'“”‘’.-–—:*").rstrip(" \t\"'“”‘’-–—:*")
        for pattern in (words.strong, words.weak):
            match = pattern.match(part)
            if match and match.end() < len(part):
                part = part[match.end() :]
    return part


def _split_joined(part: str) -> Iterator[str]:
    """Yield the names of "Jane Doe and John Smith"; "Ortega y Gasset" stays one."""
    match = _words().joiner.search(part)
    while match:
        left, right = part[: match.start()], part[match.end() :]
        english = match.group().strip().casefold() in {"and", "with", "avec", "mit"}
        if english or (len(left.split()) > 1 and len(_words().joiner.split(right)[0].split()) > 1):
            yield left
            part = _without_prefix(right)
            match = _words().joiner.search(part)
        else:
            match = _words().joiner.search(part, match.end())
    yield part


def _person(text: str, *, alone: bool) -> str | None:
    """Return the text as a person's name in proper case, `None` if it is none.

    `alone`: nothing else stood beside it in the byline, so that a single word may be a pen name.
    """
    words = _words()
    text = _PLACE.sub("", " ".join(text.split()).strip(" \"'“”‘’,-–—:*"))
    if not text or len(text) > _MAX_NAME_CHARS or _NON_NAME_CHARS.search(text) or words.other_credit.match(text):
        return None
    parts, alone = _bare(text.split(), alone=alone)
    name = _proper_case(parts)
    plain = {part.casefold() for part in parts}
    no_person = not plain.isdisjoint(words.not_names) or any(
        part.rstrip(".") in words.not_names or part.rpartition("-")[2] in words.not_names for part in plain
    )
    if no_person or text.casefold().removeprefix("the ") in words.not_persons or is_agency(name):
        return None
    if _UNCASED.search(name):
        return None if _SPACED.search(name) and len(parts) == 1 else name
    return name if _is_name(name, alone=alone) else None


def _bare(parts: list[str], *, alone: bool) -> tuple[list[str], bool]:
    """Return a name's words without degrees, employers and titles, and whether it may still be a single word."""
    words = _words()
    while len(parts) > 1 and parts[-1].casefold() in words.degrees:
        parts = parts[:-1]
    while len(parts) > 2 and parts[-1].casefold() in words.employers:
        parts = parts[:-1]
    while len(parts) > 1 and parts[0].casefold().rstrip(".") in words.titles:
        parts, alone = parts[1:], False  # "General Young" names a person too vaguely
    return parts, alone


def _is_name(name: str, *, alone: bool) -> bool:
    """Return whether words look like a person's name: capitals, not too many, more than initials."""
    words = _words()
    parts = name.split()
    if len(parts) == 1 and (not alone or len(name) < _MIN_PEN_NAME_CHARS or not name[0].isupper() or name.isupper()):
        return False
    if len(parts) > _MAX_NAME_WORDS or not all(_is_name_word(part, words) for part in parts):
        return False
    return any(len(part.strip(".")) > 1 for part in parts)


def _is_name_word(part: str, words: _Words) -> bool:
    """Return whether a word can be part of a name: it begins with a capital, or is a particle."""
    first = part.lstrip("'’‘\"-")[:1]
    return first.isupper() or part.casefold() in words.particles or part.startswith(("d'", "d’", "al-", "el-", "l'"))


def _proper_case(parts: list[str]) -> str:
    """Return a name in proper case: out of capitals or small letters, "Mccain" → "McCain", "OBrien" → "O'Brien"."""
    name = " ".join(parts)
    letters = [part for part in parts if not _INITIALS.fullmatch(part)]
    if letters and all(part.isupper() for part in letters) and any(len(part) > len("JD") for part in letters):
        name = " ".join(_capitalised(part) for part in parts)
    elif name.islower() and len(parts) > 1:
        name = " ".join(part if part in _words().particles else _capitalised(part) for part in parts)
    if len(parts) > 1 and len(parts[0]) == len("MJ") and parts[0].istitle() and not _VOWEL.search(parts[0]):
        name = name[: len("MJ")].upper() + name[len("MJ") :]
    name = _MC.sub(lambda match: "Mc" + match.group(1).upper(), name)
    return _O.sub(r"O'\1", name)


def _capitalised(part: str) -> str:
    """Return one word of a name in proper case; initials and numerals stay in capitals."""
    if _INITIALS.fullmatch(part) or part.casefold() in {"ii", "iii", "iv"}:
        return part.upper()
    if len(part) == len("JD") and not _VOWEL.search(part):
        return part
    return _WORD_PART.sub(lambda match: match.group().capitalize(), part)
