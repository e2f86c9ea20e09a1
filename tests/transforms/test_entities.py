from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdex.transforms.article import Entities, EntityType
from newsdex.transforms.entities.recognise import Aliases, chunks, read_aliases, recognise, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsdex.transforms.entities.mentions import Span
    from newsdex.transforms.entities.recognise import Recognised

PERSON, ORG, PLACE = EntityType.PERSON, EntityType.ORGANIZATION, EntityType.PLACE


def found(body: str, aliases: Aliases | None = None, **names: list[str]) -> Recognised:
    """Resolve a body in which a model found each name once, left to right, under the type given.

    A name may have the text before it in front, as in "when |May", to say which of its places is meant.
    """
    spans: list[Span] = []
    for kind, texts in names.items():
        after: dict[str, int] = {}
        for text in texts:
            lead, _, name = text.rpartition("|")
            start = body.index(lead + name, after.get(name, 0)) + len(lead)
            after[name] = start + len(name)
            spans.append((start, after[name], EntityType[kind.upper()]))
    return resolve(body, spans, aliases=aliases)


def test_surname_follows_the_full_name_even_where_the_model_said_place() -> None:
    """A surname has the type and the canonical name of the full name in the same article."""
    body = "Vladimir Putin spoke. Putin left. Putin won."
    result = found(body, person=["Vladimir Putin"], place=[". |Putin", ". |Putin"])
    assert result.entities.person == ("Vladimir Putin",)
    assert result.entities.place == ()
    assert [m.canonical for m in result.mentions] == ["Vladimir Putin"] * 3


def test_a_name_missed_once_is_filled_in() -> None:
    """A name found in one place of an article counts in every place where it stands on its own."""
    result = found("Anna Berg came. Later on Berg left the Berg Hotel.", person=["Anna Berg"])
    assert [m.text for m in result.mentions] == ["Anna Berg", "Berg"]
    result = found("Anna Berg came. Later on Berg left, and so did Anna Berg.", person=["Anna Berg"])
    assert [m.text for m in result.mentions] == ["Anna Berg", "Berg", "Anna Berg"]


def test_titles_and_possessives_are_no_part_of_a_name() -> None:
    """Titles before a name and the possessive after it are cut off, and offsets fit what is left."""
    body = "President Maria Lopez's plan"
    result = found(body, person=["President Maria Lopez's"])
    mention = result.mentions[0]
    assert mention.text == body[mention.start : mention.end] == "Maria Lopez"


def test_a_person_with_a_title_is_no_organisation() -> None:
    """A title that only people have makes a name a person's; a title alone is nothing."""
    result = found(
        "Senate Majority Leader Ann Poe met the House Speaker.",
        organization=["Senate Majority Leader Ann Poe", "House Speaker"],
    )
    assert result.entities.person == ("Ann Poe",)
    assert result.entities.organization == ()


@pytest.mark.parametrize("surface", ["US", "U.S.", "USA", "America", "United States"])
def test_a_country_is_one_facet_under_all_its_names(surface: str) -> None:
    """Every name of the United States counts under one, with its ISO code."""
    result = found(f"He left {surface} on foot.", place=[surface])
    assert result.entities.place == ("United States",)
    assert result.entities.country == ("US",)


def test_a_country_is_found_without_the_model() -> None:
    """Countries come from the gazetteer, also where the model missed them or called them an organisation."""
    result = found("Russia and France talked to North Korea.", organization=["Russia"])
    assert result.entities.place == ("Russia", "France", "North Korea")


def test_a_people_is_no_place() -> None:
    """Demonyms are dropped, and so is the first word of one."""
    result = found("A Russian met a North Korean envoy.", place=["Russian", "North"])
    assert result.entities == Entities()


def test_georgia_is_a_country_beside_its_neighbours_and_a_state_elsewhere() -> None:
    """A name that is a country and a US state is told by what else the article names."""
    assert found("Georgia and Russia fought.", place=["Georgia", "Russia"]).entities.country == ("GE", "RU")
    assert found("Georgia and Florida voted.", place=["Georgia", "Florida"]).entities.country == ()


