"""Chooses the element of a page that holds the article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdex.transforms.page.blocks import Block, is_prose, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from newsdex.transforms.page.declared.facts import Facts

KNOWN_SHARE = 0.3
"""An element that says that it holds the article is believed if it has this share of the prose of the element that the
text itself points to. On the benchmark's pages 0.1 to 0.3 give the same, 0.5 loses 0.002."""

CUT_SHARE = 0.8
"""The same for one of several elements of one name: the text may be cut into many of them, around advertisements."""

CLEARLY_LARGEST = 2.0
"""How many times more prose than any other the largest `<article>` of a page must have, to be the one."""

TITLED_PROSE = 200
"""Characters of prose with which the `<article>` that carries the page's title is taken for the one. 200 and 400 give
the same; with 100, boxes around nothing but a title and a summary are taken."""

MUCH_MORE = 0.3
"""By how much, of its own, the prose must grow for a larger element to be taken."""

WORTH = 1.0
"""How many characters of links and labels one more character of prose may bring with it."""

_TITLE_TAGS = frozenset({"h1", "h2"})


def container(
    blocks: list[Block],
    root: HtmlElement,
    bodies: list[HtmlElement],
    articles: list[HtmlElement],
    facts: Facts,
) -> HtmlElement:
    """Return the element with the greatest sum of weights, or another one that is named to be the article."""
    weights = subtree_sums(root, ((block.element, block.weight) for block in blocks))
    prose = subtree_sums(
        root, ((block.element, float(block.chars)) for block in blocks if not block.suspects and is_prose(block))
    )
    best = max(weights, key=lambda element: weights[element])
    known = [body for body in bodies if prose.get(body)]
    if (titled := _titled_article(blocks, articles, prose, facts)) is not None:
        known = [body for body in known if titled in body.iterancestors()] or [titled]
        best = titled
    elif (article := _largest_article(articles, prose)) is not None:
        known.append(article)
    if not known:
        return _climb(best, root, weights, prose)
    largest = max(known, key=lambda element: prose[element])
    needed = KNOWN_SHARE if _is_unique(largest, known) else CUT_SHARE
    largest = _whole(largest, [body for body in bodies if prose.get(body)])
    return largest if prose.get(largest, 0) >= needed * prose.get(best, 0) else best


def _is_unique(body: HtmlElement, known: list[HtmlElement]) -> bool:
    """Tell whether no other known element has this one's class: those that share it are pieces of one text."""
    return not any(other is not body and other.get("class") == body.get("class") for other in known)


def _climb(
    best: HtmlElement, root: HtmlElement, weights: dict[HtmlElement, float], prose: dict[HtmlElement, float]
) -> HtmlElement:
    """Return an element around the best one that has much more prose for little more boilerplate.

    A text whose paragraphs each stand in an element of their own, with lists of links between, has its best sum in one
    of them.
    """
    chosen = best
    if best.tag == "p" and best is not root and best.getparent() is not None:
        chosen = best = best.getparent()
    for around in best.iterancestors() if best is not root else ():
        if around is root:
            break
        more = prose.get(around, 0) - prose.get(chosen, 0)
        if more >= MUCH_MORE * prose.get(chosen, 0) and weights[around] - weights[chosen] >= -WORTH * more:
            chosen = around
    return chosen


def subtree_sums(root: HtmlElement, values: Iterable[tuple[HtmlElement, float]]) -> dict[HtmlElement, float]:
    """Return the sum of the values in each element's subtree, for elements that have any."""
    own: dict[HtmlElement, float] = {}
    for element, value in values:
        own[element] = own.get(element, 0.0) + value
    sums = dict(own)
    for element, value in own.items():
        if element is not root:
            for around in element.iterancestors():
                sums[around] = sums.get(around, 0.0) + value
                if around is root:
                    break
    return sums


def elements_within(blocks: Iterable[Block], holders: Iterable[HtmlElement]) -> set[HtmlElement]:
    """Return those elements of the blocks that stand in one of the holders, or are one."""
    known = dict.fromkeys(holders, True)
    for block in blocks:
        chain: list[HtmlElement] = []
        element: HtmlElement | None = block.element
        while element is not None and element not in known:
            chain.append(element)
            element = element.getparent()
        verdict = element is not None and known[element]
        known.update(dict.fromkeys(chain, verdict))
    return {element for element, verdict in known.items() if verdict}


def _titled_article(
    blocks: list[Block], articles: list[HtmlElement], prose: dict[HtmlElement, float], facts: Facts
) -> HtmlElement | None:
    """Return the `<article>` that carries the page's title as its heading."""
    if not articles:
        return None
    titles = {words(title) for title in (facts.title, *facts.headings) if title}
    for block in blocks:
        if block.element.tag in _TITLE_TAGS and words(block.text) in titles:
            around = next(block.element.iterancestors("article"), None)
            if around is not None and prose.get(around, 0) >= TITLED_PROSE:
                return around
    return None


def _largest_article(articles: list[HtmlElement], prose: dict[HtmlElement, float]) -> HtmlElement | None:
    """Return the `<article>` that has clearly more prose than any other."""
    with_prose = {article for article in articles if prose.get(article)}
    outer = [article for article in with_prose if with_prose.isdisjoint(article.iterancestors("article"))]
    ranked = sorted(outer, key=lambda article: -prose[article])
    if ranked and (len(ranked) == 1 or prose[ranked[0]] >= CLEARLY_LARGEST * prose[ranked[1]]):
        return ranked[0]
    return None


def _whole(body: HtmlElement, bodies: list[HtmlElement]) -> HtmlElement:
    """Return what joins a text that is cut into several elements (around advertisements)."""
    name = body.get("class")
    parent = body.getparent()
    grandparent = parent.getparent() if parent is not None else None
    for other in bodies:
        if other is body:
            continue
        if other.getparent() is parent and parent is not None:
            return parent
        if (
            other.get("class") == name
            and grandparent is not None
            and (above := other.getparent()) is not None
            and above.getparent() is grandparent
        ):
            return grandparent
    return body
