"""What agencies send becomes articles with their own facts; what is no article is filtered, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.reading import inputs

from newsdex.transforms.article import RawArticle, Rejection, Result

NITF = """<?xml version="1.0" encoding="utf-8"?>
<nitf baselang="en-GB"><head><title>ferry</title>
<tobject><tobject.subject tobject.subject.type="Transport" tobject.subject.matter="Shipping"/></tobject>
<docdata management-status="{status}"><date.issue norm="20240305T101500+0100"/><doc.copyright holder="Coast Agency"/>
<key-list><keyword key="FERRY"/></key-list></docdata></head>
<body><body.head><hedline><hl1>Ferry back in service</hl1></hedline>
<byline>By <person>Ana Reis</person> <byttl>Correspondent</byttl></byline>
<dateline><location>OSTENDE</location></dateline></body.head>
<body.content><p>The ferry sails&#160;again.</p><p>It had been in dock for a year.</p></body.content></body></nitf>"""

G2 = """<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<packageItem><itemMeta><itemClass qcode="ninat:composite"/></itemMeta></packageItem>
<newsItem xml:lang="de"><itemMeta><itemClass qcode="ninat:text"/><provider literal="KA"/>
<versionCreated>2024-03-05T11:00:00+01:00</versionCreated><firstCreated>2024-03-05T10:15:00+01:00</firstCreated>
<pubStatus qcode="stat:usable"/></itemMeta>
<contentMeta><by>Von Ana Reis</by><language tag="de"/><headline>Fähre fährt wieder</headline>
<subject qcode="medtop:20000350"><name xml:lang="en">shipping</name><name xml:lang="de">Schifffahrt</name></subject>
</contentMeta><contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Die Fähre fährt wieder.</p>
</body></html></inlineXML></contentSet></newsItem></itemSet></newsMessage>"""

NEWSML = """<NewsML><NewsItem><NewsManagement><FirstCreated>20240305T101500+0200</FirstCreated>
<Status FormalName="Usable"/></NewsManagement><NewsComponent>
<NewsLines><HeadLine>Ferry back</HeadLine><ByLine>By Ana Reis</ByLine><DateLine>5/3/2024</DateLine></NewsLines>
<AdministrativeMetadata><Provider><Party FormalName="Coast Agency"/></Provider></AdministrativeMetadata>
<DescriptiveMetadata><Language FormalName="en"/></DescriptiveMetadata>
<ContentItem><DataContent>The ferry sails again.</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""

IPTC = (
    b"\x01eca0124 3 i 93  dpa 1888\r\n\r\nFerries/Ostend/\r\n"
    b"\x02EXTRA\nFerry back in service\nBy Ana Reis, dpa =\r\n\r\n"
    b"Ostend (dpa) - The ferry sails\r\nagain.\r\n\r\nIt had been in dock.\r\n\r\n# Notebook\r\nnot for publication\r\n"
    b"\x03212101 GMT Nov 18\r\n\x7f\x04"
)

ANPA = (
    b"\x16\x16\x01W2346\x1f_asian\r\nr i\x13\x11 BC-EU--Ferry   05-09 1444\r\n\x02^BC-EU--Ferry,120<\r\n"
    b"^Ferry back in service<\r\n^By ANA REIS=\r\n^Associated Press=\r\n"
    b"\t   OSTEND (AP) _ The ferry sails, ``at last,'' she said.\r\n\x03AP-WF-05-09-17 0056GMT<\r\n\x04"
)


def _one(folder: Path, name: str, content: str | bytes) -> RawArticle:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (item,) = (item for item in inputs(path) if isinstance(item, RawArticle))
    return item


def test_nitf_gives_its_headline_byline_dateline_and_moment(tmp_path: Path) -> None:
    """Every fact of a NITF document is where an article has it, the entity of its DTD included."""
    article = _one(tmp_path, "a.xml", NITF.format(status="usable").replace("&#160;", "&nbsp;"))
    assert (article.title, article.authors, article.source) == ("Ferry back in service", ("Ana Reis",), "Coast Agency")
    assert article.published == "2024-03-05T10:15:00+01:00"
    assert (article.language, article.section) == ("en-GB", "Transport")
    assert article.keywords == ("FERRY", "Shipping")
    assert article.text is not None
    assert article.text.startswith("OSTENDE – The ferry sails")
    assert article.text.endswith("\n\nIt had been in dock for a year.")


def test_a_withdrawn_item_is_filtered(tmp_path: Path) -> None:
    """An agency's kill is obeyed, and said."""
    path = tmp_path / "a.xml"
    path.write_text(NITF.format(status="canceled"), encoding="utf-8")
    (item,) = inputs(path)
    assert isinstance(item, Rejection)
    assert (item.reason, item.result) == ("withdrawn", Result.FILTERED)


