"""Pages of scanned papers become texts, a page each; what lists them is filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.reading import inputs

from newsdex.transforms.article import RawArticle, Rejection, Result

if TYPE_CHECKING:
    from pathlib import Path

ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page>
<TopMargin><TextBlock><TextLine><String CONTENT="Harbour"/></TextLine></TextBlock></TopMargin><PrintSpace>
<TextBlock><TextLine><String CONTENT="The"/><SP/><String CONTENT="fer" SUBS_TYPE="HypPart1" SUBS_CONTENT="ferry"/>
<HYP CONTENT="-"/></TextLine><TextLine><String CONTENT="ry" SUBS_TYPE="HypPart2" SUBS_CONTENT="ferry"/>
<String CONTENT="sails"/></TextLine></TextBlock>
<ComposedBlock TYPE="Advertisement"><TextBlock><TextLine><String CONTENT="Soap"/></TextLine></TextBlock></ComposedBlock>
<TextBlock><TextLine><String CONTENT="a"/><String CONTENT="gain"/><HYP CONTENT="-"/></TextLine>
<TextLine><String CONTENT="st"/><String CONTENT="wind."/></TextLine></TextBlock>
</PrintSpace></Page></Layout></alto>"""

PAGE = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Page>
<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="b"/>
<RegionRefIndexed index="0" regionRef="c"/>
</OrderedGroup></ReadingOrder>
<TextRegion id="a" type="page-number"><TextEquiv><Unicode>7</Unicode></TextEquiv></TextRegion>
<TextRegion id="b" type="paragraph"><TextLine><TextEquiv><Unicode>It had been in dock.</Unicode></TextEquiv></TextLine>
</TextRegion><TextRegion id="c" type="paragraph">
<TextLine><TextEquiv index="1"><Unicode>Tho fer</Unicode></TextEquiv><TextEquiv index="0"><Unicode>The fer-</Unicode>
</TextEquiv></TextLine><TextLine><TextEquiv><Unicode>ry sails.</Unicode></TextEquiv></TextLine></TextRegion>
</Page></PcGts>"""

REAL = {
    "alto/00001.xml": None,
    "alto/00002.xml": None,
    "alto/ALTO-BnF-V2.xml": None,
    "alto/NPsample.xml": None,
    "mets-alto/BL/BLIP_20190929_04/0002244/1855/0922/0002244_18550922_0001.xml": None,
    "mets-alto/BL/BLIP_20190929_04/0002244/1855/0922/0002244_18550922_mets.xml": "not-an-article",
    "mets-alto/BNF/La-Fronde/6703187/manifest.xml": "not-an-article",
}
"""File → reason it is filtered for, none where it is a page with a text."""


def _text(folder: Path, content: str) -> str | None:
    path = folder / "page.xml"
    path.write_text(content, encoding="utf-8")
    (item,) = inputs(path)
    assert isinstance(item, RawArticle)
    return item.text


def test_a_page_of_alto_joins_words_and_leaves_out_margins_and_advertisements(tmp_path: Path) -> None:
    """A word that a line cut is one word, whether the file says the whole word or only the hyphen."""
    assert _text(tmp_path, ALTO) == "The ferry sails\n\na gainst wind."


def test_page_xml_is_read_in_its_reading_order(tmp_path: Path) -> None:
    """The order of reading counts, not that of the file; of two readings of a line the first is taken."""
    assert _text(tmp_path, PAGE) == "The ferry sails.\n\nIt had been in dock."


def test_regions_that_share_a_name_are_allinputs(tmp_path: Path) -> None:
    """A name that a file gives twice loses none of its text."""
    assert _text(tmp_path, PAGE.replace('id="c"', 'id="b"')) == "It had been in dock.\n\nThe ferry sails."


def test_a_page_without_a_word_is_filtered(tmp_path: Path) -> None:
    """Pages of pictures are no loss, and are said."""
    path = tmp_path / "page.xml"
    path.write_text("<alto><Layout><Page/></Layout></alto>", encoding="utf-8")
    (item,) = inputs(path)
    assert isinstance(item, Rejection)
    assert (item.reason, item.result) == ("no-text", Result.FILTERED)
    assert "OCR" in item.detail


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_scans_end_as_a_page_or_with_a_reason(gold: Path, name: str) -> None:
    """Files of national libraries, as they give them out."""
    (item,) = inputs(gold / "formats" / name)
    reason = item.reason if isinstance(item, Rejection) else None
    assert reason == REAL[name]
