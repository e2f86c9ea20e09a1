"""Repairs plain text: encoding damage, invisible characters, spacing and paragraphs.

`repair` never changes wording: quotes stay curly, full-width and ideographic punctuation stay as they are. What it
promises: NFC, no control, zero-width or direction characters, single spaces, paragraphs separated by one blank line,
and `repair(repair(text)) == repair(text)`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from ftfy import TextFixerConfig, fix_encoding
from ftfy.fixes import fix_latin_ligatures, remove_terminal_escapes

from newsdex.transforms.text.markup import strip_markup

__all__ = ["repair", "strip_markup"]

_CONTINUATION = "".join(
    sorted({bytes([byte]).decode(codec, "ignore") for byte in range(0x80, 0xC0) for codec in ("cp1252", "latin-1")})
)
"""What the continuation bytes of UTF-8 look like when they were read as Windows-1252 or Latin-1."""

_MOJIBAKE = re.compile(
    rf"[\u00c2-\u00df][{re.escape(_CONTINUATION)} ]"  # two bytes; a space may have been a no-break space (byte A0)
    rf"|[\u00e0-\u00ef][{re.escape(_CONTINUATION)}]{{2}}"
    rf"|[\u00f0-\u00f4][{re.escape(_CONTINUATION)}]{{3}}"
    r"|[\x80-\x9f]|\u00e2\u20ac"
    r"|[\u0420\u0421][\u0400-\u040f\u0450-\u045f\u0490\u0491\u201a-\u2030\u00a0-\u00bb](?:[\u0420\u0421].){2}"
    r"|[\u0102\u0139\u00c4\u0110][\u0080-\u00bf\u02d8-\u02dd\u0160-\u017e\u201a-\u203a\u20ac]"
    r"|\u201a\u00c4|\u221a[\u00a0-\u00b4\u2020-\u221e]|\u251c[\u00a0-\u00ff\u2500-\u257f]|\u0393\u00c7"
)
"""Signs that UTF-8 was read in another encoding: byte sequences of UTF-8 as Windows-1252, Latin-1, 1251 (Cyrillic),
1250 (Central European), Mac Roman and code page 437 show them. ftfy decides; this scan, about 60 µs for an article,
only spares clean text ftfy's own (about 2.5 ms for 6,000 characters)."""

_LEAD = re.compile("[\x80-\x9f\u00c2-\u00f4\u0102\u0110\u0139\u0393\u0420\u0421\u201a\u221a\u251c]")
"""The characters that `_MOJIBAKE` can begin with: most texts have none, and this scan is four times as fast."""

_FTFY = TextFixerConfig(uncurl_quotes=False, unescape_html=False, fix_character_width=False)

_ODD = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufb00-\ufb06\ufdd0-\ufdef\ufeff\ufff0-\ufffc\ufffe\uffff\ud800-\udfff"
    "\U0001fffe\U0001ffff\U000e0000-\U000e0fff]"
)
"""Characters that need attention: controls, soft hyphens, zero-width and direction marks, Latin ligatures, lone
surrogates, non-characters, tag characters."""

_JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: real spelling in Persian and Indic scripts and inside emoji, junk elsewhere."""

_FIRST_JOINING_LETTER = "\u0600"
"""The scripts that spell with joiners (Arabic onwards, and emoji) lie behind this code point; Latin, Greek,
Cyrillic and Hebrew before it."""

_GENERAL_PUNCTUATION = ("\u2000", "\u206f")

_MAX_ROUNDS = 8
"""Encoding damage is undone until nothing changes. Each layer of it doubles the length, so eight layers never occur."""

_MIN_WRAP, _MAX_WRAP = 50, 100
"""Column widths at which mails and text files are wrapped by hand or program (usually 65 to 80)."""

_MIN_BREAKS = 3
"""Fewer line breaks than this do not tell a wrapped text from one with a paragraph a line."""

_WRAPPED_SHARE = 0.9
"""Share of the breaks that the line width must explain. Wrapped text explains all of them but a few irregular ones;
in a text with a paragraph a line (the next line's first word would nearly always have fitted) it is close to none."""


def repair(text: str) -> str:
    """Return the text with its encoding damage undone, its invisible junk removed and its spacing normal.

    Paragraphs are separated by one blank line. A single line break ends a paragraph too, unless the text is
    hard-wrapped (its line breaks are explained by one line width between 50 and 100 columns): then lines are joined.
    """
    if text.isascii() and _ODD.search(text) is None:
        return _paragraphs(text)
    for _ in range(_MAX_ROUNDS):
        fixed, suspicious = _characters(text)
        fixed = _paragraphs(fixed)
        if not suspicious or fixed == text:
            return fixed
        text = fixed
    return text


def _characters(text: str) -> tuple[str, bool]:
    """Return the text with every character in order, and whether there was anything that may need another round."""
    odd = _ODD.search(text) is not None
    if odd and "\x1b" in text:
        text = remove_terminal_escapes(text)
    damaged = _LEAD.search(text) is not None and _MOJIBAKE.search(text) is not None
    if damaged:
        text = "\n".join(fix_encoding(line, _FTFY) if _MOJIBAKE.search(line) else line for line in text.split("\n"))
    if odd or damaged:
        text = text.replace("\x85", "\n")  # "next line", once ftfy has had it as a byte of damaged text
        text = _ODD.sub(_replace_odd, text)
    loose = not unicodedata.is_normalized("NFC", text)
    if loose:
        text = unicodedata.normalize("NFC", text)  # what is composed here may be the lead of damage ("e" + accent)
    return text, odd or damaged or loose


def _replace_odd(match: re.Match[str]) -> str:
    """Return what stands for one odd character: its letters for a ligature, itself for a joiner, else nothing."""
    char = match.group()
    if "\ufb00" <= char <= "\ufb06":
        return str(fix_latin_ligatures(char))
    if char in _JOINERS:
        text, at = match.string, match.start()
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        return char if _may_join(before) and _may_join(after) else ""
    return ""


def _may_join(neighbour: str) -> bool:
    """Return whether a zero-width joiner beside this character can be meant."""
    low, high = _GENERAL_PUNCTUATION
    return neighbour >= _FIRST_JOINING_LETTER and not low <= neighbour <= high and _ODD.match(neighbour) is None


def _paragraphs(text: str) -> str:
    """Return the text with single spaces and one blank line between paragraphs."""
    lines = text.splitlines()
    if len(lines) > _MIN_BREAKS and _is_wrapped(lines):
        lines = _unwrap(lines)
    return "\n\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _is_wrapped(lines: list[str]) -> bool:
    """Return whether the line breaks come from a line width: the next line's first word would not have fitted."""
    lines = [line.rstrip() for line in lines]
    width = max(map(len, lines))
    if not _MIN_WRAP <= width <= _MAX_WRAP:
        return False
    breaks = forced = 0
    for line, following in pairwise(lines):
        if line and following and not following[0].isspace():
            breaks += 1
            forced += len(line) + 1 + len(following.split(None, 1)[0]) > width
    return breaks >= _MIN_BREAKS and forced >= _WRAPPED_SHARE * breaks


def _unwrap(lines: list[str]) -> list[str]:
    """Return the paragraphs of a hard-wrapped text; an indented line begins a paragraph."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or line[0].isspace():
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return [_join(paragraph) for paragraph in paragraphs]


def _join(lines: list[str]) -> str:
    """Return the lines as one; a hyphen at a line's end keeps its word together ("state-" + "owned")."""
    parts: list[str] = []
    for line in lines:
        parts.append(line)
        if not (line.endswith("-") and line[-2:-1].isalpha()):
            parts.append(" ")
    return "".join(parts)
