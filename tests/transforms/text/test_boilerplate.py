from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdex.transforms.text.boilerplate import strip
from newsdex.transforms.text.boilerplate_rules import form, rules, tables
from newsdex.transforms.text.repair import repair, strip_markup

if TYPE_CHECKING:
    from pathlib import Path

RULES: list[dict[str, Any]] = tables()["rule"]
EXAMPLES = [(rule, text) for rule in RULES for text in rule["example"]]
COUNTERS = [(rule, text) for rule in RULES for text in rule["counter"]]

PROSE = "The minister said on Monday that the talks would go on for another week."

LINES = st.lists(
    st.one_of(st.sampled_from([text for _, text in EXAMPLES + COUNTERS] + [PROSE, "3 Months", "₹300/Month"]), st.text())
).map("\n\n".join)


def matches(entry: dict[str, Any], text: str) -> bool:
    """Return whether one rule, alone, takes something out of a text."""
    rule = rules().by_name[entry["name"]]
    if entry.get("anywhere"):
        return rule.needs in text.lower() and rule.pattern.search(text) is not None
    if entry.get("start"):
        return rule.needs in text.lower() and rule.pattern.match(text) is not None
    key = form(text)
    return rule.needs in key and rule.literal in text and rule.pattern.fullmatch(key) is not None


@pytest.mark.parametrize(("rule", "text"), EXAMPLES, ids=lambda value: value["name"] if isinstance(value, dict) else "")
def test_every_rule_takes_its_examples(rule: dict[str, Any], text: str) -> None:
    """Every rule matches each of its examples, and the text is then really taken out."""
    assert matches(rule, text)
    assert strip(text).body != text


@pytest.mark.parametrize(("rule", "text"), COUNTERS, ids=lambda value: value["name"] if isinstance(value, dict) else "")
def test_every_rule_leaves_its_counter_examples(rule: dict[str, Any], text: str) -> None:
    """Every rule leaves each of its counter-examples alone."""
    assert not matches(rule, text)


def test_every_rule_has_an_example_and_a_counter_example() -> None:
    """A rule without an example and a counter-example has not been reviewed."""
    assert [rule["name"] for rule in RULES if not rule["example"] or not rule["counter"]] == []


def test_prices_have_examples() -> None:
    """The pattern for prices and plans matches its examples and leaves its counter-examples."""
    offer, price = tables()["offer"], rules().price
    assert all(price.fullmatch(form(text)) for text in offer["price_examples"])
    assert not any(price.fullmatch(form(text)) for text in offer["price_counters"])


@given(LINES)
def test_strip_is_idempotent(text: str) -> None:
    """Stripping twice takes out nothing more."""
    once = strip(text).body
    assert strip(once).body == once


@given(LINES)
def test_nothing_is_invented(text: str) -> None:
    """What is kept and what is removed are lines of the text; nothing else appears."""
    stripped = strip(text)
    assert all(line in text for line in stripped.body.split("\n\n"))
    assert all(item.text in text for item in stripped.removed)


def test_seed_with_paywall_block(gold: Path) -> None:
    """The article with the paywall block ends with its last sentence, is paywalled, and names its paper."""
    raw = (gold / "seeds/003_cf2b93957e82c30f.txt").read_text(encoding="utf-8")
    for text in (repair(raw), repair(strip_markup(raw))):
        stripped = strip(text)
        assert stripped.body.endswith("supplying fuel to the isolated country.")
        assert stripped.paywalled
        assert stripped.source_hint == "Business Standard"
        assert "₹" not in stripped.body
        assert "free_limit" not in stripped.body


def test_clean_seed_keeps_every_line(gold: Path) -> None:
    """The article without boilerplate loses nothing."""
    text = repair((gold / "seeds/000_4ee1d4d0f171337c.txt").read_text(encoding="utf-8"))
    assert strip(text).body == text
    assert not strip(text).removed


