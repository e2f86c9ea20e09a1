"""Cost grows with the length of a text and no faster, whatever the text is made of."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from newsdex.flows.config.settings import Settings
from newsdex.flows.prepare.prepare import chain_for, prepared
from newsdex.flows.prepare.recipe import recipe_for
from newsdex.transforms.article import Article, Origin, RawArticle

ARTICLE = (
    "The harbour office of the old town said on Monday that the ferry would run again, after Mayor Ada Byron had met "
    "its owners in London. The council will vote on the plan next week, she told reporters at the quay.\n\n"
) * 6
"""So that what follows is taken for English, and goes through every step."""

NASTY = {
    "hyphens": "a-", "underscores": "_", "dots": ".", "quotes": '"', "apostrophes": "it's'",
    "letters": "x", "capitals": "X", "digits": "7", "words": "word ", "names": "Ada Byron ",
    "commas": "a,b,", "brackets": "([{", "tags": "<a>", "references": "&amp;", "lines": "a\n",
    "tabs": "a\t\t", "dashes": "— ", "slashes": "/a", "addresses": "https://a.example/",
    "mail": "a@b.c ", "dates": "1 May 2019, ", "months": "May ", "and": "A and ", "of": "Bank of ",
    "Chinese": "中文", "accents": "e\u0301", "joiners": "a\u200d", "Arabic": "مرحبا ", "hashes": "#a ",
    "titles": "Mr. ", "quotations": '"I," he said. ', "bylines": "By A B and ",
    "credits": "(Reuters) - ", "open": "(a ", "colons": "a: ", "stars": "* ", "pipes": "a | ",
    "ellipses": "… ", "states": "U.S.", "everything": "A-b_c.d,e ",
}  # fmt: skip

SHORT, TIMES = 3_000, 4
"""Characters, and how many times as many are tried beside them."""

MOST = 2 * TIMES
"""How much longer the longer text may take: a cost that grows with the square takes 16 times as long."""

NEGLIGIBLE_S = 0.1
"""Below this, a text's time is that of what surrounds it."""


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], float]:
    """Return what a text takes of the processor, from the raw article to the finished one."""
    chain = chain_for(recipe_for(Settings(home=tmp_path_factory.mktemp("home"))))

    def measure(text: str) -> float:
        raw = RawArticle(input_uri="x", origin=Origin.TEXT, text=ARTICLE + text, language="en")
        begin = time.process_time()
        (done,) = prepared([raw], chain)
        assert isinstance(done, Article)
        return time.process_time() - begin

    measure("")  # loads what is loaded once
    return measure


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_four_times_the_text_is_four_times_the_work(unit: str, seconds: Callable[[str], float]) -> None:
    """Of several tries, since others use the processor too, one shows it."""
    short, long = (f"{unit * length}"[:length] for length in (SHORT, TIMES * SHORT))
    ratios = []
    for _ in range(3):
        base, taken = seconds(short), seconds(long)
        if taken < NEGLIGIBLE_S or taken < MOST * base:
            return
        ratios.append(taken / base)
    pytest.fail(f"{TIMES} times as much text took {', '.join(f'{ratio:.1f}' for ratio in ratios)} times as long")
