from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from newsdex.transforms.text import language
from newsdex.transforms.text.language import DetectedLanguage, detect

ENGLISH = (
    "The council agreed on Tuesday to close the old bridge until engineers have looked at its pillars. "
    "Residents on the east bank will have to drive eleven kilometres to the next crossing."
)
FRENCH = (
    "Le conseil municipal a décidé mardi de fermer le vieux pont jusqu'à ce que les ingénieurs aient examiné ses "
    "piliers. Les habitants de la rive droite devront faire un détour de onze kilomètres."
)
GERMAN = (
    "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke zu sperren, bis Fachleute ihre Pfeiler untersucht "
    "haben. Wer am Ostufer wohnt, muss elf Kilometer Umweg fahren."
)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", ENGLISH),
        ("fr", FRENCH),
        ("de", GERMAN),
        ("es", "El ayuntamiento decidió el martes cerrar el puente viejo hasta que los ingenieros lo examinen."),
        ("it", "Il consiglio comunale ha deciso martedì di chiudere il vecchio ponte fino alla fine dei controlli."),
        ("pt", "A câmara municipal decidiu na terça-feira fechar a ponte velha até que os engenheiros a examinem."),
        ("ru", "Городской совет решил во вторник закрыть старый мост, пока инженеры не осмотрят его опоры."),
        ("no", "Kommunestyret vedtok tirsdag å stenge den gamle brua til ingeniørene har sett på pilarene."),
        ("ar", "قرر مجلس المدينة يوم الثلاثاء إغلاق الجسر القديم حتى يفحصه المهندسون."),
        ("ja", "市議会は火曜日、技術者が橋脚を点検するまで古い橋を閉鎖することを決めた。"),
        ("zh", "市议会星期二决定关闭旧桥，直到工程师检查完桥墩为止。"),
    ],
)
def test_plain_sentences_get_their_language(code: str, text: str) -> None:
    """An ordinary sentence of a language is told with confidence."""
    found = detect(text)
    assert found.code == code
    assert found.confidence >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "12345 67 89",
        "OK",
        "Trump",
        "😀😀😀 🎉",
        "asdf qwer zxcv poiu lkjh",
        "AAPL 123.4 +1.2 MSFT 33.2 -0.4 GOOG 122.0",
        "Bayern München, Real Madrid, Manchester United, Juventus Turin",
        "4f3a9c 77be21 ffee00 a1b2c3 deadbeef",
        "https://example.org/the/council/agreed/on/tuesday",
        "\ud800\udfff",
    ],
)
def test_text_in_no_language_is_undetermined(text: str) -> None:
    """Names, numbers, symbols and noise get `und`."""
    assert detect(text).code == "und"


def test_half_and_half_is_not_sure() -> None:
    """A text that is half in one language and half in another is `und`, or answered with a confidence that shows it."""
    found = detect((ENGLISH + " ") * 10 + (FRENCH + " ") * 10)
    assert found.code == "und" or found.confidence < 0.8


def test_three_languages_are_undetermined() -> None:
    """A text in three equal parts has no language of its own."""
    assert detect((ENGLISH + " ") * 10 + (FRENCH + " ") * 10 + (GERMAN + " ") * 10).code == "und"


def test_foreign_notice_is_outvoted() -> None:
    """A cookie notice in another language before an article does not decide its language."""
    notice = "We use cookies to give you the best experience on our website. By going on you accept this. "
    assert detect(notice * 2 + (GERMAN + "\n\n") * 12).code == "de"


def test_hint_settles_a_doubtful_headline() -> None:
    """A declared language decides what the text leaves open."""
    headline = "Premier Conte Mattarella"
    assert detect(headline).code == "und"
    assert detect(headline, hint="it-IT").code == "it"


@pytest.mark.parametrize("hint", ["en", "EN_us", "zz", "", "klingon", "x-default", "-"])
def test_hint_does_not_overrule_the_text(hint: str) -> None:
    """A wrong or meaningless declared language changes nothing on a clear text."""
    assert detect(GERMAN, hint=hint).code == "de"


def test_capital_letters_are_read_like_small_ones() -> None:
    """A text in capitals is told like any other."""
    assert detect(GERMAN.upper()).code == "de"


def test_same_answer_in_threads() -> None:
    """The same text gets the same answer from many threads at once, doubtful ones too."""
    texts = [ENGLISH, "Dolor sit amet consectetur", "Neue Tore für Real", FRENCH[:20]] * 8
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(detect, texts))
    assert parallel == [detect(text) for text in texts]


def test_same_answer_in_another_process() -> None:
    """The same text gets the same answer in a process with another hash seed."""
    texts = [ENGLISH[:25], "Neue Tore für Real", "Dolor sit amet consectetur", "Nova vlada danas"]
    script = f"from newsdex.transforms.text.language import *; print([detect(t) for t in {texts!r}])"
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PYTHONIOENCODING": "utf-8", "PATH": ""},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert answers == {str([detect(text) for text in texts])}


@pytest.mark.parametrize("text", ["a" * 5_000_000, "a@" * 2_500_000, "< " * 2_000_000, "ある日" * 1_000_000])
def test_huge_text_ends_at_once(text: str) -> None:
    """Five million characters cost no more than a page: only a bounded sample is read."""
    assert isinstance(detect(text), DetectedLanguage)


@given(st.text(max_size=2_000), st.none() | st.text(max_size=8))
def test_any_text_gets_a_bounded_answer(text: str, hint: str | None) -> None:
    """Any text gives a code of two letters or `und`, a probability, and the same again."""
    found = detect(text, hint=hint)
    assert found.code == "und" or len(found.code) == 2
    assert 0.0 <= found.confidence <= 1.0
    assert detect(text, hint=hint) == found


PARTS = (
    "The council agreed on Tuesday to close the swimming pool until the spring.",
    "Der Rat beschloss am Dienstag, das Schwimmbad bis zum Frühjahr zu schließen.",
    "Совет решил закрыть бассейн до весны.",
    "市議会は火曜日、春までプールを閉鎖することを決めた。",
    "ALL CAPITALS, LIKE A TICKER",
    "cafe\u0301 au lait",
    "x" * 5_000,
)


def test_slices_get_the_chances_that_py3langid_gives_them() -> None:
    """Many at a time, each has the probabilities of the library, whatever else is in the batch."""
    own = language._slice_bayes()
    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    library.set_languages([code for code in own.codes if code != "und"] + ["nn", "zxx"])
    for part, chances in zip(PARTS, own.probabilities(PARTS), strict=True):
        merged = dict.fromkeys(own.codes, 0.0)
        for label, chance in library.rank(part):
            merged[language._SAME.get(label, label)] += chance
        assert chances == pytest.approx(list(merged.values()), abs=1e-5)
        assert own.probabilities([part])[0] == pytest.approx(chances, abs=1e-12)


def test_many_texts_get_the_answers_of_each() -> None:
    """A batch with doubtful, empty and hinted texts is answered as one text after the other."""
    texts = [(part, hint) for part in (*PARTS, "", "OK", PARTS[0] * 40 + PARTS[1] * 40) for hint in (None, "de")]
    assert language.detect_all(texts) == [language.detect(text, hint=hint) for text, hint in texts]
