"""The clause beside a quotation: its cue, and the words that name its speaker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from newsdex.tables import load_table


@dataclass(frozen=True, slots=True)
class Cues:
    """What introduces speech in a language."""

    direct: frozenset[str]
    reported: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clause:
    """A cue and its speaker, as offsets into the body."""

    cue: tuple[int, int]
    speaker: tuple[int, int] | None


MAX_SPEAKER_WORDS = 20
"""Words of a speaker, apposition included: "the head of the agency that …" is cut."""

MAX_CLAUSE_CHARS = 400
"""How far from a quotation its clause may reach: a longer one is a list, and all would take time with its square."""

WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")

_STOP = re.compile(
    r"[.,;:!?()\n“”\"„«»]|\s[—–-]|\b(?:in|on|at|during|after|before|while|when|as|who|whom|that|to|from|about|by|with"
    r"|late|earlier|later|this|last|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|yesterday|today|and)\b"
)
"""What ends the words of a speaker that follow the verb."""

_BEFORE_STOP = re.compile(
    r"[,;:!?()\n“”\"„«»—–]\s*|\b(?:and|but|that|while|when|because|although|though|as|if|which|where|since|who|so|then|yet"
    r"|however|also|later|now|still)\b\s*",
    re.IGNORECASE,
)
"""What the words of a speaker before the verb cannot have in them, but for a name and its apposition."""

_NAME_FIRST = re.compile(r"(?P<name>(?:[A-Z][\w.’'-]+ ){0,5}[A-Z][\w.’'-]+), \S.*$", re.DOTALL)
"""A name and what follows it after a comma."""

_AUXILIARY = re.compile(
    r"(?:\s+(?:has|have|had|also|later|then|once|recently|repeatedly|publicly|even|only|just|now|still|previously|reportedly"
    r"|is|was|were|are|will|would|did|does|do|hat|haben|a|ha|ont|has|heeft|never|often|frequently|further|first|himself"
    r"|herself|not|didn’t|didn't|could|should|may|might|be|been|being|to))+$"
)


@cache
def cues(language: str) -> Cues | None:
    """Return what introduces speech in a language, or `None` where no table has it."""
    own = load_table(__file__, "cues.toml").get(language)
    return Cues(frozenset(own["direct"].split()), frozenset(own.get("reported", "").split())) if own else None


def after(body: str, start: int, known: Cues) -> Clause | None:
    """Return the clause that follows a quotation: "…," she said, or "…," said Ana Reis, the mayor."""
    stop = _sentence_end(body, start)
    verb = next((word for word in WORD.finditer(body, start, stop) if word.group().lower() in known.direct), None)
    if verb is None:
        return None
    before = _trim(body, start, verb.start())
    subject = _subject(body, *before) if before and len(WORD.findall(body, *before)) <= MAX_SPEAKER_WORDS else None
    if subject is not None:
        return Clause((verb.start(), verb.end()), subject)
    end = _STOP.search(body, verb.end(), stop)
    following = _trim(body, verb.end(), end.start() if end else stop)
    return Clause((verb.start(), verb.end()), following)


def before(body: str, start: int, end: int, known: Cues) -> Clause | None:
    """Return the last clause with a cue before a quotation, within its sentence: Ana Reis said: "…"."""
    start = max(start, end - MAX_CLAUSE_CHARS)
    verbs = [word for word in WORD.finditer(body, start, end) if word.group().lower() in known.direct]
    if not verbs:
        return None
    verb = verbs[-1]
    return Clause((verb.start(), verb.end()), subject_before(body, start, verb.start()))


def subject_before(body: str, start: int, verb: int) -> tuple[int, int] | None:
    """Return the words that name who does what the verb at `verb` says, in a sentence that begins at `start`."""
    subject = _trim(body, start, verb)
    return _subject(body, *subject) if subject else None


def _subject(body: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the noun phrase at the end of a stretch; an apposition between commas is left out of it."""
    told = body[start:end]
    auxiliary = _AUXILIARY.search(" " + told)
    if auxiliary:
        end -= len(told) - max(0, auxiliary.start() - 1)
        told = body[start:end]
    told = told.rstrip(" ,")
    end = start + len(told)
    # "Ana Reis, the mayor of Faro, said": the name is before the apposition.
    comma = _NAME_FIRST.match(told)
    if comma and body[end : end + 1] == ",":
        return start, start + len(comma["name"])
    cut = start
    for stop in _BEFORE_STOP.finditer(body, start, end):
        cut = stop.end()
    return _trim(body, cut, end)


def _trim(body: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and (body[start].isspace() or body[start] in ',;:—–-.”"“'):
        start += 1
    while end > start and (body[end - 1].isspace() or body[end - 1] in ",;:—–-"):
        end -= 1
    return (start, end) if end > start else None


_END = re.compile(
    r"[.!?](?=[\s”\"])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Jr|Sr|No|vs)\.)(?<!\b(?:Sen|Rep|Gov|Mrs|Gen|Rev|Sgt|Col)\.)|\n"
)
"""The end of a sentence: not after an initial or a title."""

_OPENING = re.compile('[“„«"]')


def _sentence_end(body: str, start: int) -> int:
    """Return where the sentence ends that goes on at `start`; another quotation ends it too."""
    reach = min(len(body), start + MAX_CLAUSE_CHARS)
    match = _END.search(body, start, reach)
    end = match.start() if match else reach
    opening = _OPENING.search(body, start, end)
    return opening.start() if opening else end


def sentences(body: str) -> list[tuple[int, int]]:
    """Return the sentences of a text, as offsets."""
    found, at = [], 0
    for match in _END.finditer(body):
        end = match.end()
        while end < len(body) and body[end] in "”\"’'»“":
            end += 1
        if body[at:end].strip():
            found.append((at + len(body[at:end]) - len(body[at:end].lstrip()), end))
        at = end
    if body[at:].strip():
        found.append((at + len(body[at:]) - len(body[at:].lstrip()), len(body)))
    return found
