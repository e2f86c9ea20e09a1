"""Finds the news agencies that an article credits: in its dateline, byline, text, closing line or copyright line.

An agency that is only what the article is about is not credited: "Reuters will cut 300 jobs". The names and the
crediting contexts are data, in `agencies.toml` beside this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from newsdex.transforms.text.boilerplate import Removed

_DATELINE_CHARS = 160
"""A dateline ends within so many characters: city, date and agency take up to 60, a byline in front as many."""

_CLOSING_CHARS = 160
"""A closing line that credits an agency is no longer than this, a copyright line not longer than twice this."""

_BEFORE_CHARS = 70
_AFTER_CHARS = 30
"""How much text around a name is looked at: the longest phrases with what may stand between them."""

_MAX_HITS = 500
"""Times that one name is looked at in one article: a hostile text repeats it without end."""

WORD = re.compile(r"\w+")
_COPYRIGHT = re.compile(
    r"contribut|material from|wire (?:services|reports)|with reporting by|©|\(c\)|copyright", re.IGNORECASE
)
_CREDIT_WORDS = (
    r"(?:(?:with )?(?:files|material|information|reporting|reports|contributions) (?:from|by)|with|by|from|via|source|"
    r"sources|quelle|quellen|fuente|fonte|bron|источник|contributing|mit material von|avec|con)"
)
_AND = r" and | & | und | et | y | e "
_PHOTO = r"(?:Getty|Handout|Pool|File)"
"""Behind an agency's name and a slash: it is a photograph that is credited."""

_OTHER_CREDIT = r"(?:[A-Z]{2,7}|dpa|Reuters|(?:The )?Associated Press|[Ss]taff|[Aa]gencies|Bloomberg)"
"""Who may stand before an agency in a closing credit: another agency. A person there took the photograph."""


@dataclass(frozen=True, slots=True)
class _Name:
    """One written form of an agency's name."""

    text: str
    first: str
    """Its first run of letters and digits, which a text that credits it has as a whole word."""
    canonical: str
    anywhere: bool
    """Whether it counts in running text and bylines; else only in datelines, closing and copyright lines."""
    word: re.Pattern[str]
    dateline: re.Pattern[str]
    closing: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Context:
    """What in front of and behind a name credits it."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    not_after: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    """Return the content of agencies.toml."""
    return load_table(__file__, "agencies.toml")


@cache
def _table() -> tuple[_Name, ...]:
    """Return every written form, the longest first, so that "Canadian Press" is not read as something shorter."""
    forms = [
        (text, canonical, kind != "marks")
        for canonical, entry in _data()["agencies"].items()
        for kind in ("names", "short", "marks")
        for text in entry.get(kind, ())
    ]
    return tuple(_compile(*form) for form in sorted(forms, key=lambda form: len(form[0]), reverse=True))


def _compile(text: str, canonical: str, anywhere: bool) -> _Name:
    """Return a written form with its patterns."""
    name = re.escape(text)
    rest = rf"(?!/{_PHOTO})(?:[ /,&]+[\w. ]{{1,25}})?"
    return _Name(
        text,
        WORD.findall(text)[0],
        canonical,
        anywhere,
        re.compile(rf"{name}(?<![\w/@#.-]{name})(?![\w@-]|\.\w|/[A-Z])"),  # the literal first: searched for fast
        re.compile(
            rf"(?:\(|(?<!\w)/)(?:[A-Z]{{2,7}}[/,&] ?)?{name}{rest}[)/] ?\.? ?(?:[-–—:.]|$)"
            rf"|[-–—] ?\({name}{rest}\)|^\({name}\)"
            rf"|^[A-ZÀ-ÞА-Я][^\n()!?]{{0,50}}[,.] ?{name} ?[-–—]{{1,2}} |^{name} ?[-–—]{{1,2}} "
        ),
        re.compile(
            rf"[-–—(/\[ ©*•]*(?:(?i:{_CREDIT_WORDS}) ?:? )?(?:the |der |l')?(?:{_OTHER_CREDIT}(?:/|, |{_AND}))?"
            rf"(?i:the )?{name}(?!/{_PHOTO})(?:(?:, |/|-|{_AND}).{{2,40}})?[-)/\]. ]*",
            re.IGNORECASE if anywhere and len(text) > len("XXXX") else 0,
        ),
    )


@cache
def _context() -> _Context:
    """Return the crediting contexts, compiled."""
    before, after = _data()["before"], _data()["after"]
    phrases = "|".join(re.escape(word) for word in sorted(before["phrases"], key=len, reverse=True))
    fillers = "|".join(re.escape(word) for word in sorted(before["fillers"], key=len, reverse=True))
    return _Context(
        re.compile(rf"(?:^|[\s\"“(«'’])(?:{phrases})(?:\s+(?:{fillers}))*[\s\"“«'’]*$"),
        re.compile("|".join(rf"[\s,”\"»']*{word}" for word in after["phrases"])),
        re.compile("|".join(rf"\s*{re.escape(word)}" for word in after["not_after"])),
    )


def credited(
    title: str | None,
    body: str,
    authors: Iterable[str] = (),
    removed: Iterable[Removed] = (),
    *,
    words: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Return the canonical names of the agencies credited, without repeats, in the order in which they are listed here.

    Args:
        title: The headline; only an agency in brackets at its end counts.
        body: The cleaned text: its dateline, its sentences, its last line.
        authors: The authors as declared, before cleaning ("By Jane Doe, Associated Press").
        removed: What boilerplate rules took out: copyright lines credit agencies.
        words: The body's runs of letters and digits, where they are known already.
    """
    found: dict[str, None] = {}
    found.update((name, None) for author in authors for name in _mentioned(author, anywhere=True))
    beginning = body[:_DATELINE_CHARS].split("\n", 1)[0]
    closing = _closing_texts(body)
    # Looking for each of some hundred names in the text would be half the time of cleaning an article.
    runs = frozenset(WORD.findall(body) if words is None else words)
    for name in _table():
        if name.first not in runs or name.text not in body or name.canonical in found:
            continue
        if (
            (name.text in beginning and name.dateline.search(beginning))
            or any(name.closing.fullmatch(text) for text in closing)
            or (name.anywhere and _in_text(name, body))
        ):
            found[name.canonical] = None
    for item in removed:
        if len(item.text) <= 2 * _CLOSING_CHARS and _COPYRIGHT.search(item.text):
            found.update((name, None) for name in _mentioned(item.text, anywhere=False))
    if title and title.endswith(")"):
        found.update((name.canonical, None) for name in _table() if title.endswith(f"({name.text})"))
    return tuple(found)


