"""What `newsdex serve` says on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from newsdex.flows.common.console import out

if TYPE_CHECKING:
    from newsdex.flows.service.serve import Service


def show_service(service: Service) -> None:
    """Print the addresses, what is registered, and how to end it."""
    out.print(f"Prefect {'is started' if service.started else 'runs already'}.")
    if service.ui is not None:
        out.print(f"  UI   [bold]{service.open}[/]", soft_wrap=True)
        out.print("       [dim](opens for an hour; `newsdex serve` prints a new link)[/]")
    out.print(f"  API  {service.api}")
    out.print(f"  runs work in {escape(service.folder)}")
    out.print(f"  {len(service.deployments)} deployments: {escape(', '.join(service.deployments))}")
    if service.removed:
        out.print(f"  removed, for they are no longer configured: {escape(', '.join(service.removed))}")
    out.print("[dim]It goes on running: `newsdex serve --stop` ends it, `newsdex serve` again takes changes up.[/]")