@pytest.mark.parametrize(
    "block",
    [
        "You have reached your limit of free articles.\n\n$1 a week\n\nBilled every 4 weeks\n\nGift cards",
        "Dieser Artikel ist nur für Abonnenten.\n\nNur 9,99 € im Monat\n\nJederzeit kündbar\n\nZum Angebot",
        "Il vous reste 80% de cet article à lire.\n\n1 € le premier mois\n\nJ'en profite",
        "Contenido exclusivo para suscriptores\n\nPlan anual\n\n20 € al año\n\nVer ofertas",
        "Questo articolo è riservato agli abbonati.\n\nAbbonati ora\n\n1 € al mese\n\nScopri di più",
        "Conteúdo exclusivo para assinantes\n\nAssine já\n\nR$ 9,90 por mês\n\nVer planos",
        "Dit artikel is alleen voor abonnees.\n\nWord nu abonnee\n\n€ 2 per week\n\nMeer informatie",
        "Материал доступен только подписчикам.\n\nОформите подписку\n\n199 ₽ в месяц\n\nВсе тарифы",
    ],
    ids=["en", "de", "fr", "es", "it", "pt", "nl", "ru"],
)
def test_paywall_blocks_in_eight_languages(block: str) -> None:
    """A paywall line takes the plans and buttons behind it along, up to the end of the text."""
    stripped = strip(f"{PROSE}\n\n{block}")
    assert stripped.body == PROSE
    assert stripped.paywalled


def test_an_article_goes_on_behind_a_paywall_block() -> None:
    """Prose behind the block stays, with the heading in front of it; the offer goes."""
    body = (
        f"{PROSE}\n\nSubscribe to read the full story\n\n₹300/Month\n\nCancel anytime\n\nA second chance\n\n"
        "Subscribers of the service rose by a tenth, the company said.\n\n" + PROSE
    )
    stripped = strip(body)
    assert stripped.body == (
        f"{PROSE}\n\nA second chance\n\nSubscribers of the service rose by a tenth, the company said.\n\n{PROSE}"
    )
    assert stripped.paywalled


def test_prompt_at_the_end_of_a_paragraph() -> None:
    """A prompt behind the last sentence of a paragraph goes; the paragraph stays."""
    stripped = strip(
        f"{PROSE} You’ve reached your limit of free articles this month. Subscribe now for unlimited access."
    )
    assert stripped.body == PROSE
    assert stripped.paywalled


def test_prompt_inside_a_quotation_stays() -> None:
    """Somebody's words are not cut, even if they end in a prompt."""
    text = "The mail read: “We are back. Sign up to receive an email when it opens.”"
    assert strip(text).body == text


def test_copyright_line_is_kept_for_agencies() -> None:
    """A copyright line leaves the body, but is handed on, because it credits an agency."""
    stripped = strip(f"{PROSE}\n\n© 2018 AFP")
    assert stripped.body == PROSE
    assert [item.text for item in stripped.removed] == ["© 2018 AFP"]


def test_list_of_links_at_the_end() -> None:
    """Headlines behind "Related articles" go at the end of a text, and stay where the article goes on."""
    links = "Related articles\n\nA first headline\n\nWill there be a second?"
    assert strip(f"{PROSE}\n\n{links}").body == PROSE
    assert "A first headline" in strip(f"{PROSE}\n\n{links}\n\n{PROSE}").body


def test_another_papers_name_in_the_offer_is_no_hint() -> None:
    """A paper that is thrown in with the subscription is not the article's source."""
    text = (
        f"{PROSE}\n\nSubscribe to read the full story\n\nComplimentary Access to The New York Times\n\n"
        "Subscribe to The Daily Example today"
    )
    assert strip(text).source_hint == "The Daily Example"


@pytest.mark.parametrize(
    "hostile",
    [
        "Sign up for our newsletter. " * 20_000,
        "Subscribe to read the full story\n\n" * 20_000,
        "Related articles\n\nA headline\n\n" * 15_000,
        "a. " * 200_000,
        "(RELATED: " * 50_000,
        "share " * 100_000,
        "you have reached " * 30_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_ends_in_bounded_time(hostile: str) -> None:
    """Half a megabyte of anything is done in seconds."""
    started = time.process_time()
    strip(hostile)
    assert time.process_time() - started < 8