def test_a_city_lies_in_the_state_that_follows_it() -> None:
    """The point of a city is that of the one in the state named after it."""
    maine = found("In Portland, Maine, it rained.", place=["Portland", "Maine"]).location[0]
    oregon = found("In Portland it rained.", place=["Portland"]).location[0]
    assert maine.lon > -72
    assert oregon.lon < -120


def test_washington_is_the_capital() -> None:
    """Washington and its short forms are the city, with the city's point."""
    result = found("He flew to Washington. D.C. was hot.", place=["Washington", "D.C."])
    assert result.entities.place == ("Washington",)
    assert result.location[0].lat == pytest.approx(38.9, abs=0.1)


def test_the_white_house_is_an_organisation() -> None:
    """Institutions known by their building are organisations, whatever the model says."""
    result = found("The White House and the Kremlin agreed.", place=["White House"], person=["Kremlin"])
    assert result.entities.organization == ("White House", "Kremlin")


def test_short_forms_of_organisations_follow_the_long_one() -> None:
    """A short form and an acronym count under the full name of the same article; a registered form is left off."""
    body = "The Brookings Institution, Brookings, the Global Fish Trust, the GFT and Acme Inc. spoke."
    names = ["Brookings Institution", "Global Fish Trust", "GFT", "Acme Inc."]
    result = found(body, organization=[*names, ", |Brookings"])
    assert result.entities.organization == ("Brookings Institution", "Global Fish Trust", "Acme")
    assert result.entities.aliases == ("Brookings", "GFT", "Acme Inc.")


def test_a_general_word_is_an_organisation_only_with_its_long_name() -> None:
    """The word "Court" counts under the court that the article names, and is nothing on its own."""
    assert found("The Court ruled.", organization=["Court"]).entities == Entities()
    result = found("The Supreme Court met. The Court ruled.", organization=["Supreme Court", ". The |Court"])
    assert result.entities.organization == ("Supreme Court",)


def test_middle_names_and_initials_are_one_person() -> None:
    """Full names with equal first and last word are one person, shown without the initial."""
    result = found("Ann B. Poe met Ann Poe. Poe left.", person=["Ann B. Poe", "met |Ann Poe", ". |Poe"])
    assert result.entities.person == ("Ann Poe",)


def test_a_family_name_in_front_is_followed_too() -> None:
    """The word "Kim" means the only Kim of the article, and "Kim Jong-un" is spelled like in other articles."""
    result = found("Kim Jong-un smiled. Kim left.", person=["Kim Jong", ". |Kim"])
    assert result.entities.person == ("Kim Jong Un",)
    assert result.mentions[0].text == "Kim Jong-un"


@pytest.mark.parametrize(
    "junk", ["Friday", "Mr.", "Getty Images", "he", "READ MORE", "Sign up for our Newsletter", "<b>", "R.", "April"]
)
def test_junk_is_no_name(junk: str) -> None:
    """Weekdays, credits, page furniture and markup never become facets."""
    for kind in ("person", "organization", "place"):
        assert found(f"Then {junk} came.", **{kind: [junk]}).entities == Entities()


def test_photo_credits_and_court_cases_name_nobody() -> None:
    """The photographer of a picture and the sides of a case are no people of the article."""
    result = found("(Photo by Al Low/Getty Images) Roe v. Wade stands.", person=["Al Low", "Roe", "Wade"])
    assert result.entities == Entities()


def test_a_heading_in_capitals_gives_no_names() -> None:
    """In a line of capitals every word looks like a name: none is taken."""
    body = "BIG STORM HITS THE COAST\n\nAnna Berg fled."
    assert found(body, person=["Anna Berg"], organization=["STORM HITS"]).entities.organization == ()


