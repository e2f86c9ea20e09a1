"""The mapping and the analysis behind it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from newsdex.search.errors import SearchError
from newsdex.search.indices.analysis import Analysis, Choice, Language, Way, choose_analysis, supported_languages
from newsdex.search.indices.mapping import article_mapping, article_properties
from newsdex.transforms.article import Article

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

DATE_MENTION_IN_INDEX = {"iso", "range", "precision", "text", "start_char", "end_char"}
"""`start` and `end` of a mentioned date are one `range` in the index."""


def nested_record(hint: Any) -> type | None:
    """Return the record type that a field holds, alone or in a tuple."""
    return next((each for each in (hint, *get_args(hint)) if isinstance(each, type) and is_dataclass(each)), None)


def test_the_mapping_has_the_fields_of_an_article() -> None:
    """Every field of `Article` but its id is mapped under its own name, and nothing else is."""
    assert set(article_properties()) == {each.name for each in fields(Article)} - {"id"}


@pytest.mark.parametrize("name", ["source", "entities", "copies", "dates_mentioned"])
def test_the_mapping_has_the_fields_of_a_nested_record(name: str) -> None:
    """A record within an article is an object with the record's field names."""
    record = nested_record(get_type_hints(Article)[name])
    assert record is not None
    expected = DATE_MENTION_IN_INDEX if name == "dates_mentioned" else {each.name for each in fields(record)}
    assert set(article_properties()[name]["properties"]) == expected


def test_stemmed_text_is_not_stored() -> None:
    """The stemmed fields are left out of `_source`, one for every supported language."""
    analysis = Analysis(choices={"en": Choice(way=Way.HUNSPELL, name="en_US")}, folds_accents=False)
    mapping = article_mapping(analysis)
    assert "stemmed.*" in mapping["_source"]["excludes"]
    assert set(mapping["properties"]["stemmed"]["properties"]) == {"en"}


def test_a_full_distribution_gets_its_own_analyzers() -> None:
    """Where the node has language analyzers, the stemmed fields use them and accents are folded."""
    analysis = Analysis(choices={"de": Choice(way=Way.ANALYZER, name="german")}, folds_accents=True)
    analyzers = analysis.settings()["analyzer"]
    assert analyzers["stemmed_de"] == {"type": "german"}
    assert analyzers["newsdex_text"]["filter"] == ["lowercase", "asciifolding"]


def test_a_choice_is_read_back_from_its_words() -> None:
    """The report that an index stores tells the choices again."""
    for choice in (
        Choice(way=Way.PLAIN),
        Choice(way=Way.HUNSPELL, name="en_US"),
        Choice(way=Way.ANALYZER, name="dutch"),
    ):
        assert Choice.parse(str(choice)) == choice


def test_an_unknown_language_is_refused() -> None:
    """A language without a row in the table is named, with those that have one."""
    with pytest.raises(SearchError, match="xx"):
        choose_analysis(None, ["xx"])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def analysis(client: Elasticsearch) -> Analysis:
    """Return what the suite's node can do."""
    return choose_analysis(client)


def test_the_node_stems_the_languages_in_use(analysis: Analysis) -> None:
    """The twelve languages in use on the embedded node are stemmed; every other supported one is at least plain."""
    assert analysis.stemmed >= {"en", "es", "fr", "de", "it", "pt", "nl", "ru", "uk", "pl", "ar", "sv"}
    assert set(analysis.choices) == {language.code for language in supported_languages()}


@pytest.mark.parametrize("language", supported_languages(), ids=lambda language: language.code)
def test_inflected_forms_meet_their_base_form(client: Elasticsearch, analysis: Analysis, language: Language) -> None:
    """In every language that the node stems, the table's inflected form and its base form become one word."""
    choice = analysis.choices[language.code]
    if choice.way is Way.PLAIN:
        assert language.code not in analysis.stemmed
        return
    inflected, base = (words(client, analysis, language.code, form) for form in language.example)
    assert inflected & base


def words(client: Elasticsearch, analysis: Analysis, code: str, text: str) -> set[str]:
    """Return the words that the index keeps of a text."""
    definition = analysis.settings()["analyzer"][f"stemmed_{code}"]
    if definition["type"] != "custom":
        tokens = client.indices.analyze(analyzer=definition["type"], text=text)["tokens"]
    else:
        filters = [analysis.settings()["filter"].get(name, name) for name in definition["filter"]]
        tokens = client.indices.analyze(tokenizer="standard", filter=filters, text=text)["tokens"]
    return {token["token"] for token in tokens}
