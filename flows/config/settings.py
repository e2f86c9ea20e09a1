"""Settings, from one place: environment (`NEWSDEX_…`), `.env`, `newsdex.toml`, then the defaults below.

They are read once, at the edge (command line, flow), and passed down as plain arguments.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from newsdex.errors import NewsdexError
from newsdex.flows.config.choices import Duplicates, IndexCodec, RunnerKind
from newsdex.readers.fetch_options import DELAY_S, MAX_PAGES, TIMEOUT_S, Pages
from newsdex.readers.files.address_policy import check_networks
from newsdex.readers.files.blobs import place_of
from newsdex.search.indices.naming import IndexSettings, Period
from newsdex.search.node.node import NodeSettings, default_cache, default_home

if TYPE_CHECKING:
    from newsdex.search.client import ConnectionSettings

CONFIG_FILE = "newsdex.toml"


class SettingsError(NewsdexError):
    """The settings cannot be used; the message is one sentence a setting."""


def _user_agent() -> str:
    return f"Newsdex/{version('newsdex')}"


class Settings(BaseSettings):
    """Every setting of Newsdex, with its default and reason."""

    model_config = SettingsConfigDict(
        env_prefix="NEWSDEX_", env_file=".env", toml_file=CONFIG_FILE, extra="ignore", frozen=True
    )

    elasticsearch_url: str | None = Field(
        default=None, description="Elasticsearch to use; without it Newsdex fetches, starts and keeps one of its own."
    )
    elasticsearch_api_key: SecretStr | None = Field(default=None, description="API key for that Elasticsearch.")
    elasticsearch_username: str | None = Field(default=None, description="User name, where no API key is used.")
    elasticsearch_password: SecretStr | None = Field(default=None, description="That user's password.")
    elasticsearch_ca_certs: Path | None = Field(
        default=None, description="Certificate authority file, for a cluster with a certificate of its own."
    )
    elasticsearch_verify: bool = Field(default=True, description="Check the certificate; off only on your own machine.")
    elasticsearch_timeout: float = Field(
        default=60.0, gt=0, description="Seconds for one request; a bulk request takes under 2 s on an idle node."
    )
    index: str = Field(
        default="articles",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,80}$",
        description="Name of the alias that searches use; the other indices are named after it.",
    )
    index_shards: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="Primary shards of new indices; one holds some 2 million articles (40 GB). Of this and the "
        "next three: existing indices keep what they have until `newsdex rebuild`.",
    )
    index_replicas: int | None = Field(
        default=None, ge=0, le=100, description="Copies of each shard; without it one, where there is a second node."
    )
    index_codec: IndexCodec = Field(
        default=IndexCodec.DEFAULT, description="`best_compression` takes about a third less disk, for slower reads."
    )
    index_refresh: str | None = Field(
        default=None,
        pattern=r"^(-1|\d+(ms|s|m))$",
        description="How soon searches find what is written, such as `30s`; without it after a second.",
    )
    index_period: Period | None = Field(
        default=None,
        description="One index a `year` or `month` of publication, all searched together; without it one for all "
        "(docs/periods.md).",
    )
    home: Path = Field(
        default_factory=default_home,
        description="Where the embedded node's data, staged partitions and Prefect's own files lie.",
    )
    cache: Path = Field(
        default_factory=default_cache, description="Where downloads lie (Elasticsearch, Java); may be deleted."
    )
    node_heap_mb: int = Field(
        default=512, ge=256, description="Memory for the embedded Elasticsearch, in megabytes; 512 carries 100,000s."
    )
    node_port: int | None = Field(
        default=None, ge=1, le=65535, description="Port of the embedded Elasticsearch; without it a free one."
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Worker processes that clean and enrich; each takes about 420 MB.",
    )
    runner: RunnerKind = Field(
        default=RunnerKind.PROCESSES,
        description="Who cleans and enriches: processes, threads (slow), or the workers of a dask or ray cluster.",
    )
    cluster: str | None = Field(
        default=None,
        validate_default=True,
        description="Address of the cluster: a Dask scheduler's, as tcp://10.0.0.1:8786; Ray's, as 10.0.0.1:6379, "
        "`auto` for one that runs here, `local` to start one.",
    )
    staging: Path | str = Field(
        default_factory=lambda data: data.get("home", default_home()) / "staging",
        description="Where prepared partitions wait: a folder, for a cluster one that all machines share under one "
        "path, or s3://bucket/prefix.",
    )
    archive: Path | str = Field(
        default_factory=lambda data: data.get("home", default_home()) / "archive",
        description="Where fetched feeds and pages are kept: a folder, or s3://bucket/prefix.",
    )
    entity_model: str | None = Field(
        default=None, description="spaCy pipeline for English entities, by name or path; without it the one that ships."
    )
    entity_models: dict[str, str] = Field(
        default_factory=dict,
        description='Pipelines for further languages, such as {"de": "de_core_news_sm"}; others get no entities.',
    )
    aliases: Path | None = Field(
        default=None, description="A TOML file of your own: canonical name = [other names], for entities."
    )
    duplicates: Duplicates = Field(default=Duplicates.FOLD, description="What becomes of copies.")
    copy_threshold: float = Field(
        default=0.7,  # duplicates.clusters.THRESHOLD, whose module would cost every command a tenth of a second
        ge=0.5,
        le=1.0,
        description="Least similarity of a near copy, from 0.5 to 1.0 (docs/duplicates.md).",
    )
    max_article_mb: float = Field(
        default=10.0, gt=0, description="An article larger than this is rejected; the longest real ones are near 1 MB."
    )
    article_seconds: float = Field(
        default=60.0,
        gt=0,
        description="Processor seconds for one article, which is rejected past them; the largest take 8.",
    )
    prefect_port: int = Field(
        default=4200, ge=1, le=65535, description="Port of the Prefect server of `newsdex serve`; a free one if taken."
    )
    runs_at_once: int = Field(
        default=2, ge=1, description="Runs that the worker of `newsdex serve` works on at the same time; more wait."
    )
    writers_at_once: int = Field(
        default=2, ge=1, description="Runs that write to Elasticsearch at the same moment, on all machines together."
    )
    run_hours: float = Field(
        default=24.0, gt=0, description="A run of `newsdex serve` that takes longer than this is ended, and fails."
    )
    notify_webhook: SecretStr | None = Field(
        default=None, description="Address that is told of failed runs, alarms and a quarantine that grows."
    )
    keep_runs_days: int = Field(
        default=90, ge=1, description="Maintenance: how long runs stay in Prefect; the ledger keeps them for good."
    )
    keep_staging_days: int = Field(
        default=30, ge=1, description="Maintenance: how long staged partitions, receipts and sorted backfills stay."
    )
    keep_archive_days: int | None = Field(
        default=None, ge=1, description="Maintenance: how long fetched pages and feeds stay; without it, for good."
    )
    keep_index_days: int = Field(
        default=30, ge=1, description="Maintenance: how long an index stays that a newer version has replaced."
    )

    fetch_pages: Pages = Field(
        default=Pages.MISSING,
        description="Fetch the pages that feeds link to: never, where the feed lacks the text (missing), or always.",
    )
    fetch_delay: float = Field(
        default=DELAY_S, ge=0, description="Seconds between two requests to one host; a longer Crawl-delay is kept to."
    )
    fetch_timeout: float = Field(
        default=TIMEOUT_S, gt=0, description="Seconds for one answer in all, to its last byte."
    )
    fetch_max_pages: int = Field(default=MAX_PAGES, ge=1, description="Pages that one feed may have fetched in a run.")
    fetch_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private networks that may be fetched from, such as 10.1.0.0/16, with commas between them.",
    )
    fetch_user_agent: str = Field(
        default_factory=_user_agent,
        min_length=3,
        description="How web servers see Newsdex; add an address where you can be asked.",
    )
    fetch_ca_certs: Path | None = Field(
        default=None, description="Certificate authority file for fetching, instead of the usual authorities."
    )

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("fetch_allow")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_networks(value)
        return value

    @field_validator("cluster")
    @classmethod
    def _check_cluster(cls, value: str | None, info: ValidationInfo) -> str | None:
        runner = info.data.get("runner")
        if runner in {RunnerKind.DASK, RunnerKind.RAY} and not value:
            raise ValueError(f"the runner {runner} needs the address of its cluster")
        return value

    @field_validator("staging", "archive")
    @classmethod
    def _check_place(cls, value: Path | str) -> Path | str:
        return place_of(str(value))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before `.env` before `newsdex.toml`."""
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            TomlConfigSettingsSource(settings_cls),
            file_secret_settings,
        )

    def node(self) -> NodeSettings:
        """Return the settings of the embedded node."""
        return NodeSettings(home=self.home, cache=self.cache, heap_mb=self.node_heap_mb, port=self.node_port)

    def layout(self) -> IndexSettings:
        """Return how new indices are laid out."""
        return IndexSettings(
            shards=self.index_shards,
            replicas=self.index_replicas,
            codec=None if self.index_codec is IndexCodec.DEFAULT else self.index_codec.value,
            refresh_interval=self.index_refresh,
            period=self.index_period,
        )

    def connection(self) -> ConnectionSettings | None:
        """Return how to reach the configured Elasticsearch, or `None` where the embedded node is to be used."""
        from newsdex.search.client import ConnectionSettings  # noqa: PLC0415  # the client takes 0.2 s to import

        if self.elasticsearch_url is None:
            return None
        return ConnectionSettings(
            url=self.elasticsearch_url,
            api_key=_reveal(self.elasticsearch_api_key),
            username=self.elasticsearch_username,
            password=_reveal(self.elasticsearch_password),
            ca_certs=self.elasticsearch_ca_certs,
            verify=self.elasticsearch_verify,
            timeout=self.elasticsearch_timeout,
        )


def load(**overrides: Any) -> Settings:  # noqa: ANN401  # values come from the command line as they are
    """Read the settings, `overrides` (those that are not `None`) first.

    Raises:
        SettingsError: a value is not allowed, or `newsdex.toml` cannot be read.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"setting {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']} "
            f"(set by NEWSDEX_{'_'.join(str(part) for part in fault['loc']).upper()}, .env or {CONFIG_FILE})"
            for fault in error.errors(include_input=False, include_url=False)
            if fault["type"] != "default_factory_not_called"  # the trace of another fault
        ]
        raise SettingsError("\n".join(faults)) from None
    except ValueError as error:
        raise SettingsError(f"{CONFIG_FILE} cannot be read: {error}; fix the file or move it away.") from None


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
