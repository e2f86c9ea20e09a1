"""The sources that `newsdex.toml` names: where they lie, how they are read, which paper they are.

    [[source]]
    name = "Harbour Post"
    location = "https://www.harbourpost.example/feed.xml"

Every other key is optional; `docs/sources.md` has them all.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from newsdex.flows.config.settings import CONFIG_FILE, SettingsError
from newsdex.readers.errors import ReadError
from newsdex.readers.fetch_options import Pages  # pydantic reads the annotations at run time
from newsdex.readers.records.field_names import table
from newsdex.readers.registry import by_option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

Text = Annotated[str, Field(min_length=1, max_length=2_000)]

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")


class ConfiguredSource(BaseModel):
    """One `[[source]]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: Text
    """What commands call it by."""
    locations: tuple[Text, ...] = Field(alias="location", min_length=1)
    """Files, folders, patterns or addresses; one, or a list of them."""
    format: Text | None = None
    """Name of a format, where the names of the files do not tell."""
    mapping: dict[str, Text] = Field(default_factory=dict, alias="map")
    """For records: our field = the input's field."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    """Hint for articles that declare none: ISO 639."""
    licence: Text | None = None
    """Under which terms its articles may be used: shown, so that nobody has to look it up."""
    publisher: Text | None = None
    """Name of the paper, for articles that declare none."""
    domain: Text | None = None
    """The paper's own domain: articles from there are the publisher's, whatever they call it."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 code of the publisher's home."""
    pages: Pages | None = None
    """Whether the pages that a feed links to are fetched, instead of what the settings say."""
    schedule: Text | None = None
    """When it is read by itself: a cron line, or "every 15 minutes"."""
    timezone: Text | None = None
    """Of the schedule."""
    jitter_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    """A scheduled run waits a random time up to this, so that sources of one schedule do not begin in one second."""
    overlap: Literal["wait", "skip"] = "wait"
    """What becomes of a run that is due while one of this source still goes on: it waits for it, or is left out."""
    select: Text | None = None
    """By which date an interval of a backfill selects inputs: published, path or fetched."""

    @field_validator("locations", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                by_option(value)
            except ReadError as error:
                raise ValueError(error.detail) from None
        return value

    @field_validator("mapping")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = sorted(value.keys() - table().kinds.keys())
        if unknown:
            raise ValueError(f"{unknown[0]} is no field of an article: choose from {', '.join(sorted(table().kinds))}.")
        return value

    @field_validator("domain")
    @classmethod
    def _is_domain(cls, value: str | None) -> str | None:
        if value is not None and not DOMAIN.fullmatch(value):
            raise ValueError(f"{value} is no domain: write it like harbourpost.example.")
        return value

    @model_validator(mode="after")
    def _publisher_for_domain(self) -> Self:
        if (self.domain or self.country) and not self.publisher:
            raise ValueError('domain and country are the publisher\'s: name it with publisher = "…".')
        return self

    @property
    def declared_as(self) -> str:
        """How a run that reads this source is recorded among its inputs."""
        return f"source={self.name}"


def configured(path: Path | None = None) -> tuple[ConfiguredSource, ...]:
    """Return the sources of `newsdex.toml` in the working directory (or of `path`), in order; none without the file.

    Raises:
        SettingsError: the file cannot be read, or an entry is wrong: one sentence each, with file and key.
    """
    place = path or Path(CONFIG_FILE)
    try:
        entries = tomllib.loads(place.read_text(encoding="utf-8")).get("source", [])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{place} cannot be read: {error}; fix the file or move it away.") from None
    if not isinstance(entries, list):
        raise SettingsError(f"{place}: source must be written as [[source]], once for each source.")
    found, faults, names = [], [], set()
    for number, entry in enumerate(entries, 1):
        name = entry.get("name") if isinstance(entry, dict) else None
        where = f"{place}: source {name or f'number {number}'}"
        try:
            one = ConfiguredSource.model_validate(entry)
        except ValidationError as error:
            faults += [f"{where}, {_fault(each)}" for each in error.errors(include_url=False)]
            continue
        if one.name in names:
            faults.append(f"{where}, key name: there are two sources of this name; give one of them another.")
        names.add(one.name)
        found.append(one)
    if faults:
        raise SettingsError("\n".join(faults))
    return tuple(found)


def by_name(name: str, sources: Sequence[ConfiguredSource] | None = None) -> ConfiguredSource:
    """Return the source of that name.

    Raises:
        SettingsError: there is none; says which there are.
    """
    known = configured() if sources is None else sources
    for source in known:
        if source.name == name:
            return source
    names = ", ".join(source.name for source in known)
    told = f"it has {names}" if names else "it has none: add a [[source]] with name and location"
    raise SettingsError(f"{CONFIG_FILE} has no source {name!r}: {told}.")


def papers(sources: Sequence[ConfiguredSource]) -> str:
    """Return what the sources tell of papers, as JSON for `ChainOptions.papers`; empty where they tell nothing."""
    told: dict[str, dict[str, Any]] = {}
    for source in sources:
        if source.publisher and (source.domain or source.country):
            entry = told.setdefault(source.publisher, {"domains": []})
            entry["domains"] += [source.domain] if source.domain and source.domain not in entry["domains"] else []
            entry["country"] = source.country or entry.get("country")
    return json.dumps(told, sort_keys=True) if told else ""


def _fault(error: Any) -> str:  # noqa: ANN401  # a dictionary of pydantic's
    """Return one fault of an entry: its key and what is wrong with it."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = sorted(field.alias or name for name, field in ConfiguredSource.model_fields.items())
        return f"key {key}: there is no such key; the keys are {', '.join(known)}."
    if error["type"] == "missing":
        return f"key {key}: it is missing, and every source needs it."
    said = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"key {key}: {said}." if key else f"{said}."