def test_may_is_a_person_only_beside_theresa() -> None:
    """A month that is a surname counts where the article has the full name."""
    result = found("Theresa May spoke. May left in May.", person=["Theresa May", ". |May"])
    assert [m.text for m in result.mentions] == ["Theresa May", "May"]
    assert found("May left.", person=["May"]).entities == Entities()


def test_a_users_aliases_win() -> None:
    """The user's file names the canonical form, by surface or by ours, for all types or one."""
    aliases = read_aliases('"Bean Corp" = ["Beans"]\n[person]\n"Dr No" = ["Ann Poe"]')
    result = found("Beans hired Ann Poe. Poe left.", aliases, organization=["Beans"], person=["Ann Poe", ". |Poe"])
    assert result.entities.organization == ("Bean Corp",)
    assert result.entities.person == ("Dr No",)


@pytest.mark.parametrize("text", ["= 3", "[animals]\nx = []", '"A" = "b"', '[person]\n"A" = [1]'])
def test_a_broken_alias_file_says_what_to_write(text: str) -> None:
    """A wrong alias file is refused with one sentence."""
    with pytest.raises(ValueError, match="alias file"):
        read_aliases(text)


class Everything:
    """A model that finds every word that begins with a capital, as a person."""

    def pipe(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """Spans of the capitalised words."""
        for text in texts:
            spans, place = [], 0
            for word in text.split(" "):
                if word[:1].isupper():
                    spans.append((place, place + len(word), PERSON))
                place += len(word) + 1
            yield tuple(spans)


@given(st.lists(st.text(max_size=200), max_size=4))
@settings(max_examples=60)
def test_any_text_gives_exact_offsets(bodies: list[str]) -> None:
    """Whatever the text, mentions are slices of it, in order and apart, and every article gets its own answer."""
    results = list(recognise(bodies, Everything()))
    assert len(results) == len(bodies)
    for body, result in zip(bodies, results, strict=True):
        end = 0
        for mention in result.mentions:
            assert body[mention.start : mention.end] == mention.text
            assert mention.start >= end
            end = mention.end


@given(st.text(alphabet="Ab \n", max_size=300))
@settings(max_examples=50)
def test_chunks_cover_the_text(text: str) -> None:
    """The pieces given to the model are the text again, in order."""
    assert "".join(piece for _, piece in chunks(text * 100)) == text * 100


@given(st.text(alphabet=st.sampled_from("ABab .'-"), max_size=120))
@settings(max_examples=60)
def test_resolving_its_own_mentions_changes_nothing(body: str) -> None:
    """What came out, given as what a model found, comes out again."""
    first = next(recognise([body], Everything()))
    again = resolve(body, [(m.start, m.end, m.type) for m in first.mentions])
    assert again.entities == first.entities


@pytest.mark.parametrize(
    "text", ["Ab Cd " * 20_000, "A" * 400_000, "The The " * 50_000, "😀中文שלום " * 40_000, "A'" * 100_000]
)
def test_hostile_text_ends_soon(text: str) -> None:
    """Hundreds of thousands of characters of anything take seconds, not minutes."""
    started = time.process_time()
    next(recognise([text], Everything()))
    assert time.process_time() - started < 8


def test_ten_thousand_names_end_soon() -> None:
    """Ten thousand different people in one article are all found, in bounded time."""
    body = " met ".join(
        f"Aa{'bcdefghijk'[i % 10]}{chr(97 + i // 10 % 26)}{chr(97 + i // 260 % 26)}{chr(97 + i // 6760)} Zed"
        for i in range(10_000)
    )
    spans = [(s, s + len(name), PERSON) for name, s in _places(body)]
    started = time.process_time()
    assert len(resolve(body, spans).entities.person) == 10_000
    assert time.process_time() - started < 8


def _places(body: str) -> Iterator[tuple[str, int]]:
    place = 0
    for name in body.split(" met "):
        yield name, place
        place += len(name) + len(" met ")


def test_two_people_joined_by_a_hyphen_are_two() -> None:
    """In "Trump-Kim summit" there are two people; a double surname stays whole."""
    body = "Anna Trump met Bo Kimm. The Trump-Kimm summit ended. Eva Lund-Berg left. Lund-Berg slept."
    result = found(body, person=["Anna Trump", "Bo Kimm", "The |Trump-Kimm", "Eva Lund", ". |Lund"])
    assert [m.text for m in result.mentions] == ["Anna Trump", "Bo Kimm", "Trump", "Kimm", "Eva Lund-Berg", "Lund-Berg"]


def test_words_that_lost_markup_joined_to_a_name_are_cut_off() -> None:
    """A capital in the middle of a surname ends it, unless names are written so."""
    body = "President Donald TrumpGOP senators met Garret FitzGerald and Ron DeSantis."
    spans = [(10, 25, PERSON), (39, 56, PERSON), (61, 73, PERSON)]
    assert resolve(body, spans).entities.person == ("Donald Trump", "Garret FitzGerald", "Ron DeSantis")


def test_two_countries_with_a_hyphen_between_them_are_no_place_of_their_own() -> None:
    """Of "the U.S.-Mexico border" the first country is kept; a country's own hyphen stays."""
    body = "Along the U.S.-Mexico border, and in Guinea-Bissau."
    spans = [(10, 21, PLACE), (37, 50, PLACE)]
    assert resolve(body, spans).entities.country[:1] == ("US",)
    assert "Guinea-Bissau" in resolve(body, spans).entities.place


def test_a_full_name_follows_its_surname_where_both_were_seen_once() -> None:
    """Of two single votes that contradict each other, the one for the surname alone decides."""
    result = found(
        "“He had every right,” Núñez said. Then Begoña Núñez left.", person=["Núñez"], place=["Begoña Núñez"]
    )
    assert (result.entities.person, result.entities.place) == (("Begoña Núñez",), ())


def test_the_plural_that_begins_a_sentence_is_no_name() -> None:
    """A plural with a capital is a common word where the article has its singular in small letters."""
    assert found("Lorries are cheap. A lorry is slow.", place=["Lorries"]).entities == Entities()


def test_a_city_in_capitals_is_that_city_throughout() -> None:
    """The place at the head of a story settles what its name means further down."""
    result = found(
        "NEWCASTLE, England — It closed.\n\nThe council of Newcastle met.", organization=["NEWCASTLE", "Newcastle"]
    )
    assert result.entities.organization == ()
    assert result.entities.place == ("Newcastle", "England")


def test_a_word_that_is_no_name_does_not_hide_one() -> None:
    """A country is found although the model saw only its last word, which is no name by itself."""
    assert found("in the Czech Republic.", place=["Republic"]).entities.country == ("CZ",)


def test_a_paper_that_is_called_like_a_place_is_known_by_its_article() -> None:
    """With a capital "The" amid a sentence it is a title; an ocean has a small letter there."""
    assert found("He told The Atlantic so.", place=["Atlantic"]).entities.organization == ("Atlantic",)
    assert found("They crossed the Atlantic. The Atlantic is wide.", place=["Atlantic"]).entities.place == ("Atlantic",)


def test_a_first_name_alone_is_nobody() -> None:
    """A "Joe" is a person of the facet only where the article says which ("Morning Joe" is a programme)."""
    assert found("He spoke on Morning Joe today.", person=["Joe"]).entities.person == ()
    assert found("Joe Biden came, and Joe left.", person=["Joe Biden", "and |Joe"]).entities.person == ("Joe Biden",)


def test_a_party_before_a_state_is_no_name() -> None:
    """Of "R-S.C." and "D-Calif." the state is left, whatever the model took them for."""
    result = found("Graham, R-S.C., met Feinstein, D-Calif., there.", organization=["R-S.C."], person=["D-Calif"])
    assert (result.entities.organization, result.entities.person) == ((), ())
    assert result.entities.place == ("South Carolina", "California")
