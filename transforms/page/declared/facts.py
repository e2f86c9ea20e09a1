"""Chooses the facts of a page among all that it declares, each from the most trusted place, with its provenance.

The order of trust: JSON-LD, OpenGraph, other meta elements, what is visible. `metadata.toml` lists the names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from newsdex.tables import load_table
from newsdex.transforms.dates.candidate import DateCandidate, Provenance
from newsdex.transforms.page.declared import jsonld, title
from newsdex.transforms.page.declared.metadata import Raw, squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_NAMES = load_table(__file__, "metadata.toml")
_LABELS = tuple(_NAMES["byline"]["labels"])


Found = tuple[str, Provenance]
"""A value and where it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page declares. `provenance` tells for each fact that was found where."""

    title: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    """Names behind a label such as "Written by", and those that less trusted places declare: where the most trusted one
    declares the paper as the author, another often names the person."""
    source: str | None = None
    canonical_url: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    language: str | None = None
    is_accessible_for_free: bool | None = None
    dates: tuple[DateCandidate, ...] = ()
    provenance: dict[str, Provenance] = field(default_factory=dict)
    others: dict[str, tuple[Found, ...]] = field(default_factory=dict)
    """Fact → what else the page gives for it, the more trusted first."""
    declared_body: str | None = None
    """JSON-LD's `articleBody`; it may hold markup."""
    kinds: frozenset[str] = frozenset()
    """Declared kinds of the page, casefolded: JSON-LD types and `og:type`."""
    headings: tuple[str, ...] = ()
    """Texts of the `<h1>` elements."""
    page_title: str | None = None
    """The `<title>` as it is, with the name of the site."""


class _Choice:
    """Facts taken so far: the first value that is offered for a fact is kept."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.others: dict[str, dict[str, Provenance]] = {}
        self.provenance: dict[str, Provenance] = {}

    def offer(self, fact: str, value: str | tuple[str, ...] | None, found_in: Provenance) -> None:
        if value and fact not in self.values:
            self.values[fact], self.provenance[fact] = value, found_in
        elif value and value != self.values[fact]:
            self.others.setdefault(fact, {}).setdefault(value if isinstance(value, str) else ", ".join(value), found_in)


def choose(raw: Raw, url: str | None) -> Facts:
    """Return the facts of a page, each from the most trusted place that names it.

    Args:
        raw: What the page declares.
        url: Where it was fetched: makes relative addresses absolute.
    """
    found = jsonld.nodes(raw.scripts)
    node = jsonld.article_among(found, raw.canonical or url)
    choice = _Choice()
    _offer_json_ld(choice, node)
    choice.offer("canonical_url", web_address(raw.canonical, url), Provenance.LINK)
    _offer_meta(choice, raw, url)
    for address in jsonld.addresses(node):
        choice.offer("canonical_url", web_address(address, url), Provenance.JSON_LD)
    choice.offer("authors", tuple(raw.itemprops.get("author", ())), Provenance.MICRODATA)
    choice.offer("language", raw.language, Provenance.META)
    _offer_title(choice, raw, node, url)
    return Facts(
        **choice.values,
        is_accessible_for_free=jsonld.truth(node.get("isAccessibleForFree")),
        dates=tuple(_dates(raw, node)),
        provenance=choice.provenance,
        others={fact: tuple(values.items()) for fact, values in choice.others.items()},
        declared_body=jsonld.text(node.get("articleBody")),
        kinds=frozenset(
            jsonld.types(node) | jsonld.list_kinds(found) | {kind.casefold() for kind in raw.meta.get("og:type", ())}
        ),
        headings=tuple(raw.headings),
        page_title=raw.title,
        bylines=(*_labelled(raw.meta), *_other_authors(raw, choice.values.get("authors", ()))),
    )


def _offer_json_ld(choice: _Choice, node: dict[str, Any]) -> None:
    for fact, keys in _NAMES["json_ld"].items():
        for key in keys:
            text = jsonld.text(node.get(key))
            value = web_address(text, None) if fact == "image_url" else squeeze(text or "")
            choice.offer(fact, value, Provenance.JSON_LD)
    for key in ("author", "creator"):
        choice.offer("authors", tuple(map(squeeze, jsonld.texts(node.get(key)))), Provenance.JSON_LD)
    choice.offer("keywords", _keywords(jsonld.texts(node.get("keywords"))), Provenance.JSON_LD)


def _offer_meta(choice: _Choice, raw: Raw, url: str | None) -> None:
    for fact, names in _NAMES["facts"].items():
        for name in names:
            value = next(iter(raw.meta.get(name, ())), None)
            if fact in ("canonical_url", "image_url"):
                value = web_address(value, url)
            choice.offer(fact, value, Provenance.OPENGRAPH if name.startswith("og:") else Provenance.META)
    for name in _NAMES["lists"]["authors"]:
        choice.offer("authors", tuple(v for v in raw.meta.get(name, ()) if "://" not in v), Provenance.META)
    for name in _NAMES["lists"]["keywords"]:
        choice.offer("keywords", _keywords(raw.meta.get(name, ())), Provenance.META)


def _labelled(meta: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names behind a label, such as `twitter:label1` "Written by" and `twitter:data1` "Jane Doe"."""
    return tuple(
        value
        for number in ("1", "2")
        for label, value in zip(
            meta.get(f"twitter:label{number}", ()), meta.get(f"twitter:data{number}", ()), strict=False
        )
        if label.casefold().strip(" :") in _LABELS
    )


