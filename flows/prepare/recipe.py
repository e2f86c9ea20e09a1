"""What decides how inputs are read and prepared, as plain data that travels to the workers."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import msgspec

from newsdex.flows.config.settings import SettingsError
from newsdex.flows.config.sources import ConfiguredSource, configured, papers
from newsdex.models.shipped import SHIPPED
from newsdex.models.world import shipped as world
from newsdex.readers.fetch_options import FetchOptions
from newsdex.readers.partition import ReadOptions
from newsdex.transforms.entities.recognise import read_aliases
from newsdex.transforms.options import ChainOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from newsdex.flows.config.settings import Settings
    from newsdex.readers.fetch_options import Pages

NO_SOURCE = ConfiguredSource(name="none", location=("none",))
"""Stands for what is not configured."""


class Recipe(msgspec.Struct, frozen=True):
    """All that decides how an input is prepared: the same recipe and input give the same article."""

    chain: ChainOptions
    models: tuple[tuple[str, str | None], ...]
    """Language and its entity model, by name or path; `None` for the one that ships."""
    model_versions: tuple[str, ...]
    article_seconds: float | None = None
    """Processor seconds that a step may take for one article (`article_limit.py`); no part of the version, as it
    decides only whether an article comes out."""

    @property
    def version(self) -> str:
        """Changes with whatever changes the result: part of every document and of a staged file's name."""
        return "+".join((self.chain.version, *self.model_versions))


def recipe_for(settings: Settings) -> Recipe:
    """Return the recipe that these settings describe.

    Raises:
        SettingsError: the file of aliases cannot be used.
    """
    models = tuple(sorted({**world.by_language(), "en": settings.entity_model, **settings.entity_models}.items()))
    return Recipe(
        chain=ChainOptions(aliases=_aliases(settings.aliases), papers=papers(configured())),
        models=models,
        model_versions=_model_versions(models),
        article_seconds=settings.article_seconds,
    )


def read_options(
    settings: Settings,
    *,
    limit: int | None = None,
    field_map: Mapping[str, str] | None = None,
    input_format: str | None = None,
    language: str | None = None,
    pages: Pages | None = None,
    source: ConfiguredSource | None = None,
    force: bool = False,
) -> ReadOptions:
    """Return how inputs are read under these settings; what is given goes before what `source` says."""
    told = source or NO_SOURCE
    return ReadOptions(
        field_map={**told.mapping, **(field_map or {})},
        format=input_format or told.format,
        limit=limit,
        source=told.publisher,
        language=language or told.language,
        max_article_bytes=int(settings.max_article_mb * 2**20),
        spool_folder=str(settings.home / "spool"),
        fetch=FetchOptions(
            archive=str(settings.archive),
            memory=str(settings.home / "fetched" / settings.index),
            pages=pages or told.pages or settings.fetch_pages,
            allow=settings.fetch_allow,
            user_agent=settings.fetch_user_agent,
            delay_s=settings.fetch_delay,
            timeout_s=settings.fetch_timeout,
            max_pages=settings.fetch_max_pages,
            refresh=force,
            ca_certs=str(settings.fetch_ca_certs) if settings.fetch_ca_certs else None,
        ),
    )


def _model_versions(models: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """Return the version of each language's model; the one of many languages is told once."""
    told = {
        f"{'world' if model == world.NAME else language}:{model_version(model)}": None for language, model in models
    }
    return tuple(told)


def model_version(model: str | None) -> str:
    """Return a model's version, without loading it."""
    if model == world.NAME:
        return str(world.meta()["version"])
    if model is None:
        meta = SHIPPED / "meta.json"
        return str(json.loads(meta.read_text(encoding="utf-8"))["version"]) if meta.is_file() else "missing"
    try:
        return f"{model}-{version(model)}"
    except PackageNotFoundError:
        return model


def _aliases(path: Path | None) -> str:
    """Return the user's alias file, checked here so that a fault in it is said before any work begins."""
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8")
        read_aliases(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"The file of aliases {path} cannot be used: {error}") from None
    return text
