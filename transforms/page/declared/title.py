"""Choose a page's headline among the titles that it gives: to programs, to social networks, to search engines, on top.

JSON-LD's `headline` goes first, then `og:title`. Where the two differ, one of them is often written for search engines:
it is the one that `<title>` repeats, while the `<h1>` that readers see repeats the other. On the 135 pages of `world`
that tells right in all five cases of four publishers; in the other cases of disagreement it is even, so the order
stands. A title that no other one is like (a slogan, the site's name) loses against those that agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.transforms.dates.candidate import Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

ALIKE = 0.4
"""Share of its letter trigrams that the shorter of two titles must have in common with the other to tell of the same:
rewritten headlines of one article share 0.45 to 0.95, headlines of other articles on the page under 0.3."""

MIN_CUT_CHARS = 20
"""From this length on, a title that begins another is that title cut short: shorter ones may be a section's name."""

MIN_WHOLE_CHARS = 40
"""A title for social networks of this length on, that ends with a word, is whole if the headline goes on behind it."""

CUT_CHARS = 95
"""From this length on a declared title is likelier cut short (to 100 or 110 characters) than written so."""

MAX_SITE_CHARS = 60
"""The name of a site, with its motto, behind a title is shorter than this."""

MAX_BARRED_CHARS = 30
"""What stands behind a bar ("… | Isle Post") and is no longer than this is a site or a section, known or not."""

MIN_TITLE_CHARS = 15
"""No title is cut to less than this: "Budget | Tax goes up" has its section in front."""

MAX_SUFFIXES = 3
"""How many things stand behind a title at most: " | Europe | DW | 28.04.2023"."""

