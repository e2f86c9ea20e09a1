"""Who a speaker is: the canonical name behind a name, a pronoun or an office, where the article says so."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from newsdex.transforms.article import EntityType, Quotation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.article import EntityMention

PRONOUNS = frozenset({"he", "she", "him", "her", "er", "sie", "il", "elle", "él", "ella", "lui", "lei", "ele", "ela",
                      "hij", "zij", "ze", "он", "она"})  # fmt: skip
"""Pronouns of one person. "They" may be anybody."""

OFFICE = re.compile(
    r"\b(president|minister|senator|governor|mayor|spokesman|spokeswoman|spokesperson|secretary|candidate|nominee"
    r"|congressman|congresswoman|chairman|chairwoman|judge|director|attorney|professor|manager|adviser|leader|chief"
    r"|executive|officer|analyst|businessman|billionaire|mogul|lawmaker|pope|king|queen|chancellor|premier)\b",
    re.IGNORECASE,
)

_PRONOUN = re.compile(r"\b[Hh]e\b|\b[Ss]he\b")

NEAR_CHARS = 60
"""How far an office may stand from the name of who holds it."""


class Speakers:
    """The people and organisations of an article, by where they are named."""

    def __init__(self, body: str, mentions: Sequence[EntityMention]) -> None:
        """Hold the mentions that can speak."""
        self._body = body
        self._named = [each for each in mentions if each.type is not EntityType.PLACE]
        self._starts = [each.start for each in self._named]

    def within(self, start: int, end: int) -> EntityMention | None:
        """Return the person named in a stretch, else the organisation: the first of each."""
        found = self._named[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        people = [each for each in found if each.type is EntityType.PERSON]
        return people[0] if people else found[-1] if found else None

    def subject(self, start: int, end: int) -> tuple[int, int] | None:
        """Return who a stretch is about: the first person named in it, else a pronoun of one person, else a group."""
        pronoun = _PRONOUN.search(self._body, start, end)
        found = self._named[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        people = [each for each in found if each.type is EntityType.PERSON]
        if pronoun and (not people or pronoun.start() < people[0].start):
            return pronoun.span()
        first = people or found
        return (first[0].start, first[0].end) if first else None

    def person_before(self, place: int) -> str | None:
        """Return the person who is named last before a place."""
        for index in range(bisect_left(self._starts, place) - 1, -1, -1):
            if self._named[index].type is EntityType.PERSON:
                return self._named[index].canonical
        return None

    def canonical(self, start: int, end: int, *, last: str | None) -> str | None:
        """Return who is meant by the words of a speaker.

        Args:
            start: where the words begin in the body.
            end: one past their end.
            last: who spoke before.
        """
        named = self.within(start, end)
        if named is not None:
            return named.canonical
        words = self._body[start:end]
        if words.lower() in PRONOUNS:
            return last or self.person_before(start)
        office = OFFICE.search(words)
        return self._holder(office.group().lower(), start) if office else None

    def quotation(
        self,
        words: tuple[int, int],
        *,
        who: tuple[int, int] | None,
        cue: tuple[int, int] | None,
        last: str | None,
        direct: bool,
        confidence: float,
    ) -> Quotation:
        """Return the quotation of some words, with who is meant by those that name the speaker.

        Args:
            words: where the quoted words begin and end in the body.
            who: where the words that name the speaker stand, if anywhere.
            cue: where the cue stands; an empty stretch is none.
            last: who spoke before.
            direct: whether they are the speaker's own words.
            confidence: how sure this is, 0 to 1.
        """
        return Quotation(
            text=self._body[slice(*words)],
            start=words[0],
            end=words[1],
            direct=direct,
            speaker=self.canonical(*who, last=last) if who else None,
            speaker_text=self._body[slice(*who)] if who else None,
            speaker_start=who[0] if who else None,
            speaker_end=who[1] if who else None,
            cue=(self._body[slice(*cue)] or None) if cue else None,
            confidence=confidence,
        )

    def _holder(self, office: str, before: int) -> str | None:
        """Return the only person beside whose name an office stood before."""
        holders = set()
        for each in self._named[: bisect_left(self._starts, before)]:
            if each.type is not EntityType.PERSON:
                continue
            around = self._body[max(0, each.start - NEAR_CHARS) : each.start].lower()
            behind = self._body[each.end : each.end + NEAR_CHARS].lower()
            if office in around.rpartition(".")[2] or (behind.startswith(",") and office in behind.partition(".")[0]):
                holders.add(each.canonical)
        return holders.pop() if len(holders) == 1 else None
