"""`newsdex kibana import`: take the dashboards into a Kibana."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsdex.cli.common import Index, Json, faults, print_json
from newsdex.flows.common.console import Bars, out
from newsdex.flows.config import settings
from newsdex.kibana.client import DEFAULT_URL, Access

START_WAIT_S = 300.0
"""A first start, which makes Kibana's own indices, takes one to three minutes on a small machine."""

kibana_app = typer.Typer(no_args_is_help=True, help="Dashboards in Kibana.")


@kibana_app.callback()
def _group() -> None:
    """Dashboards in Kibana."""


@kibana_app.command("import")
def import_command(
    *,
    url: Annotated[str, typer.Option(envvar="NEWSDEX_KIBANA_URL", help="Address of Kibana.")] = DEFAULT_URL,
    api_key: Annotated[str | None, typer.Option(envvar="NEWSDEX_KIBANA_API_KEY", help="API key for it.")] = None,
    username: Annotated[
        str | None, typer.Option(envvar="NEWSDEX_KIBANA_USERNAME", help="User; without one, as for Elasticsearch.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(envvar="NEWSDEX_KIBANA_PASSWORD", help="That user's password; safer as a variable.")
    ] = None,
    ca_certs: Annotated[
        Path | None, typer.Option(envvar="NEWSDEX_KIBANA_CA_CERTS", help="Authority of its certificate (PEM).")
    ] = None,
    space: Annotated[str | None, typer.Option(help="Space to import into, instead of the default one.")] = None,
    index: Index = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for Kibana to start.")] = START_WAIT_S,
    beside: Annotated[bool, typer.Option("--beside", help="Import beside data views of the same indices.")] = False,
    as_json: Json = False,
) -> None:
    """Import the data views, searches and dashboards; again at any time, to bring them up to date."""
    with faults():
        from newsdex.kibana.importer import import_objects  # noqa: PLC0415  # only here

        chosen = settings.load(index=index)
        if not (api_key or username):
            connection = chosen.connection()
            if connection is not None:
                api_key, username, password = connection.api_key, connection.username, connection.password
        access = Access(url=url, api_key=api_key, username=username, password=password, ca_certs=ca_certs, space=space)
        with Bars() as bars:
            done = import_objects(access, chosen.index, wait=wait, beside=beside, step=bars.step)
        if as_json:
            print_json(done)
            return
        out.print(f"Imported {done.objects} objects into Kibana {done.version}:")
        for title, address in done.dashboards.items():
            out.print(f"  {title}  {address}", soft_wrap=True)
