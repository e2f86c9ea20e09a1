from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import spacy

from newsdex.models.loader import SHIPPED, EntityModel, ModelError, for_language, load
from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.recognise import recognise

if TYPE_CHECKING:
    from pathlib import Path

SEED = (
    "Russian President Vladimir Putin said on Friday that he has invited Donald Trump to Moscow.\n\n"
    "“We are ready,” Putin said in Helsinki, Finland. The U.S. and Trump did not answer.\n\n"
    "Alina Polyakova of the Brookings Institution called it a home court advantage for Putin."
)


def test_the_shipped_model_reads_news() -> None:
    """The shipped model, with the article's own logic, names who and where."""
    result = next(recognise([SEED], load()))
    assert result.entities.person == ("Vladimir Putin", "Donald Trump", "Alina Polyakova")
    assert result.entities.place == ("Moscow", "Helsinki", "Finland", "United States")
    assert result.entities.organization == ("Brookings Institution",)
    assert result.entities.country == ("FI", "US")


def test_the_shipped_model_is_small_and_says_what_it_is() -> None:
    """The model folder stays below 8 MB and carries its card."""
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 8_000_000
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for word in ("licen", "EWT", "WNUT17", "tokens"):
        assert word in card


def test_a_missing_model_names_the_fix() -> None:
    """A model that is not installed is refused with the command that installs it."""
    with pytest.raises(ModelError, match="python -m spacy download xx_no_such_model"):
        load("xx_no_such_model")


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    """A folder without meta.json is named, with what it should be."""
    with pytest.raises(ModelError, match="no spaCy pipeline"):
        load(str(tmp_path))


def test_a_model_of_another_spacy_is_refused(tmp_path: Path) -> None:
    """A pipeline made for another spaCy version is refused before it can find nonsense."""
    folder = tmp_path / "old"
    shutil.copytree(SHIPPED, folder)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    (folder / "meta.json").write_text(json.dumps(meta | {"spacy_version": ">=2.0.0,<2.1.0"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"made for spaCy >=2\.0\.0,<2\.1\.0"):
        load(str(folder))


def test_a_broken_model_is_refused(tmp_path: Path) -> None:
    """A pipeline that does not load is refused with one sentence."""
    folder = tmp_path / "broken"
    shutil.copytree(SHIPPED, folder)
    (folder / "config.cfg").write_text("[nlp\n", encoding="utf-8")
    with pytest.raises(ModelError, match="does not load"):
        load(str(folder))


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    """A pipeline that finds no entities is no entity model."""
    nlp = spacy.blank("de")
    nlp.to_disk(tmp_path / "blank")
    with pytest.raises(ModelError, match="no `ner`"):
        load(str(tmp_path / "blank"))


def test_other_pipelines_labels_are_mapped() -> None:
    """PERSON, ORG, GPE, LOC and FAC are ours; NORP, DATE and the rest are left out."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    labels = {
        "Ann": "PERSON",
        "Acme": "ORG",
        "Rome": "GPE",
        "Alps": "LOC",
        "Louvre": "FAC",
        "Swiss": "NORP",
        "1999": "DATE",
    }
    ruler.add_patterns([{"label": label, "pattern": word} for word, label in labels.items()])
    found = next(EntityModel(nlp).pipe([" ".join(labels)]))
    assert [kind for _, _, kind in found] == [EntityType.PERSON, EntityType.ORGANIZATION, *[EntityType.PLACE] * 3]


def test_a_language_without_a_model_has_none() -> None:
    """English has the shipped model; a language that the map does not name has none."""
    assert for_language("en") is not None
    assert for_language("tlh") is None
