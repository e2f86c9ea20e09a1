"""Loads the model that finds names: the one that ships with the project, or any spaCy pipeline a user names."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import spacy
from spacy.about import __version__ as spacy_version
from spacy.tokens import Doc
from spacy.util import is_package

from newsdex.errors import NewsdexError
from newsdex.models import tagger
from newsdex.models.inference import Network
from newsdex.models.world import network
from newsdex.models.world import shipped as world
from newsdex.transforms.article import EntityType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spacy.language import Language

SHIPPED = Path(__file__).parent / "en_newsdex_ner"
"""The English model of this project, trained by `python -m tools.entity_model`."""

DEFAULT_MODELS: Mapping[str, str | None] = {**world.by_language(), "en": None}
"""Language (ISO 639-1) → model; `None` is the shipped English one. A language that is not here gets no entities."""

LABELS: Mapping[str, EntityType] = {
    "PER": EntityType.PERSON,
    "PERSON": EntityType.PERSON,
    "ORG": EntityType.ORGANIZATION,
    "LOC": EntityType.PLACE,
    "GPE": EntityType.PLACE,
    "FAC": EntityType.PLACE,
    # The names other spaCy pipelines use (Nordic, Polish, Japanese, Romanian…).
    "PRS": EntityType.PERSON,
    "persName": EntityType.PERSON,
    "orgName": EntityType.ORGANIZATION,
    "ORGANIZATION": EntityType.ORGANIZATION,
    "placeName": EntityType.PLACE,
    "geogName": EntityType.PLACE,
    "GPE_LOC": EntityType.PLACE,
    "GPE_ORG": EntityType.PLACE,
    "FACILITY": EntityType.PLACE,
}
"""A pipeline's labels → ours. Every other label (NORP, DATE, PRODUCT…) is left out."""

NEEDED_PIPES = frozenset(("tok2vec", "transformer", "curated_transformer", "ner", "beam_ner", tagger.FACTORY))
"""The components that finding names needs; a tagger or parser beside them only costs time."""

BATCH = 4
"""Texts in a batch of the network. With 4 articles its arrays stay in the processor's cache: 54,000 tokens a second on
one core, against 30,000 with 16 and 24,000 with 64."""

ZONE = 64
"""Texts after which the pipeline forgets the words that it has seen."""

SENTENCE_BATCH = 256
"""Sentences in a batch: as many words as four articles have."""


class ModelError(NewsdexError):
    """A model that cannot be used; the message is one sentence that names the fix."""


class EntityModel:
    """A loaded model: texts in, name spans out."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._network = Network.of(nlp)
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Language, name and version, as in "en_newsdex_ner 1.0.0"."""
        meta = self._nlp.meta
        return f"{meta['lang']}_{meta['name']} {meta['version']}"

    @property
    def nlp(self) -> Language:
        """The spaCy pipeline itself."""
        return self._nlp

    def pipe(self, texts: Iterable[str]) -> Iterator[tuple[tuple[int, int, EntityType], ...]]:
        """Yield the names in each text, in order: first character, one past the last, type. Texts are read lazily."""
        waiting = iter(texts)
        while batch := list(islice(waiting, ZONE)):
            yield from self._find(batch)

    def tag_words(self, sentences: Iterable[Sequence[str]]) -> Iterator[tuple[tuple[int, int, EntityType], ...]]:
        """Yield the names in sentences that are words already, for gold sets: first word, one past the last, type."""
        docs = (Doc(self._nlp.vocab, words=list(words)) for words in sentences)
        for doc in self._nlp.pipe(docs, batch_size=SENTENCE_BATCH):
            yield tuple((ent.start, ent.end, LABELS[ent.label_]) for ent in doc.ents if ent.label_ in LABELS)

    def _find(self, batch: list[str]) -> list[tuple[tuple[int, int, EntityType], ...]]:
        # A memory zone forgets the words of a batch after it: else spaCy's vocabulary grows with every new word.
        # Only one may be open in a pipeline, so threads that share the model take turns.
        with self._lock, self._nlp.memory_zone():
            if self._network is not None:
                return [
                    tuple((start, end, LABELS[label]) for start, end, label in names)
                    for names in self._network.names(batch)
                ]
            return [
                tuple(
                    (ent.start_char, ent.end_char, kind)
                    for ent in doc.ents
                    if (kind := LABELS.get(ent.label_)) is not None
                )
                for doc in self._nlp.pipe(batch, batch_size=BATCH)
            ]


def load(name_or_path: str | None = None) -> EntityModel:
    """Return the pipeline named: an installed spaCy pipeline (`en_core_web_trf`), a path to one, or the shipped one.

    Raises:
        ModelError: if there is no such model, it was made for another spaCy version, or it cannot find names.
    """
    return _load(name_or_path)


def for_language(
    language: str, models: Mapping[str, str | None] = DEFAULT_MODELS
) -> EntityModel | network.LoadedWhenNeeded | None:
    """Return the model of a language (ISO 639-1), or `None` where the map names none.

    Then an article gets no entities.
    """
    if language not in models:
        return None
    return network.LoadedWhenNeeded() if models[language] == world.NAME else load(models[language])


@cache
def _load(name_or_path: str | None) -> EntityModel:
    wanted = str(SHIPPED) if name_or_path is None else name_or_path
    known = is_package(wanted)
    if not known and not Path(wanted).exists():
        raise ModelError(_missing(name_or_path))
    meta_path = Path(wanted) / "meta.json"
    if not known and not meta_path.is_file():
        raise ModelError(
            f"{wanted} is no spaCy pipeline (it has no meta.json): name the folder that `nlp.to_disk` wrote."
        )
    _check_version(wanted)
    try:
        nlp = spacy.load(wanted)
    except Exception as error:
        raise ModelError(
            f"The entity model {wanted} does not load in spaCy {spacy_version} ({_one_line(error)}): "
            f"install it again, for an installed pipeline with `python -m spacy download {Path(wanted).name}`."
        ) from error
    for pipe in nlp.pipe_names:
        if nlp.get_pipe_meta(pipe).factory not in NEEDED_PIPES:
            nlp.disable_pipe(pipe)
    if not {"ner", "beam_ner", tagger.FACTORY} & set(nlp.pipe_names):
        raise ModelError(f"The spaCy pipeline {wanted} has no `ner` component: name one that finds entities.")
    return EntityModel(nlp)


def _missing(name: str | None) -> str:
    if name is None:
        return (
            f"The shipped entity model is missing from {SHIPPED}: restore that folder, or run "
            "`python -m tools.entity_model`."
        )
    return (
        f"There is no entity model {name}: install it with `python -m spacy download {name}` (or give the path of a "
        "pipeline folder), or unset the entity model setting to use the shipped one."
    )


def _check_version(wanted: str) -> None:
    """Refuse a pipeline that was made for another spaCy: it would load, and find nonsense."""
    meta = spacy.util.get_package_path(wanted) if is_package(wanted) else Path(wanted)
    found = meta / "meta.json"
    if not found.is_file():
        return
    from srsly import read_json  # noqa: PLC0415  # spaCy's own reader, needed only here

    needed = str(read_json(found).get("spacy_version", ""))
    if needed and spacy.util.is_compatible_version(spacy_version, needed) is False:
        raise ModelError(
            f"The entity model {wanted} was made for spaCy {needed} but spaCy {spacy_version} is installed: "
            f"get the matching version with `python -m spacy download {Path(wanted).name}`."
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