def _other_authors(raw: Raw, chosen: Sequence[str]) -> Iterator[str]:
    """Yield the authors that each `<meta>` declares beside the chosen ones, as one byline for each."""
    for name in _NAMES["lists"]["authors"]:
        values = tuple(value for value in raw.meta.get(name, ()) if "://" not in value)
        if values and not set(values) <= set(chosen):
            yield "; ".join(dict.fromkeys(values))


def _offer_title(choice: _Choice, raw: Raw, node: dict[str, Any], url: str | None) -> None:
    """Offer the headline that the page's titles together tell."""
    opengraph, *others = _NAMES["title"]["meta"]
    declared = next(filter(None, (jsonld.text(node.get(key)) for key in _NAMES["title"]["json_ld"])), None)
    titles = title.Titles(
        opengraph=next(iter(raw.meta.get(opengraph, ())), None),
        json_ld=squeeze(declared) if declared else None,
        headline=next(iter(raw.meta.get("headline", ())), None),
        meta=[(value, Provenance.META) for name in others for value in raw.meta.get(name, ())[:1]],
        headings=raw.headings,
        title=raw.title,
    )
    host = urlsplit(web_address(url or choice.values.get("canonical_url"), None) or "").hostname or ""
    names = (choice.values.get("source"), jsonld.text(node.get("publisher")), host, _label(host))
    if (found := title.choose(titles, [name for name in names if name])) is not None:
        choice.offer("title", *found)
        for other in title.all_of(titles):
            choice.offer("title", *other)


def _label(host: str) -> str:
    """Return the longest label of a host: its name without "www" and "co.uk"."""
    return max(host.split("."), key=len)


def _keywords(values: Sequence[str]) -> tuple[str, ...]:
    if len(values) == 1:
        values = values[0].replace(";", ",").split(",")
    return tuple(dict.fromkeys(word for value in values if (word := value.strip())))


def web_address(address: str | None, base: str | None) -> str | None:
    """Return an absolute http(s) address, or `None` for anything else (`javascript:`, an empty or broken one)."""
    if not address:
        return None
    try:
        absolute = urljoin(base or "", address.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in ("http", "https") and parts.netloc else None


_TAGS = re.compile(r"<[^<>]{0,500}>")
_BREAKS = re.compile(r"\n|<(?:/p|br\s?/?)>", re.IGNORECASE)


def paragraphs(declared: str) -> str:
    """Return a declared text (`articleBody`), which may hold markup, as paragraphs separated by a blank line."""
    parts = (" ".join(_TAGS.sub(" ", part).split()) for part in _BREAKS.split(declared))
    return "\n\n".join(part for part in parts if part)


def _dates(raw: Raw, node: dict[str, Any]) -> Iterator[DateCandidate]:
    """Yield the dates that a page declares: publication dates first, the most trusted of them first."""
    names = _NAMES["dates"]
    yield from _declared(names["json_ld"], Provenance.JSON_LD, lambda name: [jsonld.text(node.get(name))])
    for provenance in (Provenance.OPENGRAPH, Provenance.META):
        yield from _declared(names[provenance.value], provenance, lambda name: raw.meta.get(name, ())[:2])
    yield from _declared(names["microdata"], Provenance.MICRODATA, lambda name: raw.itemprops.get(name, ())[:1])
    for time in raw.times:
        modified = "modif" in time.names or "updat" in time.names
        yield DateCandidate(text=time.written, provenance=Provenance.TIME, by_name=time.published, modified=modified)
    changed = names["json_ld_modified"]
    yield from _declared(changed, Provenance.JSON_LD, lambda name: [jsonld.text(node.get(name))], modified=True)
    yield from _declared(names["modified"], Provenance.META, lambda name: raw.meta.get(name, ())[:1], modified=True)


def _declared(
    names: Sequence[str],
    provenance: Provenance,
    values: Callable[[str], Sequence[str | None]],
    *,
    modified: bool = False,
) -> Iterator[DateCandidate]:
    for name in names:
        for text in values(name):
            if text:
                yield DateCandidate(text=text, provenance=provenance, modified=modified)
