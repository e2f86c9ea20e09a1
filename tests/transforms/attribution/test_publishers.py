from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.article import Source
from newsdex.transforms.attribution.publishers import _data, resolve

MAYBE = st.one_of(
    st.none(), st.text(), st.sampled_from(["CNN", "https://www.cnn.com/a", "Guest Writer", "x.de", "- News"])
)


@given(MAYBE, MAYBE, MAYBE, MAYBE)
def test_a_resolved_name_resolves_to_itself(
    declared: str | None, url: str | None, site_name: str | None, hint: str | None
) -> None:
    """No input crashes, and the canonical name stands for the same paper."""
    found = resolve(declared, url, site_name, hint)
    assert (found.name is None) == (found.provenance is None)
    if found.name and found.provenance != "url":
        assert resolve(found.name).name == found.name


@pytest.mark.parametrize(
    ("declared", "url"),
    [
        ("CNN (Web News)", None),
        ("CNN", None),
        ("cnn.com", None),
        ("https://edition.cnn.com", None),
        (None, "https://edition.cnn.com/a"),
        ("CNN - Editorial", "http://politicalticker.blogs.cnn.com/a"),
        ("Guest Writer - Left", "https://www.cnn.com/a"),
        ("Ben Shapiro", "https://www.cnn.com/a"),
    ],
)
def test_one_paper_under_many_names(declared: str | None, url: str | None) -> None:
    """Labels, domains, subdomains and columnists' names all lead to the one paper."""
    found = resolve(declared, url)
    assert (found.name, found.domain, found.country) == ("CNN", "cnn.com", "US")


def test_abbreviations_and_sections() -> None:
    """An abbreviation and a section are the one source: "NYT", "New York Times - Opinion"."""
    names = {resolve(name).name for name in ("NYT", "New York Times (News)", "New York Times - Opinion", "nytimes.com")}
    assert names == {"The New York Times"}


def test_two_domains_are_one_source() -> None:
    """bbc.com and bbc.co.uk are one paper."""
    assert resolve(None, "https://www.bbc.co.uk/news/1") == resolve(None, "https://bbc.com/news/1")


@pytest.mark.parametrize(
    ("arguments", "provenance"),
    [
        (("CNN", "https://cnn.com/a", None, None), "declared"),
        ((None, "https://cnn.com/a", "CNN", None), "page"),
        ((None, "https://cnn.com/a", None, None), "url"),
        ((None, None, None, "Business Standard"), "boilerplate"),
        ((None, "https://unheard-of.example.org/a", "The Unheard-Of", None), "page"),
    ],
)
def test_provenance_says_where_the_name_was_found(
    arguments: tuple[str | None, str | None, str | None, str | None], provenance: str
) -> None:
    """Each name carries the place that it was found in."""
    assert resolve(*arguments).provenance == provenance


def test_aggregators_give_way_to_the_declared_paper() -> None:
    """An article that an aggregator shows belongs to the paper that it names."""
    assert resolve("CNN", "https://www.yahoo.com/news/a").name == "CNN"
    assert resolve(None, "https://www.yahoo.com/news/a").name == "Yahoo News"


def test_unknown_paper() -> None:
    """A paper outside the table keeps its declared name, its domain, and the country of a national domain."""
    expected = Source(name="Kurier am Abend", domain="kurier-am-abend.de", country="DE", provenance="declared")
    assert resolve("Kurier am Abend", "https://www.kurier-am-abend.de/a") == expected


def test_bare_address() -> None:
    """Where nothing but the address is known, the domain is the name."""
    expected = Source(name="unheard-of.io", domain="unheard-of.io", country=None, provenance="url")
    assert resolve(None, "https://www.unheard-of.io/a") == expected


def test_an_agencys_name_is_no_hint() -> None:
    """An agency in a paywall block or copyright line is a credit, not the paper."""
    assert resolve(None, None, None, "AFP") == Source()


def test_users_extend_the_table() -> None:
    """A user's entry adds a paper, or replaces ours of the same name."""
    extra = {"Kurier": {"domains": ["kurier-am-abend.de", "kurier.example"], "aliases": ["KaA"], "country": "AT"}}
    assert resolve("KaA", extra=extra) == Source(
        name="Kurier", domain="kurier-am-abend.de", country="AT", provenance="declared"
    )
    assert resolve(None, "https://www.kurier.example/a", extra=extra).name == "Kurier"
    assert resolve("KaA").name == "KaA"


def test_the_table_is_sound() -> None:
    """No domain or alias belongs to two papers, and countries are two capital letters."""
    domains = [domain for entry in _data()["sources"].values() for domain in entry["domains"]]
    aliases = [alias for entry in _data()["sources"].values() for alias in entry.get("aliases", ())]
    assert sorted(domains) == sorted(set(domains))
    assert sorted(aliases) == sorted(set(aliases))
    assert all(re.fullmatch("[A-Z]{2}", entry.get("country", "XX")) for entry in _data()["sources"].values())
    assert not {alias for alias in aliases if resolve(alias).name is None}
