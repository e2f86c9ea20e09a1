"""Labels articles with the teacher: every word gets the probability of each tag, settled over the whole article."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import spacy
import torch

from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.recognise import resolve
from tools.entity_model.data import Sentence
from tools.entity_model.silver import Target
from tools.entity_model.teacher import TAGS, Encoded, Teacher, batches, spans_of, tensors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from spacy.tokens import Doc
    from tokenizers import Tokenizer

TYPES = {"PER": EntityType.PERSON, "ORG": EntityType.ORGANIZATION, "LOC": EntityType.PLACE}
LABEL_OF = {kind: label for label, kind in TYPES.items()}
ARTICLE_WORDS = 600
"""How much of each article is labelled: many beginnings teach more than few whole articles."""
SENTENCE_WORDS = 60
GROUP_ARTICLES = 50
"""Articles whose sentences are batched together."""
AGREED = 0.5
"""Weight of what the whole article agreed on; the rest is the teacher's own probability for the place."""


def label(teacher: Teacher, tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[Target]:
    """Yield a target for every paragraph of the texts; prints its progress."""
    nlp = spacy.blank("en")
    started = time.monotonic()
    for first in range(0, len(texts), GROUP_ARTICLES):
        docs = [nlp.make_doc(text)[:ARTICLE_WORDS].as_doc() for text in texts[first : first + GROUP_ARTICLES]]
        pieces = [(doc, start, end) for doc in docs for start, end in sentences(doc)]
        chances = _chances(teacher, tokenizer, [[token.text for token in doc[a:b]] for doc, a, b in pieces])
        rows = {id(doc): np.zeros((len(doc), len(TAGS)), dtype="f") for doc in docs}
        for (doc, start, end), chance in zip(pieces, chances, strict=True):
            rows[id(doc)][start:end] = chance
        for doc in docs:
            yield from paragraphs(doc, agreed(doc, rows[id(doc)]))
        print(f"labelled {first + len(docs)}/{len(texts)} articles {time.monotonic() - started:.0f} s", flush=True)


def sentences(doc: Doc) -> Iterator[tuple[int, int]]:
    """Borders of sentences, by rule: after a full stop, an exclamation or question mark, or at a line's end."""
    start = 0
    for index, token in enumerate(doc):
        ends = token.text in {".", "!", "?"} and token.whitespace_ != ""
        if (
            ends
            or (token.is_space and "\n" in token.text)
            or index + 1 - start >= SENTENCE_WORDS
            or index + 1 == len(doc)
        ):
            yield start, index + 1
            start = index + 1


@torch.inference_mode()
def _chances(teacher: Teacher, tokenizer: Tokenizer, pieces: Iterable[Sequence[str]]) -> list[NDArray[np.float32]]:
    items = [Encoded(tokenizer, Sentence(tuple(word.strip() or "_" for word in words), ())) for words in pieces]
    found: dict[int, NDArray[np.float32]] = {}
    teacher.eval()
    for batch in batches(items, 3_000):
        ids, shapes, mask, _ = tensors(batch)
        scores = teacher(ids, shapes, mask).softmax(-1).numpy()
        for item, row in zip(batch, scores, strict=True):
            chance = np.zeros((len(item.first), len(TAGS)), dtype="f")
            chance[:, 0] = 1.0
            places = [place for place in item.first if place >= 0]
            chance[[place >= 0 for place in item.first]] = row[places]
            found[id(item)] = chance
    return [found[id(item)] for item in items]


def agreed(doc: Doc, chances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities, half of them moved to what the article as a whole says about each of its names."""
    spans = [
        (doc[start:end].start_char, doc[start:end].end_char, TYPES[name])
        for start, end, name in spans_of([TAGS[best] for best in chances.argmax(1)])
    ]
    settled = np.zeros_like(chances)
    settled[:, 0] = 1.0
    for mention in resolve(doc.text, spans).mentions:
        span = doc.char_span(mention.start, mention.end)
        if span is not None:
            tag = TAGS.index("B-" + LABEL_OF[mention.type])
            settled[span.start : span.end] = 0.0
            settled[span.start : span.end, tag + 1] = 1.0
            settled[span.start, [tag, tag + 1]] = 1.0, 0.0
    return AGREED * settled + (1 - AGREED) * chances


def paragraphs(doc: Doc, chances: NDArray[np.float32]) -> Iterator[Target]:
    """Targets of one paragraph each, as the student will read them: line ends are words too."""
    start = 0
    for index, token in enumerate(doc):
        if index + 1 == len(doc) or (token.is_space and "\n" in token.text):
            if index > start:
                words = tuple(word.text for word in doc[start : index + 1])
                yield Target(words, chances[start : index + 1])
            start = index + 1