def is_agency(name: str) -> bool:
    """Return whether a byline's name is an agency's ("The Associated Press", "AFP", "REUTERS"), not a person's."""
    return _plain(name) in _plain_names()


@cache
def _plain_names() -> frozenset[str]:
    """Return every written form without case."""
    return frozenset(_plain(name.text) for name in _table()) | {_plain(name) for name in _data()["agencies"]}


def _plain(name: str) -> str:
    """Return a name without case, spaces at the ends and "the"."""
    return " ".join(name.casefold().split()).removeprefix("the ")


def _mentioned(text: str, *, anywhere: bool) -> Iterator[str]:
    """Yield the canonical names of all agencies in a short text; `anywhere`: not those that may mean something else."""
    text = text[: 2 * _CLOSING_CHARS]
    for name in _table():
        if name.text in text and (name.anywhere or not anywhere) and name.word.search(text):
            yield name.canonical


def _in_text(name: _Name, body: str) -> bool:
    """Return whether running text credits a name: "told RIA Novosti", "Interfax reported"."""
    context = _context()
    for count, match in enumerate(name.word.finditer(body)):
        if count >= _MAX_HITS:
            break
        after = body[match.end() : match.end() + _AFTER_CHARS]
        if context.not_after.match(after):
            continue
        before = body[max(0, match.start() - _BEFORE_CHARS) : match.start()].lower()
        if context.before.search(before) or context.after.match(after):
            return True
    return False


def _closing_texts(body: str) -> list[str]:
    """Return what may be a closing credit: the last line, and what follows the last sentence on it."""
    if len(body) > _CLOSING_CHARS:
        last = body[-_CLOSING_CHARS:]
        last = last.rsplit("\n", 1)[1] if "\n" in last else ""
        tail = body[-_CLOSING_CHARS:]
    else:
        last = body.rsplit("\n", 1)[1] if "\n" in body else ""
        tail = body
    at = max(tail.rfind(mark) for mark in (". ", "? ", "! ", ".” ", '." '))
    texts = [last] if last else []
    if at >= 0 and tail[at + 1 :].lstrip(' ”"')[:1] in {"(", "—", "–", "-", "/", "["}:
        texts.append(tail[at + 1 :].lstrip(' ”"'))
    return texts
