"""The spaCy component of the shipped model: a small CNN that gives every word one of seven tags.

spaCy's own `ner` decides word by word with a state machine; that takes twice as long as the network itself. Tags are
read off in one pass, and a network that gives probabilities can learn a teacher's doubts, not only its choices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc, Span

from newsdex.models.tags import LABELS, TAGS, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray
    from spacy.training import Example
    from spacy.vocab import Vocab
    from thinc.api import Model

FACTORY = "newsdex_names"


class NameTagger(TrainablePipe):  # type: ignore[misc]  # spaCy has no types here
    """Finds names: `doc.ents` with the labels PER, ORG and LOC."""

    def __init__(self, vocab: Vocab, model: Model[Any, Any], name: str = FACTORY) -> None:
        """Take the vocabulary of the pipeline and a model of docs to one row of tag scores a word."""
        self.vocab, self.model, self.name = vocab, model, name
        self.cfg: dict[str, Any] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it gives."""
        return LABELS

    def predict(self, docs: Iterable[Doc]) -> list[NDArray[np.float32]]:
        """Tag scores of every word, one array a doc."""
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [np.zeros((len(doc), len(TAGS)), dtype="f") for doc in docs]
        scores: list[NDArray[np.float32]] = self.model.predict(docs)
        return scores

    def set_annotations(self, docs: Sequence[Doc], scores: Sequence[NDArray[np.float32]]) -> None:
        """Write the best spans to `doc.ents`."""
        for doc, rows in zip(docs, scores, strict=True):
            if len(doc):
                doc.ents = [Span(doc, start, end, label) for start, end, label in spans_of(rows)]

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None) -> None:
        """Set the network's sizes from a few docs."""
        del nlp
        docs = [example.x for example in list(get_examples())[:10]]
        self.model.initialize(X=docs, Y=[np.zeros((len(doc), len(TAGS)), dtype="f") for doc in docs])


def model_config(width: int, depth: int, rows: list[int]) -> dict[str, Any]:
    """Return the network.

    Hash embeddings of a word's form, prefix, suffix and shape, `depth` convolutions over 3 words.
    """
    return {
        "@architectures": "spacy.Tagger.v2",
        "nO": len(TAGS),
        "normalize": False,
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": width,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": rows,
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": width,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": depth,
            },
        },
    }


@Language.factory(
    FACTORY,
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"model": model_config(64, 3, [5000] * 4)},
)
def make(nlp: Language, name: str, model: Model[Any, Any]) -> NameTagger:
    """Return the component, for spaCy's registry."""
    return NameTagger(nlp.vocab, model, name)
