"""Names the paper that published an article: one name, one domain, one country for each paper.

`publishers.toml` beside this module lists papers with their domains and the names that inputs give them. Who published
an article is told, in this order, by the address of the page, where it belongs to a paper of the table; by what the
input declares; by what the page says of itself; by the bare address; by the paper's own paywall block.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from newsdex.tables import load_table
from newsdex.transforms.article import Source
from newsdex.transforms.attribution import urls

Extra = Mapping[str, Mapping[str, Any]]
"""A user's additions: canonical name → `domains`, `aliases`, `country`, `aggregator`, as in publishers.toml."""

_MAX_NAME_CHARS = 100
"""A longer "name" is a sentence or a list, and no paper's."""

_NO_WORD = re.compile(r"[^\w]+")
_DOMAIN_LIKE = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_QUALIFIER = re.compile(r"\s*\(([^()]*)\)\s*$|\s+[-–—|:]\s+([^-–—|:]*)$")
_COUNTRY_OF_SUFFIX = {"uk": "GB"}
_TABLES_KEPT = 16
"""How many different user tables are kept compiled: a process uses one."""


@dataclass(frozen=True, slots=True)
class _Paper:
    """One entry of the table."""

    name: str
    domain: str | None
    country: str | None
    aggregator: bool
    agency: bool


@dataclass(frozen=True, slots=True)
class _Table:
    """The table, by what a paper is found with."""

    by_host: dict[str, _Paper]
    by_name: dict[str, _Paper]
    not_papers: frozenset[str]
    qualifiers: frozenset[str]
    generic_suffixes: frozenset[str]


@cache
def _data() -> dict[str, Any]:
    """Return the content of publishers.toml."""
    return load_table(__file__, "publishers.toml")


@lru_cache(maxsize=_TABLES_KEPT)
def _table(extra: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]) -> _Table:
    """Return the shipped table with a user's entries on top."""
    data = _data()
    entries: dict[str, Mapping[str, Any]] = data["sources"] | {name: dict(entry) for name, entry in extra}
    by_host: dict[str, _Paper] = {}
    by_name: dict[str, _Paper] = {}
    for name, entry in entries.items():
        domains = tuple(entry.get("domains", ()))
        paper = _Paper(
            name,
            domains[0] if domains else None,
            entry.get("country"),
            bool(entry.get("aggregator")),
            bool(entry.get("agency")),
        )
        by_host.update(dict.fromkeys(domains, paper))
        by_name.update(dict.fromkeys(map(_key, (name, *entry.get("aliases", ()))), paper))
    return _Table(
        by_host,
        by_name,
        frozenset(map(_key, data["not_papers"])),
        frozenset(map(_key, data["qualifiers"])),
        frozenset(data["generic_country_domains"]),
    )


def _freeze(extra: Extra | None) -> tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]:
    """Return a user's entries in a form that can be a key."""
    return tuple(
        (name, tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in entry.items()))
        for name, entry in (extra or {}).items()
    )


def resolve(
    declared: str | None,
    url: str | None = None,
    site_name: str | None = None,
    hint: str | None = None,
    *,
    extra: Extra | None = None,
) -> Source:
    """Return the paper behind an article.

    Args:
        declared: The paper's name or domain as the input declares it.
        url: The article's address.
        site_name: What the page calls its site (og:site_name, the publisher in JSON-LD).
        hint: The paper's name out of its own paywall block.
        extra: A user's entries, which go before the shipped table's.
    """
    table = _table(_freeze(extra))
    host = urls.host(url)
    home = _by_host(table, host)
    named = [(name, provenance) for name, provenance in ((declared, "declared"), (site_name, "page")) if name]
    if home is not None and not home.aggregator:
        agreeing = next((where for name, where in named if _find(table, name) is home), "url")
        return _source(home, agreeing)
    own_domain = None if home is not None else urls.domain(url) or host
    for name, provenance in named:
        source = _named(table, name, own_domain, provenance)
        if source is not None:
            return source
    if home is not None:
        return _source(home, "url")
    if own_domain:
        return Source(name=own_domain, domain=own_domain, country=_country(table, own_domain), provenance="url")
    return _hinted(table, hint) if hint else Source()


def _hinted(table: _Table, hint: str) -> Source:
    """Return the paper that a paywall block names; an agency's name there is a credit."""
    paper = _find(table, hint)
    if paper is not None:
        return Source() if paper.agency else _source(paper, "boilerplate")
    return _named(table, hint, None, "boilerplate") or Source()


def _source(paper: _Paper, provenance: str) -> Source:
    """Return the record of a paper of the table."""
    return Source(name=paper.name, domain=paper.domain, country=paper.country, provenance=provenance)


def _named(table: _Table, name: str, own_domain: str | None, provenance: str) -> Source | None:
    """Return the paper that a name or a domain stands for, `None` where it stands for none."""
    paper = _find(table, name)
    if paper is not None:
        return _source(paper, provenance)
    if _is_domain(name):
        domain = urls.domain(name.strip())
        return Source(name=domain, domain=domain, country=_country(table, domain), provenance=provenance)
    shown = _display(table, name)
    if not shown or len(shown) > _MAX_NAME_CHARS or _key(shown) in table.not_papers:
        return None
    return Source(name=shown, domain=own_domain, country=_country(table, own_domain), provenance=provenance)


def _find(table: _Table, name: str) -> _Paper | None:
    """Return the paper of the table that a name or a domain stands for."""
    for form in (name, _display(table, name)):
        paper = table.by_name.get(_key(form))
        if paper is not None:
            return paper
    return _by_host(table, urls.host(name.strip())) if _is_domain(name) else None


def _is_domain(name: str) -> bool:
    """Return whether a declared source is an address or a domain rather than a name."""
    return _DOMAIN_LIKE.fullmatch(name.strip()) is not None and urls.domain(name.strip()) is not None


def _by_host(table: _Table, host: str | None) -> _Paper | None:
    """Return the paper of a host: the entry for the host itself or for the nearest domain above it."""
    while host:
        paper = table.by_host.get(host)
        if paper is not None:
            return paper
        host = host.partition(".")[2]
    return None


def _display(table: _Table, name: str) -> str:
    """Return a name without what a label adds to it: "CNN (Web News)" → "CNN"."""
    name = " ".join(name[: 2 * _MAX_NAME_CHARS].split())
    while match := _QUALIFIER.search(name):
        if _key(match.group(1) or match.group(2) or "") not in table.qualifiers:
            break
        name = name[: match.start()]
    return name


def _key(name: str) -> str:
    """Return what two spellings of one name have in common."""
    words = _NO_WORD.sub(" ", name.casefold()).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[-1] in {"com", "org", "net"}:
        words = words[:-1]
    return " ".join(words)


def _country(table: _Table, domain: str | None) -> str | None:
    """Return the country of a national top-level domain, `None` for all others and those used all over the world."""
    suffix = domain.rpartition(".")[2] if domain else ""
    if len(suffix) != len("xx") or not suffix.isalpha() or suffix in table.generic_suffixes:
        return None
    return _COUNTRY_OF_SUFFIX.get(suffix, suffix.upper())
