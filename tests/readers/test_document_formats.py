"""Mails, mailboxes and downloads of press databases become articles with their own facts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.reading import inputs

from newsdex.transforms.article import RawArticle, Rejection, Result
from newsdex.transforms.text.repair import repair

NEXIS = """
Download Request: Selected Items: 1-3

                               1 of 3 DOCUMENTS

                              The Ferry Post (Ostend)

                            March 5, 2024 Tuesday
                                   Edition 1;

Ferry back
in service

BYLINE: Ana Reis

SECTION: NEWS; Pg. 6

LENGTH: 9 words

The ferry sails again.

PARIS: It had been in dock.

LOAD-DATE: March 6, 2024

LANGUAGE: ENGLISH

                       Copyright 2024 The Ferry Post

                               3 of 3 DOCUMENTS

                              The Ferry Post (Ostend)

                            March 4, 2024

Pier closed

LENGTH: 4 words

The pier is closed.

LOAD-DATE: March 6, 2024
"""

MAIL = """Return-Path: <ana@paper.example>
Message-ID: <1@paper.example>
Date: Tue, 05 Mar 2024 10:15:00 +0100
Subject: =?utf-8?Q?F=C3=A4hre?= again
From: Ana Reis <ana@paper.example>
Content-Type: text/plain; charset=utf-8

The ferry sails again.

From here on it is daily.

On Monday, Rui wrote:
> Is it true?

--\x20
Ana Reis, Harbour Desk
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_download_of_a_press_database_has_an_article_a_document(tmp_path: Path, encoding: str) -> None:
    """Paper, day, title, byline and section are each document's own; what the cover lists and lacks is rejected."""
    (tmp_path / "download.txt").write_text(NEXIS, encoding)
    first, second, missing = inputs(tmp_path)
    assert isinstance(first, RawArticle)
    assert isinstance(second, RawArticle)
    assert isinstance(missing, Rejection)
    assert (first.source, first.published) == ("The Ferry Post (Ostend)", "March 5, 2024 Tuesday")
    assert (first.title, first.authors, first.section) == ("Ferry back in service", ("Ana Reis",), "NEWS")
    assert first.text == "The ferry sails again.\n\nPARIS: It had been in dock."
    assert (second.title, second.authors, second.text) == ("Pier closed", (), "The pier is closed.")
    assert missing.reason == "missing-document"
    assert "document 2" in missing.detail


@pytest.mark.parametrize("name", ["mail.eml", "mail.txt", "1709630100.M1P2.host:2,S"])
def test_a_mail_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """Whatever its file is called, a mail is its own words, without quoted replies and signature."""
    (tmp_path / name).write_text(MAIL, "utf-8")
    (mail,) = inputs(tmp_path)
    assert isinstance(mail, RawArticle)
    assert (mail.title, mail.authors) == ("Fähre again", ("Ana Reis",))
    assert mail.published == "Tue, 05 Mar 2024 10:15:00 +0100"
    assert mail.text == "The ferry sails again.\n\nFrom here on it is daily."


def test_a_mailbox_is_cut_between_mails_only(tmp_path: Path) -> None:
    """A line that begins "From " inside a mail ends nothing, and a mail without text leaves its neighbours alone."""
    envelope = "From ana@paper.example Tue Mar  5 10:15:00 2024\n"
    empty = "Subject: nothing\nFrom: a@b.example\n\n> quoted\n"
    (tmp_path / "box.mbox").write_text(f"{envelope}{MAIL}\n{envelope}{empty}\n{envelope}{MAIL}", "utf-8")
    first, nothing, last = inputs(tmp_path)
    assert isinstance(first, RawArticle)
    assert isinstance(last, RawArticle)
    assert isinstance(nothing, Rejection)
    assert (nothing.reason, nothing.result) == ("no-text", Result.FILTERED)
    assert first.text == last.text == "The ferry sails again.\n\nFrom here on it is daily."


def test_an_attachment_is_an_input_of_its_own(tmp_path: Path) -> None:
    """An attached text is an article; an attached picture is filtered."""
    head = MAIL.partition("Content-Type")[0]
    parts = (
        "Content-Type: text/plain\n\nThe mail.",
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\nThe attachment.',
        'Content-Type: image/png\nContent-Disposition: attachment; filename="a.png"\n\nx',
    )
    body = "".join(f"--edge\n{part}\n" for part in parts)
    (tmp_path / "m.eml").write_text(f"{head}Content-Type: multipart/mixed; boundary=edge\n\n{body}--edge--\n")
    mail, text, picture = inputs(tmp_path)
    assert isinstance(mail, RawArticle)
    assert isinstance(text, RawArticle)
    assert isinstance(picture, Rejection)
    assert (mail.text, (text.text or "").strip()) == ("The mail.", "The attachment.")
    assert picture.result is Result.FILTERED


GOLD = Path(os.environ.get("NEWSDEX_GOLD", "../shared/data")) / "formats"

EXPECTED = (
    ("Guardian.com", "January 11, 2010 Monday", ("Andrew Sparrow",), None),
    ("Guardian", "January 11, 2010 Monday", ("Simon Tisdall",), None),
    ("The Sun (England)", "January 11, 2010 Monday", ("TREVOR Kavanagh",), "FEATURES"),
    ("The Times (London)", "January 11, 2010 Monday", ("Tom Coghlan",), "NEWS"),
    ("The Times (London)", "January 11, 2010 Monday", ("William Rees-Mogg",), "EDITORIAL"),
    ("The Times (London)", "January 11, 2010 Monday", ("Tom Coghlan",), "NEWS"),
    ("Guardian", "January 8, 2010", ("Allegra Stratton",), None),
    ("MAIL ON SUNDAY (London)", "January 10, 2010 Sunday", ("BY STEPHEN POLLARD",), None),
    ("Sunday Mirror", "January 10, 2010 Sunday", ("Ross Ihaka and Robert Gentleman",), "NEWS"),
    ("DAILY MAIL (London)", "January 9, 2010 Saturday", (), None),
)
"""What a person reads in the ten documents of `nexis/sample.TXT`."""


@pytest.mark.skipif(not GOLD.is_dir(), reason="needs the real files of formats: set NEWSDEX_GOLD to their folder")
def test_a_real_download_of_a_press_database() -> None:
    """Each of its ten documents has its own paper, day, byline and section, and a title and a text."""
    articles = [item for item in inputs(GOLD / "nexis" / "sample.TXT") if isinstance(item, RawArticle)]
    assert tuple((each.source, each.published, each.authors, each.section) for each in articles) == EXPECTED
    assert articles[4].title is not None
    assert articles[4].title.endswith("sapien?; eget aliquet ex finibus ut.")
    assert articles[7].title == "PRISONER OF HIS OWN CABINET"
    assert not any("LOAD-DATE" in (each.text or "") for each in articles)


@pytest.mark.skipif(not GOLD.is_dir(), reason="needs the real files of formats: set NEWSDEX_GOLD to their folder")
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("simple_email.txt", "Test message 1234"),
        ("charset_in_subject_email.txt", "Google Apps News March 2015"),
        ("composite_email.txt", "single image test"),
        ("odd_charset_email.txt", "TravTalk’s Special for TAAI convention"),
    ],
)
def test_real_mails(name: str, title: str) -> None:
    """Each is recognised though it is called `.txt`, and has the subject that a person reads as its title."""
    mail, *_ = inputs(GOLD / "newswire" / name)
    assert isinstance(mail, RawArticle)
    assert repair(mail.title or "") == title  # as the chain does with every title