def test_a_message_of_newsml_g2_gives_one_outcome_for_each_item(tmp_path: Path) -> None:
    """The package is filtered, the text beside it is an article with labels instead of codes."""
    path = tmp_path / "a.xml"
    path.write_text(G2, encoding="utf-8")
    package, article = inputs(path)
    assert isinstance(package, Rejection)
    assert package.reason == "not-an-article"
    assert isinstance(article, RawArticle)
    assert (article.title, article.authors, article.language) == ("Fähre fährt wieder", ("Ana Reis",), "de")
    assert article.keywords == ("shipping",)
    assert (article.published, article.modified) == ("2024-03-05T10:15:00+01:00", "2024-03-05T11:00:00+01:00")
    assert article.text == "Die Fähre fährt wieder."


def test_newsml_1_gives_its_lines(tmp_path: Path) -> None:
    """A dateline that is a date alone is none."""
    article = _one(tmp_path, "a.xml", NEWSML)
    assert (article.title, article.authors, article.source) == ("Ferry back", ("Ana Reis",), "Coast Agency")
    assert (article.text, article.published) == ("The ferry sails again.", "2024-03-05T10:15:00+02:00")


def test_an_iptc_7901_message_loses_its_control_characters_and_notes(tmp_path: Path) -> None:
    """Headline, byline, text and time stand where the control characters say; notes for editors are left out."""
    article = _one(tmp_path, "a.txt", IPTC)
    assert (article.title, article.authors) == ("Ferry back in service", ("Ana Reis",))
    assert article.text == "Ostend (dpa) - The ferry sails again.\n\nIt had been in dock."
    assert (article.published, article.source) == ("2018-11-21T21:01:00+00:00", "dpa")


def test_an_anpa_message_is_read_whatever_its_name(tmp_path: Path) -> None:
    """A file that begins as an ANPA message needs no known name, in a folder neither."""
    (tmp_path / "wires").mkdir()
    (tmp_path / "wires" / "w2346").write_bytes(ANPA)
    (item,) = inputs(tmp_path / "wires")
    assert isinstance(item, RawArticle)
    assert (item.title, item.authors) == ("Ferry back in service", ("Ana Reis",))
    assert item.text == "OSTEND (AP) — The ferry sails, “at last,” she said."
    assert item.published == "2017-05-09T00:56:00+00:00"


def test_broken_xml_names_the_line(tmp_path: Path) -> None:
    """A document that was cut off is rejected, not indexed in part."""
    path = tmp_path / "a.xml"
    path.write_text(NITF.format(status="usable")[:-60], encoding="utf-8")
    (item,) = inputs(path)
    assert isinstance(item, Rejection)
    assert item.reason == "broken-xml"
    assert "line" in item.detail


def test_a_feed_named_xml_stays_a_feed(tmp_path: Path) -> None:
    """What is no newswire is read as before."""
    item = "<item><title>T</title><description>Some text.</description></item>"
    rss = f"<?xml version='1.0'?><rss><channel>{item}</channel></rss>"
    assert _one(tmp_path, "feed.xml", rss).title == "T"


def test_an_entity_that_reads_a_file_reads_nothing(tmp_path: Path) -> None:
    """Entities are not expanded, whatever they point at."""
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    evil = f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{tmp_path}/secret">]>' + NITF.format(status="usable").split("?>")[1]
    path = tmp_path / "a.xml"
    path.write_text(evil.replace("sails", "&x; sails"), encoding="utf-8")
    assert "secret" not in "".join(item.text or "" for item in inputs(path) if isinstance(item, RawArticle))


ARTICLES = {
    "aap.xml": "The main stories on today's 1900 ABC TV news",
    "efe_nitf.xml": "Honduran president announces Cabinet changes",
    "dpa.xml": "Eintracht in London: Hintereggers Tränen und Attacke auf Reporter",
    "ana1.xml": "Wage employment balance positive in Jan-March",
    "stt1.xml": "Mikko Moilanen siirtyy Revenion toimitusjohtajaksi",
    "pa5.xml": "HARD BREXIT TO COST UK UP TO £66BN A YEAR, SAYS TREASURY",
    "anpa-2.tst": "Prairies vanish in the US push for green energy",
    "IPTC7901.txt": "Germany Social Democrats: Coalition talks with Merkel could fail",
}
"""File → headline, read in the files by eye."""

NO_ARTICLES = {
    "nitf-fishing.xml": "withdrawn",
    "ap_media_picture.json": "not-an-article",
    "ap_media_text_feed.json": "no-text",
    "ninjs3.json": "not-an-article",
    "tag_reuters.com_2014_newsml_KBN0FL0NM_version_10": "not-an-article",
    "tag_reuters.com_2016_newsml_L1N14N0FF_version_1542761538": "withdrawn",
}


@pytest.mark.parametrize("name", sorted(ARTICLES))
def test_real_wires_have_their_headlines(gold: Path, name: str) -> None:
    """Files of agencies, as they send them."""
    items = inputs(gold / "formats" / "newswire" / name)
    assert ARTICLES[name] in [item.title for item in items if isinstance(item, RawArticle)]


@pytest.mark.parametrize("name", sorted(NO_ARTICLES))
def test_real_wires_without_an_article_say_why(gold: Path, name: str) -> None:
    """Pictures, packages and withdrawn items are filtered."""
    (item,) = inputs(gold / "formats" / "newswire" / name)
    assert isinstance(item, Rejection)
    assert (item.reason, item.result) == (NO_ARTICLES[name], Result.FILTERED)