_SEPARATOR = re.compile(
    r"\s*[|\uff5c│丨\u3163·•]\s*|\s+»\s+|\s+[\u2013\u2014-]+\s+|(?<=[^\x00-\x7f])[\uff1a:](?=[^\x00-\x7f])|, (?=[A-Z])"
)
_BARS = frozenset("|\uff5c│丨\u3163")
_LETTERS = re.compile(r"[^\W_]+")
_QUOTES = frozenset('"„“')
"""A title is cut where it quotes, if the quotes of the attribute were not escaped."""
_DATE = re.compile(r"[\d./-]{6,10}")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+){1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles that a page gives, as found."""

    opengraph: str | None
    json_ld: str | None
    """`headline`, else `name`."""
    headline: str | None
    """`<meta name="headline">`: what says the same on pages without JSON-LD."""
    meta: Sequence[tuple[str, Provenance]]
    """Those of other `<meta>` elements, the most trusted first."""
    headings: Sequence[str]
    """The texts of the `<h1>` elements."""
    title: str | None
    """The text of `<title>`."""


def all_of(titles: Titles) -> list[tuple[str, Provenance]]:
    """Return every title that a page gives, the more trusted first."""
    found = [
        (titles.json_ld, Provenance.JSON_LD),
        (titles.opengraph, Provenance.OPENGRAPH),
        (titles.headline, Provenance.META),
        *titles.meta,
        *((heading, Provenance.VISIBLE) for heading in titles.headings),
        (titles.title, Provenance.META),
    ]
    return [(title, where) for title, where in found if title]


def choose(titles: Titles, site: Sequence[str]) -> tuple[str, Provenance] | None:
    """Return the headline and where it was found; `None` where a page has no title.

    Args:
        titles: What the page gives.
        site: The names of the site: its own, its publisher's, its host.
    """
    first, second = (titles.json_ld, Provenance.JSON_LD), (titles.opengraph, Provenance.OPENGRAPH)
    if not titles.json_ld:
        first = (titles.headline, Provenance.META)
    if _for_search_engines(titles, site):
        first, second = second, first
    declared = [found for found in (first, second, *titles.meta, (titles.title, Provenance.META)) if found[0]]
    headings = [(heading, Provenance.VISIBLE) for heading in titles.headings]
    bare = [(without_site(title, site, titles), where) for title, where in declared if title]
    bare = [(title, where) for title, where in bare if title] or headings
    if not bare:
        return None
    title, where = _agreed(bare, headings) or bare[0]
    if (shorter := _without_addition(title, titles, site)) is not None:
        return shorter
    return _whole(title, headings) or (title, where)


def _without_addition(title: str, titles: Titles, site: Sequence[str]) -> tuple[str, Provenance] | None:
    """Return the title for social networks where the headline is that and more: a kicker before it, words behind it.

    "Neue Leipziger Schule: Judy Lybke, ganz und gar nicht eigenartig" has the subject in front for search engines, and
    "… on proud day at Cobham in battling win over Tottenham" what is searched for behind.
    """
    social = without_site(titles.opengraph or "", site, titles)
    whole, part = title.casefold(), social.casefold()
    if len(part) < MIN_TITLE_CHARS or len(part) >= len(whole):
        return None
    has_kicker = whole.endswith(part) and whole[: -len(part)].rstrip().endswith((":", "\uff1a"))
    rest = whole[len(part) :]
    has_tail = (
        whole.startswith(part)
        and len(part) > MIN_WHOLE_CHARS
        and len(part) < CUT_CHARS
        and rest[:1] == " "
        and rest[1:2].isalpha()
        and part[-1].isalnum()
    )
    return (social, Provenance.OPENGRAPH) if has_kicker or has_tail else None


def _for_search_engines(titles: Titles, site: Sequence[str]) -> bool:
    """Tell whether JSON-LD repeats `<title>` where the visible heading is the one for the social networks."""
    if not (titles.json_ld and titles.opengraph and titles.title):
        return False
    declared, shown, page = (
        _plain(without_site(title, site, titles)) for title in (titles.json_ld, titles.opengraph, titles.title)
    )
    headings = {_plain(heading) for heading in titles.headings}
    return declared == page and shown in headings and declared not in headings


def _agreed(
    declared: list[tuple[str, Provenance]], headings: list[tuple[str, Provenance]]
) -> tuple[str, Provenance] | None:
    """Return the first declared title that another one, or a heading, is like."""
    everything = [*declared, *headings]
    for title in declared:
        if any(other is not title and is_alike(other[0], title[0]) for other in everything):
            return title
    return None


def _whole(title: str, headings: list[tuple[str, Provenance]]) -> tuple[str, Provenance] | None:
    """Return the heading that a title is the beginning of: declared ones are often cut to 110 characters."""
    beginning = title.casefold().rstrip(" .…")
    for heading, where in headings:
        found = heading.casefold()
        if len(beginning) > MIN_CUT_CHARS and found != title.casefold() and found.startswith(beginning):
            rest = found[len(beginning) :].lstrip()
            is_cut = title.endswith(("...", "…")) or rest[:1] in _QUOTES or len(beginning) >= MAX_SITE_CHARS
            if is_cut:
                return heading, where
    return None


def is_alike(one: str, other: str) -> bool:
    """Tell whether two titles are of one article: enough of their letters, three by three, are the same."""
    first, second = _trigrams(one), _trigrams(other)
    smaller = min(len(first), len(second))
    return bool(smaller) and len(first & second) >= ALIKE * smaller


def _trigrams(text: str) -> set[str]:
    plain = "".join(_LETTERS.findall(text.casefold()))[:300]
    return {plain[start : start + 3] for start in range(max(1, len(plain) - 2))} if plain else set()


def plain_name(name: str) -> str:
    """Return the letters of a site's name, casefolded: what "Börsen-Zeitung" and "boersen zeitung" are compared by."""
    return "".join(_LETTERS.findall(name.casefold()))


def without_site(title: str, site: Sequence[str], titles: Titles) -> str:
    """Return a title without the site's name, the section and the date that stand behind it."""
    names = [plain for name in site if len(plain := plain_name(name)) > 1]
    others = {_plain(other) for other in (*titles.headings, titles.json_ld, titles.opengraph) if other}
    for _ in range(MAX_SUFFIXES):
        ends = [found for found in _SEPARATOR.finditer(title) if found.start() > 0]
        if not ends:
            break
        last = ends[-1]
        before, behind = title[: last.start()].rstrip(), title[last.end() :].strip()
        is_site = _is_site(behind, names) or (last[0].strip() in _BARS and len(behind) <= MAX_BARRED_CHARS)
        if not behind or not ((is_site and len(before) >= MIN_TITLE_CHARS) or _plain(before) in others):
            break
        title = before
    return title


def _plain(text: str) -> str:
    return " ".join(_LETTERS.findall(text.casefold()))


def _is_site(text: str, names: Sequence[str]) -> bool:
    """Tell whether what stands behind a title is the site's name, its address or a date."""
    if not text or len(text) > MAX_SITE_CHARS:
        return not text
    plain = plain_name(text)
    return (
        bool(_DATE.fullmatch(text) or _DOMAIN.fullmatch(text))
        or not plain
        or any(plain in name or (name in plain and len(name) >= 0.4 * len(plain)) for name in names)
    )
