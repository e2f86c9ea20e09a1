"""A hunspell dictionary written out: every form with its stem."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from spylls.hunspell import Dictionary

from newsdex.search.node import hunspell
from newsdex.search.node.hunspell_forms import FormsError, written_out

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

SAMPLE = 1_000

RULES = """\
SET UTF-8
# a comment
PFX R Y 1
PFX R 0 re .
SFX D Y 3
SFX D y ied [^aeiou]y
SFX D 0 ed [^y]
SFX D 0 ed [aeiou]y
SFX N N 1
SFX N 0 er .
"""


def test_every_form_has_its_stem() -> None:
    """Endings and beginnings go on where they fit, together only where both may; all is in lower case."""
    rules, forms = written_out(RULES, "4\ntry/D\nplay/RDN\tpo:verb\nRome\n\n")
    assert rules == "SET UTF-8\n"
    assert forms.splitlines() == [
        "8",
        "play",
        "played\tst:play",
        "player\tst:play",
        "replay\tst:play",
        "replayed\tst:play",
        "rome",
        "tried\tst:try",
        "try",
    ]


@pytest.mark.parametrize("line", ["NEEDAFFIX X", "FLAG num", "SFX S 0 s/P ."])
def test_other_kinds_of_rules_are_refused(line: str) -> None:
    """What would be written out wrongly is not written out at all."""
    with pytest.raises(FormsError, match=line):
        written_out(f"SET UTF-8\nSFX S Y 1\n{line}\n", "1\nword/S\n")


def test_the_english_stems_are_those_of_another_program() -> None:
    """A sample of the forms has the stems that spylls, a reimplementation of hunspell, finds by the rules."""
    base = hunspell._source_folder() / "en" / "en_US"
    written = written_out(*(base.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".aff", ".dic")))[1]
    stems: defaultdict[str, set[str]] = defaultdict(set)
    for line in written.splitlines()[1:]:
        form, _, stem = line.partition("\tst:")
        stems[form].add(stem or form)
    by_rules = Dictionary.from_files(str(base)).lookuper
    for form in random.Random(5).sample(sorted(stems), k=SAMPLE):
        written_as = (form, form.capitalize())
        assert stems[form] >= {found.stem.lower() for each in written_as for found in by_rules.good_forms(each)}, form


def test_the_node_finds_whole_stems(client: Elasticsearch) -> None:
    """Words with a beginning and an ending come to their stem; Lucene's rules made "eemen" of "agreement"."""
    stemming = {"type": "hunspell", "locale": "en_US", "dedup": True}
    answer = client.indices.analyze(tokenizer="standard", filter=["lowercase", stemming], text="agreement believers’")
    assert {token["token"] for token in answer["tokens"]} == {"agreement", "agree", "believer", "believe"}
