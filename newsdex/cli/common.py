"""What every command of `newsdex` shares: options, errors as sentences, a client that only reads, JSON."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from newsdex.flows.common.console import Bars, err, fail
from newsdex.flows.common.explain import error_sentence
from newsdex.flows.config import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

EXIT_FAILED = 1
EXIT_REJECTED = 3
"""The run is done and every input accounted for, but some were rejected."""
EXIT_INTERRUPTED = 130
"""What a shell gives a command that Ctrl-C ended."""

Json = Annotated[bool, typer.Option("--json", help="Print data as JSON instead of text.")]
Index = Annotated[str | None, typer.Option("--index", help="Index (alias) to use instead of the one in the settings.")]


@contextmanager
def faults() -> Iterator[None]:
    """Turn every error into its sentence and exit code."""
    try:
        yield
    except KeyboardInterrupt:
        err.print()
        fail("Stopped. What was done is kept: run the same command again to go on.", EXIT_INTERRUPTED)
    except BrokenPipeError:
        # `newsdex … | head` has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        said = error_sentence(error)
        if said is None:
            raise
        fail(said, EXIT_FAILED)


@contextmanager
def reading(index: str | None) -> Iterator[tuple[Elasticsearch, IndexNames]]:
    """Lend a client and names to a command that only reads."""
    from newsdex.flows.common.connection import open_client  # noqa: PLC0415  # the client takes 0.2 s to import
    from newsdex.search.indices.manage import IndexNames  # noqa: PLC0415

    chosen = settings.load(index=index)
    with Bars() as bars:
        client = open_client(chosen, bars, start=False)
    with client:
        yield client, IndexNames(chosen.index)


def print_json(data: object, *, line: bool = False) -> None:
    """Print a record as JSON: indented, or as one line of many."""
    import msgspec  # noqa: PLC0415  # only where JSON is asked for

    text = msgspec.json.encode(data).decode()
    sys.stdout.write(text + "\n" if line else msgspec.json.format(text, indent=2) + "\n")
